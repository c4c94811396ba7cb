/** Counts what callers do in windows of fixed length, for a bounded number of callers. */

export interface Counted {
  /** How often it happened in this window; after `add`, including this time. */
  readonly count: number;
  /** When the window ends, in ms from now. */
  readonly endsIn: number;
}

interface Window {
  count: number;
  readonly ends: number;
}

export class WindowCounter {
  readonly #windowMs: number;
  readonly #maxCallers: number;
  readonly #clock: () => number;
  /** Callers whose window began first come first. */
  readonly #windows = new Map<string, Window>();

  /**
   * @param maxCallers callers distinguished; beyond that, those whose window began first are forgotten
   * @param clock monotonic, in ms: with the wall clock, a window could outlast its length by days
   */
  constructor(windowMs: number, maxCallers: number, clock: () => number = () => performance.now()) {
    this.#windowMs = windowMs;
    this.#maxCallers = maxCallers;
    this.#clock = clock;
  }

  /** Counts one for a caller; the first one opens the caller's window. */
  add(caller: string): Counted {
    const now = this.#clock();
    let window = this.#windows.get(caller);
    if (window === undefined || now >= window.ends) {
      this.#windows.delete(caller);
      window = { count: 0, ends: now + this.#windowMs };
      this.#windows.set(caller, window);
      this.#forget(now);
    }
    window.count += 1;
    return { count: window.count, endsIn: window.ends - now };
  }

  /** The current count for a caller, unchanged. */
  look(caller: string): Counted {
    const now = this.#clock();
    const window = this.#windows.get(caller);
    return window === undefined || now >= window.ends
      ? { count: 0, endsIn: this.#windowMs }
      : { count: window.count, endsIn: window.ends - now };
  }

  /** Deducts one again; does nothing if the window in which it was counted has ended. */
  undo(caller: string): void {
    const window = this.#windows.get(caller);
    if (window !== undefined && this.#clock() < window.ends && window.count > 0) window.count -= 1;
  }

  #forget(now: number): void {
    for (const [caller, { ends }] of this.#windows) {
      if (ends > now && this.#windows.size <= this.#maxCallers) return;
      this.#windows.delete(caller);
    }
  }
}
