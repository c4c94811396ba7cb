/** The audit log: who changed what, from which state to which, including the command line, and never a secret. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { runCli } from '../server-process.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { any } from './scenario.ts';

interface Change {
  readonly id: number;
  readonly entity: string;
  readonly created: string;
  readonly userId: number;
}
interface Page {
  readonly hasMore?: boolean;
  readonly totalResultSize?: number;
  readonly nextCursor?: string;
  readonly data: readonly Change[];
}

const PASSWORD = 'correct horse battery';

let office: BackOffice;
/** Everything that must not be in the log. */
const secrets: string[] = [PASSWORD];
/** The numbers of what was created. */
let made: { cliKey: number; key: number; application: number; user: number; managementKey: number };

beforeAll(async () => {
  const env = { ROLLCALL_ADMIN_EMAIL: 'ada@example.com', ROLLCALL_ADMIN_PASSWORD: PASSWORD };
  office = await startBackOffice({ ephemeral: false, env });
  const database = ['--database', office.server.database];
  const options = ['--name', 'By the command line', '--expires', '2099-01-01', ...database];
  const cli = await commandJson<{ id: number; key: string }>(['key', 'create', ...options]);
  expect((await runCli(['key', 'delete', String(cli.id), ...database])).code).toBe(0);
  const application = await office.ask<{ id: number }>(201, 'POST', '/v1/applications', { body: { name: 'Shop' } });
  const path = `/v1/applications/${application.id}`;
  await office.ask(200, 'PUT', path, { body: { description: 'Changed' } });
  await office.ask(200, 'PUT', path, { body: { description: 'Changed' } });
  const key = await office.ask<{ id: number; key: string }>(201, 'POST', `${path}/apikeys`, {
    body: { title: 'Key', expires: '2099-01-01' },
  });
  await office.ask(204, 'DELETE', `${path}/apikeys/${key.id}`);
  const user = await office.ask<{ id: number; password: string }>(201, 'POST', '/v1/users', {
    body: { email: 'grace@example.com' },
  });
  const reset = await office.ask<{ password: string }>(200, 'POST', `/v1/users/${user.id}/reset_password`);
  await office.ask(409, 'PUT', '/v1/users/1', { body: { isAdmin: false } });
  const managementKey = await office.ask<{ id: number; key: string }>(201, 'POST', '/v1/management_keys', {
    body: { name: 'Script', expiryDate: '2099-01-01', endpoints: [{ method: 'POST', path: '/v1/applications' }] },
  });
  const as = `ManagementKey-v1 ${managementKey.key}`;
  await office.ask(201, 'POST', '/v1/applications', { as, body: { name: 'By a script' } });
  await office.ask(409, 'POST', '/v1/applications', { as, body: { name: 'By a script' } });
  const [cliKey, ...ids] = [cli, key, application, user, managementKey].map(({ id }) => id) as [
    number,
    number,
    number,
    number,
    number,
  ];
  made = { cliKey, key: ids[0], application: ids[1], user: ids[2], managementKey: ids[3] };
  secrets.push(cli.key, key.key, user.password, reset.password, managementKey.key, office.admin.slice(7));
});
afterAll(async () => office.server.stop());

const changes = async (query = ''): Promise<Page> => office.ask(200, 'GET', `/v1/changes?${query}`);

describe('the audit log', () => {
  test('names who, what, and the states before and after; refused changes are none', async () => {
    const { data } = await changes();
    const path = `/v1/applications/${made.application}`;
    const state = { id: made.application, name: 'Shop', environment: 'live' };
    const key = {
      id: made.key,
      title: 'Key',
      platform: 'none',
      maskedKey: expect.stringMatching(/^rck_….{4}$/) as string,
    };
    const by = { id: any.id, created: any.time, userId: 1, userEmail: 'ada@example.com' };
    const grace = { id: made.user, email: 'grace@example.com' };
    const expected: object[] = [
      {
        ...by,
        entity: expect.stringMatching(/^\/v1\/applications\/\d+$/) as string,
        managementKeyId: made.managementKey,
      },
      { ...by, entity: `/v1/management_keys/${made.managementKey}` },
      { ...by, entity: `/v1/users/${made.user}/password`, new: { ...grace, mustChangePassword: true } },
      { ...by, entity: `/v1/users/${made.user}`, new: grace },
      { ...by, entity: `${path}/apikeys/${made.key}`, applicationId: made.application, old: key },
      { ...by, entity: `${path}/apikeys/${made.key}`, applicationId: made.application, new: key },
      { ...by, entity: path, old: { ...state, description: '' }, new: { ...state, description: 'Changed' } },
      { ...by, entity: path, new: { ...state, description: '' } },
      { userId: 0, entity: `/v1/applications/1/apikeys/${made.cliKey}`, old: { title: 'By the command line' } },
      { userId: 0, entity: `/v1/applications/1/apikeys/${made.cliKey}`, new: { title: 'By the command line' } },
    ];
    expect(data.slice(0, expected.length)).toMatchObject(expected);
    // A creation has no state before it, a deletion none after.
    expect(data[4]).not.toHaveProperty('new');
    expect(data[5]).not.toHaveProperty('old');
    // The first start itself is the actor.
    expect(data.at(-1)).toMatchObject({ userId: 0, entity: '/v1/applications/1' });
  });

  test('holds no secret', async () => {
    const { text } = await office.call('GET', '/v1/changes');
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/argon2|"hash"|passwordHash/);
  });

  test('is filtered as published', async () => {
    const all = (await changes()).data;
    const entities = async (query: string) => (await changes(query)).data.map(({ entity }) => entity);
    expect(await entities('entityPath=/V1/USERS/')).toEqual(
      all.filter(({ entity }) => entity.includes('/v1/users/')).map(({ entity }) => entity),
    );
    expect(await entities('entityPath=%25')).toEqual([]);
    expect((await changes(`applicationId=${made.application}`)).data).toHaveLength(4);
    expect((await changes('userId=0')).data).toEqual(all.filter(({ userId }) => userId === 0));
    expect((await changes('userId=1')).data).toEqual(all.filter(({ userId }) => userId === 1));
    expect((await changes(`managementKeyId=${made.managementKey}`)).data).toHaveLength(1);
    expect(await entities('userId=999')).toEqual([]);
    const middle = all[4]?.created ?? '';
    expect((await changes(`createdAfter=${middle}`)).data).toEqual(all.filter(({ created }) => created > middle));
    expect((await changes(`createdBefore=${middle}`)).data).toEqual(all.filter(({ created }) => created < middle));
    for (const change of (await changes('includeOld=false')).data) expect(change).not.toHaveProperty('old');
  });

  test('comes in pages, both ways', async () => {
    const all = (await changes()).data;
    expect((await changes('sort=id')).data).toEqual([...all].reverse());
    const read: Change[] = [];
    let cursor = '';
    do {
      const page = await changes(`pageSize=4${cursor}`);
      expect(page.hasMore).toBe(page.nextCursor !== undefined);
      read.push(...page.data);
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(read).toEqual(all);
    expect(await changes('skip=1&pageSize=2')).toMatchObject({ hasMore: true, data: all.slice(1, 3) });
    const counted = await changes('userId=1&pageSize=1&withTotalResultSize=true');
    expect(counted.totalResultSize).toBe(all.filter(({ userId }) => userId === 1).length);
    expect(counted).not.toHaveProperty('hasMore');
  });

  test('refuses filters that cannot be read, and whoever is no admin', async () => {
    const wrong = [
      'createdAfter=yesterday',
      'userId=ada',
      'applicationId=-1',
      'includeOld=perhaps',
      'sort=entity',
      'pageSize=0',
      'cursor=x',
      `cursor=${Buffer.from('["x"]').toString('base64url')}`,
      `entityPath=${'x'.repeat(501)}`,
    ];
    for (const query of wrong) await office.ask(400, 'GET', `/v1/changes?${query}`);
    const { password } = await office.ask<{ password: string }>(200, 'POST', `/v1/users/${made.user}/reset_password`);
    const as = await office.signIn('grace@example.com', password);
    const body = { currentPassword: password, newPassword: 'a better one 1' };
    await office.ask(204, 'POST', `/v1/users/${made.user}/password`, { as, body });
    await office.ask(403, 'GET', '/v1/changes', { as });
  });
});

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly format?: string };
}

describe('times in query strings', () => {
  test('are read in the fixed format of the Python SDK wherever a parameter takes one; bodies stay strict', async () => {
    const { paths } = await office.ask<{ paths: Record<string, { get?: { parameters?: Parameter[] } }> }>(
      200,
      'GET',
      '/openapi.json',
    );
    const sdk = (time: number) => new Date(time).toISOString().replace('Z', '000+0000');
    const [start, end] = [sdk(Date.now() - 3_600_000), sdk(Date.now() + 60_000)];
    const asked: string[] = [];
    for (const [path, { get }] of Object.entries(paths)) {
      const times = (get?.parameters ?? []).filter(
        (each) => each.in === 'query' && each.schema?.format === 'date-time',
      );
      if (times.length === 0) continue;
      const query = times.map(({ name }) => `${name}=${/start|after/i.test(name) ? start : end}`).join('&');
      for (const each of times) asked.push(`${path} ${each.name}`);
      // The + is sent unescaped, so it arrives as a blank.
      await office.ask(200, 'GET', `${path.replace(/\{\w+\}/g, '1')}?${query}`);
    }
    expect(asked.length).toBeGreaterThanOrEqual(8);
    const later = await office.ask<Page>(200, 'GET', `/v1/changes?createdAfter=${sdk(Date.now() + 60_000)}`);
    expect(later.data).toEqual([]);
    const expires = '2099-01-01T00:00:00.000000+0000';
    await office.ask(400, 'POST', '/v1/applications/1/apikeys', { body: { title: 'Key', expires } });
  });
});
