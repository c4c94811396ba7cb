/** An API of a partner that this server does not serve yet: callers get an error in the form they expect. */

import { THIRD_PARTY_ERROR } from '../error-bodies.ts';
import type { Surface } from '../surface.ts';

/** @param name also the first segment of its paths, all of which are answered with 404 and logged */
export function unservedSurface(name: string): Surface {
  return {
    name,
    roots: [name],
    errorBody: THIRD_PARTY_ERROR,
    logged: true,
    tags: [],
    securitySchemes: {},
    async register() {
      // Without routes, every path below the root is unknown.
    },
  };
}
