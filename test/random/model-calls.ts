/** Random calls of one client of the model test, over a few profiles, audiences, platform names and both ID spaces. */

import { Random } from '../../src/simulate/random.ts';
import type { Call, Changes, Environment, Model } from './model.ts';
import type { Update } from './model-answers.ts';
import type { Json } from './openapi-document.ts';

// Platform names are trimmed and case-insensitive on the wire, so two of these are one platform.
export const PLATFORMS = ['Customer Data Platform', 'Harbour CDP', 'HARBOUR cdp'] as const;
const COMMON = 4;
const OWN = 3;

const ATTRIBUTES: Readonly<Record<string, readonly Json[]>> = {
  Tier: ['gold', 'silver', '', '😀', null],
  Points: [0, -1, 2.5, 1e300, null],
  Consent: [true, false, null],
  Hobbies: [[], ['rowing', 'chess'], null],
  Residence: [{ latitude: 54.3, longitude: 10.1 }, null],
  constructor: ['x', null],
};

export interface Caller {
  readonly number: number;
  readonly environment: Environment;
  /** The only profiles this client writes, besides the shared ones when it is its turn. */
  readonly profiles: readonly string[];
}

/** A call on the audiences that all clients of an environment use; made only while nothing else is running. */
export function commonCall(random: Random, environment: Environment): Call {
  const number = random.below(COMMON);
  const from = { environment, platform: PLATFORMS[number % 2 === 0 ? 0 : 1], externalId: `common-${number}` };
  const kind = random.pick(['create', 'create', 'rename', 'delete'] as const);
  return kind === 'delete' ? { ...from, kind } : { ...from, kind, name: `Common ${random.below(100)}` };
}

export class CallGenerator {
  readonly #model: Model;
  readonly #caller: Caller;
  readonly #random: Random;
  readonly #updates: boolean;
  readonly #history: Call[] = [];
  /** Calls with a key, to be repeated after others: those on own profiles, and those on shared ones. */
  readonly #keyed: Record<'own' | 'shared', Update[]> = { own: [], shared: [] };
  #keys = 0;

  /** @param options.updates true to call the Integration API as well, with and without idempotency keys */
  constructor(model: Model, caller: Caller, random: Random, options: { readonly updates?: boolean } = {}) {
    this.#model = model;
    this.#caller = caller;
    this.#random = random;
    this.#updates = options.updates ?? false;
  }

  /** A call on this client's own profiles and audiences; sometimes a repeated one. */
  next(): Call {
    const random = this.#random;
    if (this.#history.length > 0 && random.below(12) === 0) return random.pick(this.#history);
    if (this.#updates && random.below(4) === 0) return this.#update('own', this.#caller.profiles, this.#ownAudiences);
    const { environment } = this.#caller;
    const platform = random.pick(PLATFORMS);
    const own = { environment, platform, externalId: `own-${this.#caller.number} ${random.below(OWN)}` };
    const choice = random.below(100);
    let call: Call;
    if (choice < 12) call = { ...own, kind: 'create', name: `Own ${random.below(1000)}` };
    else if (choice < 18) call = { ...own, kind: 'rename', name: `Own ${random.below(1000)}` };
    else if (choice < 24) call = { ...own, kind: 'delete' };
    else call = this.#onProfiles(this.#caller.profiles, platform, this.#ownAudiences);
    this.#history.push(call);
    if (this.#history.length > 30) this.#history.shift();
    return call;
  }

  /** Sets attributes of everyone in one of this client's own audiences, whose members no other client writes. */
  onMembers(): Call | undefined {
    const random = this.#random;
    const { environment, number } = this.#caller;
    const own = [...this.#model.audiences.values()].filter(
      (each) => each.environment === environment && each.externalId.startsWith(`own-${number} `),
    );
    const attributes = this.#attributes();
    if (own.length === 0 || attributes === undefined) return undefined;
    const { id: audience } = random.pick(own);
    return { environment, platform: PLATFORMS[0], kind: 'audience attributes', audience, attributes };
  }

  /** A call on profiles that others write too, with audiences that no other client may change meanwhile. */
  onShared(profiles: readonly string[]): Call {
    if (this.#updates && this.#random.below(4) === 0) return this.#update('shared', profiles, /^common-/);
    return this.#onProfiles(profiles, this.#random.pick(PLATFORMS), /^common-/);
  }

  /** Matches the external IDs of the audiences that no other client changes meanwhile. */
  get #ownAudiences(): RegExp {
    return new RegExp(`^(common-|own-${this.#caller.number} )`);
  }

  /** An update of the Integration API: without a key, with a new one, one repeated, or another under a known key. */
  #update(whose: 'own' | 'shared', profiles: readonly string[], audiences: RegExp): Update {
    const random = this.#random;
    const keyed = this.#keyed[whose];
    const choice = random.below(100);
    if (keyed.length > 0 && choice < 40) return random.pick(keyed);
    const other = keyed.length > 0 && choice < 50 ? random.pick(keyed) : undefined;
    // Clients of the two environments choose the same ones.
    const key = choice < 85 ? (other?.key ?? `key ${this.#caller.number}-${(this.#keys += 1)}`) : undefined;
    const call = this.#newUpdate(other?.kind === 'update' ? [other.profile] : profiles, audiences, key);
    if (key !== undefined) keyed.push(call);
    if (keyed.length > 40) keyed.shift();
    return call;
  }

  #newUpdate(profiles: readonly string[], audiences: RegExp, key: string | undefined): Update {
    const random = this.#random;
    const platform = random.pick(PLATFORMS);
    const from = { environment: this.#caller.environment, platform, key };
    const profile = (): string => random.pick(profiles);
    if (random.below(3) === 0) {
      const items = Array.from({ length: 1 + random.below(5) }, () => ({
        profile: profile(),
        attributes: this.#attributes(),
      }));
      const isLenient = random.below(2) === 0;
      return { ...from, kind: 'updates', items, isAnswered: random.below(2) === 0, isLenient };
    }
    const references = this.#references(platform, 'update', audiences);
    const [adds, deletes] = [this.#some(references), this.#some(references)];
    const run = random.below(2) === 0;
    return { ...from, kind: 'update', profile: profile(), adds, deletes, attributes: this.#attributes(), run };
  }

  #onProfiles(profiles: readonly string[], platform: string, audiences: RegExp): Call {
    const random = this.#random;
    const from = { environment: this.#caller.environment, platform };
    const kind = random.pick(['profile', 'profile audiences', 'bulk', 'bulk alias', 'bulk external'] as const);
    const references = this.#references(platform, kind, audiences);
    const change = (): Changes => ({
      profile: random.pick(profiles),
      adds: this.#some(references),
      deletes: this.#some(references),
    });
    if (kind === 'profile') {
      return {
        ...from,
        kind,
        ...change(),
        attributes: this.#attributes(),
        run: [true, false, undefined][random.below(3)],
      };
    }
    if (kind === 'profile audiences') return { ...from, kind, ...change() };
    const items = Array.from({ length: random.below(8) }, change);
    if (random.below(3) > 0) return { ...from, kind, items };
    // Refused items between good ones are what lenient calls are about.
    return { ...from, kind, isLenient: true, items: items.map((item) => this.#spoilt(item, references)) };
  }

  #attributes(): Record<string, Json> | undefined {
    const random = this.#random;
    if (random.below(3) === 0) return undefined;
    if (random.below(20) === 0) return { Tier: 'never', Undefined: 1 };
    const chosen = Object.entries(ATTRIBUTES).filter(() => random.below(3) === 0);
    return Object.fromEntries(chosen.map(([name, values]) => [name, random.pick(values)]));
  }

  /** The audiences it may name, in the ID space of the operation. */
  #references(platform: string, kind: Call['kind'], audiences: RegExp): (number | string)[] {
    const { environment } = this.#caller;
    const usable = [...this.#model.audiences.values()].filter(
      (each) => each.environment === environment && audiences.test(each.externalId),
    );
    const numbers = usable.map(({ id }) => id);
    const same = usable.filter((each) => each.platform.toLowerCase() === platform.toLowerCase());
    const external = same.map(({ externalId }) => externalId);
    if (kind === 'profile' || kind === 'bulk' || kind === 'update') return numbers;
    return kind === 'bulk alias' ? [...numbers, ...external] : external;
  }

  #some(references: readonly (number | string)[]): (number | string)[] {
    const random = this.#random;
    const count = random.pick([0, 0, 1, 1, 2, 4]);
    const chosen = references.length === 0 ? [] : Array.from({ length: count }, () => random.pick(references));
    if (random.below(60) > 0) return chosen;
    return [...chosen, this.#stranger(references)];
  }

  /** One of three items names an audience that does not exist, or one in the wrong way. */
  #spoilt(item: Changes, references: readonly (number | string)[]): Changes {
    const random = this.#random;
    if (random.below(3) > 0) return item;
    const wrong = random.pick([this.#stranger(references), this.#stranger(['text']), this.#stranger([])]);
    return { ...item, adds: [...item.adds, wrong] };
  }

  /** An audience that does not exist: it never did, was deleted, or belongs to the other environment. */
  #stranger(references: readonly (number | string)[]): number | string {
    if (typeof references[0] === 'string') return 'nobody made this';
    const other = [...this.#model.audiences.values()].filter(
      ({ environment }) => environment !== this.#caller.environment,
    );
    return other.length > 0 && this.#random.below(2) === 0 ? this.#random.pick(other).id : 999_999_999;
  }
}
