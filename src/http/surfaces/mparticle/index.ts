/** The API that mParticle calls: not served yet. */

import { unservedSurface } from '../unserved-surface.ts';

export const MPARTICLE = unservedSurface('mparticle');
