/** How the bytes of an upload arrive: in time and not too many, or read and discarded once it is refused. */

import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';

const MAX_ARRIVAL_MS = 60 * 60 * 1000;
const DRAIN_MS = 5000;

/** Watches that bytes keep arriving, and not too many. */
export class Arrival {
  readonly #start = performance.now();
  readonly #most: number;
  #last = this.#start;
  #bytes = 0;

  /** @param most the most bytes that may arrive */
  constructor(most: number) {
    this.#most = most;
  }

  readonly onBytes = ({ length }: Uint8Array): void => {
    this.#last = performance.now();
    this.#bytes += length;
  };

  /**
   * Rejects once nothing has arrived for `idleMs`, or when it takes too long or is too large in total; never resolves.
   */
  async failed(idleMs: number, signal: AbortSignal, tooLarge: () => DomainError): Promise<never> {
    return new Promise((_, reject) => {
      const check = setInterval(
        () => {
          const now = performance.now();
          if (this.#bytes > this.#most) reject(tooLarge());
          else if (now - this.#last >= idleMs || now - this.#start >= MAX_ARRIVAL_MS) {
            reject(new DomainError('timeout', 'The file did not arrive in time'));
          }
        },
        Math.min(1000, idleMs),
      );
      signal.addEventListener('abort', () => clearInterval(check));
    });
  }
}

/** Reads the rest and discards it, for a while, so that the client reads its response instead of a reset connection. */
export async function drain(raw: IncomingMessage): Promise<void> {
  raw.unpipe();
  raw.resume();
  if (raw.readableEnded || raw.destroyed) return;
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  raw.once('end', stop).once('close', stop);
  await delay(DRAIN_MS, undefined, { signal: ended.signal }).catch(() => undefined);
}
