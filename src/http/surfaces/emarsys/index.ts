/** The API that Emarsys calls: not served yet. */

import { unservedSurface } from '../unserved-surface.ts';

export const EMARSYS = unservedSurface('emarsys');
