/** Compares the request figures with what the metrics library itself would count. */

import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { LATENCY_BUCKETS, RequestFigures } from '../../src/http/request-figures.ts';

test('counts and durations read as those of the library do', async () => {
  const seconds = [0, 0.0004, 0.0005, 0.00051, 0.3, 10, 10.1, 600];
  const registry = new Registry();
  const figures = new RequestFigures();
  figures.register(registry);
  const library = new Registry();
  const histogram = new Histogram({
    name: 'rollcall_request_duration_seconds',
    help: 'Time from the arrival of a request until its answer was sent, by operation and HTTP status',
    labelNames: ['operation', 'status'],
    buckets: LATENCY_BUCKETS,
    registers: [library],
  });
  for (const [operation, status] of [
    ['read', 200],
    ['read', 404],
    ['update', 200],
  ] as const) {
    for (const each of seconds) {
      figures.observe(operation, status, each);
      histogram.observe({ operation, status }, each);
    }
  }
  const [counts, durations] = (await registry.metrics()).split('\n\n');
  expect(durations?.trim()).toBe((await library.metrics()).trim());
  expect(counts?.split('\n').slice(1)).toEqual([
    '# TYPE rollcall_requests_total counter',
    'rollcall_requests_total{operation="read",status="200"} 8',
    'rollcall_requests_total{operation="read",status="404"} 8',
    'rollcall_requests_total{operation="update",status="200"} 8',
  ]);
  // Read again, they are the same, not twice as many.
  expect((await registry.metrics()).split('\n\n')[0]).toBe(counts);
});
