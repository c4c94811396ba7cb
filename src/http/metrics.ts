/** Prometheus metrics: traffic by operation and status, the write queue, the event loop, the data. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LogFigures, Logged } from '../access-log/access-log.ts';
import type { MarkKind } from '../access-log/marks.ts';
import type { Core } from '../domain/core.ts';
import type { BatchReport } from '../domain/memberships/queue.ts';
import type { ConnectionFigures } from './connections.ts';
import { operationOf } from './methods.ts';
import { LATENCY_BUCKETS, RequestFigures } from './request-figures.ts';

const SCRAPES_PER_SECOND = 20;
const MAX_SCRAPES = 100;
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const LOOP_SAMPLE_MS = 10;

/**
 * What a timer of `LOOP_SAMPLE_MS` waited too long.
 * @param interval ns between two of its calls, as `monitorEventLoopDelay` measures it; without any it gives no number
 */
export function loopDelaySeconds(interval: number): number {
  return Number.isFinite(interval) ? Math.max(0, interval / 1e9 - LOOP_SAMPLE_MS / 1000) : 0;
}

export class Metrics {
  readonly registry = new Registry();
  #text: Promise<string> | undefined;
  #allowance = MAX_SCRAPES;
  #allowanceAt = 0;
  readonly #requests = new RequestFigures();
  readonly #marks;
  readonly #batchSize;
  readonly #batchSeconds;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests.register(this.registry);
    this.#marks = new Counter({
      name: 'rollcall_marked_requests_total',
      help: 'Requests with something remarkable that their status does not tell, by operation and kind',
      labelNames: ['operation', 'kind'],
      registers,
    });
    this.#batchSize = new Histogram({
      name: 'rollcall_commit_batch_requests',
      help: 'Write requests committed together',
      buckets: BATCH_BUCKETS,
      registers,
    });
    this.#batchSeconds = new Histogram({
      name: 'rollcall_commit_duration_seconds',
      help: 'Time from handing a batch to the store until it was durable',
      buckets: LATENCY_BUCKETS,
      registers,
    });
  }

  /**
   * All metrics as text. Generated anew for up to a hundred callers at about the same time, then twenty times a second:
   * the others get the previous text, or wait for the one being generated.
   */
  async text(): Promise<string> {
    const now = performance.now();
    this.#allowance = Math.min(MAX_SCRAPES, this.#allowance + ((now - this.#allowanceAt) / 1000) * SCRAPES_PER_SECOND);
    this.#allowanceAt = now;
    if (this.#text === undefined || this.#allowance >= 1) {
      this.#allowance -= 1;
      this.#text = this.registry.metrics();
    }
    return this.#text;
  }

  readonly observeBatch = ({ requests, milliseconds }: BatchReport): void => {
    this.#batchSize.observe(requests);
    this.#batchSeconds.observe(milliseconds / 1000);
  };

  observeRequest(operation: string, status: number, seconds: number): void {
    this.#requests.observe(operation, status, seconds);
  }

  countMark(operation: string, kind: MarkKind): void {
    this.#marks.inc({ operation, kind: kind.replace(' ', '_') });
  }

  /** Adds the metrics read from the running server at each scrape. */
  watch(core: Core & Logged): void {
    const registers = [this.registry];
    new Gauge({
      name: 'rollcall_write_queue_depth',
      help: 'Write requests waiting or being committed',
      registers,
      collect() {
        this.set(core.queue.depth);
      },
    });
    new Gauge({
      name: 'rollcall_audiences',
      help: 'Audiences, both environments',
      registers,
      async collect() {
        this.set((await core.storage.statistics()).audiences);
      },
    });
    new Gauge({
      name: 'rollcall_audience_members',
      help: 'Memberships of all audiences, both environments',
      registers,
      async collect() {
        this.set((await core.storage.statistics()).members);
      },
    });
    new Gauge({
      name: 'rollcall_attribute_jobs',
      help: 'Attribute updates of whole audiences that are still being written to their members',
      registers,
      async collect() {
        this.set((await core.storage.catalog()).attributeJobs.length);
      },
    });
    new Gauge({
      name: 'rollcall_write_longest_wait_seconds',
      help: 'The longest that a write waited in the store for something other than writes since the start, by what it waited for',
      labelNames: ['waited_for'],
      registers,
      collect() {
        for (const [reason, milliseconds] of Object.entries(core.storage.longestWaits())) {
          this.set({ waited_for: reason }, milliseconds / 1000);
        }
      },
    });
    this.#watchAccessLog(core);
    const delay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
    delay.enable();
    new Gauge({
      name: 'rollcall_event_loop_delay_p99_seconds',
      help: '99th percentile of the event-loop delay since the last scrape',
      registers,
      collect() {
        this.set(loopDelaySeconds(delay.percentile(99)));
        delay.reset();
      },
    });
  }

  /** Adds the metrics of connections and of what arrives on them. */
  watchConnections(connections: () => ConnectionFigures, bodyBytes: () => number): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      const collect = function collect(this: Gauge): void {
        this.set(read());
      };
      new Gauge({ name: `rollcall_${name}`, help, registers: [this.registry], collect });
    };
    gauge('connections', 'Connections that are open', () => connections().connections);
    gauge('held_back_requests', 'Requests that wait for those before them on their connection', () => {
      return connections().heldBack;
    });
    gauge('unread_answer_bytes', 'Bytes of answers that clients have not read', () => connections().unreadBytes);
    gauge('cut_connections', 'Connections closed since the start because others needed what they held', () => {
      return connections().cut;
    });
    gauge('request_bodies_bytes', 'What parsing the request bodies under way costs, in bytes', bodyBytes);
  }

  #watchAccessLog(core: Core & Logged): void {
    const registers = [this.registry];
    const figures: readonly (readonly [name: keyof LogFigures, metric: string, help: string])[] = [
      ['waitingBytes', 'waiting_bytes', 'Bytes of the access log that wait to be written'],
      ['logBytes', 'bytes', 'Size of the access log'],
      ['droppedPayloads', 'dropped_payloads', 'Requests logged without payloads because the log fell behind'],
      ['droppedEntries', 'dropped_entries', 'Requests not logged because the log fell behind or could not be written'],
      ['droppedRefusals', 'dropped_refused_writes', 'Refused writes not kept because the log fell behind'],
    ];
    for (const [name, metric, help] of figures) {
      new Gauge({
        name: `rollcall_access_log_${metric}`,
        help,
        registers,
        collect() {
          this.set(core.accessLog.figures()[name]);
        },
      });
    }
  }
}

/** Counts a request that is over, whatever its outcome. */
export function countRequest(metrics: Metrics, request: FastifyRequest, reply: FastifyReply): void {
  const operation = operationOf(request) ?? 'other';
  metrics.observeRequest(operation, reply.statusCode, reply.elapsedTime / 1000);
  if (request.marks === undefined) return;
  // One of several names in a request is enough.
  for (const kind of new Set(request.marks.map((mark) => mark.kind))) metrics.countMark(operation, kind);
}
