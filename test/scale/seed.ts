/**
 * Fills a database for the scale run through the product's own writer, with a clock that passes through sixty days.
 * Progress is recorded next to the file: an interrupted run continues (requests sent twice change nothing), a complete
 * one is reused.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { AttributeType } from '../../src/domain/definitions/attributes.ts';
import type { Caller, WriteCommand, WriteOutcome } from '../../src/domain/memberships/commands.ts';
import { createPrivateFile, openConnection, removeDatabase } from '../../src/storage/sqlite/database.ts';
import { listMigrations, migrate } from '../../src/storage/sqlite/migrate.ts';
import { createWriterMethods, type WriterMethods } from '../../src/storage/sqlite/writer-methods.ts';
import { attributesOf, Popularity, profileId, type ScalePlan } from './plan.ts';
import { seedAccessLog } from './seed-access-log.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HISTORY_MS = 60 * DAY_MS;
const BATCH = 1000;
// The share of memberships that end again in the last part of the history.
const LEAVING_SHARE = 0.02;
const PLATFORM = 'Northwind CDP';

const ATTRIBUTES: readonly (readonly [string, AttributeType])[] = [
  ['Tier', 'string'],
  ['Country', 'string'],
  ['Email', 'string'],
  ['LifetimeOrders', 'number'],
  ['EmailOptIn', 'boolean'],
  ['LastOrder', 'time'],
];

interface Progress {
  /** The schema it was made for: another schema needs another file. */
  readonly schema: string;
  readonly plan: ScalePlan;
  /** When its history begins, in ms since the epoch. */
  readonly start: number;
  profiles: number;
  leaves: number;
  requestsLogged: boolean;
}

class Seeder {
  readonly #methods: WriterMethods;
  readonly #plan: ScalePlan;
  readonly #progress: Progress;
  readonly #save: () => void;
  #time: number;

  constructor(methods: (now: () => number) => WriterMethods, progress: Progress, save: () => void) {
    this.#plan = progress.plan;
    this.#progress = progress;
    this.#save = save;
    this.#time = progress.start;
    this.#methods = methods(() => this.#time);
  }

  /** Creates Applications, attributes, audiences and the like in a new file. */
  async define(): Promise<void> {
    const rest = { timezone: 'UTC', currency: 'EUR', description: '', payloadLogging: 'full', staging: false } as const;
    await this.#methods.createApplication(COMMAND_LINE, { name: 'Shop', environment: 'live', ...rest });
    await this.#methods.createApplication(COMMAND_LINE, { name: 'Sandbox', environment: 'sandbox', ...rest });
    for (const [name, type] of ATTRIBUTES) {
      await this.#methods.createAttribute(COMMAND_LINE, {
        entity: 'CustomerProfile',
        name,
        title: name,
        type,
        description: '',
        suggestions: [],
        restrictedBySuggestions: false,
        editable: true,
        applicationIds: [],
        hasAllowedList: false,
        details: {},
      });
    }
    this.#write(
      Array.from({ length: this.#plan.audiences }, (_, index) => ({
        kind: 'createAudience',
        caller: this.#caller(),
        target: { integration: PLATFORM, integrationId: `segment-${index + 1}` },
        name: `Segment ${index + 1}`,
        details: undefined,
      })),
    );
  }

  /** @param onProgress called with the number of profiles so far */
  joinAll(onProgress: (done: number) => void): void {
    const { profiles } = this.#plan;
    const popularity = new Popularity(this.#plan);
    while (this.#progress.profiles < profiles) {
      const from = this.#progress.profiles;
      this.#time = this.#progress.start + Math.floor((HISTORY_MS * 0.8 * from) / profiles);
      const count = Math.min(BATCH, profiles - from);
      const caller = this.#caller();
      this.#write(
        Array.from({ length: count }, (_, offset) => ({
          kind: 'updateProfile',
          caller: { ...caller, requestUuid: randomUUID() },
          integration: PLATFORM,
          integrationId: profileId(from + offset),
          attributes: attributesOf(from + offset, this.#time),
          skipUndefinedAttributes: false,
          adds: popularity.of(from + offset).map((place) => place + 1),
          deletes: [],
          runRuleEngine: true,
        })),
      );
      this.#progress.profiles += count;
      this.#save();
      onProgress(this.#progress.profiles);
    }
  }

  /** The last days: some members leave again, many in one request. */
  leaveSome(): void {
    const popularity = new Popularity(this.#plan);
    const total = Math.floor(this.#plan.memberships * LEAVING_SHARE);
    while (this.#progress.leaves < total) {
      const from = this.#progress.leaves;
      this.#time = this.#progress.start + Math.floor(HISTORY_MS * (0.8 + (0.2 * from) / total));
      // One profile of each kind, each once.
      const step = Math.floor(this.#plan.profiles / total);
      const items = Array.from({ length: Math.min(BATCH, total - from) }, (_, offset) => {
        const index = (from + offset) * step;
        return { integrationId: profileId(index), adds: [], deletes: [(popularity.of(index)[0] ?? 0) + 1] };
      });
      this.#write([{ kind: 'updateMemberships', caller: this.#caller(), integration: PLATFORM, items }]);
      this.#progress.leaves += items.length;
      this.#save();
    }
  }

  #caller(): Caller {
    return { requestUuid: randomUUID(), keyId: undefined, applicationId: 1, environment: 'live', bytes: 1000 };
  }

  #write(commands: readonly WriteCommand[]): void {
    const outcomes = JSON.parse(this.#methods.write(JSON.stringify(commands))) as WriteOutcome[];
    const refused = outcomes.find((each) => !('result' in each));
    if (refused !== undefined) throw new Error(`seeding was refused: ${JSON.stringify(refused)}`);
  }
}

/** Creates the database in the folder, or reuses the existing one. @param say reports progress */
export async function seed(folder: string, plan: ScalePlan, say: (line: string) => void): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'scale.db');
  const note = join(folder, 'scale-progress.json');
  const schema = listMigrations()
    .map(({ name, sql }) => `${name}:${sql.length}`)
    .join();
  const found = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Progress) : undefined;
  const usable = found?.schema === schema && isDeepStrictEqual(found.plan, plan) && existsSync(file);
  if (!usable) for (const each of [file, `${file}.access-log`]) removeDatabase(each);
  const progress: Progress = usable
    ? found
    : { schema, plan, start: Date.now() - HISTORY_MS, profiles: 0, leaves: 0, requestsLogged: false };
  createPrivateFile(file);
  const database = openConnection(file);
  // Nothing here must survive a power failure: an incomplete file is started again.
  database.pragma('synchronous = off');
  if (!usable) migrate(database, undefined);
  const save = (): void => writeFileSync(note, JSON.stringify(progress));
  const seeder = new Seeder((now) => createWriterMethods(database, { now }), progress, save);
  if (!usable) await seeder.define();
  save();
  const began = performance.now();
  const before = progress.profiles;
  let told = began;
  seeder.joinAll((done) => {
    if (performance.now() - told < 5000 && done < plan.profiles) return;
    told = performance.now();
    const rate = ((done - before) / (told - began)) * 1000;
    say(`${done.toLocaleString('en')} of ${plan.profiles.toLocaleString('en')} profiles, ${Math.round(rate)}/s`);
  });
  seeder.leaveSome();
  database.pragma('wal_checkpoint(truncate)');
  database.close();
  if (!progress.requestsLogged) {
    removeDatabase(`${file}.access-log`);
    await seedAccessLog(file, plan, (done) => {
      if (performance.now() - told < 5000 && done < plan.requests) return;
      told = performance.now();
      say(`${done.toLocaleString('en')} of ${plan.requests.toLocaleString('en')} requests logged`);
    });
    progress.requestsLogged = true;
    save();
  }
  return file;
}
