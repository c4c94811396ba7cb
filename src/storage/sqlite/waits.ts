/**
 * The longest time that a write waited for something other than writes, by what it waited for: stored in memory that
 * all threads of the store share.
 */

import type { TransactionTimer } from './database.ts';

/** What a write can wait for. */
export const WAITED_FOR = [
  'checkpoint',
  'commit beside a checkpoint',
  'purge',
  'ledger retention',
  'answer retention',
  'key use',
  'import',
  'attribute job',
  'probe',
  'another process',
] as const;

export type WaitedFor = (typeof WAITED_FOR)[number];

export interface SharedWaits {
  /** Milliseconds, in the order of `WAITED_FOR`. */
  readonly longest: Float64Array<SharedArrayBuffer>;
  /** Start and end of the checkpoint thread's latest checkpoint, by `clock`. */
  readonly checkpoint: Float64Array<SharedArrayBuffer>;
}

// Housekeeping that ended this many calls ago no longer has a write waiting behind it.
const REMEMBERED = 16;

/** Milliseconds by a clock that all threads share and nobody sets. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export function createSharedWaits(): SharedWaits {
  const bytes = Float64Array.BYTES_PER_ELEMENT;
  return {
    longest: new Float64Array(new SharedArrayBuffer(WAITED_FOR.length * bytes)),
    checkpoint: new Float64Array(new SharedArrayBuffer(2 * bytes)),
  };
}

/** The longest waits since the store was opened, in ms; 0 if there was none. */
export function longestWaits({ longest }: SharedWaits): Record<WaitedFor, number> {
  return Object.fromEntries(WAITED_FOR.map((name, index) => [name, longest[index] ?? 0])) as Record<WaitedFor, number>;
}

/** Measures in the writer's thread, which is the only one that records waits. */
export class WaitMeter implements TransactionTimer {
  readonly clock = clock;
  readonly #shared: SharedWaits;
  readonly #housekeeping: Readonly<Record<string, WaitedFor | undefined>>;
  /** Housekeeping that writes may have been waiting behind, oldest first. */
  readonly #spells: { readonly reason: WaitedFor; readonly start: number; readonly end: number }[] = [];

  /**
   * @param housekeeping the methods that are not writes by callers, with the name under which a wait for each is
   * recorded
   */
  constructor(shared: SharedWaits, housekeeping: Readonly<Record<string, WaitedFor | undefined>>) {
    this.#shared = shared;
    this.#housekeeping = housekeeping;
  }

  /**
   * Records a call: housekeeping that others may have waited for, or a write that may have waited. Times are those of
   * `clock`.
   */
  ran(method: string, sent: number, start: number, end: number): void {
    const reason = this.#housekeeping[method];
    if (reason !== undefined) {
      this.#spells.push({ reason, start, end });
      if (this.#spells.length > REMEMBERED) this.#spells.shift();
      return;
    }
    // Calls are served in order: whatever ran between the sending and now delayed this one.
    const waited = new Map<WaitedFor, number>();
    for (const spell of this.#spells.splice(0)) {
      if (spell.end > sent) {
        waited.set(spell.reason, (waited.get(spell.reason) ?? 0) + spell.end - Math.max(spell.start, sent));
      }
    }
    for (const [each, milliseconds] of waited) this.#note(each, milliseconds);
  }

  /** Records how long a transaction waited for the write lock, which only another process can have held. */
  locked(milliseconds: number): void {
    this.#note('another process', milliseconds);
  }

  /** Records a commit. One that shared the disk with a checkpoint counts completely: the shares cannot be separated. */
  committed(start: number, end: number): void {
    const [began = 0, ended = 0] = this.#shared.checkpoint;
    const isRunning = ended < began;
    if (began > 0 && began < end && (isRunning || ended > start)) this.#note('commit beside a checkpoint', end - start);
  }

  #note(reason: WaitedFor, milliseconds: number): void {
    const index = WAITED_FOR.indexOf(reason);
    if (milliseconds > (this.#shared.longest[index] ?? 0)) this.#shared.longest[index] = milliseconds;
  }
}
