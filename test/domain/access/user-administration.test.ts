/** Creating, changing and finding users, and replacing passwords. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  changePassword,
  checkOwnPassword,
  provePassword,
  resetPassword,
} from '../../../src/domain/access/password-changes.ts';
import { ADMIN_ROLE } from '../../../src/domain/access/roles.ts';
import {
  findSession,
  listLiveSessions,
  revokeSession,
  signIn,
  signOut,
} from '../../../src/domain/access/signing-in.ts';
import {
  createUserWithPassword,
  deleteUser,
  inviteUser,
  setRoleMembers,
  updateUser,
} from '../../../src/domain/access/user-administration.ts';
import { findUser, findUserByEmail, hasUsers, listUsers, userEmails } from '../../../src/domain/access/user-lookups.ts';
import type { User } from '../../../src/domain/access/users.ts';
import type { Core } from '../../../src/domain/core.ts';
import { openCore } from '../open-core.ts';

let now = Date.UTC(2026, 10, 23, 12);
let core: Core;
let admin: User;
let bob: User;
beforeAll(async () => {
  core = await openCore(undefined, () => now);
  expect(await hasUsers(core)).toBe(false);
  admin = (await createUserWithPassword(core, { email: 'admin@example.com', isAdmin: true }, 'a good password')).user;
  bob = (await createUserWithPassword(core, { email: ' Bob@example.com ', name: ' Bob B. ' }, 'bobs old password'))
    .user;
});
afterAll(async () => core.storage.close());

const session = { kind: 'api', userAgent: 'u'.repeat(301), address: '192.0.2.1' } as const;
const signedIn = async (email: string, password: string) => signIn(core, { ...session, email, password });

describe('users', () => {
  it('are created with what is given, or with defaults', async () => {
    expect(await hasUsers(core)).toBe(true);
    expect(admin).toMatchObject({ name: 'admin', isAdmin: true, state: 'active', mustChangePassword: false });
    expect(bob).toMatchObject({ email: 'Bob@example.com', name: 'Bob B.', isAdmin: false });
    const { user, password } = await createUserWithPassword(core, { email: 'new@example.com' });
    expect(user).toMatchObject({ name: 'new', isAdmin: false, state: 'active', mustChangePassword: true });
    expect((await signedIn('new@example.com', password)).user.id).toBe(user.id);
    await deleteUser(core, user.id);
  });

  it('who are invited cannot sign in before they have a password', async () => {
    const invited = await inviteUser(core, { email: 'invited@example.com', name: 'Invited' });
    expect(invited).toMatchObject({ name: 'Invited', state: 'invited', mustChangePassword: true, isAdmin: false });
    await expect(signedIn('invited@example.com', '')).rejects.toMatchObject({ code: 'unauthorized' });
    const password = await resetPassword(core, invited.id);
    expect((await signedIn(' invited@example.com ', password)).user).toMatchObject({
      state: 'active',
      mustChangePassword: true,
    });
    await deleteUser(core, invited.id);
  });

  it('are found by number and e-mail, and seen by admins and themselves', async () => {
    expect((await findUser(core, bob.id)).email).toBe('Bob@example.com');
    expect((await findUserByEmail(core, ' bob@EXAMPLE.com ')).id).toBe(bob.id);
    await expect(findUser(core, 999)).rejects.toMatchObject({ code: 'not_found' });
    await expect(findUserByEmail(core, ' x@example.com ')).rejects.toThrow("'x@example.com'");
    expect((await listUsers(core, admin)).map(({ id }) => id)).toEqual([admin.id, bob.id]);
    expect((await listUsers(core, bob)).map(({ id }) => id)).toEqual([bob.id]);
    expect([...(await userEmails(core))]).toEqual([
      [admin.id, 'admin@example.com'],
      [bob.id, 'Bob@example.com'],
    ]);
  });

  it('change their name, and nothing that is not named', async () => {
    expect(await updateUser(core, bob.id, { name: ' Robert ' })).toMatchObject({ name: 'Robert', state: 'active' });
    expect(await updateUser(core, bob.id, { isAdmin: true })).toMatchObject({ name: 'Robert', isAdmin: true });
    await setRoleMembers(core, ADMIN_ROLE, [admin.id]);
    expect(await findUser(core, bob.id)).toMatchObject({ name: 'Robert', isAdmin: false });
    await expect(updateUser(core, bob.id, { name: 'n'.repeat(256) })).rejects.toMatchObject({ code: 'invalid' });
    await expect(updateUser(core, 999, { name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a password', () => {
  it('is replaced by its owner only, who knows it, with another one', async () => {
    expect(() => checkOwnPassword(bob, bob.id)).not.toThrow();
    expect(() => checkOwnPassword(admin, bob.id)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    await expect(provePassword(core, bob, 'a guess at it')).rejects.toMatchObject({
      code: 'invalid',
      problems: [{ source: { pointer: '/currentPassword' } }],
    });
    await expect(provePassword(core, { ...bob, email: 'x@example.com' }, 'x')).rejects.toMatchObject({
      code: 'invalid',
    });
    const proof = await provePassword(core, bob, 'bobs old password');
    expect(proof).toMatchObject({ user: { id: bob.id }, password: 'bobs old password' });
    for (const [wrong, message] of [
      ['bobs old password', 'must differ'],
      ['short', 'newPassword'],
    ] as const) {
      await expect(changePassword(core, proof, wrong)).rejects.toMatchObject({
        message: expect.stringContaining(message) as string,
        problems: [{ source: { pointer: '/newPassword' } }],
      });
    }
    const [kept, ended] = [
      await signedIn(bob.email, 'bobs old password'),
      await signedIn(bob.email, 'bobs old password'),
    ];
    const others = await signedIn(admin.email, 'a good password');
    await changePassword(core, proof, 'bobs new password', kept.session.id);
    expect(await findSession(core, others.token, 'api')).toBeDefined();
    expect(await findSession(core, kept.token, 'api')).toBeDefined();
    expect(await findSession(core, ended.token, 'api')).toBeUndefined();
    await expect(changePassword(core, proof, 'another password')).rejects.toMatchObject({ code: 'conflict' });
    await changePassword(core, await provePassword(core, bob, 'bobs new password'), 'bobs third password');
    expect(await findSession(core, kept.token, 'api')).toBeUndefined();
  });

  it('is reset by an admin, to a given one or to one that must be changed', async () => {
    expect(await resetPassword(core, bob.id, 'a given password')).toBe('a given password');
    expect(await findUser(core, bob.id)).toMatchObject({ mustChangePassword: false });
    const generated = await resetPassword(core, bob.id);
    expect(await findUser(core, bob.id)).toMatchObject({ mustChangePassword: true });
    expect((await signedIn(bob.email, generated)).user.id).toBe(bob.id);
    await expect(resetPassword(core, bob.id, 'short')).rejects.toMatchObject({ code: 'invalid' });
    await expect(resetPassword(core, 999, 'a given password')).rejects.toMatchObject({ code: 'not_found' });
    await resetPassword(core, bob.id, 'a given password');
  });
});

describe('a session', () => {
  it('keeps the beginning of the browser’s name, and notes a use once a minute', async () => {
    const { token, session: made } = await signedIn(bob.email, 'a given password');
    expect(token).toMatch(/^rcs_[\w-]{43}$/);
    expect(made).toMatchObject({ userAgent: 'u'.repeat(300), address: '192.0.2.1', kind: 'api' });
    const seen = async () => (await findSession(core, token, 'api'))?.session.lastSeen;
    const start = now;
    now += 60_000;
    await seen();
    expect(await seen()).toBe(start);
    now += 1;
    await seen();
    expect(await seen()).toBe(now);
    expect(await findSession(core, token, 'console')).toBeUndefined();
    expect(await findSession(core, `${token}x`, 'api')).toBeUndefined();
    await signOut(core, made);
    expect(await findSession(core, token, 'api')).toBeUndefined();
  });

  it('is listed for its user and admins, and ended by them', async () => {
    await resetPassword(core, bob.id, 'a given password');
    const { session: bobs, token } = await signedIn(bob.email, 'a given password');
    const { session: admins } = await signedIn(admin.email, 'a good password');
    expect((await listLiveSessions(core, bob.id, bob)).map(({ id }) => id)).toEqual([bobs.id]);
    expect((await listLiveSessions(core, bob.id, admin)).map(({ id }) => id)).toEqual([bobs.id]);
    await expect(listLiveSessions(core, admin.id, bob)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(revokeSession(core, admins.id, bob)).rejects.toMatchObject({ code: 'not_found' });
    await revokeSession(core, bobs.id, admin);
    expect(await findSession(core, token, 'api')).toBeUndefined();
    const { session: own } = await signedIn(bob.email, 'a given password');
    await revokeSession(core, own.id, bob);
    now += 400 * 24 * 60 * 60 * 1000;
    expect(await listLiveSessions(core, admin.id, admin)).toEqual([]);
  });
});
