/**
 * Users and keys through the shared statements: every engine loads and saves what the domain decides in the same way.
 */

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { NewApiKey } from '../../src/domain/access/api-keys.ts';
import type { NewManagementKey } from '../../src/domain/access/management-keys.ts';
import { ADMIN_ROLE, READ_ONLY_ROLE } from '../../src/domain/access/roles.ts';
import type { NewUser, User } from '../../src/domain/access/users.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { apiKeyMethods, LIST_API_KEYS } from '../../src/storage/sql/api-keys.ts';
import type { Db } from '../../src/storage/sql/db.ts';
import { deviceMethods, deviceReadMethods } from '../../src/storage/sql/devices.ts';
import {
  FIND_MANAGEMENT_KEY,
  managementKeyMethods,
  managementKeyReadMethods,
} from '../../src/storage/sql/management-keys.ts';
import { type ApiKeyRow, toApiKey } from '../../src/storage/sql/rows.ts';
import { FIND_SESSION, sessionMethods, sessionReadMethods } from '../../src/storage/sql/sessions.ts';
import { userMethods, userReadMethods } from '../../src/storage/sql/users.ts';
import { refusalOf } from './world.ts';

const FAR = 253_402_300_799_999;
const ADMIN = { isAdmin: true, mustChangePassword: true };

function user(name: string, change: Partial<NewUser>): NewUser {
  const email = `${name}@example.com`;
  const rest = { isAdmin: false, state: 'active', mustChangePassword: false, passwordHash: 'hash' } as const;
  return { email, name, ...rest, ...change };
}

/** @param open returns the database once it exists; @param now the time of all writes */
export function accessCases(open: () => Db, now: () => number): void {
  const methods = () => {
    const writing = { db: open(), now };
    return {
      ...userMethods(writing),
      ...userReadMethods(writing.db),
      ...sessionMethods(writing),
      ...sessionReadMethods(writing.db),
      ...deviceMethods(writing),
      ...deviceReadMethods(writing.db),
      ...apiKeyMethods(writing),
      ...managementKeyMethods(writing),
      ...managementKeyReadMethods(writing.db),
    };
  };
  const newUser = async (name: string, change: Partial<NewUser> = {}): Promise<User> =>
    methods().createUser(COMMAND_LINE, user(name, change));
  const newSession = async (userId: number, expires = FAR) => {
    const hash = randomBytes(32);
    const rest = { kind: 'api', userAgent: 'curl', address: '192.0.2.1' } as const;
    return { hash, ...(await methods().createSession({ userId, hash, expires, ...rest })) };
  };
  const entities = async (part: string): Promise<string[]> => {
    const sql = 'select entity from audit_entries where entity like ? order by id';
    return (await open().all<{ entity: string }>(sql, `${part}%`)).map(({ entity }) => entity);
  };

  describe('users', () => {
    test('are created, found whatever the case of the e-mail, and told apart by it', async () => {
      const store = methods();
      const ada = await newUser('Ada', ADMIN);
      const { passwordHash: _, ...given } = user('Ada', ADMIN);
      const times = { created: now(), modified: now(), lastSignedIn: undefined, lastAccessed: undefined };
      expect(ada).toEqual({ id: ada.id, ...given, ...times });
      expect(await store.findUserByEmail('ADA@EXAMPLE.COM')).toEqual({
        user: ada,
        passwordHash: 'hash',
        unlockedUntil: undefined,
      });
      expect(await store.findUserByEmail('ada%@example.com')).toBeUndefined();
      await expect(newUser('ada')).rejects.toMatchObject({
        code: 'conflict',
        message: 'A user with the e-mail ada@example.com already exists',
      });
      expect((await store.listUsers()).filter(({ email }) => email.toLowerCase() === 'ada@example.com')).toEqual([ada]);
      expect(await entities(`/v1/users/${ada.id}`)).toEqual([`/v1/users/${ada.id}`]);
    });

    test('change as it is decided: every column is saved, and what goes with a user goes', async () => {
      const store = methods();
      const { id, email } = await newUser('grace');
      const [kept, ended] = [await newSession(id), await newSession(id)];
      const change = { name: "G'race é😀", isAdmin: true } as const;
      const [changed] = await store.changeUsers(COMMAND_LINE, { kind: 'change', userId: id, change });
      expect(changed).toMatchObject({ ...change, lastSignedIn: now() });
      const password = { passwordHash: 'new', mustChangePassword: true, keepSession: kept.session.id };
      await store.changeUsers(COMMAND_LINE, { kind: 'password', userId: id, change: password });
      const device = { hash: randomBytes(32), userId: id, expires: FAR };
      await store.changeUsers(COMMAND_LINE, { kind: 'unlock', device });
      expect(await store.findUserByEmail(email)).toEqual({
        user: { ...changed, mustChangePassword: true },
        passwordHash: 'new',
        unlockedUntil: FAR,
      });
      expect((await store.listSessions(id)).map((each) => each.id)).toEqual([kept.session.id]);
      expect(await open().get(FIND_SESSION, ended.hash)).toBeUndefined();
      const other = { hash: randomBytes(32), userId: id, expires: FAR - 1 };
      await store.saveDevice(other);
      await store.changeUsers(COMMAND_LINE, { kind: 'delete', userId: id });
      expect(await store.findUserByEmail(email)).toBeUndefined();
      expect(await store.listSessions(id)).toEqual([]);
      for (const { hash } of [device, other]) expect(await store.findDevice(hash)).toBeUndefined();
      const path = `/v1/users/${id}`;
      expect(await entities(path)).toEqual([path, path, `${path}/password`, `${path}/unlock`, path]);
    });

    test('of whom two demote each other at the same moment leave one admin', async () => {
      const store = methods();
      const [one, two] = [await newUser('one', { isAdmin: true }), await newUser('two', { isAdmin: true })];
      const role = { kind: 'role', role: ADMIN_ROLE, members: [one.id, two.id] } as const;
      await store.changeUsers(COMMAND_LINE, role);
      const change = { isAdmin: false };
      const outcomes = await Promise.allSettled(
        [one, two].map(async ({ id: userId }) => store.changeUsers(COMMAND_LINE, { kind: 'change', userId, change })),
      );
      expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'conflict' } }]);
      expect((await store.listUsers()).filter(({ isAdmin }) => isAdmin)).toHaveLength(1);
    });

    test('of whom two are made read-only at the same moment are not made admins again by each other', async () => {
      const store = methods();
      const admins = [await newUser('three', { isAdmin: true }), await newUser('four', { isAdmin: true })];
      const readers = (await store.listUsers()).filter(({ isAdmin }) => !isAdmin).map(({ id }) => id);
      const outcomes = await Promise.allSettled(
        admins.map(async ({ id }) => {
          const command = { kind: 'role', role: READ_ONLY_ROLE, members: [...readers, id] } as const;
          return store.changeUsers(COMMAND_LINE, command);
        }),
      );
      // The second change is based on an outdated list of Read-only users: it is refused, and undoes nothing.
      expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'invalid' } }]);
      const after = (await store.listUsers()).filter(({ id }) => admins.some((each) => each.id === id));
      expect(after.filter(({ isAdmin }) => isAdmin)).toHaveLength(1);
    });
  });

  describe('sessions', () => {
    test('begin for users who are let in, give way to newer ones, and note their use', async () => {
      const store = methods();
      const { id } = await newUser('sam', { state: 'invited' });
      const over = await newSession(id, now());
      const { session, user, hash } = await newSession(id);
      expect(user).toMatchObject({ state: 'active', lastSignedIn: now(), lastAccessed: now() });
      expect((await store.listUsers()).find((each) => each.id === id)).toEqual(user);
      expect(await store.listSessions(id)).toEqual([session]);
      expect(await open().get(FIND_SESSION, over.hash)).toBeUndefined();
      expect(await open().get(FIND_SESSION, hash)).toMatchObject({ id: session.id, hash });
      await store.touchSession(session.id, now() + 500);
      await store.touchSession(session.id, now() + 400);
      expect(await store.listSessions(id)).toEqual([{ ...session, lastSeen: now() + 500 }]);
      expect((await store.listUsers()).find((each) => each.id === id)?.lastAccessed).toBe(now() + 500);
      expect(await refusalOf(newSession(999_999))).toBe('unauthorized');
    });

    test('end once, those of somebody else not at all', async () => {
      const store = methods();
      const { id } = await newUser('tom');
      const [first, second] = [await newSession(id), await newSession(id)];
      expect(await refusalOf(store.revokeSession(COMMAND_LINE, first.session.id, id + 1))).toBe('not_found');
      await store.revokeSession(COMMAND_LINE, first.session.id, id);
      expect(await refusalOf(store.revokeSession(COMMAND_LINE, first.session.id, undefined))).toBe('not_found');
      await store.deleteSession(second.session.id);
      await store.deleteSession(second.session.id);
      expect(await store.listSessions(id)).toEqual([]);
      expect(await entities('/v1/sessions/')).toEqual([`/v1/sessions/${first.session.id}`]);
    });
  });

  test('browsers are kept, moved on, and forgotten, those of nobody never kept', async () => {
    const store = methods();
    const { id } = await newUser('uma');
    const device = { hash: randomBytes(32), userId: id, expires: now() + 5 };
    await store.saveDevice(device);
    await store.saveDevice({ ...device, expires: now() + 9 });
    expect(await store.findDevice(device.hash)).toEqual({ userId: id, expires: now() + 9 });
    for (let count = 0; count < 20; count += 1) {
      await store.saveDevice({ hash: randomBytes(32), userId: id, expires: now() + 100 + count });
    }
    expect(await store.findDevice(device.hash)).toBeUndefined();
    await store.saveDevice({ ...device, userId: 999_999 });
    expect(await store.findDevice(device.hash)).toBeUndefined();
    await store.saveDevice(device);
    await store.deleteDevice(device.hash);
    expect(await store.findDevice(device.hash)).toBeUndefined();
  });

  test('API keys are created, used and deleted once; a hash is taken once', async () => {
    const store = methods();
    const input: NewApiKey = {
      applicationId: 77,
      title: 'Key',
      platform: 'none',
      type: 'staging',
      readOnly: true,
      rateLimit: 7,
      timeOffset: 9_007_199_254_740_991,
      lenientRows: true,
      rowReports: false,
      skipUndefinedAttributes: true,
      prefix: 'rck_',
      suffix: 'abcd',
      expires: FAR,
      createdBy: 3,
      hash: randomBytes(32),
    };
    const list = async () => (await open().all<ApiKeyRow>(LIST_API_KEYS)).map(toApiKey);
    const { hash, ...rest } = input;
    const created = await store.createApiKey({ userId: 3 }, input);
    expect(created).toEqual({ id: created.id, ...rest, created: now(), lastUsedAt: undefined, deletedAt: undefined });
    expect(await refusalOf(store.createApiKey(COMMAND_LINE, { ...input, type: '' }))).toBe('conflict');
    expect(await refusalOf(store.createApiKey(COMMAND_LINE, { ...input, hash: randomBytes(32) }))).toBe('conflict');
    const other = await store.createApiKey(COMMAND_LINE, { ...input, type: '', hash: randomBytes(32) });
    await store.recordKeyUse(new Map([[created.id, 50]]));
    await store.recordKeyUse(
      new Map([
        [created.id, 40],
        [other.id, 60],
        [999_999, 1],
      ]),
    );
    expect((await list()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([60, 50]);
    expect(await refusalOf(store.deleteApiKey(COMMAND_LINE, created.id, 78))).toBe('not_found');
    expect(await refusalOf(store.changeApiKey(COMMAND_LINE, created.id, { rowReports: true }, 78))).toBe('not_found');
    const changed = { ...created, lastUsedAt: 50, rowReports: true };
    expect(await store.changeApiKey({ userId: 4 }, created.id, { rowReports: true }, 77)).toEqual(changed);
    expect(await store.changeApiKey({ userId: 4 }, created.id, {})).toEqual(changed);
    const deleted = { ...changed, deletedAt: now() };
    expect(await store.deleteApiKey({ userId: 4 }, created.id, 77)).toEqual(deleted);
    expect(await refusalOf(store.deleteApiKey(COMMAND_LINE, created.id))).toBe('not_found');
    expect(await list()).toEqual([{ ...other, lastUsedAt: 60 }]);
    expect(await open().get('select deleted_by, hash from api_keys where id = ?', created.id)).toEqual({
      deleted_by: 4,
      hash,
    });
    const path = `/v1/applications/77/apikeys/${created.id}`;
    expect((await entities(path)).filter((each) => each === path)).toHaveLength(3);
  });

  test('management keys are created, switched, used and deleted once', async () => {
    const store = methods();
    const input: NewManagementKey = {
      name: "It's ?",
      endpoints: [{ method: 'GET', path: '/v1/audiences/{audienceId}' }],
      applicationIds: [2, 1],
      prefix: 'rcm_',
      suffix: 'abcd',
      expires: FAR,
      createdBy: 3,
      hash: randomBytes(32),
    };
    const { hash, ...rest } = input;
    const created = await store.createManagementKey(COMMAND_LINE, input);
    const fresh = { disabled: false, lastUsedAt: undefined, deletedAt: undefined };
    expect(created).toEqual({ id: created.id, ...rest, created: now(), ...fresh });
    expect(await refusalOf(store.createManagementKey(COMMAND_LINE, input))).toBe('conflict');
    const off = { kind: 'switch', id: created.id, disabled: true } as const;
    await store.changeManagementKey(COMMAND_LINE, off);
    await store.changeManagementKey(COMMAND_LINE, off);
    await store.touchManagementKey(created.id, 7);
    await store.touchManagementKey(created.id, 3);
    expect(await store.listManagementKeys()).toEqual([{ ...created, disabled: true, lastUsedAt: 7 }]);
    expect(await open().get(FIND_MANAGEMENT_KEY, hash)).toMatchObject({ id: created.id, disabled: 1 });
    await store.changeManagementKey(COMMAND_LINE, { kind: 'delete', id: created.id });
    expect(await refusalOf(store.changeManagementKey(COMMAND_LINE, off))).toBe('not_found');
    expect(await store.listManagementKeys()).toEqual([]);
    expect(await open().get(FIND_MANAGEMENT_KEY, hash)).toBeUndefined();
    expect(await entities('/v1/management_keys/')).toHaveLength(3);
  });
}
