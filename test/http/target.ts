/**
 * The servers that the tables run against. By default they are ours: each mode is a process, and the keys and
 * attributes a table needs are created on demand. With ROLLCALL_TEST_URL, it is a server that is already running: what
 * it lacks is reported, and the scenarios that need it are skipped.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logged } from '../../src/access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { createApiKey, deleteApiKey } from '../../src/domain/access/api-key-administration.ts';
import { generateKey, hashKey } from '../../src/domain/access/api-keys.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Core } from '../../src/domain/core.ts';
import { createApplication } from '../../src/domain/definitions/application-administration.ts';
import type { Application } from '../../src/domain/definitions/applications.ts';
import { createAttribute } from '../../src/domain/definitions/attribute-administration.ts';
import { chooseApplication } from '../../src/domain/definitions/lookups.ts';
import { WriteQueue } from '../../src/domain/memberships/queue.ts';
import { openStorage } from '../../src/storage/index.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { sendJson, until } from './client.ts';
import { ATTRIBUTES, type AttributeName, DEPLOYMENT } from './definitions.ts';

export type Mode = 'default' | 'strict' | 'one hostname';

/** Kinds of keys, including those of platforms, invalid ones, and those of the other environment. */
export type KeyKind =
  | 'customer_data'
  | 'generic'
  | 'readOnly'
  | 'segment'
  | 'mparticle'
  | 'emarsys'
  | 'test'
  | 'otherApplication'
  | 'sandbox'
  | 'sandboxGeneric'
  | 'limited'
  | 'expired'
  | 'deleted';

/** Something that a scenario needs and the server lacks. */
export class Missing extends Error {}

export interface Target {
  readonly url: string;
  /** @throws Missing */
  key(kind: KeyKind): Promise<string>;
  /** Defines the attribute if necessary. @throws Missing */
  attribute(name: AttributeName): Promise<void>;
  /** The process, if the server is ours. */
  readonly process?: ServerProcess;
  stop(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const SERVE_ARGUMENTS: Record<Mode, string[]> = {
  default: [],
  // The rate limit has its own test; the tables send faster than it allows.
  strict: ['--strict', '--rate-limit', '10000'],
  'one hostname': ['--hostname', DEPLOYMENT],
};

const targets = new Map<Mode, Promise<Target>>();

/**
 * The server of a mode, started on first use. All files that run in this process share it, and it ends with the
 * process. @throws Missing
 */
export async function targetOf(mode: Mode): Promise<Target> {
  let target = targets.get(mode);
  if (target === undefined) {
    target = process.env['ROLLCALL_TEST_URL'] === undefined ? startOwn(mode) : Promise.resolve(useRunning(mode));
    targets.set(mode, target);
  }
  return target;
}

/** Does the work for a name once, however often it is requested. */
function once<Name, Value>(work: (name: Name) => Promise<Value>): (name: Name) => Promise<Value> {
  const done = new Map<Name, Promise<Value>>();
  return async (name) => {
    let result = done.get(name);
    if (result === undefined) {
      result = work(name);
      done.set(name, result);
    }
    return result;
  };
}

// ---- our own servers

/** The key that a server creates at its first start. */
export function firstKey(database: string): string {
  const file = join(dirname(database.slice('sqlite:'.length)), 'first-run.txt');
  const key = /^key: (\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (key === undefined) throw new Error(`no key in ${file}`);
  return key;
}

async function startOwn(mode: Mode): Promise<Target> {
  return ownTarget(await startServerProcess({ args: SERVE_ARGUMENTS[mode] }));
}

/**
 * A target for one of our server processes. Definitions are written directly into its database, as the command line
 * does.
 */
export async function ownTarget(server: ServerProcess): Promise<Target> {
  const storage = await openStorage(server.database);
  const core: Core & Logged = {
    storage,
    queue: new WriteQueue(storage, { maxRequests: 1, maxBytes: 1 }),
    now: Date.now,
    actor: COMMAND_LINE,
    accessLog: NO_ACCESS_LOG,
  };
  const application = once(async (name: string) =>
    name === 'Default'
      ? chooseApplication(core, name)
      : createApplication(core, { name, environment: name === 'Sandbox' ? 'sandbox' : 'live' }),
  );
  const create = async (options: Partial<Parameters<typeof createApiKey>[1]> = {}, of = 'Default') =>
    createApiKey(core, { application: await application(of), title: 'test', expires: Date.now() + DAY_MS, ...options });
  const platform = 'customer_data';
  const makers: Record<Exclude<KeyKind, 'customer_data'>, () => Promise<{ secret: string }>> = {
    generic: async () => create(),
    readOnly: async () => create({ readOnly: true }),
    segment: async () => create({ platform: 'segment' }),
    mparticle: async () => create({ platform: 'mparticle' }),
    emarsys: async () => create({ platform: 'emarsys' }),
    test: async () => createTestKey(core, await application('Default')),
    otherApplication: async () => create({ platform }, 'Second shop'),
    sandbox: async () => create({ platform }, 'Sandbox'),
    sandboxGeneric: async () => create({}, 'Sandbox'),
    limited: async () => create({ platform, rateLimit: 1 }),
    expired: async () => create({ platform, expires: Date.now() }),
    deleted: async () => {
      const made = await create({ platform });
      await deleteApiKey(core, made.apiKey.id);
      return made;
    },
  };
  return {
    url: server.url,
    process: server,
    key: once(async (kind: KeyKind) =>
      kind === 'customer_data' ? firstKey(server.database) : (await makers[kind]()).secret,
    ),
    attribute: once(async (name: AttributeName) => {
      // A new database already has it.
      if (name === 'Tier') return;
      const { type, suggestions = [], only } = ATTRIBUTES[name];
      await createAttribute(core, {
        name,
        type,
        suggestions,
        restrictedBySuggestions: suggestions.length > 0,
        applicationIds: only === undefined ? [] : [(await application(only)).id],
      });
    }),
    async stop() {
      await storage.close();
      await server.stop();
    },
  };
}

/** The key as the store keeps it: an Application with campaign staging can create only one. */
async function createTestKey(core: Core & Logged, { id }: Application): Promise<{ secret: string }> {
  const secret = generateKey();
  await core.storage.createApiKey(COMMAND_LINE, {
    applicationId: id,
    title: 'test',
    platform: 'none',
    type: 'staging',
    readOnly: false,
    rateLimit: undefined,
    timeOffset: undefined,
    lenientRows: false,
    rowReports: false,
    skipUndefinedAttributes: false,
    prefix: secret.slice(0, 4),
    suffix: secret.slice(-4),
    expires: Date.now() + DAY_MS,
    createdBy: undefined,
    hash: hashKey(secret),
  });
  return { secret };
}

// ---- a server that is already running

const VARIABLES: Record<KeyKind, string> = {
  customer_data: 'KEY',
  generic: 'GENERIC_KEY',
  readOnly: 'READ_ONLY_KEY',
  segment: 'SEGMENT_KEY',
  mparticle: 'MPARTICLE_KEY',
  emarsys: 'EMARSYS_KEY',
  test: 'TEST_KEY',
  otherApplication: 'OTHER_APPLICATION_KEY',
  sandbox: 'SANDBOX_KEY',
  sandboxGeneric: 'SANDBOX_GENERIC_KEY',
  limited: 'LIMITED_KEY',
  expired: 'EXPIRED_KEY',
  deleted: 'DELETED_KEY',
};

const PREFIXES: Record<Mode, string> = {
  default: 'ROLLCALL_TEST_',
  strict: 'ROLLCALL_TEST_STRICT_',
  'one hostname': 'ROLLCALL_TEST_HOSTNAME_',
};

function useRunning(mode: Mode): Target {
  const setting = (name: string, what: string): string => {
    const variable = PREFIXES[mode] + name;
    const value = process.env[variable];
    if (value === undefined || value === '') throw new Missing(`needs ${what}: set ${variable}`);
    return value.trim().replace(/\/$/, '');
  };
  const url = setting('URL', mode === 'default' ? 'a server' : `a server in mode '${mode}'`);
  const target: Target = {
    url,
    key: async (kind) => setting(VARIABLES[kind], `a key of kind '${kind}'`),
    attribute: once(async (name: AttributeName) => {
      const { type, suggestions = [], only, sample } = ATTRIBUTES[name];
      const path = `/cdp/customer_profile/probe-${process.pid}`;
      const key = await target.key('customer_data');
      const answer = await until(
        async () => sendJson(url, key, 'PUT', path, { attributes: { [name]: sample } }),
        ({ status }) => status !== 429,
        { everyMs: 200 },
      );
      const restriction = suggestions.map((value) => ` --suggestion ${value}`).join('');
      const options = `${restriction}${restriction && ' --restricted'}${only === undefined ? '' : ` --application '${only}'`}`;
      if (answer.status !== 200)
        throw new Missing(`needs rollcall attribute create --name ${name} --type '${type}'${options}`);
    }),
    stop: async () => undefined,
  };
  return target;
}
