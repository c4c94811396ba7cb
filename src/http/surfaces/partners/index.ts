/** The partner endpoints that this server does not have yet: whoever calls them is told so in the form a partner expects. */

import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import type { Surface } from '../../surface.ts';

export const PARTNERS: Surface = {
  name: 'partners',
  roots: ['segment', 'mparticle', 'emarsys'],
  errorBody: THIRD_PARTY_ERROR,
  logged: true,
  tags: [],
  securitySchemes: {},
  async register() {
    // Nothing is served: every path below the roots is an unknown one.
  },
};
