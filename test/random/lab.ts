/** A database set up for a random test, and the server process on it, which can be stopped, killed and restarted. */

import { join } from 'node:path';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { createApiKey, deleteApiKey } from '../../src/domain/access/api-key-administration.ts';
import { createUser } from '../../src/domain/access/user-administration.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Core } from '../../src/domain/core.ts';
import { createApplication } from '../../src/domain/definitions/application-administration.ts';
import type { Application } from '../../src/domain/definitions/applications.ts';
import { createAttribute } from '../../src/domain/definitions/attribute-administration.ts';
import type { AttributeType } from '../../src/domain/definitions/attributes.ts';
import { WriteQueue } from '../../src/domain/memberships/queue.ts';
import { openStorage } from '../../src/storage/index.ts';
import { runCli, type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';

/** The attributes of the databases: every type, a restricted list, and one limited to another Application. */
export const ATTRIBUTES: readonly { name: string; type: AttributeType; suggestions?: string[]; only?: 'Shop' }[] = [
  { name: 'Tier', type: 'string' },
  { name: 'Points', type: 'number' },
  { name: 'Consent', type: 'boolean' },
  { name: 'RenewsAt', type: 'time' },
  { name: 'Residence', type: 'location' },
  { name: 'Hobbies', type: '(list string)' },
  { name: 'Scores', type: '(list number)' },
  { name: 'Visits', type: '(list time)' },
  { name: 'Places', type: '(list location)' },
  { name: 'Colour', type: 'string', suggestions: ['red', 'blue'] },
  { name: 'ShopOnly', type: 'string', only: 'Shop' },
  { name: 'constructor', type: 'string' },
];

/** Keys by kind. */
export type Keys = Readonly<
  Record<
    | 'live'
    | 'sandbox'
    | 'shop'
    | 'limited'
    | 'limitedGeneric'
    | 'generic'
    | 'sandboxGeneric'
    | 'readOnly'
    | 'segment'
    | 'limitedSegment'
    | 'emarsys'
    | 'limitedEmarsys'
    | 'mparticle'
    | 'limitedMparticle'
    | 'expired'
    | 'deleted',
    string
  >
>;

async function fill(core: Core): Promise<Keys> {
  const live = await createApplication(core, { name: 'Default' });
  const sandbox = await createApplication(core, { name: 'Sandbox', environment: 'sandbox' });
  const shop = await createApplication(core, { name: 'Shop' });
  for (const { name, type, suggestions, only } of ATTRIBUTES) {
    await createAttribute(core, {
      name,
      type,
      suggestions,
      restrictedBySuggestions: suggestions !== undefined,
      applicationIds: only === undefined ? [] : [shop.id],
    });
  }
  const year = 365 * 24 * 60 * 60 * 1000;
  const make = async (
    application: Application,
    platform: string,
    more: { readOnly?: boolean; rateLimit?: number; expires?: number } = {},
  ) => createApiKey(core, { application, platform, title: 'test', expires: core.now() + year, ...more });
  // If there is a user, the server treats the database as in use and adds nothing of its own.
  await createUser(core, { email: 'a@b.c', password: 'long enough', isAdmin: true, mustChangePassword: false });
  const deleted = await make(live, 'customer_data');
  await deleteApiKey(core, deleted.apiKey.id);
  return {
    live: (await make(live, 'customer_data')).secret,
    sandbox: (await make(sandbox, 'customer_data')).secret,
    shop: (await make(shop, 'customer_data')).secret,
    limited: (await make(live, 'customer_data', { rateLimit: 1 })).secret,
    limitedGeneric: (await make(live, 'none', { rateLimit: 1 })).secret,
    generic: (await make(live, 'none')).secret,
    sandboxGeneric: (await make(sandbox, 'none')).secret,
    readOnly: (await make(live, 'none', { readOnly: true })).secret,
    segment: (await make(live, 'segment')).secret,
    limitedSegment: (await make(live, 'segment', { rateLimit: 1 })).secret,
    emarsys: (await make(live, 'emarsys')).secret,
    limitedEmarsys: (await make(live, 'emarsys', { rateLimit: 1 })).secret,
    mparticle: (await make(live, 'mparticle')).secret,
    limitedMparticle: (await make(live, 'mparticle', { rateLimit: 1 })).secret,
    expired: (await make(live, 'customer_data', { expires: core.now() - 1 })).secret,
    deleted: deleted.secret,
  };
}

export interface LabOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One database file and the server on it. */
export class Lab {
  readonly file: string;
  readonly keys: Keys;
  readonly #options: LabOptions;
  #server: ServerProcess | undefined;
  #starting: Promise<void> | undefined;

  private constructor(file: string, keys: Keys, options: LabOptions) {
    this.file = file;
    this.keys = keys;
    this.#options = options;
  }

  /** Creates a database and starts the server on it. */
  static async open(options: LabOptions = {}): Promise<Lab> {
    const folder = temporaryFolder();
    const file = join(folder, 'rollcall.db');
    const storage = await openStorage(`sqlite:${file}`);
    const core = {
      storage,
      queue: new WriteQueue(storage, { maxRequests: 10, maxBytes: 1e6 }),
      now: Date.now,
      actor: COMMAND_LINE,
      accessLog: NO_ACCESS_LOG,
    };
    const keys = await fill(core);
    await storage.close();
    const lab = new Lab(file, keys, options);
    await lab.start();
    return lab;
  }

  get database(): string {
    return `sqlite:${this.file}`;
  }

  get url(): string {
    return this.#running.url;
  }

  get up(): boolean {
    return this.#server !== undefined;
  }

  /** The standard error of the server since it was started. */
  get log(): string {
    return this.#running.output().stderr;
  }

  get #running(): ServerProcess {
    if (this.#server === undefined) throw new Error('the server is down');
    return this.#server;
  }

  async start(): Promise<void> {
    const { args = [], env = {} } = this.#options;
    const start = async (): Promise<void> => {
      this.#server = await startServerProcess({ database: this.database, args, env });
    };
    this.#starting = start();
    await this.#starting;
  }

  /** Ends the server. After SIGTERM it must exit cleanly. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const server = this.#running;
    this.#server = undefined;
    const code = await server.stop(signal);
    const expected = signal === 'SIGTERM' ? 0 : null;
    if (code !== expected) throw new Error(`the server ended with ${code} on ${signal}\n${server.output().stderr}`);
  }

  /** The server's URL, once it is listening (again). */
  async whenUp(): Promise<string> {
    while (this.#server === undefined) {
      await (this.#starting ?? Promise.resolve());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.#server.url;
  }

  /** Runs `rollcall verify`; throws what it finds. */
  async verify(): Promise<void> {
    const { code, stdout, stderr } = await runCli(['verify', '--database', this.database]);
    if (code !== 0)
      throw new Error(`rollcall verify ended with ${code}:\n${stdout.slice(0, 4000)}\n${stderr.slice(0, 2000)}`);
  }
}
