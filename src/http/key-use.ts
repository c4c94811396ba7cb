/** Remembers when each key was last used, and stores it once a minute: an update per request would be wasteful. */

import type { AccessStorage } from '../domain/access/storage.ts';

const WRITE_EVERY_MS = 60_000;

export class KeyUse {
  readonly #storage: Pick<AccessStorage, 'recordKeyUse'>;
  readonly #onFailure: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #uses = new Map<number, number>();

  constructor(storage: Pick<AccessStorage, 'recordKeyUse'>, onFailure: (error: unknown) => void) {
    this.#storage = storage;
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /** @param time ms since the epoch */
  record(keyId: number, time: number): void {
    this.#uses.set(keyId, time);
  }

  /** Writes what was recorded since the last time; on failure, reports it and keeps the uses for the next time. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = this.#uses;
    this.#uses = new Map();
    try {
      await this.#storage.recordKeyUse(uses);
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses]);
      this.#onFailure(error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
