// Owns the seeded randomness of the simulator: same seed, same traffic, on every machine.

/** Mixes 32 bits so that neighbours end up far apart. A bijection: distinct inputs give distinct outputs. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Folds a seed of up to 53 bits and a purpose into 32 bits, so that two purposes never share a sequence. */
export function deriveSeed(seed: number, purpose: number): number {
  const high = Math.floor(seed / 2 ** 32);
  return mix32(mix32(seed ^ mix32(high + 0x9e3779b9)) + Math.imul(purpose, 0x9e3779b1));
}

/** A small, fast generator (mulberry32): good enough for choosing people and audiences, useless for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next 32 random bits, as an unsigned integer. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound);
  }

  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    const element = list[this.below(list.length)];
    if (element === undefined) throw new RangeError('cannot pick from an empty list');
    return element;
  }
}
