/** Compares a list of IDs with the members of an audience, part by part, in little memory. */

import type { MemberComparison } from './storage.ts';

/** What the store knows about an ID of the list. */
export interface KnownProfile {
  readonly profileId: number;
  readonly isMember: boolean;
}

/** Remembers IDs without a profile, of which there may be as many as a list has lines. */
export interface UnknownIds {
  /** @returns false if the ID was already in it */
  add(integrationId: string): boolean;
}

/** One list in progress: each ID counts once, where it first occurs. A known profile takes one bit. */
export class ListComparison {
  readonly #known = new NumberSet();
  readonly #unknown: UnknownIds;

  constructor(unknown: UnknownIds) {
    this.#unknown = unknown;
  }

  /**
   * Compares the next part of the list. @param find returns what the store knows about an ID; undefined if no profile
   * has it
   */
  compare(
    integrationIds: readonly string[],
    find: (integrationId: string) => KnownProfile | undefined,
  ): MemberComparison {
    let [distinct, joins, newProfiles] = [0, 0, 0];
    const repeated: number[] = [];
    for (const [place, integrationId] of integrationIds.entries()) {
      const found = find(integrationId);
      const isNew = found === undefined ? this.#unknown.add(integrationId) : this.#known.add(found.profileId);
      if (!isNew) {
        repeated.push(place);
        continue;
      }
      distinct += 1;
      if (found === undefined) newProfiles += 1;
      if (found?.isMember !== true) joins += 1;
    }
    return { distinct, joins, newProfiles, repeated };
  }
}

/** A set of small integers, one bit each. */
class NumberSet {
  #bits = new Uint8Array(1024);

  /** @returns false if it was already in the set */
  add(value: number): boolean {
    // Stryker disable next-line ArithmeticOperator: what is found stays the same, but not the memory it takes.
    const at = Math.floor(value / 8);
    const bit = 1 << (value % 8);
    if (at >= this.#bits.length) {
      // Stryker disable next-line ArithmeticOperator: growing by less is only slower.
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const before = this.#bits[at] ?? 0;
    this.#bits[at] = before | bit;
    return (before & bit) === 0;
  }
}
