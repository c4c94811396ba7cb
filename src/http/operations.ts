/** What operators and their tools ask: whether the process is up, whether it can write, and how it is doing. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../domain/core.ts';
import { DomainError } from '../domain/errors.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Metrics } from './metrics.ts';

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function whyNotReady({ started, stopping }: Lifecycle): string | undefined {
  if (stopping) return 'The server is stopping';
  return started ? undefined : 'The first start is not complete yet';
}

export async function operationsSurface(
  app: FastifyInstance,
  options: {
    core: Core;
    metrics: Metrics;
    metricsServed: boolean;
    metricsToken: string | undefined;
    lifecycle: Lifecycle;
  },
): Promise<void> {
  const { core, metrics, metricsServed, metricsToken, lifecycle } = options;

  app.get('/healthz', { schema: { hide: true }, config: { operation: 'healthz' } }, async () => ({ status: 'ok' }));

  app.get('/readyz', { schema: { hide: true }, config: { operation: 'readyz' } }, async (_request, reply) => {
    const reason = whyNotReady(lifecycle) ?? core.queue.pausedBecause;
    if (reason !== undefined) return reply.code(503).header('retry-after', '1').send({ status: 'unavailable', reason });
    await core.storage.ping();
    return { status: 'ready' };
  });

  if (!metricsServed) return;
  app.get('/metrics', { schema: { hide: true }, config: { operation: 'metrics' } }, async (request, reply) => {
    if (metricsToken !== undefined) {
      const sent = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (!sameText(sent, metricsToken)) {
        throw new DomainError('unauthorized', 'The metrics token is missing or wrong (Authorization: Bearer <token>)');
      }
    }
    return reply.type(metrics.registry.contentType).send(await metrics.text());
  });
}
