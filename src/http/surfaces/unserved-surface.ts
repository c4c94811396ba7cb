/** An API of a partner that this server does not serve yet: callers are told so in the form they expect. */

import { THIRD_PARTY_ERROR } from '../error-bodies.ts';
import type { Surface } from '../surface.ts';

/** @param name also the first part of its paths: all of them are answered with 404, and logged */
export function unservedSurface(name: string): Surface {
  return {
    name,
    roots: [name],
    errorBody: THIRD_PARTY_ERROR,
    logged: true,
    tags: [],
    securitySchemes: {},
    async register() {
      // Without routes, every path below the root is an unknown one.
    },
  };
}
