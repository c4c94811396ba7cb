/** Operations of a partner's API that this server does not serve: refused by name, with a pointer to what is served. */

import type { FastifyInstance, HTTPMethods } from 'fastify';
import { DomainError } from '../../domain/errors.ts';

/** An operation that is not served. */
export interface UnservedOperation {
  readonly method: HTTPMethods;
  readonly url: string;
  /** As the published contract calls it; shown in Activity. */
  readonly operation: string;
  /** Why it is not served, and what is. */
  readonly reason: string;
}

/** Adds a route for each, open to those keys that open the others; its requests are answered 404 before their body is read. */
export function refuseByName(app: FastifyInstance, operations: readonly UnservedOperation[]): void {
  for (const { method, url, operation, reason } of operations) {
    app.route({
      method,
      url,
      schema: { hide: true },
      // There is nothing to send again.
      config: { operation, reads: true },
      onRequest: async () => {
        const message = `${operation} is not served (${reason})`;
        throw new DomainError('not_found', [{ title: 'not found', message, cause: 'the operation is not served' }]);
      },
      handler: async () => undefined,
    });
  }
}
