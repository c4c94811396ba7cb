/**
 * Who is in which audience in the story, and who joins and leaves next: what the platforms believe they have sent us.
 */

import type { Random } from '../simulate/random.ts';
import { type AudiencePlan, existsOn } from './audiences.ts';
import type { Person } from './people.ts';
import { around, busyness, DAY_MS, HOUR_MS } from './rhythm.ts';

/** The changes of one audience in one hour. */
export interface Movement {
  readonly audience: AudiencePlan;
  readonly joins: readonly Person[];
  readonly leaves: readonly Person[];
}

// The number of misses while looking for a suitable non-member after which the search ends: hardly anybody is left
// then.
const MAX_TRIES = 40;
const LOOK_EVERY_MS = 6 * HOUR_MS;

export class Crowd {
  readonly start: number;
  readonly #people: readonly Person[];
  readonly #random: Random;
  /** The first this many people are known. */
  #known = 0;
  readonly #members = new Map<AudiencePlan, Person[]>();
  readonly #fitting = new Map<AudiencePlan, { readonly time: number; readonly count: number }>();
  readonly #positions = new Map<AudiencePlan, Map<Person, number>>();

  /** @param start the story's first moment, in ms since the epoch */
  constructor(people: readonly Person[], random: Random, start: number) {
    this.#people = people;
    this.#random = random;
    this.start = start;
  }

  /** The next person the platforms get to know; undefined when they know everybody. */
  meetNext(time: number): Person | undefined {
    const person = this.#people[this.#known];
    if (person === undefined) return undefined;
    person.knownSince = time;
    this.#known += 1;
    return person;
  }

  /** Somebody who is known. At least one person must be. */
  anybody(): Person {
    const person = this.#people[this.#random.below(this.#known)];
    if (person === undefined) throw new Error('Nobody is known yet');
    return person;
  }

  /** Everybody who is known. */
  everyone(): readonly Person[] {
    return this.#people.slice(0, this.#known);
  }

  membersOf(audience: AudiencePlan): readonly Person[] {
    return this.#members.get(audience) ?? [];
  }

  isMember(audience: AudiencePlan, person: Person): boolean {
    return this.#positions.get(audience)?.has(person) === true;
  }

  /** Sets the members of the audience to exactly these. */
  replace(audience: AudiencePlan, members: readonly Person[]): void {
    this.#members.set(audience, [...members]);
    this.#positions.set(audience, new Map(members.map((person, index) => [person, index])));
  }

  /** The changes of the audience in this hour, recorded at once; undefined when there are none. */
  move(audience: AudiencePlan, hour: number): Movement | undefined {
    const day = (hour - this.start) / DAY_MS;
    if (!existsOn(audience, day)) return undefined;
    const joins: Person[] = [];
    const { fitting, leaves } = this.#lookThrough(audience, hour);
    const members = this.membersOf(audience).length;
    const wanted = Math.round(fitting * audience.share(day));
    const turnover = around(this.#random, ((members * audience.churn) / 24) * busyness(hour));
    for (let count = turnover + Math.max(0, members - wanted); count > 0; count -= 1) {
      const person = this.membersOf(audience)[this.#random.below(this.membersOf(audience).length)];
      if (person === undefined) break;
      this.#remove(audience, person);
      leaves.push(person);
    }
    for (let count = turnover + Math.max(0, wanted - members); count > 0; count -= 1) {
      const person = this.#findOutsider(audience, hour, leaves);
      if (person === undefined) break;
      this.#add(audience, person);
      joins.push(person);
    }
    return joins.length + leaves.length === 0 ? undefined : { audience, joins, leaves };
  }

  /** A suitable person joins, a member leaves. @returns undefined for a person who is not suitable */
  toggle(audience: AudiencePlan, person: Person, time: number): 'joined' | 'left' | undefined {
    if (this.isMember(audience, person)) {
      this.#remove(audience, person);
      return 'left';
    }
    if (!audience.fits(person, time)) return undefined;
    this.#add(audience, person);
    return 'joined';
  }

  /**
   * How many people are suitable, and who must leave because they no longer are. Checked a few times a day: more would
   * be slow.
   */
  #lookThrough(audience: AudiencePlan, hour: number): { fitting: number; leaves: Person[] } {
    const counted = this.#fitting.get(audience);
    if (counted !== undefined && hour - counted.time < LOOK_EVERY_MS) return { fitting: counted.count, leaves: [] };
    let fitting = 0;
    for (const person of this.everyone()) if (audience.fits(person, hour)) fitting += 1;
    this.#fitting.set(audience, { time: hour, count: fitting });
    const leaves = this.membersOf(audience).filter((person) => !audience.fits(person, hour));
    for (const person of leaves) this.#remove(audience, person);
    return { fitting, leaves };
  }

  #findOutsider(audience: AudiencePlan, hour: number, notThese: readonly Person[]): Person | undefined {
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const person = this.anybody();
      if (audience.fits(person, hour) && !this.isMember(audience, person) && !notThese.includes(person)) return person;
    }
    return undefined;
  }

  #add(audience: AudiencePlan, person: Person): void {
    const members = this.#members.get(audience) ?? [];
    const positions = this.#positions.get(audience) ?? new Map<Person, number>();
    positions.set(person, members.length);
    members.push(person);
    this.#members.set(audience, members);
    this.#positions.set(audience, positions);
  }

  #remove(audience: AudiencePlan, person: Person): void {
    const members = this.#members.get(audience);
    const positions = this.#positions.get(audience);
    const position = positions?.get(person);
    if (members === undefined || positions === undefined || position === undefined) return;
    // The last member takes the place of the one who leaves.
    const last = members.pop() as Person;
    if (last !== person) {
      members[position] = last;
      positions.set(last, position);
    }
    positions.delete(person);
  }
}
