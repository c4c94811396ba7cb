/**
 * The size of the store for the scale run, and its profiles and memberships, computed from a number and never stored.
 */

import { deriveSeed, mix32, Random } from '../../src/simulate/random.ts';

export interface ScalePlan {
  readonly audiences: number;
  readonly profiles: number;
  readonly memberships: number;
  /** The number of entries in the access log. */
  readonly requests: number;
}

export const FULL: ScalePlan = { audiences: 200, profiles: 1_000_000, memberships: 10_000_000, requests: 200_000 };

const SEED = 20;
const TIERS = ['Bronze', 'Silver', 'Gold', 'Platinum'];
const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'GB', 'US', 'PL', 'SE', 'JP', 'BR'];

/** Scattered like the IDs of real platforms: IDs created one after the other are not neighbours in an index. */
export function profileId(index: number): string {
  return `cust-${mix32(index ^ deriveSeed(SEED, 1))
    .toString(16)
    .padStart(8, '0')}-${index.toString(36)}`;
}

/** @param now the time that the profile's last order is relative to, in ms since the epoch */
export function attributesOf(index: number, now: number): Record<string, string | number | boolean> {
  const random = new Random(deriveSeed(SEED, 2) ^ mix32(index));
  const orders = random.below(60);
  return {
    Tier: TIERS[Math.min(3, Math.floor(orders / 18))] ?? 'Bronze',
    Country: random.pick(COUNTRIES),
    Email: `customer.${index}@example.com`,
    LifetimeOrders: orders,
    EmailOptIn: random.below(3) > 0,
    LastOrder: new Date(now - random.below(90 * 24 * 60) * 60_000).toISOString(),
  };
}

/** The audiences of a profile, as positions in the list of audiences: a few large ones, many small ones. */
export class Popularity {
  readonly #table: Uint16Array;
  readonly #perProfile: number;

  constructor({ audiences, profiles, memberships }: ScalePlan) {
    const weights = Array.from({ length: audiences }, (_, rank) => 1 / (rank + 12));
    const sum = weights.reduce((total, each) => total + each, 0);
    this.#table = new Uint16Array(1 << 16);
    let from = 0;
    for (const [rank, weight] of weights.entries()) {
      const until =
        rank === audiences - 1 ? this.#table.length : from + Math.round((weight / sum) * this.#table.length);
      this.#table.fill(rank, from, until);
      from = until;
    }
    this.#perProfile = Math.round(memberships / profiles);
  }

  /** Distinct positions, as many for each profile. */
  of(index: number): number[] {
    const random = new Random(deriveSeed(SEED, 3) ^ mix32(index));
    const found = new Set<number>();
    while (found.size < this.#perProfile) found.add(this.#table[random.below(this.#table.length)] ?? 0);
    return [...found];
  }
}
