/** Allocates a shared budget for request bodies: bytes of memory, or turns. Waiting claims are served in order. */

/** A claim's place in the queue. */
export interface Waiting {
  /** Resolves with whether it was granted; false when the time ran out or it was cancelled. */
  readonly granted: Promise<boolean>;
  /** Leaves the queue; no effect once it was granted. */
  cancel(): void;
}

interface Claim {
  readonly amount: number;
  settle(granted: boolean): void;
}

export class BodyBudget {
  readonly #max: number;
  readonly #claims: Claim[] = [];
  #held = 0;

  /** @param max the most that may be held at once; a single claim above it is granted while nothing else is held */
  constructor(max: number) {
    this.#max = max;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes an amount if there is room for it now. Waiting claims have precedence. */
  tryTake(amount: number): boolean {
    if (this.#claims.length > 0 || !this.#fits(amount)) return false;
    this.#held += amount;
    return true;
  }

  /** Takes an amount as soon as there is room for it. */
  take(amount: number, withinMs: number): Waiting {
    if (this.tryTake(amount)) return { granted: Promise.resolve(true), cancel: () => undefined };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => cancel(), withinMs).unref();
    const claim = {
      amount,
      settle(granted: boolean) {
        clearTimeout(timer);
        resolve(granted);
      },
    };
    const cancel = (): void => {
      const place = this.#claims.indexOf(claim);
      if (place === -1) return;
      this.#claims.splice(place, 1);
      claim.settle(false);
      // The next one may need less.
      this.#serve();
    };
    this.#claims.push(claim);
    return { granted: promise, cancel };
  }

  giveBack(amount: number): void {
    this.#held -= amount;
    this.#serve();
  }

  #fits(amount: number): boolean {
    return this.#held === 0 || this.#held + amount <= this.#max;
  }

  #serve(): void {
    for (let first = this.#claims[0]; first !== undefined && this.#fits(first.amount); first = this.#claims[0]) {
      this.#claims.shift();
      this.#held += first.amount;
      first.settle(true);
    }
  }
}
