/** Management keys: what they may call, what they never may, and when they become invalid. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { send, until } from './client.ts';
import { any, expectStatus } from './scenario.ts';

interface Key {
  readonly id: number;
  readonly key: string;
  readonly state: string;
}
interface Page<Item> {
  readonly totalResultSize: number;
  readonly data: readonly Item[];
}

const PATH = '/v1/management_keys';
const APPLICATIONS = { method: 'GET', path: '/v1/applications' };
const API_KEYS = '/v1/applications/{applicationId}/apikeys';

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

const newKey = async (body: object = {}, as?: string): Promise<Key> =>
  office.ask(201, 'POST', PATH, {
    ...(as === undefined ? {} : { as }),
    body: { name: 'Script', expiryDate: '2099-06-30', endpoints: [APPLICATIONS], ...body },
  });
const using = ({ key }: Key): string => `ManagementKey-v1 ${key}`;
const stateOf = async (id: number): Promise<string | undefined> =>
  (await office.ask<Page<Key>>(200, 'GET', PATH)).data.find((each) => each.id === id)?.state;

/** An admin who has signed in and changed the password. */
async function newAdmin(): Promise<{ as: string; id: number; email: string }> {
  const body = { email: `${randomUUID()}@example.com`, isAdmin: true };
  const user = await office.ask<{ id: number; email: string; password: string }>(201, 'POST', '/v1/users', { body });
  const as = await office.signIn(user.email, user.password);
  const change = { currentPassword: user.password, newPassword: 'a better one 1' };
  await office.ask(204, 'POST', `/v1/users/${user.id}/password`, { as, body: change });
  return { as, id: user.id, email: user.email };
}

describe('management keys', () => {
  test('are shown once and open what they were granted, nothing else', async () => {
    const created = await newKey({
      name: ' Tealium ',
      endpoints: [APPLICATIONS, { method: 'post', path: '/v1/applications/{id}/apikeys' }, APPLICATIONS],
    });
    expect(created).toEqual({
      id: any.id,
      name: 'Tealium',
      createdBy: 1,
      createdByEmail: 'admin@example.com',
      accountID: 1,
      created: any.time,
      expiryDate: '2099-07-01T00:00:00.000Z',
      endpoints: [APPLICATIONS, { method: 'POST', path: API_KEYS }],
      allowedApplicationIds: [],
      disabled: false,
      lastUsed: null,
      state: 'Valid',
      maskedKey: `rcm_…${created.key.slice(-4)}`,
      key: expect.stringMatching(/^rcm_[0-9A-Za-z]{38}$/) as string,
    });
    const as = using(created);
    await office.ask(200, 'GET', '/v1/applications', { as });
    expectStatus(await office.call('HEAD', '/v1/applications', { as }), 200);
    const body = { title: 'By a script', expires: '2099-01-01' };
    expect(await office.ask(201, 'POST', '/v1/applications/1/apikeys', { as, body })).toMatchObject({ createdBy: 1 });
    const others = ['/v1/applications/1', '/v1/applications/1/apikeys', '/v1/users', '/v1/changes'];
    for (const path of others) await office.ask(403, 'GET', path, { as });
    const list = await office.call('GET', PATH);
    expect(list.text).not.toContain(created.key);
    const { key: _, ...shown } = created;
    expect((list.json() as Page<Key>).data[0]).toEqual({ ...shown, lastUsed: any.time });
  });

  test('cannot be granted what only signed-in users do, nor what there is not', async () => {
    const before = await office.ask(200, 'GET', PATH);
    const wrong: object[] = [
      { method: 'POST', path: PATH },
      { method: 'POST', path: '/v1/users/{userId}/reset_password' },
      { method: 'POST', path: '/v1/users' },
      { method: 'GET', path: '/v1/sessions' },
      { method: 'GET', path: '/v1/nothing' },
      { method: 'PATCH', path: '/v1/applications' },
      { method: 'GET', path: '/v1/applications/1' },
      { method: 'PUT', path: '/cdp/customer_profile/{customerProfileId}' },
    ];
    for (const endpoint of wrong) {
      await office.ask(400, 'POST', PATH, { body: { name: 'x', expiryDate: '2099-01-01', endpoints: [endpoint] } });
    }
    const fields: object[] = [
      { endpoints: [] },
      { endpoints: undefined },
      { name: ' ' },
      { expiryDate: '2020-01-01' },
      { expiryDate: 'never' },
      { allowedApplicationIds: [999] },
      { allowedApplicationIds: ['1'] },
    ];
    for (const each of fields) {
      const body = { name: 'x', expiryDate: '2099-01-01', endpoints: [APPLICATIONS], ...each };
      await office.ask(400, 'POST', PATH, { body });
    }
    expect(await office.ask(200, 'GET', PATH)).toEqual(before);
  });

  test('can be granted all that is listed as such', async () => {
    const list = await office.ask<Page<{ method: string; path: string; summary: string }>>(
      200,
      'GET',
      `${PATH}/endpoints`,
    );
    expect(list.totalResultSize).toBe(list.data.length);
    expect(list.data).toContainEqual({ ...APPLICATIONS, summary: 'List Applications' });
    expect(list.data.map(({ path }) => path)).not.toContain(PATH);
    const { key } = await newKey({ endpoints: list.data.map(({ method, path }) => ({ method, path })) });
    const stored = (await office.ask<Page<{ endpoints: object[] }>>(200, 'GET', PATH)).data[0]?.endpoints;
    expect(stored).toEqual(list.data.map(({ method, path }) => ({ method, path })));
    await office.ask(200, 'GET', '/v1/applications', { as: `ManagementKey-v1 ${key}` });
  });

  test('cannot open what only signed-in users do', async () => {
    const as = using(await newKey());
    await office.ask(403, 'GET', PATH, { as });
    await office.ask(403, 'GET', '/v1/sessions', { as });
    await office.ask(403, 'DELETE', '/v1/sessions', { as });
    await office.ask(403, 'GET', '/v1/console/session', { as });
    await office.ask(403, 'POST', '/v1/users/1/reset_password', { as });
    await office.ask(403, 'POST', '/v1/users/1/password', { as, body: { currentPassword: 'x', newPassword: 'y' } });
  });

  test('limited to Applications see and touch no other', async () => {
    const endpoints = [
      APPLICATIONS,
      { method: 'GET', path: '/v1/applications/{applicationId}' },
      { method: 'GET', path: '/v1/changes' },
      { method: 'DELETE', path: `${API_KEYS}/{keyId}` },
    ];
    const as = using(await newKey({ endpoints, allowedApplicationIds: [2, 2] }));
    const list = await office.ask<Page<{ id: number }>>(200, 'GET', '/v1/applications', { as });
    expect(list).toMatchObject({ totalResultSize: 1, data: [{ id: 2 }] });
    await office.ask(200, 'GET', '/v1/applications/2', { as });
    await office.ask(403, 'GET', '/v1/applications/1', { as });
    await office.ask(403, 'GET', '/v1/applications/999', { as });
    await office.ask(403, 'DELETE', '/v1/applications/1/apikeys/1', { as });
    await office.ask(403, 'GET', '/v1/changes?applicationId=1', { as });
    const changes = await office.ask<Page<{ applicationId: number }>>(200, 'GET', '/v1/changes', { as });
    expect(new Set(changes.data.map(({ applicationId }) => applicationId))).toEqual(new Set([2]));
  });

  test('stop when they are switched off, and go on when switched on', async () => {
    const key = await newKey();
    const as = using(key);
    expect(await office.ask(200, 'PUT', `${PATH}/${key.id}`, { body: { disabled: true } })).toMatchObject({
      disabled: true,
      state: 'Invalid',
    });
    await office.ask(401, 'GET', '/v1/applications', { as });
    await office.ask(400, 'PUT', `${PATH}/${key.id}`, { body: {} });
    await office.ask(200, 'PUT', `${PATH}/${key.id}`, { body: { disabled: false } });
    await office.ask(200, 'GET', '/v1/applications', { as });
    await office.ask(204, 'DELETE', `${PATH}/${key.id}`);
    await office.ask(401, 'GET', '/v1/applications', { as });
    expect(await stateOf(key.id)).toBeUndefined();
    await office.ask(404, 'DELETE', `${PATH}/${key.id}`);
    await office.ask(404, 'PUT', `${PATH}/${key.id}`, { body: { disabled: true } });
  });

  test('stop when they expire', async () => {
    const key = await newKey({ expiryDate: new Date(Date.now() + 2000).toISOString() });
    expect(key.state).toBe('Expires Soon');
    const ask = async () => office.call('GET', '/v1/applications', { as: using(key) });
    expectStatus(await until(ask, ({ status }) => status !== 200, { everyMs: 50 }), 401);
    expect(await stateOf(key.id)).toBe('Expired');
  });

  test('stop with their creator, and have no more rights than that user', async () => {
    const creator = await newAdmin();
    const endpoints = [APPLICATIONS, { method: 'POST', path: '/v1/applications' }];
    const key = await newKey({ endpoints }, creator.as);
    const as = using(key);
    const user = `/v1/users/${creator.id}`;
    await office.ask(200, 'PUT', user, { body: { isAdmin: false } });
    await office.ask(200, 'GET', '/v1/applications', { as });
    await office.ask(403, 'POST', '/v1/applications', { as, body: { name: 'Not any more' } });
    await office.ask(200, 'PUT', user, { body: { state: 'deactivated' } });
    await office.ask(401, 'GET', '/v1/applications', { as });
    expect(await stateOf(key.id)).toBe('Invalid');
    await office.ask(200, 'PUT', user, { body: { state: 'active', isAdmin: true } });
    await office.ask(200, 'GET', '/v1/applications', { as });
    await office.ask(204, 'DELETE', user);
    await office.ask(401, 'GET', '/v1/applications', { as });
    expect(await stateOf(key.id)).toBe('Invalid');
  });

  test('are for admins to make and to see', async () => {
    const { as, id } = await newAdmin();
    await office.ask(200, 'PUT', `/v1/users/${id}`, { body: { isAdmin: false } });
    const { id: key } = await newKey();
    await office.ask(403, 'GET', PATH, { as });
    await office.ask(403, 'POST', PATH, {
      as,
      body: { name: 'x', expiryDate: '2099-01-01', endpoints: [APPLICATIONS] },
    });
    await office.ask(403, 'PUT', `${PATH}/${key}`, { as, body: { disabled: true } });
    await office.ask(403, 'DELETE', `${PATH}/${key}`, { as });
    expect(await stateOf(key)).toBe('Valid');
  });

  test('are listed newest first, in pages', async () => {
    for (const name of ['b', 'a']) await newKey({ name });
    const names = async (query: string) =>
      (await office.ask<Page<{ name: string }>>(200, 'GET', `${PATH}?${query}`)).data.map(({ name }) => name);
    expect(await names('pageSize=2')).toEqual(['a', 'b']);
    expect(await names('pageSize=1&skip=1')).toEqual(['b']);
    expect((await names('sort=name')).at(-1)).toBe('b');
    await office.ask(400, 'GET', `${PATH}?sort=hash`);
  });
});

describe('strict mode', () => {
  test('allows three requests per second of one operation with one credential; consoles are exempt', async () => {
    const strict = await startBackOffice({ args: ['--strict'] });
    const answers = await Promise.all(Array.from({ length: 8 }, async () => strict.call('GET', '/v1/applications')));
    const refused = answers.filter(({ status }) => status === 429);
    // On a busy machine, a second may pass meanwhile.
    expect(answers.filter(({ status }) => status === 200).length).toBe(answers.length - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(answers.length - 3);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expectStatus(await strict.call('GET', '/v1/users'), 200);
    const session = await strict.call('POST', '/v1/console/session', {
      as: null,
      body: { email: 'admin@example.com', password: strict.server.adminPassword },
    });
    const Cookie = String(session.headers['set-cookie']?.[0]?.split(';')[0]);
    const path = '/v1/applications';
    for (let count = 0; count < 5; count += 1) {
      expectStatus(await send(strict.server.url, { method: 'GET', path, headers: { Cookie } }), 200);
    }
    await strict.server.stop();
  });
});
