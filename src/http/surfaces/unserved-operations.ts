/** Operations of a partner's API that this server does not serve: refused by name, with a pointer to what is served. */

import type { FastifyContextConfig, FastifyInstance, HTTPMethods } from 'fastify';
import { DomainError } from '../../domain/errors.ts';

/** An operation that is not served. */
export interface UnservedOperation {
  readonly method: HTTPMethods;
  readonly url: string;
  /** Its name in the published contract; shown in Activity. */
  readonly operation: string;
  /** Why it is not served, and what to use instead. */
  readonly reason: string;
}

/**
 * Adds a route for each, for the same keys as the served ones; it answers 404 before the body is read.
 * @param access who may call them, in the terms of the surface
 */
export function refuseByName(
  app: FastifyInstance,
  operations: readonly UnservedOperation[],
  access: Pick<FastifyContextConfig, 'access' | 'backOfficeAccess'> = {},
): void {
  for (const { method, url, operation, reason } of operations) {
    app.route({
      method,
      url,
      schema: { hide: true },
      // There is nothing to replay.
      config: { ...access, operation, reads: true },
      onRequest: async () => {
        const message = `${operation} is not served (${reason})`;
        throw new DomainError('not_found', [{ title: 'not found', message, cause: 'the operation is not served' }]);
      },
      handler: async () => undefined,
    });
  }
}
