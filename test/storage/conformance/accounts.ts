/**
 * Users, sessions, management keys, changes of Applications, and the audit log: stored as requested, each change with
 * its entry.
 */

import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Device } from '../../../src/domain/access/devices.ts';
import type { NewManagementKey } from '../../../src/domain/access/management-keys.ts';
import type { PasswordChange } from '../../../src/domain/access/passwords.ts';
import { ADMIN_ROLE } from '../../../src/domain/access/roles.ts';
import type { User, UserChange } from '../../../src/domain/access/users.ts';
import { type Actor, COMMAND_LINE } from '../../../src/domain/actor.ts';
import type { DeclareCase } from '../conformance.ts';
import { refusalOf, type World } from '../world.ts';

const PAGE = { limit: 1000, skip: 0, descending: false };

async function newUser({ storage }: World, name: string, isAdmin = true, passwordHash = 'hash'): Promise<User> {
  const state = passwordHash === '' ? 'invited' : 'active';
  const rest = { email: `${name}@example.com`, name, isAdmin, state, mustChangePassword: false, passwordHash } as const;
  return storage.accounts.createUser(COMMAND_LINE, rest);
}

async function newSession({ storage }: World, userId: number, expires = Date.now() + 60_000) {
  const hash = randomBytes(32);
  const session = { userId, kind: 'api', hash, expires, userAgent: 'curl', address: '192.0.2.1' } as const;
  return { hash, ...(await storage.accounts.createSession(session)) };
}

function newKey(createdBy: number, change: Partial<NewManagementKey> = {}): NewManagementKey {
  return {
    name: 'Key',
    endpoints: [{ method: 'GET', path: '/v1/audiences/{audienceId}' }],
    applicationIds: [2],
    prefix: 'rcm_',
    suffix: 'abcd',
    expires: 253_402_300_799_999,
    createdBy,
    hash: randomBytes(32),
    ...change,
  };
}

async function changeUser({ storage }: World, userId: number, change: UserChange): Promise<User | undefined> {
  return (await storage.accounts.changeUsers(COMMAND_LINE, { kind: 'change', userId, change }))[0];
}

async function removeUser({ storage }: World, userId: number): Promise<User | undefined> {
  return (await storage.accounts.changeUsers(COMMAND_LINE, { kind: 'delete', userId }))[0];
}

async function setAdmins({ storage }: World, members: readonly number[]): Promise<void> {
  await storage.accounts.changeUsers(COMMAND_LINE, { kind: 'role', role: ADMIN_ROLE, members });
}

async function setPassword({ storage }: World, userId: number, change: PasswordChange): Promise<void> {
  await storage.accounts.changeUsers(COMMAND_LINE, { kind: 'password', userId, change });
}

async function unlock({ storage }: World, actor: Actor, device: Device): Promise<User | undefined> {
  return (await storage.accounts.changeUsers(actor, { kind: 'unlock', device }))[0];
}

const entities = async ({ storage }: World): Promise<string[]> =>
  (await storage.accounts.listAuditEntries({}, PAGE)).entries.map(({ entity }) => entity);

export function accountCases(test: DeclareCase): void {
  test('an Application changes as requested, at once; a change without effect leaves no trace', async (world) => {
    const { storage, live } = world;
    const change = { name: 'Renamed', payloadLogging: 'off', staging: true } as const;
    const changed = await storage.updateApplication(COMMAND_LINE, live.id, change);
    expect(changed).toEqual({ ...live, ...change, modified: changed?.modified });
    expect((await storage.catalog()).applications.get(live.id)).toEqual(changed);
    const before = await entities(world);
    expect(await storage.updateApplication(COMMAND_LINE, live.id, change)).toEqual(changed);
    expect(await refusalOf(storage.updateApplication(COMMAND_LINE, live.id, { staging: false }))).toBe('invalid');
    expect(await refusalOf(storage.updateApplication(COMMAND_LINE, live.id, { name: 'sandbox' }))).toBe('conflict');
    expect(await storage.updateApplication(COMMAND_LINE, 999, { name: 'x' })).toBeUndefined();
    expect((await storage.catalog()).applications.get(live.id)).toEqual(changed);
    expect(await entities(world)).toEqual(before);
  });

  test('the last active admin stays, the others go with their sessions', async (world) => {
    const { accounts } = world.storage;
    expect(await accounts.hasUsers()).toBe(false);
    const [ada, grace] = [await newUser(world, 'ada'), await newUser(world, 'grace')];
    expect(await accounts.hasUsers()).toBe(true);
    await newUser(world, 'invited', true, '');
    const { hash } = await newSession(world, grace.id);
    expect((await world.storage.findSession(hash))?.user.id).toBe(grace.id);
    expect(await changeUser(world, grace.id, { state: 'deactivated' })).toMatchObject({
      state: 'deactivated',
    });
    expect(await world.storage.findSession(hash)).toBeUndefined();
    expect(await refusalOf(newSession(world, grace.id))).toBe('unauthorized');
    for (const attempt of [
      changeUser(world, ada.id, { isAdmin: false }),
      changeUser(world, ada.id, { state: 'deactivated' }),
      removeUser(world, ada.id),
      setAdmins(world, [grace.id]),
    ]) {
      expect(await refusalOf(attempt)).toBe('conflict');
    }
    expect((await accounts.listUsers())[0]).toMatchObject({ isAdmin: true, state: 'active' });
    await changeUser(world, grace.id, { state: 'active' });
    await setAdmins(world, [grace.id]);
    expect((await accounts.listUsers()).map(({ isAdmin }) => isAdmin)).toEqual([false, true, false]);
    expect((await removeUser(world, ada.id))?.email).toBe('ada@example.com');
    expect(await refusalOf(removeUser(world, ada.id))).toBe('not_found');
    expect((await newUser(world, 'next')).id).toBeGreaterThan(3);
  });

  test('a user without a password stays invited until there is one and it is used', async (world) => {
    await newUser(world, 'ada');
    const { id } = await newUser(world, 'invited', false, '');
    await changeUser(world, id, { state: 'deactivated' });
    expect((await changeUser(world, id, { state: 'active' }))?.state).toBe('invited');
    await setPassword(world, id, { passwordHash: 'new', mustChangePassword: true });
    const { user } = await newSession(world, id);
    expect(user).toMatchObject({ state: 'active', mustChangePassword: true });
    expect(user.lastSignedIn).toBe(user.lastAccessed);
  });

  test('a password replaces the one that was checked, and ends all sessions but one', async (world) => {
    const { accounts } = world.storage;
    const { id, email } = await newUser(world, 'ada');
    const [kept, ended] = [await newSession(world, id), await newSession(world, id)];
    const change = { passwordHash: 'new', mustChangePassword: false, keepSession: kept.session.id };
    expect(await refusalOf(setPassword(world, id, { ...change, expected: 'other' }))).toBe('conflict');
    expect(await world.storage.findSession(ended.hash)).toBeDefined();
    await setPassword(world, id, { ...change, expected: 'hash' });
    expect((await accounts.findUserByEmail(email.toUpperCase()))?.passwordHash).toBe('new');
    expect(await world.storage.findSession(kept.hash)).toBeDefined();
    expect(await world.storage.findSession(ended.hash)).toBeUndefined();
    expect(await refusalOf(setPassword(world, 999, change))).toBe('not_found');
    const log = JSON.stringify((await accounts.listAuditEntries({}, PAGE)).entries);
    expect(log).toContain(`/v1/users/${id}/password`);
    expect(log).not.toMatch(/hash/i);
  });

  test('sessions are listed newest first, bounded in number, and end one by one', async (world) => {
    const { accounts } = world.storage;
    const [ada, grace] = [await newUser(world, 'ada'), await newUser(world, 'grace')];
    const over = await newSession(world, ada.id, 1);
    const second = await newSession(world, ada.id);
    for (let count = 0; count < 99; count += 1) await newSession(world, ada.id);
    const newest = await newSession(world, ada.id);
    const other = await newSession(world, grace.id);
    const listed = await accounts.listSessions(ada.id);
    expect(listed.length).toBe(100);
    expect(await world.storage.findSession(second.hash)).toBeUndefined();
    expect(listed.some(({ id }) => id === newest.session.id)).toBe(true);
    expect(listed.map(({ id }) => id)).toEqual(listed.map(({ id }) => id).sort((a, b) => b - a));
    expect(await world.storage.findSession(over.hash)).toBeUndefined();
    const revoke = async (userId: number | undefined) => accounts.revokeSession(COMMAND_LINE, other.session.id, userId);
    expect(await refusalOf(revoke(ada.id))).toBe('not_found');
    expect(await world.storage.findSession(other.hash)).toBeDefined();
    await revoke(grace.id);
    expect(await refusalOf(revoke(undefined))).toBe('not_found');
    expect((await entities(world)).filter((each) => each.startsWith('/v1/sessions'))).toEqual([
      `/v1/sessions/${other.session.id}`,
    ]);
    expect(await world.storage.findSession(other.hash)).toBeUndefined();
    const [first] = listed;
    await accounts.touchSession(first?.id ?? 0, 253_402_300_799_999);
    await accounts.touchSession(first?.id ?? 0, 5);
    expect((await accounts.listSessions(ada.id))[0]?.lastSeen).toBe(253_402_300_799_999);
    expect((await accounts.listUsers())[0]?.lastAccessed).toBe(253_402_300_799_999);
  });

  test('known browsers are found by their hash, moved on, bounded in number, and end with their user', async (world) => {
    const { accounts } = world.storage;
    const [ada, grace] = [await newUser(world, 'ada'), await newUser(world, 'grace')];
    const later = Date.now() + 60_000;
    const device = (userId: number, expires: number) => ({ hash: randomBytes(32), userId, expires });
    const [first, hers] = [device(ada.id, later), device(grace.id, later)];
    for (const each of [first, hers]) await accounts.saveDevice(each);
    expect(await accounts.findDevice(first.hash)).toEqual({ userId: ada.id, expires: later });
    await accounts.saveDevice({ ...first, expires: later + 99 });
    expect(await accounts.findDevice(first.hash)).toEqual({ userId: ada.id, expires: later + 99 });
    for (let count = 0; count < 20; count += 1) await accounts.saveDevice(device(ada.id, later + count));
    const soonest = device(ada.id, later - 1);
    await accounts.saveDevice(soonest);
    expect(await accounts.findDevice(soonest.hash)).toBeDefined();
    expect(await accounts.findDevice(first.hash)).toBeDefined();
    await accounts.saveDevice(device(ada.id, later + 100));
    expect(await accounts.findDevice(soonest.hash)).toBeUndefined();
    expect(await accounts.findDevice(hers.hash)).toBeDefined();
    await accounts.deleteDevice(first.hash);
    expect(await accounts.findDevice(first.hash)).toBeUndefined();
    expect((await accounts.findUserByEmail(grace.email))?.unlockedUntil).toBeUndefined();
    const link = device(grace.id, later);
    expect(await unlock(world, { userId: ada.id }, link)).toEqual(grace);
    expect((await accounts.findUserByEmail(grace.email))?.unlockedUntil).toBe(later);
    expect(await accounts.findDevice(link.hash)).toEqual({ userId: grace.id, expires: later });
    expect((await entities(world)).at(-1)).toBe(`/v1/users/${grace.id}/unlock`);
    await removeUser(world, grace.id);
    for (const each of [hers, link]) expect(await accounts.findDevice(each.hash)).toBeUndefined();
    const nobody = device(999, later);
    expect(await refusalOf(unlock(world, COMMAND_LINE, nobody))).toBe('not_found');
    await accounts.saveDevice(nobody);
    expect(await accounts.findDevice(nobody.hash)).toBeUndefined();
  });

  test('a management key is found by its hash alone, with its creator, until it is deleted', async (world) => {
    const { accounts } = world.storage;
    const [ada, grace] = [await newUser(world, 'ada'), await newUser(world, 'grace')];
    const input = newKey(grace.id);
    const created = await accounts.createManagementKey({ userId: grace.id }, input);
    const { hash, ...rest } = input;
    expect(created).toEqual({
      id: created.id,
      ...rest,
      created: created.created,
      disabled: false,
      lastUsedAt: undefined,
    });
    expect(await world.storage.findManagementKey(hash)).toEqual({ key: created, creator: grace });
    for (const near of [randomBytes(32), hash.subarray(0, 31), Buffer.alloc(0)]) {
      expect(await world.storage.findManagementKey(near)).toBeUndefined();
    }
    const command = { kind: 'switch', id: created.id, disabled: true } as const;
    expect(await accounts.changeManagementKey(COMMAND_LINE, command)).toEqual({ ...created, disabled: true });
    expect(await accounts.changeManagementKey(COMMAND_LINE, command)).toEqual({ ...created, disabled: true });
    await accounts.touchManagementKey(created.id, 7);
    await accounts.touchManagementKey(created.id, 3);
    expect(await accounts.listManagementKeys()).toEqual([{ ...created, disabled: true, lastUsedAt: 7 }]);
    await removeUser(world, grace.id);
    expect(await world.storage.findManagementKey(hash)).toMatchObject({ key: { id: created.id }, creator: undefined });
    const deletion = { kind: 'delete', id: created.id } as const;
    expect((await accounts.changeManagementKey(COMMAND_LINE, deletion)).deletedAt).toBeGreaterThanOrEqual(
      created.created,
    );
    expect(await refusalOf(accounts.changeManagementKey(COMMAND_LINE, deletion))).toBe('not_found');
    expect(await refusalOf(accounts.changeManagementKey(COMMAND_LINE, command))).toBe('not_found');
    expect(await world.storage.findManagementKey(hash)).toBeUndefined();
    expect(await accounts.listManagementKeys()).toEqual([]);
    expect(await accounts.createManagementKey(COMMAND_LINE, newKey(ada.id))).toMatchObject({ id: created.id + 1 });
    expect(await refusalOf(accounts.createManagementKey(COMMAND_LINE, { ...newKey(ada.id), hash }))).toBe('conflict');
  });

  test('the audit log tells who did what, filtered and in pages', async (world) => {
    const { accounts } = world.storage;
    const ada = await newUser(world, 'ada');
    const actor = { userId: ada.id, managementKeyId: 5 };
    await world.storage.updateApplication(actor, world.live.id, { description: 'a' });
    await world.storage.updateApplication({ userId: ada.id }, world.live.id, { description: 'b' });
    const { entries: all } = await accounts.listAuditEntries({}, PAGE);
    expect(all.slice(-2)).toMatchObject([
      { userId: ada.id, managementKeyId: 5, old: { description: '' }, new: { description: 'a' } },
      { userId: ada.id, managementKeyId: undefined, old: { description: 'a' }, new: { description: 'b' } },
    ]);
    expect(all[0]).toMatchObject({ userId: undefined, old: undefined, applicationId: world.live.id });
    const numbers = async (filter: object, page: object = {}) =>
      (await accounts.listAuditEntries(filter, { ...PAGE, ...page })).entries.map(({ id }) => id);
    const ids = all.map(({ id }) => id);
    expect(await numbers({}, { descending: true })).toEqual([...ids].reverse());
    expect(await numbers({}, { limit: 2, skip: 1 })).toEqual(ids.slice(1, 3));
    expect(await numbers({}, { after: ids[1] })).toEqual(ids.slice(2));
    expect(await numbers({}, { after: ids[2], descending: true })).toEqual(ids.slice(0, 2).reverse());
    expect(await numbers({ userId: ada.id })).toEqual(ids.slice(-2));
    expect(await numbers({ userId: 0 })).toEqual(ids.slice(0, -2));
    expect(await numbers({ managementKeyId: 5 })).toEqual(ids.slice(-2, -1));
    expect(await numbers({ applicationId: world.live.id, entityPath: '/V1/APPLICATIONS' })).toHaveLength(3);
    expect(await numbers({ visibleApplicationIds: [world.sandbox.id] })).toHaveLength(1);
    expect(await numbers({ visibleApplicationIds: [] })).toEqual([]);
    expect(await numbers({ createdBefore: all[0]?.created })).toEqual([]);
    expect(await numbers({ createdAfter: (all[0]?.created ?? 0) - 1 })).toEqual(ids);
    expect(await accounts.listAuditEntries({ userId: ada.id }, { ...PAGE, limit: 1 })).toMatchObject({
      total: undefined,
    });
    const counted = await accounts.listAuditEntries({ userId: ada.id }, { ...PAGE, limit: 1, countAll: true });
    expect({ entries: counted.entries.length, total: counted.total }).toEqual({ entries: 1, total: 2 });
  });
}
