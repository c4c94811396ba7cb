/** The order of bulk calls: which profiles a call is about, and whether it puts them into audiences or takes them out. */

import { CHANGES_PER_CALL } from './task.ts';

/** Visits the profiles of a connection in an order without neighbours: a prime, so that it divides no share of them. */
const STEP = 7_368_787;

export class BulkOrder {
  readonly #connections: number;
  readonly #share: number;
  readonly #perPass: number;

  /** @throws RangeError if a connection's share is too small for one call */
  constructor(profiles: number, connections: number) {
    this.#connections = connections;
    this.#share = Math.floor(profiles / connections);
    this.#perPass = Math.floor(this.#share / CHANGES_PER_CALL);
    if (this.#perPass === 0) throw new RangeError(`${profiles} profiles are too few for ${connections} connections`);
  }

  /** The number of calls after which a connection sends the same calls again. */
  get cycle(): number {
    return 2 * this.#perPass;
  }

  /** Whether a call puts its profiles into audiences; otherwise it takes them out of the same ones again. */
  joins(call: number): boolean {
    return call % this.cycle < this.#perPass;
  }

  /** The profiles of a call, all different. Those of two connections never overlap, so their order does not matter. */
  profiles(connection: number, call: number): number[] {
    const first = (call % this.#perPass) * CHANGES_PER_CALL;
    return Array.from(
      { length: CHANGES_PER_CALL },
      (_, offset) => (((first + offset) * STEP) % this.#share) * this.#connections + connection,
    );
  }

  /** The memberships that calls from one number to another add on balance, given these numbers for each connection. */
  balance(from: readonly number[], to: readonly number[]): number {
    const joined = (calls: number): number =>
      Math.min(calls % this.cycle, this.cycle - (calls % this.cycle)) * CHANGES_PER_CALL;
    return to.reduce((sum, calls, connection) => sum + joined(calls) - joined(from[connection] ?? 0), 0);
  }
}
