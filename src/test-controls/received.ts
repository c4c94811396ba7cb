/**
 * The requests that a server under test has received, as it saw them; keeps a limited number, and lets tests wait for
 * more.
 */

import type { ChangeCounts } from '../domain/change-counts.ts';
import type { JsonValue } from '../domain/json-value.ts';

export interface ReceivedRequest {
  /** Its position among all requests since the start, from 1, in the order in which they ended. */
  readonly number: number;
  /** UUID of the request, which its answer contains in `X-Request-Id`. */
  readonly id: string;
  /** Its arrival by the clock of the server, as RFC 3339. */
  readonly time: string;
  readonly method: string;
  /** Path and query as sent, without secrets. */
  readonly path: string;
  /** In lower case; the values of credentials are replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body: JSON as its value, anything else as text; null if there was none or it was not read. */
  readonly body: JsonValue;
  /** Status of the answer; null if the connection was dropped before the request was processed. */
  readonly status: number | null;
  /** Body of the answer, in the form of `body`. */
  readonly response: JsonValue;
  /** Name of the operation, as in the OpenAPI document; null for an unknown path. */
  readonly operation: string | null;
  /** Name of the Application whose key was used; null without a valid key. */
  readonly application: string | null;
  /** Title of the key. */
  readonly key: string | null;
  /** Why it was refused, without the values that were sent; null for a success. */
  readonly cause: string | null;
  /** Its marks, such as ignored fields. */
  readonly marks: readonly string[];
  /** Its net changes; null for a request that writes nothing. */
  readonly changed: ChangeCounts | null;
  /** The fault that was applied to it. */
  readonly fault: number | null;
}

/** The oldest are removed beyond either limit. */
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

  /** @param bytes its approximate size in memory */
  add(request: Omit<ReceivedRequest, 'number'>, bytes: number): void {
    this.#last += 1;
    this.#kept.push({ request: { number: this.#last, ...request }, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > MAX_REQUESTS || (this.#bytes > MAX_BYTES && this.#kept.length > 1)) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0;
    }
    for (const wake of this.#waiting) wake();
  }

  /** The requests after a number, oldest first. */
  list(after: number, limit: number): ReceivedRequest[] {
    const first = this.#kept.findIndex(({ request }) => request.number > after);
    return first === -1 ? [] : this.#kept.slice(first, first + limit).map(({ request }) => request);
  }

  /** Number of the latest request since the start; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Resolves when there is a request after a number, after this many ms, or when `ending` aborts. */
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

  /** Forgets all requests; numbering continues. */
  clear(): void {
    this.#kept.length = 0;
    this.#bytes = 0;
  }
}
