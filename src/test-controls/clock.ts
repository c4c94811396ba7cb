/** The clock of a server under test: it runs with the real time until a test sets, advances or stops it. */

import { invalid } from '../domain/errors.ts';

/** The state of the clock. */
export interface ClockState {
  /** ms since the epoch */
  readonly now: number;
  /** Whether it stands still. */
  readonly frozen: boolean;
}

/** A change of the clock; absent parts stay as they are. */
export interface ClockChange {
  /** ms since the epoch; before `advanceMs` is added. */
  readonly set?: number | undefined;
  /** Time that passes, in ms. */
  readonly advanceMs?: number | undefined;
  readonly frozen?: boolean | undefined;
}

// Times that RFC 3339 can express.
const LATEST = Date.UTC(10_000, 0, 1) - 1;

export class TestClock {
  /** What is added to the real time. */
  #ahead = 0;
  /** What is added to the monotonic time: everything that a test let pass. */
  #passed = 0;
  /** Both times while the clock stands still. */
  #frozen: { now: number; elapsed: number } | undefined;

  /** Current time in ms since the epoch. */
  readonly now = (): number => this.#frozen?.now ?? Date.now() + this.#ahead;

  /** Monotonic time in ms, for what lasts a while: it never goes back, even when the clock is set back. */
  readonly elapsed = (): number => this.#frozen?.elapsed ?? performance.now() + this.#passed;

  get state(): ClockState {
    return { now: this.now(), frozen: this.#frozen !== undefined };
  }

  /** @throws DomainError `invalid` for a time before 1970 or after 9999, or a negative advance; nothing is changed then */
  change({ set, advanceMs = 0, frozen }: ClockChange): ClockState {
    if (set !== undefined && !isTime(set)) {
      throw invalid('set: must be a time from 1970 to 9999', { pointer: '/set' });
    }
    if (!Number.isSafeInteger(advanceMs) || advanceMs < 0 || !isTime((set ?? this.now()) + advanceMs)) {
      throw invalid('advanceMs: must be a whole number of milliseconds, 0 or more, that ends before the year 10000', {
        pointer: '/advanceMs',
      });
    }
    const before = this.now();
    // First, so that no time passes before it moves.
    if (frozen === true) this.#frozen ??= { now: before, elapsed: this.elapsed() };
    this.#move((set ?? before) + advanceMs - before);
    if (frozen === false) this.#run();
    return this.state;
  }

  /** Shows the real time again. What has passed by the monotonic clock stays, and a little more passes. */
  reset(): void {
    this.#run();
    this.#move(Date.now() - this.now());
    this.#passed += RESET_PASSES_MS;
  }

  #move(by: number): void {
    const passes = Math.max(0, by);
    if (this.#frozen === undefined) {
      this.#ahead += by;
      this.#passed += passes;
    } else {
      this.#frozen = { now: this.#frozen.now + by, elapsed: this.#frozen.elapsed + passes };
    }
  }

  #run(): void {
    if (this.#frozen === undefined) return;
    this.#ahead = this.#frozen.now - Date.now();
    this.#passed = this.#frozen.elapsed - performance.now();
    this.#frozen = undefined;
  }
}

// Longer than any window in which requests are counted, so that each test begins with none.
const RESET_PASSES_MS = 60 * 60 * 1000;

function isTime(time: number): boolean {
  return Number.isSafeInteger(time) && time >= 0 && time <= LATEST;
}
