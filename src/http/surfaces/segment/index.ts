/** The API that Segment calls: not served yet. */

import { unservedSurface } from '../unserved-surface.ts';

export const SEGMENT = unservedSurface('segment');
