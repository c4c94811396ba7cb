/** Users, roles, passwords and sessions: who may do what to whom, and who cannot be locked out. */

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { runCli } from '../server-process.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import type { HttpAnswer } from './client.ts';
import { any, expectStatus } from './scenario.ts';

interface Page<Item> {
  readonly totalResultSize: number;
  readonly data: readonly Item[];
}
interface User {
  readonly id: number;
  readonly email: string;
  readonly password: string;
}
interface Session {
  readonly id: number;
  readonly userId: number;
  readonly current: boolean;
}

let office: BackOffice;
/** The Authorization header of a read-only user, and the user. */
let reader: { as: string; user: User };
beforeAll(async () => {
  office = await startBackOffice();
  reader = await newUser();
});
afterAll(async () => office.server.stop());

const email = (): string => `${randomUUID()}@example.com`;
const message = (answer: HttpAnswer): string => (answer.json() as { message: string }).message;

/** A user who has signed in and changed the password. */
async function newUser(isAdmin = false): Promise<{ as: string; user: User }> {
  const user = await office.ask<User>(201, 'POST', '/v1/users', { body: { email: email(), isAdmin } });
  const as = await office.signIn(user.email, user.password);
  const password = 'a better one 1';
  const body = { currentPassword: user.password, newPassword: password };
  await office.ask(204, 'POST', `/v1/users/${user.id}/password`, { as, body });
  return { as, user: { ...user, password } };
}

const signInStatus = async (body: object): Promise<number> =>
  (await office.call('POST', '/v1/sessions', { as: null, body })).status;

describe('users', () => {
  test('are created with a password that must be changed first', async () => {
    const address = email();
    const created = await office.ask<User>(201, 'POST', '/v1/users', { body: { email: address, name: ' Grace ' } });
    const { password, ...record } = created;
    expect(record).toEqual({
      id: any.id,
      created: any.time,
      modified: any.time,
      email: address,
      accountId: 1,
      inviteToken: '',
      state: 'active',
      name: 'Grace',
      policy: {},
      isAdmin: false,
      roles: [2],
      authMethod: 'basic_auth',
      mustChangePassword: true,
    });
    expect(password).toMatch(/^[\w-]{20}$/);
    expect((await office.call('GET', `/v1/users/${created.id}`)).text).not.toContain(password);
    const as = await office.signIn(address, password);
    expectStatus(await office.call('GET', '/v1/users', { as }), 403);
    const path = `/v1/users/${created.id}/password`;
    const refused = [
      { currentPassword: 'wrong', newPassword: 'a better one 1' },
      { currentPassword: password, newPassword: 'short' },
      { currentPassword: password, newPassword: password },
      { currentPassword: password },
    ];
    for (const body of refused) await office.ask(400, 'POST', path, { as, body });
    expectStatus(await office.call('GET', '/v1/users', { as }), 403);
    await office.ask(204, 'POST', path, { as, body: { currentPassword: password, newPassword: 'a better one 1' } });
    expectStatus(await office.call('GET', '/v1/users', { as }), 200);
    expect(await signInStatus({ email: address, password })).toBe(401);
    expect(await signInStatus({ email: address.toUpperCase(), password: 'a better one 1' })).toBe(201);
    expect(await office.ask(200, 'GET', `/v1/users/${created.id}`)).toMatchObject({
      mustChangePassword: false,
      lastSignedIn: any.time,
      lastAccessed: any.time,
    });
  });

  test('are refused when an e-mail is none or taken', async () => {
    const before = await office.ask(200, 'GET', '/v1/users');
    for (const wrong of ['ada', 'a b@example.com', '@example.com']) {
      await office.ask(400, 'POST', '/v1/users', { body: { email: wrong } });
      await office.ask(400, 'POST', '/v1/users/invite', { body: { email: wrong } });
    }
    await office.ask(400, 'POST', '/v1/users', { body: { email: email(), name: ' ' } });
    await office.ask(409, 'POST', '/v1/users', { body: { email: 'ADMIN@example.com' } });
    await office.ask(409, 'POST', '/v1/users/invite', { body: { email: 'ADMIN@example.com' } });
    expect(await office.ask(200, 'GET', '/v1/users')).toEqual(before);
  });

  test('are listed in pages; whoever is no admin sees the own record only', async () => {
    const all = await office.ask<Page<User>>(200, 'GET', '/v1/users?sort=-id');
    expect(all.totalResultSize).toBeGreaterThan(1);
    const page = await office.ask<Page<User>>(200, 'GET', '/v1/users?sort=-id&pageSize=1&skip=1');
    expect(page).toEqual({ totalResultSize: all.totalResultSize, data: [all.data[1]] });
    const { as, user } = reader;
    expect(await office.ask(200, 'GET', '/v1/users', { as })).toMatchObject({
      totalResultSize: 1,
      data: [{ id: user.id }],
    });
    await office.ask(200, 'GET', `/v1/users/${user.id}`, { as });
    await office.ask(403, 'GET', '/v1/users/1', { as });
    await office.ask(403, 'GET', '/v1/users/999', { as });
    await office.ask(404, 'GET', '/v1/users/999');
    await office.ask(400, 'GET', '/v1/users/ada');
    await office.ask(400, 'GET', '/v1/users?sort=passwordHash');
  });

  test('rename themselves; role and state are for admins', async () => {
    const { as, user } = await newUser();
    const path = `/v1/users/${user.id}`;
    expect(await office.ask(200, 'PUT', path, { as, body: { name: 'Myself' } })).toMatchObject({ name: 'Myself' });
    for (const body of [{ isAdmin: true }, { roles: [1] }, { state: 'deactivated' }]) {
      await office.ask(403, 'PUT', path, { as, body });
    }
    await office.ask(403, 'PUT', '/v1/users/1', { as, body: { name: 'Not me' } });
    const wrong = [
      { state: 'invited' },
      { roles: [] },
      { roles: [1, 2] },
      { roles: [3] },
      { isAdmin: true, roles: [2] },
    ];
    for (const body of [...wrong, { policy: '{"Role":3}' }, { name: '' }]) await office.ask(400, 'PUT', path, { body });
    expect(await office.ask(200, 'PUT', path, { body: { roles: [1], policy: '{}' } })).toMatchObject({
      isAdmin: true,
      roles: [1],
    });
    await office.ask(200, 'GET', '/v1/users/1', { as });
    await office.ask(200, 'PUT', path, { body: { isAdmin: false } });
    await office.ask(403, 'GET', '/v1/users/1', { as });
    await office.ask(404, 'PUT', '/v1/users/999', { body: { name: 'x' } });
  });

  test('lose their sessions when they are deactivated or deleted', async () => {
    const { as, user } = await newUser();
    await office.ask(204, 'POST', '/v1/users/deactivate', { body: { email: user.email.toUpperCase() } });
    await office.ask(401, 'GET', '/v1/users', { as });
    expect(await signInStatus(user)).toBe(401);
    await office.ask(204, 'POST', '/v1/users/activate', { body: { email: user.email } });
    await office.ask(401, 'GET', '/v1/users', { as });
    const again = await office.signIn(user.email, user.password);
    await office.ask(204, 'POST', '/v1/users/delete', { body: { email: user.email } });
    await office.ask(401, 'GET', '/v1/users', { as: again });
    expect(await signInStatus(user)).toBe(401);
    for (const name of ['delete', 'activate', 'deactivate']) {
      await office.ask(404, 'POST', `/v1/users/${name}`, { body: { email: user.email } });
      await office.ask(400, 'POST', `/v1/users/${name}`, { body: {} });
    }
    const other = await newUser();
    await office.ask(204, 'DELETE', `/v1/users/${other.user.id}`);
    await office.ask(404, 'DELETE', `/v1/users/${other.user.id}`);
    await office.ask(401, 'GET', '/v1/users', { as: other.as });
  });

  test('who are invited get in with a password an admin made', async () => {
    const address = email();
    await office.ask(204, 'POST', '/v1/users/invite', { body: { email: address, name: 'Invited', userGroups: ['x'] } });
    const all = await office.ask<Page<User>>(200, 'GET', '/v1/users?sort=-id&pageSize=1');
    const invited = all.data[0];
    expect(invited).toMatchObject({ email: address, state: 'invited', inviteToken: 'pending', isAdmin: false });
    expect(await signInStatus({ email: address, password: ' ' })).toBe(401);
    await office.ask(204, 'POST', '/v1/users/deactivate', { body: { email: address } });
    await office.ask(204, 'POST', '/v1/users/activate', { body: { email: address } });
    const path = `/v1/users/${invited?.id ?? 0}`;
    expect(await office.ask(200, 'GET', path)).toMatchObject({ state: 'invited' });
    const { password } = await office.ask<{ password: string }>(200, 'POST', `${path}/reset_password`);
    await office.signIn(address, password);
    expect(await office.ask(200, 'GET', path)).toMatchObject({ state: 'active', inviteToken: '' });
  });

  test('get another password from an admin only, and lose their sessions', async () => {
    const { as, user } = await newUser();
    await office.ask(403, 'POST', `/v1/users/${user.id}/reset_password`, { as: reader.as });
    await office.ask(403, 'POST', `/v1/users/${user.id}/password`, {
      body: { currentPassword: user.password, newPassword: 'not by an admin' },
    });
    const { password } = await office.ask<{ password: string }>(200, 'POST', `/v1/users/${user.id}/reset_password`);
    await office.ask(401, 'GET', '/v1/users', { as });
    expect(await signInStatus(user)).toBe(401);
    const fresh = await office.signIn(user.email, password);
    await office.ask(403, 'GET', '/v1/users', { as: fresh });
    await office.ask(404, 'POST', '/v1/users/999/reset_password');
  });

  test('cannot lose their last active admin, however it is tried', async () => {
    const lone = await startBackOffice();
    const body = { email: 'admin@example.com' };
    await lone.ask(204, 'POST', '/v1/users/invite', { body: { email: 'invited@example.com' } });
    await lone.ask(200, 'PUT', '/v1/users/2', { body: { isAdmin: true } });
    const tries: [method: string, path: string, body?: object][] = [
      ['DELETE', '/v1/users/1'],
      ['POST', '/v1/users/delete', body],
      ['POST', '/v1/users/deactivate', body],
      ['PUT', '/v1/users/1', { state: 'deactivated' }],
      ['PUT', '/v1/users/1', { isAdmin: false }],
      ['PUT', '/v2/roles/1', { members: [] }],
      ['PUT', '/v2/roles/1', { members: [2] }],
      ['PUT', '/v2/roles/2', { members: [1] }],
    ];
    for (const [method, path, given] of tries) await lone.ask(409, method, path, { body: given });
    expect(await lone.ask(200, 'GET', '/v1/users/1')).toMatchObject({ isAdmin: true, state: 'active' });
    // When two admins demote each other at the same moment, one remains.
    const other = await lone.ask<User>(201, 'POST', '/v1/users', { body: { email: email(), isAdmin: true } });
    const answers = await Promise.all([
      lone.call('PUT', '/v1/users/1', { body: { isAdmin: false } }),
      lone.call('PUT', `/v1/users/${other.id}`, { body: { isAdmin: false } }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    await lone.server.stop();
  });
});

describe('roles and the account', () => {
  test('there are two roles, of which members change', async () => {
    const { user } = await newUser();
    const [admin, readOnly] = (await office.ask<Page<{ id: number; members: number[] }>>(200, 'GET', '/v2/roles')).data;
    expect(admin).toMatchObject({ id: 1, name: 'Admin', isAdmin: true, accountId: 1, created: any.time });
    expect(admin?.members).toContain(1);
    expect(readOnly?.members).toContain(user.id);
    const members = [...(admin?.members ?? []), user.id];
    expect(await office.ask(200, 'PUT', '/v2/roles/1', { body: { members } })).toMatchObject({ members });
    expect(await office.ask(200, 'GET', `/v1/users/${user.id}`)).toMatchObject({ isAdmin: true });
    // Adding the user to the other role works, and leaving users out of a role removes nobody.
    await office.ask(400, 'PUT', '/v2/roles/2', { body: { members: [user.id] } });
    const back = await office.ask(200, 'PUT', '/v2/roles/2', {
      body: { members: readOnly?.members ?? [], name: 'Read-only' },
    });
    expect(back).toMatchObject({ members: readOnly?.members });
    for (const body of [{ name: 'Other' }, { isAdmin: false }, { description: '' }]) {
      await office.ask(400, 'PUT', '/v2/roles/1', { body });
    }
    await office.ask(404, 'PUT', '/v2/roles/1', { body: { members: [1, 999] } });
    await office.ask(404, 'GET', '/v2/roles/3');
    await office.ask(404, 'PUT', '/v2/roles/3', { body: {} });
    await office.ask(403, 'PUT', '/v2/roles/1', { as: reader.as, body: { members: [reader.user.id] } });
    expect(await office.ask(200, 'GET', '/v2/roles/1', { as: reader.as })).toMatchObject({ members: [] });
  });

  test('there is one account', async () => {
    expect(await office.ask(200, 'GET', '/v1/accounts/1')).toMatchObject({
      id: 1,
      created: any.time,
      domainName: '127.0.0.1',
      state: 'active',
      applicationCount: 2,
      userCount: any.id,
    });
    await office.ask(404, 'GET', '/v1/accounts/2');
  });
});

describe('sessions', () => {
  test('are listed and ended by their user, and by admins', async () => {
    const { as, user } = await newUser();
    const other = await office.signIn(user.email, user.password);
    const list = await office.ask<Page<Session>>(200, 'GET', '/v1/sessions', { as });
    expect(list.totalResultSize).toBe(2);
    expect(list.data[1]).toEqual({
      id: any.id,
      userId: user.id,
      kind: 'api',
      created: any.time,
      lastSeen: any.time,
      expires: any.time,
      userAgent: '',
      address: '127.0.0.1',
      current: true,
    });
    expect(list.data[0]?.current).toBe(false);
    const page = await office.ask<Page<Session>>(200, 'GET', '/v1/sessions?sort=id&skip=1&pageSize=1', { as });
    expect(page.data).toEqual([list.data[0]]);
    await office.ask(403, 'GET', '/v1/sessions?userId=1', { as });
    await office.ask(400, 'GET', '/v1/sessions?userId=me', { as });
    const mine = await office.ask<Page<Session>>(200, 'GET', `/v1/sessions?userId=${user.id}`);
    expect(mine.data.map(({ id, current }) => ({ id, current }))).toEqual(
      list.data.map(({ id }) => ({ id, current: false })),
    );
    // For a user who is not an admin, other users' sessions do not exist.
    const admins = await office.ask<Page<Session>>(200, 'GET', '/v1/sessions');
    await office.ask(404, 'DELETE', `/v1/sessions/${admins.data[0]?.id ?? 0}`, { as });
    await office.ask(204, 'DELETE', `/v1/sessions/${list.data[0]?.id ?? 0}`, { as });
    await office.ask(401, 'GET', '/v1/sessions', { as: other });
    await office.ask(204, 'DELETE', `/v1/sessions/${list.data[1]?.id ?? 0}`);
    await office.ask(401, 'GET', '/v1/sessions', { as });
    await office.ask(404, 'DELETE', `/v1/sessions/${list.data[1]?.id ?? 0}`);
  });

  test('do not begin because another site says so', async () => {
    const body = { email: 'admin@example.com', password: office.server.adminPassword };
    const begin = async (headers: Record<string, string>) =>
      office.call('POST', '/v1/console/session', { as: null, body, headers });
    const foreign = await begin({ Origin: 'https://evil.example', 'Content-Type': 'text/plain' });
    expectStatus(foreign, 403);
    expect(foreign.headers['set-cookie']).toBeUndefined();
    expectStatus(await begin({ Origin: 'null' }), 403);
    const own = await begin({ Origin: office.server.url });
    expectStatus(own, 201);
    expect(own.headers['set-cookie']?.[0]).toMatch(/^rollcall_session=rcs_[\w-]{43}; .*HttpOnly; SameSite=Strict/);
    expect(own.text).not.toContain('rcs_');
  });

  test('other than the one in use end with the password', async () => {
    const { as, user } = await newUser();
    const other = await office.signIn(user.email, user.password);
    const body = { currentPassword: user.password, newPassword: 'yet another one' };
    await office.ask(204, 'POST', `/v1/users/${user.id}/password`, { as, body });
    await office.ask(200, 'GET', '/v1/sessions', { as });
    await office.ask(401, 'GET', '/v1/sessions', { as: other });
  });
});

describe('guessing passwords', () => {
  test('is stopped per e-mail and network, whether there is such a user or not, and says the same of each wrong pair', async () => {
    const guarded = await startBackOffice({ env: { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' } });
    const guess = async (address: string, given: string, password = 'wrong') =>
      guarded.call('POST', '/v1/sessions', {
        as: null,
        body: { email: given, password },
        headers: { 'X-Forwarded-For': address },
      });
    await guarded.ask(204, 'POST', '/v1/users/invite', { body: { email: 'invited@example.com' } });
    const { email: left, password } = await guarded.ask<User>(201, 'POST', '/v1/users', { body: { email: email() } });
    await guarded.ask(204, 'POST', '/v1/users/deactivate', { body: { email: left } });
    const texts = new Set<string>();
    const refusals = new Set<string>();
    const whom = ['admin@example.com', 'nobody@example.com', 'invited@example.com', left];
    await Promise.all(
      whom.map(async (given, index) => {
        // For a deactivated user, even the right password is wrong. Ports and spellings do not make a new caller.
        const tried = given === left ? password : 'wrong';
        for (let count = 0; count < 10; count += 1) {
          const answer = await guess(`192.0.2.${index}:${count + 1}`, count % 2 ? given.toUpperCase() : given, tried);
          expectStatus(answer, 401);
          texts.add(answer.text);
        }
        const refused = await guess(`::ffff:192.0.2.${index}`, given, guarded.server.adminPassword);
        expectStatus(refused, 429);
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(200);
        refusals.add(refused.text);
      }),
    );
    expect([...texts]).toHaveLength(1);
    expect([...texts][0]).toContain('The e-mail or the password is wrong');
    expect([...refusals]).toHaveLength(1);
    // Sign-ins from elsewhere and existing sessions still work.
    expectStatus(await guess('198.51.100.1', 'admin@example.com', guarded.server.adminPassword), 201);
    await guarded.ask(200, 'GET', '/v1/users');
    // Concurrent attempts do not get around the limit.
    const atOnce = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => guess(`203.0.113.1:${1000 + index}`, 'reader@example.com')),
    );
    expect(atOnce.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(10);
    // One network tries many e-mails; an IPv6 network is the first half of the address.
    for (let index = 1; index <= 30; index += 1) {
      expectStatus(await guess(`2001:db8::${index}`, `user${index}@example.com`), 401);
    }
    expectStatus(await guess('2001:DB8:0:0:ffff::1', 'another@example.com'), 429);
    expectStatus(await guess('2001:db8:0:1::1', 'another@example.com'), 401);
    await guarded.server.stop();
  });

  // Takes about forty passwords and six commands, one after the other.
  const slow = { timeout: 120_000 };
  test(
    'from the address that all seem to share keeps out neither a known browser nor whom the host lets in',
    slow,
    async () => {
      const [address, password] = ['ada@example.com', 'correct horse battery'];
      const env = { ROLLCALL_ADMIN_EMAIL: address, ROLLCALL_ADMIN_PASSWORD: password };
      const lone = await startBackOffice({ ephemeral: false, env });
      const path = '/v1/console/session';
      const cookiesOf = (answer: HttpAnswer): string[] => answer.headers['set-cookie'] ?? [];
      const signIn = async (body: object, cookie?: string) =>
        lone.call('POST', path, {
          as: null,
          body: { email: address, password, ...body },
          headers: cookie ? { Cookie: cookie } : {},
        });
      const before = await signIn({});
      expectStatus(before, 201);
      const device = cookiesOf(before).find((each) => each.startsWith('rollcall_device=')) ?? '';
      expect(device).toMatch(
        /^rollcall_device=rcd_[\w-]{43}; Path=\/v1\/console\/session; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
      );
      const expires = Date.parse(/Expires=([^;]+)/.exec(device)?.[1] ?? '');
      expect(Math.round((expires - Date.now()) / 86_400_000)).toBe(90);
      const cookie = device.split(';', 1)[0] ?? '';

      // Somebody keeps guessing, until the address is refused completely.
      await Promise.all(
        Array.from({ length: 4 }, async (_, who) => {
          for (let count = 0; count < 10; count += 1) {
            await signIn({ email: who === 0 ? address : `${who}@example.com`, password: 'wrong' });
          }
        }),
      );
      const attacked = await signIn({});
      expectStatus(attacked, 429);
      expect(message(attacked)).toContain('rollcall user unlock');
      expectStatus(await signIn({}, 'rollcall_device=rcd_no'), 429);
      expectStatus(await signIn({ email: 'new@example.com' }, cookie), 429);

      const through = await signIn({}, cookie);
      expectStatus(through, 201);
      // The browser stays known for longer, by the same token.
      expect(cookiesOf(through).some((each) => each.startsWith(`${cookie};`))).toBe(true);
      const files = readdirSync(dirname(lone.server.database.slice('sqlite:'.length)));
      const folder = dirname(lone.server.database.slice('sqlite:'.length));
      for (const file of files) {
        expect(readFileSync(join(folder, file), 'latin1')).not.toContain(cookie.slice('rollcall_device='.length));
      }

      const on = ['--database', lone.server.database];
      const { link, until } = await commandJson<{ link: string; until: string }>(['user', 'unlock', address, ...on]);
      expect(Math.round((Date.parse(until) - Date.now()) / 60_000)).toBe(15);
      expectStatus(await signIn({}), 201);
      // Further guesses use up what the operator unlocked, but not the link.
      for (let count = 0; count < 11; count += 1) await signIn({ password: 'wrong' });
      expectStatus(await signIn({}), 429);
      const token = /^http:\/\/127\.0\.0\.1:8080\/console\/sign-in#device=(.*)$/.exec(link)?.[1];
      const linked = await signIn({ device: token });
      expectStatus(linked, 201);
      const fresh = cookiesOf(linked).find((each) => each.startsWith('rollcall_device=')) ?? '';
      expect(fresh).not.toContain(token);
      expectStatus(await signIn({}, fresh.split(';', 1)[0]), 201);
      // The link works only once.
      expectStatus(await signIn({ device: token }), 429);

      const reset = await runCli(['user', 'reset-password', address.toUpperCase(), '--json', ...on], {
        input: 'quite another one\n',
      });
      expect(reset).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(reset.stdout)).toEqual({ id: 1, email: address, link: any.text });
      await lone.ask(401, 'GET', '/v1/users');
      const again = await signIn({ password: 'quite another one' });
      expectStatus(again, 201);
      expect(again.json()).toMatchObject({ mustChangePassword: false });
      const made = await commandJson<{ password: string }>(['user', 'reset-password', address, ...on]);
      expect((await signIn({ password: made.password })).json()).toMatchObject({ mustChangePassword: true });
      expect(await runCli(['user', 'unlock', 'nobody@example.com', ...on])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: "rollcall: User 'nobody@example.com' not found\n",
      });
      const short = await runCli(['user', 'reset-password', address, ...on], { input: 'short' });
      expect(short).toMatchObject({ code: 2, stdout: '' });
      await lone.server.stop();
    },
  );

  test('includes guessing the current password when it is changed, which strangers have no part in', async () => {
    const { as, user } = await newUser();
    const body = { currentPassword: 'wrong', newPassword: 'a better one 2' };
    const path = `/v1/users/${user.id}/password`;
    for (let count = 0; count < 10; count += 1) await office.ask(400, 'POST', path, { as, body });
    await office.ask(429, 'POST', path, { as, body: { ...body, currentPassword: user.password } });
    await office.signIn(user.email, user.password);
  });
});
