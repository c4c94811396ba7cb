/**
 * Counts requests and how long they took, by operation and status. Plain numbers, which become metrics when somebody
 * reads them: the library's own counts cost a read more than its entry in the access log.
 */

import { Counter, type Histogram, type Registry } from 'prom-client';

/** Seconds. */
export const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Figures {
  readonly operation: string;
  readonly status: string;
  count: number;
  /** Seconds, all together. */
  sum: number;
  /** The number of requests in each bucket, without those in the buckets before it; slower ones are in none. */
  readonly buckets: number[];
}

export class RequestFigures {
  readonly #byOperation = new Map<string, Map<number, Figures>>();

  observe(operation: string, status: number, seconds: number): void {
    const figures = this.#of(operation, status);
    figures.count += 1;
    figures.sum += seconds;
    for (let index = 0; index < LATENCY_BUCKETS.length; index += 1) {
      if (seconds > (LATENCY_BUCKETS[index] ?? 0)) continue;
      figures.buckets[index] = (figures.buckets[index] ?? 0) + 1;
      break;
    }
  }

  /** Adds the metrics. */
  register(registry: Registry): void {
    const all = (): Figures[] => [...this.#byOperation.values()].flatMap((each) => [...each.values()]);
    new Counter({
      name: 'rollcall_requests_total',
      help: 'Requests answered, by operation and HTTP status',
      labelNames: ['operation', 'status'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { operation, status, count } of all()) this.inc({ operation, status }, count);
      },
    });
    const name = 'rollcall_request_duration_seconds';
    const durations = {
      name,
      help: 'Time from the arrival of a request until its answer was sent, by operation and HTTP status',
      type: 'histogram',
      aggregator: 'sum',
      get: async () => ({ ...durations, values: all().flatMap((each) => valuesOf(name, each)) }),
    };
    // The registry asks a metric for nothing else; the library has no class for one that is filled from outside.
    registry.registerMetric(durations as unknown as Histogram);
  }

  #of(operation: string, status: number): Figures {
    let byStatus = this.#byOperation.get(operation);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.#byOperation.set(operation, byStatus);
    }
    let figures = byStatus.get(status);
    if (figures === undefined) {
      figures = { operation, status: String(status), count: 0, sum: 0, buckets: LATENCY_BUCKETS.map(() => 0) };
      byStatus.set(status, figures);
    }
    return figures;
  }
}

/** The values of a histogram in the form of the exposition format: each bucket includes those before it. */
function valuesOf(name: string, { operation, status, count, sum, buckets }: Figures) {
  const labels = { operation, status };
  let below = 0;
  const counts = buckets.map((inBucket, index) => {
    below += inBucket;
    return { metricName: `${name}_bucket`, labels: { le: LATENCY_BUCKETS[index] ?? 0, ...labels }, value: below };
  });
  return [
    ...counts,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
