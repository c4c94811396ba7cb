/** The requests that a server under test has received, as it saw them: kept within bounds, and waited for. */

import type { ChangeCounts } from '../domain/change-counts.ts';
import type { JsonValue } from '../domain/json-value.ts';

export interface ReceivedRequest {
  /** Its place among all requests since the start, from 1; the order in which they ended. */
  readonly number: number;
  /** UUID of the request, which its answer has in `X-Request-Id`. */
  readonly id: string;
  /** Its arrival by the clock of the server, as RFC 3339. */
  readonly time: string;
  readonly method: string;
  /** Path and query as sent, without secrets. */
  readonly path: string;
  /** In lower case; the values of credentials are replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body: JSON as its value, anything else as text; null when there was none, or it was not read. */
  readonly body: JsonValue;
  /** Status of the answer; null when the connection was dropped before the request was looked at. */
  readonly status: number | null;
  /** Body of the answer, as `body` is. */
  readonly response: JsonValue;
  /** Name of the operation, as in the OpenAPI document; null for an unknown path. */
  readonly operation: string | null;
  /** Name of the Application whose key was used; null without a valid key. */
  readonly application: string | null;
  /** Title of the key. */
  readonly key: string | null;
  /** Why it was refused, without the values it sent; null for a success. */
  readonly cause: string | null;
  /** What is remarkable about it although its status does not show it, such as ignored fields. */
  readonly marks: readonly string[];
  /** What it changed, net; null for a request that writes nothing. */
  readonly changed: ChangeCounts | null;
  /** The fault that happened to it. */
  readonly fault: number | null;
}

/** The oldest make room beyond either. */
const MAX_REQUESTS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

interface Kept {
  readonly request: ReceivedRequest;
  readonly bytes: number;
}

export class Received {
  readonly #kept: Kept[] = [];
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  #last = 0;

  /** @param bytes about how much memory it takes */
  add(request: Omit<ReceivedRequest, 'number'>, bytes: number): void {
    this.#last += 1;
    this.#kept.push({ request: { number: this.#last, ...request }, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > MAX_REQUESTS || (this.#bytes > MAX_BYTES && this.#kept.length > 1)) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0;
    }
    for (const wake of this.#waiting) wake();
  }

  /** Those after a number, oldest first. */
  list(after: number, limit: number): ReceivedRequest[] {
    const first = this.#kept.findIndex(({ request }) => request.number > after);
    return first === -1 ? [] : this.#kept.slice(first, first + limit).map(({ request }) => request);
  }

  /** Number of the latest request since the start; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Resolves when there is a request after a number, after so many ms, or when `ending` aborts. */
  async wait(after: number, milliseconds: number, ending: AbortSignal): Promise<void> {
    const isThere = (): boolean => (this.#kept.at(-1)?.request.number ?? 0) > after;
    if (isThere() || ending.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(wake);
        clearTimeout(timer);
        ending.removeEventListener('abort', done);
        resolve();
      };
      const wake = (): void => {
        if (isThere()) done();
      };
      const timer = setTimeout(done, milliseconds);
      ending.addEventListener('abort', done);
      this.#waiting.add(wake);
    });
  }

  /** Forgets all requests; numbers go on. */
  clear(): void {
    this.#kept.length = 0;
    this.#bytes = 0;
  }
}
