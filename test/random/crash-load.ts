/**
 * The senders of the crash test, which remember what they sent and what was acknowledged. After a crash, each knows
 * what must be stored, what must not, and what may be stored only completely.
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

/** Numbered requests on one connection, several of them in flight, until the connection is lost. */
export abstract class Load {
  protected readonly lab: Lab;
  /** The number of the next request. */
  protected next = 0;
  /** Requests before this one have been acknowledged; those from here to `next` have not been answered. */
  protected acknowledged = 0;
  /** The first request since the server's last start. */
  protected first = 0;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** The number of acknowledged requests, over all starts of the server. */
  get count(): number {
    return this.acknowledged;
  }

  /** Sends until the server is gone. @param onAnswer called at each acknowledgement */
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

  /** Creates the audiences that the load needs. */
  abstract prepare(): Promise<void>;
  /** Compares the stored state with what is known, and continues from there. */
  abstract settle(random: Random): Promise<void>;
  /** Checks everything that was ever sent, while `settle` checks only a part. */
  async settleAll(): Promise<void> {}
  protected abstract call(number: number): Call;
  /** @throws if the answer is not the expected one */
  protected abstract accept(number: number, answer: Answer): void;
}

async function create(lab: Lab, externalId: string): Promise<number> {
  const connection = await CallConnection.open(lab);
  const id = await connection.create(FROM, externalId);
  connection.close();
  return id;
}

// More than may be in flight at once; otherwise the last applied call could not be determined.
const GENERATIONS = 7;
const MOVED = 40;
const FRESH = 40;

/**
 * Bulk calls: each moves the same profiles from one audience to the next, and adds new profiles to a third. The
 * audience of the moved ones shows which call was applied last; the new ones of each call must all be stored, or none.
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
    // All calls since the last start, and some of those before.
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
    // Alternates between numbers and external IDs; two requests for one profile must stay in order in either case.
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

  /**
   * The number of the call that was applied last, given by the audience of the moved profiles, which are all in one.
   */
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

/** Single-profile updates: the attributes and the membership of a profile change together, and must always agree. */
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

  /** The last acknowledged request for a profile, since the last start of the server or before. */
  #lastAcknowledged(profile: number): number {
    const last = this.acknowledged - 1;
    const number = last - ((((last - profile) % PROFILES) + PROFILES) % PROFILES);
    return number >= this.first ? number : (this.#settled[profile] ?? -1);
  }
}

const MEMBERS = 200;

/**
 * The life of an audience, over and over: created, filled, renamed, deleted, and created again, when it must be empty.
 */
export class LifecycleLoad extends Load {
  readonly #name: string;
  /** The call that had no answer when the server died. When it is sent again, it may already have been applied. */
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

  /** Two successive lives have different profiles, so members of the previous one would show. */
  #members(life: number): string[] {
    return Array.from({ length: MEMBERS }, (_, index) => `${this.#name} ${life % 2} ${index}`);
  }

  /** The state of the members before a call: the name of their audience, by profile. */
  #stateBefore(number: number): Map<string, string> {
    const life = Math.floor(number / 4);
    const step = number % 4;
    if (step < 2) return new Map();
    return new Map(this.#members(life).map((profile) => [profile, step === 2 ? `born ${life}` : `grown ${life}`]));
  }
}
