/** The reads of the Integration API: the key check, the inventory, and the hot reads. */

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { runCli } from '../server-process.ts';
import { authorization, send, sendJson, until } from './client.ts';
import { PLATFORM } from './definitions.ts';
import { any, expectStatus, type RequestGiven, reach, runScenarios, type Scenario } from './scenario.ts';

const get = (path: string, key: RequestGiven['key'] = 'generic'): RequestGiven => ({ method: 'GET', path, key });
const lookup = (body: unknown): RequestGiven => ({
  method: 'POST',
  path: '/v1/customer_profiles/audiences/lookup',
  key: 'readOnly',
  body,
});
const item = (name: string) => ({
  id: `{#${name}}`,
  integration: PLATFORM,
  integrationId: `{${name}}`,
  name: `{=${name}}`,
});

// ---- inventory

const wholeProfile = (sandbox: boolean) => ({
  id: any.id,
  created: any.time,
  integrationId: '{ada}',
  accountId: 1,
  closedSessions: 0,
  totalSales: 0,
  lastActivity: any.time,
  attributes: { Tier: 'gold' },
  audienceMemberships: sandbox ? [] : [{ id: '{#gold}', name: 'Gold' }],
  sandbox,
});
const KINDS = {
  referrals: [],
  coupons: [],
  loyalty: { programs: {} },
  giveaways: [],
  achievements: [],
} as const;
const ada = { audiences: { gold: 'Gold' }, profiles: { ada: { attributes: { Tier: 'gold' }, in: ['gold'] } } };
const inventory = (query: string) => get(`/v1/customer_profiles/{ada}/inventory${query}`);

const inventories: Scenario[] = [
  ...['true', 'TRUE', '1'].map((value) => ({
    name: `the profile, asked for with ${value}`,
    given: ada,
    request: inventory(`?profile=${value}`),
    status: 200,
    body: { profile: wholeProfile(false) },
  })),
  ...['', '?profile=false', '?profile=', '?profile=0&coupons=FALSE', '?other=1'].map((query) => ({
    name: `nothing asked for (${query})`,
    given: ada,
    request: inventory(query),
    status: 200,
    body: {},
  })),
  ...Object.entries(KINDS).map(([kind, empty]) => ({
    name: `${kind} are there, and empty`,
    given: ada,
    request: inventory(`?${kind}=true`),
    status: 200,
    body: { [kind]: empty },
  })),
  {
    name: 'everything at once',
    given: ada,
    request: inventory(`?profile=true&${Object.keys(KINDS).join('=true&')}=true`),
    status: 200,
    body: { profile: wholeProfile(false), ...KINDS },
  },
  {
    name: 'a sandbox profile says so',
    given: {
      requests: [
        { method: 'PUT', path: '/cdp/customer_profile/{ada}', key: 'sandbox', body: { attributes: { Tier: 'gold' } } },
      ],
    },
    request: get('/v1/customer_profiles/{ada}/inventory?profile=true', 'sandboxGeneric'),
    status: 200,
    body: { profile: wholeProfile(true) },
  },
  ...['', '?profile=true'].map((query) => ({
    name: `an unknown profile (${query})`,
    request: inventory(query),
    status: 404,
    error: "Customer profile '{ada}' not found",
    after: { ada: 'unknown' as const },
  })),
  ...['?profile=perhaps', '?coupons=2', '?profile=true&profile=true'].map((query) => ({
    name: `${query} is neither true nor false`,
    given: ada,
    request: inventory(query),
    status: 400,
    error: /expected true or false/,
  })),
  {
    name: 'an ID with every kind of character',
    given: { requests: [{ method: 'PUT', path: '/cdp/customer_profile/a%2F%20%2541+%F0%9F%A6%8A{ada}' }] },
    request: get('/v1/customer_profiles/a%2F%20%2541+%F0%9F%A6%8A{ada}/inventory'),
    status: 200,
  },
  {
    name: 'an ID of 1001 characters',
    request: get(`/v1/customer_profiles/${'i'.repeat(1001)}/inventory`),
    status: 400,
  },
  { name: 'NUL in the ID', request: get('/v1/customer_profiles/{ada}%00/audiences'), status: 400 },
];

// ---- hot reads

const hotReads: Scenario[] = [
  {
    name: 'audiences of a profile, ascending by number',
    given: {
      audiences: { gold: 'Gold', tea: { name: 'Tea', platform: 'Teahouse' }, news: 'News' },
      profiles: { ada: { in: ['news', 'tea', 'gold'] } },
    },
    request: get('/v1/customer_profiles/{ada}/audiences', 'readOnly'),
    status: 200,
    body: { data: [item('gold'), { ...item('tea'), integration: 'Teahouse' }, item('news')] },
  },
  {
    name: 'nobody knows the profile, and it is not made',
    request: get('/v1/customer_profiles/{ada}/audiences'),
    status: 200,
    body: { data: [] },
    after: { ada: 'unknown' },
  },
  {
    name: 'the other environment is another world',
    given: ada,
    request: get('/v1/customer_profiles/{ada}/audiences', 'sandboxGeneric'),
    status: 200,
    body: { data: [] },
  },
  {
    name: 'many profiles in the order asked, repeated and unknown ones too',
    given: {
      audiences: { gold: 'Gold', news: 'News' },
      profiles: { ada: { in: ['gold'] }, ben: { in: ['gold', 'news'] } },
    },
    request: lookup({ integrationIds: ['{ben}', '{cleo}', '{ada}', '{ben}'] }),
    status: 200,
    body: {
      data: [
        { integrationId: '{ben}', audiences: [item('gold'), item('news')] },
        { integrationId: '{cleo}', audiences: [] },
        { integrationId: '{ada}', audiences: [item('gold')] },
        { integrationId: '{ben}', audiences: [item('gold'), item('news')] },
      ],
    },
    after: { cleo: 'unknown' },
  },
  { name: 'no profiles', request: lookup({ integrationIds: [] }), status: 200, body: { data: [] } },
  ...[{}, { integrationIds: null }, undefined].map((body) => ({
    name: `no list: ${JSON.stringify(body)}`,
    request: lookup(body),
    status: 400,
    error: /"title":"required".*integrationIds: required.*"pointer":"\/integrationIds"/,
  })),
  ...['x', 1, {}, ['x', null], [''], [7], ['i'.repeat(1001)], ['a\0b']].map((integrationIds) => ({
    name: `a list that is none: ${JSON.stringify(integrationIds).slice(0, 30)}`,
    request: lookup({ integrationIds }),
    status: 400,
    error: /"pointer":"\/integrationIds/,
  })),
  {
    name: 'a body that is none',
    request: { ...lookup(undefined), raw: '[]' },
    status: 400,
    error: /^Body must be a JSON object/,
  },
];

describe('GET /v1/customer_profiles/{integrationId}/inventory', () => {
  runScenarios(inventories);
});
describe('audiences of profiles', () => {
  runScenarios(hotReads);
});

describe('reading at length', () => {
  test('a look-up of 1000 profiles, and of 1001', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { customer_data: writer, readOnly: reader } = keys;
    const unique = randomUUID();
    const body = { audienceId: unique, audienceName: 'Thousand' };
    const { id } = (await sendJson(url, writer, 'POST', '/cdp/audiences', body)).json() as { id: number };
    const ids = Array.from({ length: 1000 }, (_, index) => `${unique}-${index}`);
    const data = ids
      .filter((_, index) => index % 2 === 0)
      .map((customerProfileId) => ({ customerProfileId, adds: [id] }));
    expectStatus(await sendJson(url, writer, 'PUT', '/cdp/customer_profiles/audiences', { data }), 204);
    const path = '/v1/customer_profiles/audiences/lookup';
    const answer = await sendJson(url, reader, 'POST', path, { integrationIds: ids });
    const found = (answer.json() as { data: { integrationId: string; audiences: unknown[] }[] }).data;
    expect(found.map(({ integrationId }) => integrationId)).toEqual(ids);
    expect(found.map(({ audiences }) => audiences.length)).toEqual(ids.map((_, index) => (index % 2 === 0 ? 1 : 0)));
    const tooMany = await sendJson(url, reader, 'POST', path, { integrationIds: [...ids, 'x'] });
    expectStatus(tooMany, 400);
    expect(tooMany.text).toContain('1001 entries; at most 1000 per request');
  });

  test('a read sees every write that was answered before it', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { customer_data: writer, readOnly: reader } = keys;
    const body = { audienceId: randomUUID(), audienceName: 'Fresh' };
    const { id } = (await sendJson(url, writer, 'POST', '/cdp/audiences', body)).json() as { id: number };
    const once = async (index: number): Promise<void> => {
      const profile = randomUUID();
      for (const side of ['adds', 'deletes']) {
        const data = [{ customerProfileId: profile, [side]: [id] }];
        expectStatus(await sendJson(url, writer, 'PUT', '/cdp/customer_profiles/audiences', { data }), 204);
        const read = await sendJson(url, reader, 'GET', `/v1/customer_profiles/${profile}/audiences`);
        expect({ index, count: (read.json() as { data: unknown[] }).data.length }).toEqual({
          index,
          count: side === 'adds' ? 1 : 0,
        });
      }
    };
    await Promise.all(Array.from({ length: 40 }, async (_, index) => once(index)));
  });

  test('HEAD answers like GET, without the body', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'generic']);
    const { customer_data: platform, generic } = keys;
    const head = async (path: string, key: string) => send(url, { method: 'HEAD', path, headers: authorization(key) });
    expect(await head('/v2/authping', platform)).toMatchObject({ status: 204, text: '' });
    expect(await head(`/v1/customer_profiles/${randomUUID()}/audiences`, generic)).toMatchObject({
      status: 200,
      text: '',
    });
    expect(await head('/v2/authping', 'nobody')).toMatchObject({ status: 401, text: '' });
  });

  test('a key stops at the moment it expires', async (context) => {
    const { process, url } = await reach(context, []);
    if (process === undefined) return context.skip('needs the command line beside the server');
    const { key, expires } = await shortLivedKey(process.database);
    const ping = async () => send(url, { method: 'GET', path: '/v2/authping', headers: authorization(key) });
    // On a busy machine, the command may take longer than the key is valid.
    expect([204, 401]).toContain((await ping()).status);
    const last = await until(ping, ({ status }) => status === 401, { seconds: 30, everyMs: 20 });
    expect(Date.now()).toBeGreaterThanOrEqual(expires);
    expect((last.json() as { message: string }).message).toBe('API key missing, unknown or expired');
  });
});

/** Creates a key that is valid for a moment, or for longer if the command takes longer than that. */
async function shortLivedKey(database: string): Promise<{ key: string; expires: number }> {
  for (const lifetime of [2000, 6000, 20_000]) {
    const expires = Date.now() + lifetime;
    const until = ['--expires', new Date(expires).toISOString()];
    const { code, stdout } = await runCli(['key', 'create', '--name', 'short', ...until, '--database', database]);
    if (code === 0) return { key: stdout.trim(), expires };
  }
  throw new Error('no key could be made that expires soon');
}
