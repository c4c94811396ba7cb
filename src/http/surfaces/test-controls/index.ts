/**
 * The test controls over HTTP, for tests in any language. Only an in-memory server started with the option has this
 * surface; others do not even load it.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../../domain/errors.ts';
import type { TestControls } from '../../../test-controls/controls.ts';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import type { Surface } from '../../surface.ts';
import { PREFIX, SURFACE_NAME, TAG, testControlRoutes } from './routes.ts';

export { installProbe } from './probe.ts';

/** @param token the token that every request needs */
export function testControlsSurface(controls: TestControls, token: string): Surface {
  const wanted = digest(token);
  return {
    name: SURFACE_NAME,
    roots: [PREFIX.slice(1)],
    errorBody: INTEGRATION_ERROR,
    logged: false,
    idRoutes: [{ prefix: `${PREFIX}/profiles/`, suffixes: [] }],
    hints: [{ pattern: /./, hint: 'the test controls are listed at /docs/testing' }],
    tags: [{ name: TAG, description: 'For tests; only of a server that keeps nothing.' }],
    securitySchemes: { TestToken: { type: 'http', scheme: 'bearer', description: 'The token printed at the start' } },
    async register(app, { ending }) {
      app.addHook('onRequest', async (request) => {
        if (!timingSafeEqual(digest(tokenOf(request)), wanted)) {
          throw new DomainError(
            'unauthorized',
            'The token of the test controls is missing or wrong (Authorization: Bearer <token>)',
          );
        }
      });
      await app.register(async (scope) => testControlRoutes(scope, controls, ending));
    },
  };
}

function tokenOf({ headers }: FastifyRequest): string {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
