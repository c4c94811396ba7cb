/**
 * Fills a server under test from one plain object: Applications, keys, attributes, audiences and profiles, each under a
 * label chosen by the test. Everything goes through the operations that people and platforms use.
 */

import { randomUUID } from 'node:crypto';
import { createApiKey } from '../domain/access/api-key-administration.ts';
import type { Core } from '../domain/core.ts';
import { createApplication } from '../domain/definitions/application-administration.ts';
import type { Application } from '../domain/definitions/applications.ts';
import { createAttribute } from '../domain/definitions/attribute-administration.ts';
import { listApplications } from '../domain/definitions/lookups.ts';
import type { Environment } from '../domain/environment.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { createAudience } from '../domain/memberships/audience-administration.ts';
import type { Caller } from '../domain/memberships/commands.ts';
import { updateProfile } from '../domain/memberships/profiles.ts';
import { at, type EntryOf, entriesAt, problemAt, readEntry } from './entries.ts';

/** What has been created, by label: the server's numbers, and the secrets of keys. */
export interface Seeded {
  readonly applications: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, number>>;
  readonly audiences: Readonly<Record<string, number>>;
  readonly profiles: Readonly<Record<string, number>>;
}

export const NOTHING_SEEDED: Seeded = { applications: {}, keys: {}, attributes: {}, audiences: {}, profiles: {} };

const SEED = {
  applications: 'any',
  keys: 'any',
  attributes: 'any',
  audiences: 'any',
  profiles: 'any',
} as const;
const APPLICATION = {
  name: 'string',
  environment: 'string',
  timezone: 'string',
  currency: 'string',
  description: 'string',
  staging: 'boolean',
} as const;
const KEY = {
  application: 'string',
  title: 'string',
  platform: 'string',
  expires: 'string',
  readOnly: 'boolean',
  rateLimit: 'number',
  test: 'boolean',
} as const;
const ATTRIBUTE = {
  name: 'string',
  type: 'string',
  title: 'string',
  description: 'string',
  suggestions: 'strings',
  restrictedBySuggestions: 'boolean',
  applications: 'strings',
} as const;
const AUDIENCE = {
  integrationId: 'string',
  platform: 'string',
  name: 'string',
  environment: 'string',
} as const;
const PROFILE = {
  integrationId: 'string',
  environment: 'string',
  application: 'string',
  attributes: 'object',
  audiences: 'strings',
} as const;

const MAX_ENTRIES = 10_000;
/** When keys without `expires` expire, in ms since the epoch: after any time that a test can set. */
export const NO_EXPIRY = Date.UTC(9999, 11, 31);

/** The namespace of audiences without a platform, which is that of callers without a platform name. */
export interface SeedDefaults {
  readonly platform: string;
}

/**
 * Creates everything in the order Applications, keys, attributes, audiences, profiles. It stops at the first problem, and what was
 * created before stays.
 * @param seeded the existing labels
 * @returns `seeded`, including the new labels
 * @throws DomainError with a pointer into the object: `invalid`, `not_found`, `conflict`
 */
export async function plantSeed(core: Core, value: unknown, seeded: Seeded, defaults: SeedDefaults): Promise<Seeded> {
  return new Planting(core, seeded, defaults).plant(value);
}

class Planting {
  readonly #core: Core;
  readonly #defaults: SeedDefaults;
  readonly #made: { [Part in keyof Seeded]: Record<string, Seeded[Part][string]> };

  constructor(core: Core, seeded: Seeded, defaults: SeedDefaults) {
    this.#core = core;
    this.#defaults = defaults;
    // Without a prototype, so that a label may be any text.
    const copy = <Value>(part: Readonly<Record<string, Value>>): Record<string, Value> =>
      Object.assign(Object.create(null) as Record<string, Value>, part);
    this.#made = {
      applications: copy(seeded.applications),
      keys: copy(seeded.keys),
      attributes: copy(seeded.attributes),
      audiences: copy(seeded.audiences),
      profiles: copy(seeded.profiles),
    };
  }

  async plant(value: unknown): Promise<Seeded> {
    const seed = readEntry(value, [], SEED);
    let count = 0;
    const steps = Object.keys(SEED).flatMap((part) => {
      const name = part as keyof typeof SEED;
      const entries = entriesAt(seed[name], [name]);
      count += entries.length;
      if (count > MAX_ENTRIES) throw problemAt([name], `at most ${MAX_ENTRIES} entries at a time: seed them in parts`);
      return entries.map(([label, entry]) => ({ name, label, entry }));
    });
    for (const { name, label, entry } of steps) {
      const path = [name, label];
      if (Object.hasOwn(this.#made[name], label)) throw problemAt(path, 'was seeded before');
      this.#made[name][label] = await at(path, async () => this.#create(name, label, entry));
    }
    return this.#made;
  }

  async #create(part: keyof Seeded, label: string, entry: unknown): Promise<never> {
    // Each creates the values that its part maps labels to.
    return (await this.#makers[part](label, entry)) as never;
  }

  readonly #makers: {
    readonly [Part in keyof Seeded]: (label: string, entry: unknown) => Promise<Seeded[Part][string]>;
  } = {
    applications: async (label, entry) => {
      const { name = label, environment, ...rest } = readEntry(entry, [], APPLICATION);
      const input = { ...rest, name, environment: readEnvironment(environment) ?? 'live' };
      return (await createApplication(this.#core, input)).id;
    },
    keys: async (label, entry) => {
      const { application, title = label, platform, expires, readOnly, rateLimit, test } = readEntry(entry, [], KEY);
      const { secret } = await createApiKey(this.#core, {
        application: await this.#application(application, 'live'),
        title,
        platform: platform ?? 'none',
        type: test === true ? 'staging' : '',
        expires: expires ?? NO_EXPIRY,
        readOnly,
        rateLimit,
      });
      return secret;
    },
    attributes: async (label, entry) => {
      const whole = typeof entry === 'string' ? { type: entry } : entry;
      const { name = label, type = 'string', applications = [], ...rest } = readEntry(whole, [], ATTRIBUTE);
      const applicationIds: number[] = [];
      for (const each of applications) applicationIds.push((await this.#application(each, 'live')).id);
      return (await createAttribute(this.#core, { ...rest, name, type, applicationIds })).id;
    },
    audiences: async (label, entry) => {
      const { integrationId = label, platform, name = label, environment } = readEntry(entry, [], AUDIENCE);
      const caller = await this.#caller(undefined, readEnvironment(environment));
      const integration = platform ?? this.#defaults.platform;
      return (await createAudience(this.#core, caller, { integration, integrationId, name })).id;
    },
    profiles: async (label, entry) => {
      const profile = readEntry(entry, [], PROFILE);
      const { integrationId = label, application, environment } = profile;
      return (
        await updateProfile(this.#core, await this.#caller(application, readEnvironment(environment)), {
          integrationId,
          integration: this.#defaults.platform,
          attributes: profile.attributes as Readonly<Record<string, JsonValue>> | undefined,
          runRuleEngine: false,
          audiencesAndRules: 'independent',
          adds: this.#audiencesOf(profile),
          deletes: [],
        })
      ).id;
    },
  };

  #audiencesOf({ audiences = [] }: EntryOf<typeof PROFILE>): number[] {
    return audiences.map((label) => {
      if (!Object.hasOwn(this.#made.audiences, label)) {
        throw problemAt(['audiences'], `there is no audience '${label}' in the seed`);
      }
      return this.#made.audiences[label] as number;
    });
  }

  /** The Application of a label; without one, the first of the environment. */
  async #application(label: string | undefined, environment: Environment): Promise<Application> {
    const all = await listApplications(this.#core);
    if (label === undefined) {
      const first = all.find((each) => each.environment === environment);
      if (first === undefined) throw problemAt(['environment'], `there is no Application in ${environment}`);
      return first;
    }
    const id = Object.hasOwn(this.#made.applications, label) ? this.#made.applications[label] : undefined;
    const found = all.find((each) => each.id === id);
    if (found === undefined) throw problemAt(['application'], `there is no Application '${label}' in the seed`);
    return found;
  }

  async #caller(label: string | undefined, given: Environment | undefined): Promise<Caller> {
    const { id, environment } = await this.#application(label, given ?? 'live');
    if (given !== undefined && given !== environment) {
      throw problemAt(['environment'], `the Application '${label ?? ''}' is in ${environment}`);
    }
    return { requestUuid: randomUUID(), keyId: undefined, applicationId: id, environment, bytes: 0 };
  }
}

/** @throws DomainError `invalid` */
function readEnvironment(text: string | undefined): Environment | undefined {
  if (text === undefined || text === 'live' || text === 'sandbox') return text;
  throw problemAt(['environment'], `'${text}' is neither live nor sandbox`);
}
