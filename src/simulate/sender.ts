// Owns the HTTP connection to the server: one call with its retries, over a few keep-alive connections.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LatencyHistogram } from './latency.ts';
import type { Message } from './messages.ts';
import type { Random } from './random.ts';
import { backoffMs, parseRetryAfter, type RetryCause, type RetryPolicy, retryCauseOf } from './retry.ts';
import { describeNetworkError } from './simulation-error.ts';
import type { Tally } from './tally.ts';

/**
 * `answered`: a final answer, whatever its status. `gave-up`: no final answer after all attempts. `halted`: told to
 * stop.
 */
export type Outcome =
  | { kind: 'answered'; status: number; body: string }
  | { kind: 'gave-up'; reason: string }
  | { kind: 'halted' };

type Attempt =
  | { kind: 'answered'; status: number; retryAfter: string | undefined; body: string; milliseconds: number }
  | { kind: 'failed'; cause: RetryCause; reason: string };

export interface SenderSettings {
  url: URL;
  key: string;
  platformName: string;
  concurrency: number;
  policy: RetryPolicy;
  random: Random;
  tally: Tally;
  /** Stops waits and retries at once; a request on the wire is still awaited. */
  halt: AbortSignal;
}

export class Sender {
  readonly #settings: SenderSettings;
  readonly #transport: typeof http | typeof https;
  readonly #agent: http.Agent | https.Agent;
  readonly #headers: Record<string, string>;
  readonly #onTheWire = new Set<http.ClientRequest>();
  /** No connection sends before this time: when a server asks one of them to wait, it means the whole platform. */
  #pausedUntil = 0;

  constructor(settings: SenderSettings) {
    this.#settings = settings;
    this.#transport = settings.url.protocol === 'https:' ? https : http;
    this.#agent = new this.#transport.Agent({ keepAlive: true, maxSockets: settings.concurrency, scheduling: 'fifo' });
    this.#headers = {
      authorization: `ApiKey-v1 ${settings.key}`,
      'customer-data-platform-name': settings.platformName,
      'destination-hostname': settings.url.host,
      accept: 'application/json',
      'user-agent': 'rollcall-simulate',
    };
  }

  /**
   * Sends a call until it has a final answer or its attempts are used up. Only the request with the final answer enters
   * `latency`.
   */
  async send(message: Message, latency?: LatencyHistogram): Promise<Outcome> {
    const { policy, random, tally, halt } = this.#settings;
    const body = message.body === undefined ? undefined : Buffer.from(message.body);
    let failed = 0;
    let waited = 0;
    for (;;) {
      if (!(await this.#pause(this.#pausedUntil - performance.now()))) return { kind: 'halted' };
      const attempt = await this.attempt(message, body);
      const cause = attempt.kind === 'answered' ? retryCauseOf(attempt.status) : attempt.cause;
      if (attempt.kind === 'answered' && cause === undefined) {
        latency?.record(attempt.milliseconds);
        return attempt;
      }
      if (halt.aborted || cause === undefined) return { kind: 'halted' };

      const asked = attempt.kind === 'answered' ? waitAskedFor(attempt.status, attempt.retryAfter) : undefined;
      if (asked === undefined) {
        failed++;
        if (failed >= policy.tries) return { kind: 'gave-up', reason: reasonOf(attempt) };
        if (!(await this.#pause(backoffMs(policy, failed, random.below(1000) / 1000)))) return { kind: 'halted' };
      } else {
        waited += asked;
        if (waited > policy.patienceMs) {
          return { kind: 'gave-up', reason: `${reasonOf(attempt)}, asking to wait ${Math.ceil(asked / 1000)} s` };
        }
        // A short jitter keeps the connections from returning in the same millisecond.
        const jitter = random.below(1 + Math.min(50, asked / 10));
        this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + asked + jitter);
      }
      tally.retries[cause]++;
    }
  }

  /** Sends a request once. Never rejects. */
  attempt(message: Message, body?: Buffer): Promise<Attempt> {
    const { tally, url, policy } = this.#settings;
    tally.requests++;
    const started = performance.now();
    const headers: Record<string, string | number> =
      body === undefined
        ? this.#headers
        : { ...this.#headers, 'content-type': 'application/json', 'content-length': body.length };
    return new Promise((resolve) => {
      let timedOut = false;
      const request = this.#transport.request({
        protocol: url.protocol,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        method: message.method,
        path: message.path,
        headers,
        agent: this.#agent,
      });
      const settle = (attempt: Attempt): void => {
        clearTimeout(timer);
        this.#onTheWire.delete(request);
        resolve(attempt);
      };
      const fail = (error: Error): void => {
        if (timedOut) settle({ kind: 'failed', cause: 'timeout', reason: `no answer in ${policy.timeoutMs / 1000} s` });
        else settle({ kind: 'failed', cause: 'connection', reason: describeNetworkError(error) });
      };
      const timer = setTimeout(() => {
        timedOut = true;
        request.destroy(new Error('timed out'));
      }, policy.timeoutMs);
      this.#onTheWire.add(request);
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('error', fail);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          settle({
            kind: 'answered',
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8'),
            milliseconds: performance.now() - started,
          }),
        );
      });
      request.end(body);
    });
  }

  /** Aborts the requests on the wire; those calls end as `halted` when the halt signal is set. */
  abort(): void {
    for (const request of this.#onTheWire) request.destroy(new Error('aborted'));
  }

  /** Closes the idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** Waits; false when halted meanwhile. */
  async #pause(milliseconds: number): Promise<boolean> {
    const { halt } = this.#settings;
    if (halt.aborted) return false;
    if (milliseconds <= 0) return true;
    try {
      await sleep(milliseconds, undefined, { signal: halt });
      return true;
    } catch {
      return false;
    }
  }
}

/** Milliseconds that a 429 or 503 asks to wait; undefined for other answers. */
function waitAskedFor(status: number, retryAfter: string | undefined): number | undefined {
  return status === 429 || status === 503 ? parseRetryAfter(retryAfter, Date.now()) : undefined;
}

function reasonOf(attempt: Attempt): string {
  return attempt.kind === 'failed' ? attempt.reason : `status ${attempt.status}`;
}
