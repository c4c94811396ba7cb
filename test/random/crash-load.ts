/**
 * Senders of the crash test, and what each remembers: what it sent, what was acknowledged. After a crash each can say what
 * must be there, what must not, and what may be there only as a whole.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../src/simulate/random.ts';
import { lookUp, profileOf } from './hot-reads.ts';
import type { Lab } from './lab.ts';
import type { Call } from './model.ts';
import { CallConnection } from './model-wire.ts';
import { type Answer, ConnectionLost } from './raw-client.ts';
import { check } from './settings.ts';

const FROM = { environment: 'live', platform: 'Crash CDP' } as const;

/** Numbered requests on one connection, some of them on their way at once, until the connection is lost. */
export abstract class Load {
  protected readonly lab: Lab;
  /** The number of the next request. */
  protected next = 0;
  /** Requests before this one are acknowledged; those from here to `next` have had no answer. */
  protected acknowledged = 0;
  /** The first request of the server's present life. */
  protected first = 0;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** How many were acknowledged, over all lives of the server. */
  get count(): number {
    return this.acknowledged;
  }

  /** Sends until the server is gone. @param onAnswer told of each acknowledgement, at once */
  async run(depth: number, onAnswer: () => void): Promise<void> {
    this.first = this.next;
    const connection = await CallConnection.open(this.lab);
    const lane = async (): Promise<void> => {
      for (;;) {
        const number = this.next;
        this.next += 1;
        const answer = await connection.send(this.call(number));
        this.accept(number, answer);
        check(number === this.acknowledged, 'answers came in another order than the requests', number);
        this.acknowledged = number + 1;
        onAnswer();
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: depth }, lane));
    for (const end of ends) {
      if (end.status === 'rejected' && !(end.reason instanceof ConnectionLost)) throw end.reason;
    }
  }

  /** Makes the audiences the load needs. */
  abstract prepare(): Promise<void>;
  /** Compares what is stored with what is known, and goes on from there. */
  abstract settle(random: Random): Promise<void>;
  /** Checks all there ever was, where `settle` looks at a part only. */
  async settleAll(): Promise<void> {}
  protected abstract call(number: number): Call;
  /** @throws when the answer is not the one due */
  protected abstract accept(number: number, answer: Answer): void;
}

async function create(lab: Lab, externalId: string): Promise<number> {
  const connection = await CallConnection.open(lab);
  const id = await connection.create(FROM, externalId);
  connection.close();
  return id;
}

// More than may be on their way at once, or the one that was applied last could not be told.
const GENERATIONS = 7;
const MOVED = 40;
const FRESH = 40;

/**
 * Bulk calls: each moves the same profiles from one audience to the next, and puts profiles nobody has heard of into a third.
 * Where the moved ones are tells which call was the last; the fresh ones of each call must be in all together, or not at all.
 */
export class BulkLoad extends Load {
  readonly #name: string;
  readonly #generations: number[] = [];
  #all = 0;

  constructor(lab: Lab, name: string) {
    super(lab);
    this.#name = name;
  }

  async prepare(): Promise<void> {
    for (let index = 0; index < GENERATIONS; index += 1)
      this.#generations.push(await create(this.lab, `${this.#name} g${index}`));
    this.#all = await create(this.lab, `${this.#name} all`);
  }

  async settle(random: Random): Promise<void> {
    const applied = await this.#lastApplied();
    check(
      applied >= this.acknowledged - 1,
      `${this.#name}: call ${this.acknowledged - 1} was acknowledged, and is lost`,
      { applied },
    );
    // All of the life that ended, and some of those before.
    const older = Array.from({ length: 10 }, () => random.below(Math.max(1, this.first)));
    const latest = Array.from({ length: this.next - this.first }, (_, index) => this.first + index);
    await this.#checkFresh([...older, ...latest], applied);
    this.next = applied + 1;
    this.acknowledged = this.next;
  }

  override async settleAll(): Promise<void> {
    await this.#checkFresh(
      Array.from({ length: this.next }, (_, index) => index),
      this.next - 1,
    );
  }

  protected call(number: number): Call {
    const target = number % GENERATIONS;
    // Alternately by number and by external ID; two requests for one profile must keep their order all the same.
    const external = number % 2 === 1;
    const reference = (index: number): number | string =>
      external ? `${this.#name} g${index}` : (this.#generations[index] ?? 0);
    const others = this.#generations.map((_, index) => index).filter((index) => index !== target);
    const moved = Array.from({ length: MOVED }, (_, index) => ({
      profile: `${this.#name} moved ${index}`,
      adds: [reference(target)],
      deletes: others.map(reference),
    }));
    const all = external ? `${this.#name} all` : this.#all;
    const fresh = this.#freshOf(number).map((profile) => ({ profile, adds: [all], deletes: [] }));
    return { ...FROM, kind: external ? 'bulk external' : 'bulk', items: [...moved, ...fresh] };
  }

  protected accept(number: number, { status, text }: Answer): void {
    check(status === 204, `${this.#name}: call ${number} was answered with ${status}`, text);
  }

  #freshOf(number: number): string[] {
    return Array.from({ length: FRESH }, (_, index) => `${this.#name} ${number}/${index}`);
  }

  /** The number of the call that was applied last, by where the moved profiles are: all in one place. */
  async #lastApplied(): Promise<number> {
    const profiles = Array.from({ length: MOVED }, (_, index) => `${this.#name} moved ${index}`);
    const places = new Set(
      [...(await lookUp(this.lab, profiles)).values()].map((list) => list.map(({ id }) => id).join()),
    );
    check(places.size === 1, `${this.#name}: a call was half applied`, [...places]);
    const [place = ''] = places;
    if (place === '') return -1;
    const generation = this.#generations.indexOf(Number(place));
    check(generation >= 0, `${this.#name}: the moved profiles are in several audiences`, place);
    for (let number = this.next - 1; number >= Math.max(0, this.acknowledged - 1); number -= 1) {
      if (number % GENERATIONS === generation) return number;
    }
    return -1;
  }

  async #checkFresh(numbers: readonly number[], applied: number): Promise<void> {
    const expected = new Map(
      numbers.flatMap((number) => this.#freshOf(number).map((profile) => [profile, number <= applied ? 1 : 0])),
    );
    for (const [profile, audiences] of await lookUp(this.lab, [...expected.keys()])) {
      const due = expected.get(profile) ?? 0;
      check(audiences.length === due, `${this.#name}: '${profile}' is in ${audiences.length} audiences, not ${due}`, {
        applied,
        acknowledged: this.acknowledged,
        next: this.next,
      });
    }
  }
}

const PROFILES = 4;

/** Single-profile updates: attributes and membership of a profile change together, and must never disagree. */
export class SingleLoad extends Load {
  readonly #name: string;
  readonly #audiences: number[] = [];
  /** The last request of each profile that was found stored after a crash. */
  readonly #settled: number[] = Array.from({ length: PROFILES }, () => -1);

  constructor(lab: Lab, name: string) {
    super(lab);
    this.#name = name;
  }

  async prepare(): Promise<void> {
    for (let index = 0; index < 3; index += 1) this.#audiences.push(await create(this.lab, `${this.#name} a${index}`));
  }

  async settle(): Promise<void> {
    for (let profile = 0; profile < PROFILES; profile += 1) {
      const found = await profileOf(this.lab, this.#profile(profile));
      const last = found === undefined ? -1 : Number(found.attributes['Points']);
      const lastAcknowledged = this.#lastAcknowledged(profile);
      const inOrder = last >= lastAcknowledged && last < this.next && (last === -1 || last % PROFILES === profile);
      check(inOrder, `${this.#name}: request ${lastAcknowledged} was acknowledged, and ${last} is stored`, found);
      if (last >= 0) {
        const due = { attributes: { Points: last, Tier: `t${last}` }, audienceIds: [this.#audience(last)] };
        check(isDeepStrictEqual(found, due), `${this.#name}: a request was half applied`, { found, due });
      }
      this.#settled[profile] = last;
    }
    this.acknowledged = this.next;
  }

  protected call(number: number): Call {
    const target = this.#audience(number);
    return {
      ...FROM,
      kind: 'profile',
      profile: this.#profile(number % PROFILES),
      attributes: { Points: number, Tier: `t${number}` },
      adds: [target],
      deletes: this.#audiences.filter((id) => id !== target),
    };
  }

  protected accept(number: number, { status, text }: Answer): void {
    check(status === 200, `${this.#name}: request ${number} was answered with ${status}`, text);
    check(text.includes(`"Tier":"t${number}"`), `${this.#name}: the answer does not show its own request`, text);
  }

  #profile(index: number): string {
    return `${this.#name} p${index}`;
  }

  #audience(number: number): number {
    return this.#audiences[number % this.#audiences.length] ?? 0;
  }

  /** The last request for a profile that was acknowledged, in this life of the server or one before. */
  #lastAcknowledged(profile: number): number {
    const last = this.acknowledged - 1;
    const number = last - ((((last - profile) % PROFILES) + PROFILES) % PROFILES);
    return number >= this.first ? number : (this.#settled[profile] ?? -1);
  }
}

const MEMBERS = 200;

/** The life of an audience, over and over: made, filled, renamed, deleted, and made again, when it must be empty. */
export class LifecycleLoad extends Load {
  readonly #name: string;
  /** The call that had no answer when the server died: sent again, it may find its work done. */
  #unanswered = -1;

  constructor(lab: Lab, name: string) {
    super(lab);
    this.#name = name;
  }

  async prepare(): Promise<void> {}

  async settle(): Promise<void> {
    const found = await lookUp(this.lab, [...this.#members(0), ...this.#members(1)]);
    const names = new Map<string, string>();
    for (const [profile, audiences] of found) {
      check(audiences.length <= 1, `${this.#name}: '${profile}' is in a deleted audience too`, audiences);
      for (const { name } of audiences) names.set(profile, name);
    }
    const possible = [this.#stateBefore(this.acknowledged), this.#stateBefore(this.next)];
    const agrees = possible.some((state) => isDeepStrictEqual(state, names));
    const seen = { members: names.size, called: [...new Set(names.values())] };
    check(agrees, `${this.#name}: its members are none that the calls lead to`, {
      ...seen,
      acknowledged: this.acknowledged,
      next: this.next,
    });
    if (this.next > this.acknowledged) this.#unanswered = this.acknowledged;
    this.next = this.acknowledged;
  }

  protected call(number: number): Call {
    const life = Math.floor(number / 4);
    const externalId = this.#name;
    switch (number % 4) {
      case 0:
        return { ...FROM, kind: 'create', externalId, name: `born ${life}` };
      case 1: {
        const items = this.#members(life).map((profile) => ({ profile, adds: [externalId], deletes: [] }));
        return { ...FROM, kind: 'bulk external', items };
      }
      case 2:
        return { ...FROM, kind: 'rename', externalId, name: `grown ${life}` };
      default:
        return { ...FROM, kind: 'delete', externalId };
    }
  }

  protected accept(number: number, { status, text }: Answer): void {
    const due = [201, 204, 200, 204][number % 4];
    const alreadyDone =
      number === this.#unanswered && ((number % 4 === 0 && status === 409) || (number % 4 === 3 && status === 404));
    check(status === due || alreadyDone, `${this.#name}: call ${number} was answered with ${status}, not ${due}`, text);
  }

  /** Other profiles in each life: one of the life before would show. */
  #members(life: number): string[] {
    return Array.from({ length: MEMBERS }, (_, index) => `${this.#name} ${life % 2} ${index}`);
  }

  /** What the members see of the audience before a call: its name, by profile. */
  #stateBefore(number: number): Map<string, string> {
    const life = Math.floor(number / 4);
    const step = number % 4;
    if (step < 2) return new Map();
    return new Map(this.#members(life).map((profile) => [profile, step === 2 ? `born ${life}` : `grown ${life}`]));
  }
}
