/** One credential of every kind in the authorization table, created in the database of a running server. */

import { randomBytes } from 'node:crypto';
import type { Logged } from '../../src/access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { createApiKey, deleteApiKey } from '../../src/domain/access/api-key-administration.ts';
import { generateKey, hashKey } from '../../src/domain/access/api-keys.ts';
import {
  createManagementKey,
  deleteManagementKey,
  disableManagementKey,
} from '../../src/domain/access/management-key-administration.ts';
import type { Endpoint } from '../../src/domain/access/management-keys.ts';
import { revokeSession } from '../../src/domain/access/signing-in.ts';
import { deleteUser, updateUser } from '../../src/domain/access/user-administration.ts';
import type { User } from '../../src/domain/access/users.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Core } from '../../src/domain/core.ts';
import { createApplication, updateApplication } from '../../src/domain/definitions/application-administration.ts';
import { findApplication } from '../../src/domain/definitions/lookups.ts';
import { WriteQueue } from '../../src/domain/memberships/queue.ts';
import { openStorage } from '../../src/storage/index.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Credential } from './authorization-table.ts';

export type Headers = Readonly<Record<string, string>>;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Credentials {
  readonly headers: Readonly<Record<Credential, Headers>>;
  /** More sessions of the same kinds, one for each request that ends the session it is sent with. */
  readonly spares: readonly Readonly<Partial<Record<Credential, Headers>>>[];
}

/** @param grantable what can be granted to management keys; @param spares the number of requests that end sessions */
export async function makeCredentials(
  server: ServerProcess,
  metricsToken: string,
  grantable: readonly Endpoint[],
  spares: number,
): Promise<Credentials> {
  const storage = await openStorage(server.database);
  const core: Core & Logged = {
    storage,
    queue: new WriteQueue(storage, { maxRequests: 1, maxBytes: 1 }),
    now: Date.now,
    actor: COMMAND_LINE,
    accessLog: NO_ACCESS_LOG,
  };
  try {
    const [first, ...others] = await liveSessions(core, server.url, spares + 1);
    if (first === undefined) throw new Error('no sessions were made');
    return {
      headers: {
        ...nonsense(server.url, metricsToken),
        ...first,
        ...(await deadSessions(core, server.url)),
        ...(await managementKeys(core, grantable)),
        ...(await apiKeys(core)),
      },
      spares: others,
    };
  } finally {
    await storage.close();
  }
}

const authorization = (value: string): Headers => ({ Authorization: value });
const bearer = (token: string): Headers => authorization(`Bearer ${token}`);
const managementKey = (secret: string): Headers => authorization(`ManagementKey-v1 ${secret}`);
const apiKey = (secret: string): Headers => authorization(`ApiKey-v1 ${secret}`);
const cookie = (token: string): Headers => ({ Cookie: `rollcall_session=${token}` });

function nonsense(url: string, metricsToken: string) {
  return {
    none: {},
    malformed: authorization('Basic YWRhOnNlY3JldA=='),
    'unknown API key': apiKey(generateKey()),
    'unknown management key': managementKey(generateKey('rcm_')),
    'unknown token': bearer('rcs_unknown'),
    'unknown cookie': { ...cookie('rcs_unknown'), Origin: url },
    'metrics token': bearer(metricsToken),
  } satisfies Partial<Record<Credential, Headers>>;
}

/** Creates a user without a password: its sessions are created directly, because checking a password takes time. */
async function newUser(core: Core & Logged, name: string, isAdmin = true, mustChangePassword = false): Promise<User> {
  return core.storage.accounts.createUser(COMMAND_LINE, {
    email: `${name}@people.example.com`,
    name,
    isAdmin,
    state: 'active',
    mustChangePassword,
    passwordHash: '',
  });
}

async function begin(
  core: Core & Logged,
  { id: userId }: User,
  kind: 'console' | 'api',
  expires = Date.now() + DAY_MS,
): Promise<{ token: string; id: number }> {
  const token = `rcs_${randomBytes(32).toString('base64url')}`;
  const rest = { userId, kind, hash: hashKey(token), expires, userAgent: '', address: '' };
  const { session } = await core.storage.accounts.createSession(rest);
  return { token, id: session.id };
}

/** Creates the complete set, any number of times. */
async function liveSessions(core: Core & Logged, url: string, sets: number) {
  const own = (token: string): Headers => ({ ...cookie(token), Origin: url });
  const admin = await newUser(core, 'second-admin');
  const reader = await newUser(core, 'reader', false);
  const fresh = await newUser(core, 'fresh', true, true);
  const set = async () => {
    const adminCookie = (await begin(core, admin, 'console')).token;
    const adminToken = (await begin(core, admin, 'api')).token;
    return {
      'admin cookie': own(adminCookie),
      'admin cookie, Origin of another site': { ...cookie(adminCookie), Origin: 'https://evil.example' },
      'admin cookie, no Origin': cookie(adminCookie),
      'admin token': bearer(adminToken),
      'read-only cookie': own((await begin(core, reader, 'console')).token),
      'read-only token': bearer((await begin(core, reader, 'api')).token),
      'cookie, password to be changed': own((await begin(core, fresh, 'console')).token),
      'token, password to be changed': bearer((await begin(core, fresh, 'api')).token),
      'cookie sent as a token': bearer(adminCookie),
      'token sent as a cookie': own(adminToken),
    } satisfies Partial<Record<Credential, Headers>>;
  };
  return Promise.all(Array.from({ length: sets }, set));
}

async function deadSessions(core: Core & Logged, url: string) {
  const own = (token: string): Headers => ({ ...cookie(token), Origin: url });
  const past = await newUser(core, 'past');
  const soon = Date.now() + 100;
  const [expiredCookie, expiredToken] = [
    await begin(core, past, 'console', soon),
    await begin(core, past, 'api', soon),
  ];
  await new Promise((resolve) => setTimeout(resolve, 150));

  const left = await newUser(core, 'left');
  const [revokedCookie, revokedToken] = [await begin(core, left, 'console'), await begin(core, left, 'api')];
  for (const { id } of [revokedCookie, revokedToken]) await revokeSession(core, id, left);

  const locked = await newUser(core, 'locked');
  const lockedCookie = await begin(core, locked, 'console');
  await updateUser(core, locked.id, { state: 'deactivated' });
  const gone = await newUser(core, 'gone');
  const goneToken = await begin(core, gone, 'api');
  await deleteUser(core, gone.id);

  return {
    'expired cookie': own(expiredCookie.token),
    'expired token': bearer(expiredToken.token),
    'revoked cookie': own(revokedCookie.token),
    'revoked token': bearer(revokedToken.token),
    'cookie of a deactivated user': own(lockedCookie.token),
    'token of a deleted user': bearer(goneToken.token),
  } satisfies Partial<Record<Credential, Headers>>;
}

async function managementKeys(core: Core & Logged, grantable: readonly Endpoint[]) {
  const creator = await newUser(core, 'creator');
  const { id: other } = await createApplication(core, { name: 'Other' });
  const create = async (options: Partial<Parameters<typeof createManagementKey>[1]> = {}) =>
    createManagementKey(
      core,
      { name: 'k', creator, expires: Date.now() + DAY_MS, endpoints: grantable, applicationIds: [], ...options },
      grantable,
    );
  const [granted, limited] = [await create(), await create({ applicationIds: [other] })];
  const expired = await create({ expires: Date.now() });
  const [disabled, deleted] = [await create(), await create()];
  await disableManagementKey(core, disabled.key.id, true);
  await deleteManagementKey(core, deleted.key.id);
  const reader = await newUser(core, 'former-admin', false);
  const [locked, gone] = [await newUser(core, 'locked-creator'), await newUser(core, 'gone-creator')];
  const [ofReader, ofLocked, ofGone] = [
    await create({ creator: reader }),
    await create({ creator: locked }),
    await create({ creator: gone }),
  ];
  await updateUser(core, locked.id, { state: 'deactivated' });
  await deleteUser(core, gone.id);
  // A grant for an operation that no route has yet.
  const elsewhere = { method: 'GET', path: '/v1/elsewhere' };
  const another = await createManagementKey(
    core,
    { name: 'k', creator, expires: Date.now() + DAY_MS, endpoints: [elsewhere], applicationIds: [] },
    [elsewhere],
  );
  return {
    'management key, granted': managementKey(granted.secret),
    'management key, granted another operation': managementKey(another.secret),
    'management key, of another Application': managementKey(limited.secret),
    'management key, of a read-only user': managementKey(ofReader.secret),
    'management key, expired': managementKey(expired.secret),
    'management key, disabled': managementKey(disabled.secret),
    'management key, deleted': managementKey(deleted.secret),
    'management key, of a deactivated user': managementKey(ofLocked.secret),
    'management key, of a deleted user': managementKey(ofGone.secret),
    'management key sent as an API key': apiKey(granted.secret),
  } satisfies Partial<Record<Credential, Headers>>;
}

async function apiKeys(core: Core & Logged) {
  const live = await updateApplication(core, 1, { staging: true });
  const sandbox = await createApplication(core, { name: 'Sandbox', environment: 'sandbox' });
  const create = async (options: Partial<Parameters<typeof createApiKey>[1]> = {}) =>
    createApiKey(core, {
      application: await findApplication(core, live.id),
      title: 'k',
      expires: Date.now() + DAY_MS,
      ...options,
    });
  const platform = 'customer_data';
  const deleted = await create({ platform });
  await deleteApiKey(core, deleted.apiKey.id);
  const emarsys = (await create({ platform: 'emarsys' })).secret;
  const generic = (await create()).secret;
  return {
    'customer data key': apiKey((await create({ platform })).secret),
    'customer data key, sandbox': apiKey((await create({ platform, application: sandbox })).secret),
    'customer data key, expired': apiKey((await create({ platform, expires: Date.now() })).secret),
    'customer data key, deleted': apiKey(deleted.secret),
    'Segment key': apiKey((await create({ platform: 'segment' })).secret),
    'Emarsys key': apiKey(emarsys),
    'Emarsys key, Basic': authorization(`Basic ${Buffer.from(`ApiKey-v1 ${emarsys}:`).toString('base64')}`),
    'mParticle key': apiKey((await create({ platform: 'mparticle' })).secret),
    'generic key': apiKey(generic),
    'generic key, sandbox': apiKey((await create({ application: sandbox })).secret),
    'generic key, read-only': apiKey((await create({ readOnly: true })).secret),
    'generic key, Test': apiKey((await create({ type: 'staging' })).secret),
    'generic key, expired': apiKey((await create({ expires: Date.now() })).secret),
    'API key sent as a management key': managementKey(generic),
  } satisfies Partial<Record<Credential, Headers>>;
}
