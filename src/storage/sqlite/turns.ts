/**
 * The lock of a connection: one call at a time uses it, in the order of the calls. A transaction may wait for promises,
 * and anything that ran meanwhile on the same connection would become part of it.
 */

export class Turns {
  /** Settles, never rejecting, when the last call has had its turn; undefined while the connection is free. */
  #last: Promise<unknown> | undefined;

  /**
   * Runs `work` when it is its turn: at once, before this returns, if the connection is free. The turn ends with
   * `work`, or when the promise it returns settles.
   * @returns the result of `work`, so that a synchronous call on a free connection costs no promise
   */
  take<T>(work: () => T | Promise<T>): T | Promise<T> {
    const result = this.#last === undefined ? work() : this.#last.then(work);
    return result instanceof Promise ? this.#holdUntilSettled(result) : result;
  }

  #holdUntilSettled<T>(result: Promise<T>): Promise<T> {
    const free = (): void => {
      if (this.#last === held) this.#last = undefined;
    };
    const held = result.then(free, free);
    this.#last = held;
    return result;
  }
}
