/** Marks of answered requests: ignored names, empty bodies, clients that disconnected. */

import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccessLogCause, AccessLogDetail } from '../../src/http/surfaces/management/access-logs-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { authorization, type HttpAnswer, send, sendJson, until } from './client.ts';
import { RawConnection, requestText } from './raw-connection.ts';
import { expectStatus } from './scenario.ts';

const ADMIN = { ROLLCALL_ADMIN_EMAIL: 'admin@example.com', ROLLCALL_ADMIN_PASSWORD: 'correct horse battery' };
const EVER = 'rangeStart=2020-01-01T00:00:00Z&rangeEnd=2099-01-01T00:00:00Z';
const MISSPELLED = 'ignored: `audienceChanges`; did you mean `audiencesChanges`?';

let office: BackOffice;
let key = '';
let generic = '';
let segment = '';
let mparticle = '';
let audience = 0;
let profile = '';
let profiles = 0;

beforeAll(async () => {
  office = await startBackOffice({ ephemeral: false, env: ADMIN });
  key = await createKey('customer_data');
  generic = await createKey('none');
  segment = await createKey('segment');
  mparticle = await createKey('mparticle');
  const created = await sendJson(office.server.url, key, 'POST', '/cdp/audiences', {
    audienceId: 'a',
    audienceName: 'A',
  });
  audience = (created.json() as { id: number }).id;
});
afterAll(async () => office.server.stop());

beforeEach(() => {
  profiles += 1;
  profile = `profile-${profiles}`;
});

const createKey = async (platform: string): Promise<string> => {
  const body = { title: platform, platform, expires: new Date(Date.now() + 86_400_000).toISOString() };
  return (await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key;
};

const put = async (path: string, body?: unknown): Promise<HttpAnswer> =>
  sendJson(office.server.url, key, 'PUT', path, body);

const detailOf = async (answer: HttpAnswer): Promise<AccessLogDetail> =>
  office.ask<AccessLogDetail>(200, 'GET', `/v1/access_logs/${String(answer.headers['x-request-id'])}`);

const marksOf = async (answer: HttpAnswer): Promise<string[]> => (await detailOf(answer)).marks.map(({ text }) => text);

/** Entries of the log whose path and query match. */
const entries = async (pattern: string): Promise<AccessLogDetail[]> => {
  const path = `/v1/access_logs/no_total?${EVER}&pageSize=200`;
  const { data } = await office.ask<{ data: AccessLogDetail[] }>(200, 'GET', path);
  return data.filter(({ requestUri }) => new RegExp(pattern).test(requestUri));
};

const causes = async (): Promise<AccessLogCause[]> =>
  (await office.ask<{ data: AccessLogCause[] }>(200, 'GET', '/v1/access_logs/causes')).data;

/** A figure of /metrics; 0 if it is absent. */
const metric = async (name: string): Promise<number> => {
  const { text } = await send(office.server.url, { method: 'GET', path: '/metrics' });
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
};

describe('a published operation', () => {
  test('ignores a misspelled field, and says so', async () => {
    const answer = await put(`/cdp/customer_profile/${profile}`, {
      attributes: { Tier: 'gold' },
      audienceChanges: { adds: [audience] },
    });
    expectStatus(answer, 200);
    expect(answer.json()).toMatchObject({ customerProfile: { attributes: { Tier: 'gold' }, audienceMemberships: [] } });
    const detail = await detailOf(answer);
    expect(detail.marks).toEqual([
      { kind: 'ignored field', name: 'audienceChanges', suggestion: 'audiencesChanges', text: MISSPELLED },
    ]);
    const [listed] = await entries(`/${profile}$`);
    expect(listed?.marks).toEqual(detail.marks);
  });

  test('groups such requests by cause beside the refusals, and counts them', async () => {
    const counted = 'rollcall_marked_requests_total{operation="cdp/updateCustomerProfile",kind="ignored_field"}';
    const before = (await causes()).find(({ cause }) => cause === MISSPELLED)?.count ?? 0;
    const countedBefore = await metric(counted);
    const body = { audienceChanges: {} };
    for (const id of ['a', 'b', 'c']) expectStatus(await put(`/cdp/customer_profile/${profile}-${id}`, body), 200);
    const cause = (await causes()).find((each) => each.cause === MISSPELLED);
    expect(cause).toMatchObject({
      count: before + 3,
      status: 200,
      operation: 'cdp/updateCustomerProfile',
      mark: { kind: 'ignored field', name: 'audienceChanges', suggestion: 'audiencesChanges' },
    });
    expect(await metric(counted)).toBe(countedBefore + 3);
    const query = `${EVER}&cause=${encodeURIComponent(MISSPELLED)}&path=${profile}`;
    const { data } = await office.ask<{ data: unknown[] }>(200, 'GET', `/v1/access_logs/no_total?${query}`);
    expect(data).toHaveLength(3);
    for (const [filter, count] of [
      ['status=error', 0],
      ['status=success', 3],
      ['applicationId=1', 3],
      ['applicationId=2', 0],
    ] as const) {
      const found = await office.ask<{ data: unknown[] }>(200, 'GET', `/v1/access_logs/no_total?${query}&${filter}`);
      expect({ filter, count: found.data.length }).toEqual({ filter, count });
    }
  });

  test('marks nothing when nothing is unknown', async () => {
    const body = { attributes: { Tier: 'x', Tier2: 1 }, runRuleEngine: null, audiencesChanges: { adds: null } };
    const known = await put(`/cdp/customer_profile/${profile}?skipNonExistingAttributes=true`, body);
    expectStatus(known, 200);
    expect(await marksOf(known)).toEqual([]);
    expect(await marksOf(await put(`/cdp/customer_profile/${profile}`, {}))).toEqual([]);
  });

  test('finds names inside objects and lists, each once', async () => {
    const nested = await put(`/cdp/customer_profile/${profile}`, {
      audiencesChanges: { add: [1], delete: [] },
      adds: [],
    });
    expect(await marksOf(nested)).toEqual([
      'ignored: `adds`; did you mean `audiencesChanges.adds`?',
      'ignored: `audiencesChanges.add`; did you mean `audiencesChanges.adds`?',
      'ignored: `audiencesChanges.delete`; did you mean `audiencesChanges.deletes`?',
    ]);
    const data = Array.from({ length: 500 }, (_, n) => ({ customerProfileId: `${profile}-${n}`, add: ['a'], note: n }));
    const bulk = await put('/cdp/v2/customer_profiles/audiences', { data });
    expectStatus(bulk, 204);
    expect(await marksOf(bulk)).toEqual([
      'ignored: `data[].add`; did you mean `data[].adds`?',
      'ignored: `data[].note`',
    ]);
    const refused = await put('/cdp/v2/customer_profiles/audiences', { data: [{ customerId: 'x' }] });
    expectStatus(refused, 400);
    expect(await marksOf(refused)).toEqual(['ignored: `data[].customerId`; did you mean `data[].customerProfileId`?']);
  });

  test('takes an unfilled template for an ID, and says so', async () => {
    const account_settings = { apiKey: mparticle, deploymentURL: 'promo.example.com', userIdField: 'mpid' };
    const taken: [method: string, path: string, body: unknown, by: string, status: number, marks: string[]][] = [
      ['PUT', '/cdp/customer_profile/undefined', {}, key, 200, ['customerProfileId']],
      ['PUT', '/cdp/customer_profile/%7B%7B%20id%20%7D%7D/audiences', { data: {} }, key, 200, ['customerProfileId']],
      ['POST', '/cdp/audiences', { audienceId: '${id}', audienceName: 'x' }, key, 201, ['audienceId']],
      ['PUT', '/cdp/audiences/${id}', { audienceName: 'y' }, key, 200, ['audienceId']],
      [
        'PUT',
        '/cdp/customer_profiles/audiences',
        { data: ['null', profile, '{{id}}', 'null'].map((customerProfileId) => ({ customerProfileId })) },
        key,
        204,
        ['data[].customerProfileId'],
      ],
      [
        'PUT',
        '/v2/customer_profiles',
        { customerProfiles: [{ integrationId: 'NaN' }] },
        generic,
        204,
        ['customerProfiles[].integrationId'],
      ],
      [
        'POST',
        '/v2/customer_audiences',
        { data: [{ action: 'add', profileIntegrationId: '%%id%%', audienceId: audience }] },
        generic,
        204,
        ['data[].profileIntegrationId'],
      ],
      ['PUT', '/v2/customer_profiles/[object%20Object]', {}, generic, 200, ['integrationId']],
      [
        'POST',
        '/v2/audiences',
        { name: 'x', integration: 'x', integrationId: '{{id}}' },
        generic,
        201,
        ['integrationId'],
      ],
      [
        'PUT',
        `/segment/customer_profile_v2/${profile}`,
        { audiencesChanges: { adds: [{ name: '{{name}}' }], deletes: [{ name: 'x', integrationId: 'null' }] } },
        segment,
        200,
        ['audiencesChanges.adds[].name', 'audiencesChanges.deletes[].integrationId'],
      ],
      ...(['email', 'mpid'] as const).map((userIdField): (typeof taken)[number] => [
        'POST',
        '/mparticle',
        {
          type: 'audience_membership_change_request',
          account: { account_settings: { ...account_settings, userIdField } },
          user_profiles: [{ mpid: 'null', user_identities: [{ type: 'email', value: '${email}' }] }],
        },
        '',
        200,
        [userIdField === 'mpid' ? 'user_profiles[].mpid' : 'user_profiles[].user_identities[].value'],
      ]),
      [
        'POST',
        '/mparticle',
        { type: 'event_processing_request', account: { account_settings }, mpid: 'undefined', events: [] },
        '',
        200,
        ['mpid'],
      ],
    ];
    for (const [method, path, body, by, status, marks] of taken) {
      const headers = { 'destination-hostname': 'promo.example.com' };
      const answer = await sendJson(office.server.url, by, method, path, body, headers);
      expectStatus(answer, status);
      const expected = marks.map((each) => `\`${each}\` looks like an unfilled template`);
      const shown = (await marksOf(answer)).filter((text) => !text.startsWith('ignored'));
      expect({ path, marks: shown }).toEqual({ path, marks: expected });
    }
    const grouped = (await causes()).find(
      ({ cause }) => cause === '`customerProfileId` looks like an unfilled template',
    );
    expect(grouped?.mark).toMatchObject({ kind: 'unfilled template', name: 'customerProfileId', suggestion: null });
  });

  test('is shown with a wrong method, too', async () => {
    const path = `/cdp/customer_profile/${profile}`;
    expectStatus(await sendJson(office.server.url, key, 'PATCH', path, {}), 405);
    const [entry] = await entries(`/${profile}$`);
    expect(entry).toMatchObject({ status: 405, method: 'PATCH', cause: 'the path supports only PUT' });
    expectStatus(await sendJson(office.server.url, key, 'PATCH', '/v1/users', {}), 405);
    expect(await entries('^/v1/users$')).toEqual([]);
  });

  test('keeps ten names at most, and none that may be a value', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`field${n}`, 1]));
    expect(await marksOf(await put(`/cdp/customer_profile/${profile}`, many))).toEqual(
      Array.from({ length: 10 }, (_, n) => `ignored: \`field${n}\``),
    );
    const hostile = { 'ada@example.com': 1, [`rck_${'a1B2'.repeat(10)}`]: 1, ['n'.repeat(5000)]: 1, 'a\nb`': 1 };
    const answer = await put(`/cdp/customer_profile/${profile}?${encodeURIComponent('bob@example.com')}=1`, hostile);
    expectStatus(answer, 200);
    expect(await marksOf(answer)).toEqual([
      'ignored: a name that no field has',
      'ignored query parameter: a name that no parameter has',
    ]);
  });

  test('marks query parameters that nobody asked for', async () => {
    const answer = await put(`/cdp/customer_profile/${profile}?skipNonExistingAttribute=true&v=2`, { attributes: {} });
    expectStatus(answer, 200);
    expect(await marksOf(answer)).toEqual([
      'ignored query parameter: `skipNonExistingAttribute`; did you mean `skipNonExistingAttributes`?',
      'ignored query parameter: `v`',
    ]);
  });

  test.each([
    ['no body', undefined, {}],
    ['an empty body', '', {}],
    ['a blank body', ' \n', { 'Content-Type': 'application/json' }],
    ['an empty body in chunks', undefined, { 'Transfer-Encoding': 'chunked' }],
  ])('marks an update with %s', async (_what, body, headers) => {
    const answer = await send(office.server.url, {
      method: 'PUT',
      path: `/cdp/customer_profile/${profile}`,
      headers: { ...authorization(key), ...headers },
      body,
    });
    expectStatus(answer, 200);
    expect(await marksOf(answer)).toEqual(['the body was empty, so nothing was changed']);
  });

  test('of the back office ignores unknown names too', async () => {
    const users = await office.call('GET', '/v1/users?colour=red');
    expectStatus(users, 200);
    const name = 'rollcall_marked_requests_total{operation="getUsers",kind="ignored_parameter"}';
    expect(await metric(name)).toBeGreaterThan(0);
  });
});

describe('an operation of ours', () => {
  const problems = async (method: string, path: string, body?: unknown, as = office.admin): Promise<unknown> => {
    const answer = await office.call(method, path, { as, ...(body === undefined ? {} : { body }) });
    expectStatus(answer, 400);
    return (answer.json() as { errors: { details: string; source: object }[] }).errors.map(({ details, source }) => ({
      details,
      source,
    }));
  };

  test('refuses an unknown field: nothing is replayed when `dry` is misspelled', async () => {
    const refused = await put(`/cdp/customer_profile/${profile}`, { audiencesChanges: { adds: [77] } });
    expectStatus(refused, 404);
    const uuids = [String(refused.headers['x-request-id'])];
    expect(await problems('POST', '/v1/refused_writes/replay', { uuids, dryRun: true })).toEqual([
      { details: 'Unknown field `dryRun`; did you mean `dry`?', source: { pointer: '/dryRun' } },
    ]);
    const { data } = await office.ask<{ data: { replayed: boolean }[] }>(200, 'POST', '/v1/refused_writes/replay', {
      body: { uuids, dry: true },
    });
    expect(data[0]?.replayed).toBe(false);
  });

  test('names the misspelled field rather than the one it misses', async () => {
    expect(await problems('POST', '/v1/refused_writes/replay', { uuid: [] })).toEqual([
      { details: 'Unknown field `uuid`; did you mean `uuids`?', source: { pointer: '/uuid' } },
    ]);
  });

  test('refuses an unknown query parameter', async () => {
    expect(await problems('GET', '/v1/access_logs/causes?applicationID=1&x=1')).toEqual([
      {
        details: 'Unknown query parameter `applicationID`; did you mean `applicationId`?',
        source: { parameter: 'applicationID' },
      },
      { details: 'Unknown query parameter `x`', source: { parameter: 'x' } },
    ]);
  });

  test('of the hot reads does so too', async () => {
    const path = '/v1/customer_profiles/audiences/lookup';
    const answer = await sendJson(office.server.url, generic, 'POST', path, {
      integrationIds: ['x'],
      integrationIDs: ['y'],
    });
    expectStatus(answer, 400);
    expect(answer.text).toContain('Unknown field `integrationIDs`; did you mean `integrationIds`?');
    expect((await detailOf(answer)).cause).toBe('unknown field `integrationIDs`');
  });

  test('names no field in the causes that may be a value', async () => {
    const path = '/v1/customer_profiles/audiences/lookup';
    const answer = await sendJson(office.server.url, generic, 'POST', path, {
      integrationIds: ['x'],
      'ada@example.com': 1,
    });
    expectStatus(answer, 400);
    expect((await detailOf(answer)).cause).toBe('unknown field');
  });
});

describe('a client that leaves', () => {
  const REQUESTS = 'rollcall_requests_total{operation="cdp/updateCustomerProfile",status="200"}';
  const whole = (path: string, body: string): string =>
    requestText('PUT', path, { ...authorization(key), 'Content-Type': 'application/json' }, body);

  /** Waits for the only entry of this path; fails if there are more. */
  async function entryOf(pattern: string): Promise<AccessLogDetail> {
    await until(
      async () => entries(pattern),
      (found) => found.length > 0,
    );
    // Leaves time for a second end of the same request, which would be wrong.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const found = await entries(pattern);
    expect(found).toHaveLength(1);
    return office.ask<AccessLogDetail>(200, 'GET', `/v1/access_logs/${found[0]?.uuid ?? ''}`);
  }

  const leave = async (data: string): Promise<void> => {
    const connection = await RawConnection.open(office.server.url);
    await connection.write(data);
    connection.destroy();
  };

  /** Disconnects while the write waits for another one, so that the answer always comes later. */
  async function leaveBeforeAnswer(data: string, before: () => void = () => undefined): Promise<void> {
    const database = new Database(office.server.database.slice('sqlite:'.length));
    try {
      database.exec('begin immediate');
      before();
      await leave(data);
      // Leaves the server time to notice that the connection has ended.
      await new Promise((resolve) => setTimeout(resolve, 300));
    } finally {
      database.close();
    }
  }

  test('with a whole request on its way is logged with the status it would have had', async () => {
    const before = await metric(REQUESTS);
    await leaveBeforeAnswer(whole(`/cdp/customer_profile/${profile}`, `{"audiencesChanges":{"adds":[${audience}]}}`));
    const detail = await entryOf(`/${profile}$`);
    expect(detail).toMatchObject({ status: 200, joins: 1, profiles: 1, requestBytes: 33, cause: null });
    expect(detail.marks).toEqual([
      { kind: 'client gone', name: null, suggestion: null, text: 'client gone before its response' },
    ]);
    expect(detail.responsePayload).toContain(profile);
    expect(await metric(REQUESTS)).toBe(before + 1);
    const cause = (await causes()).find(({ mark, status }) => mark?.kind === 'client gone' && status === 200);
    expect(cause).toMatchObject({ operation: 'cdp/updateCustomerProfile', lastUuid: detail.uuid });
  });

  test('is logged with its refusal, once', async () => {
    const body = { audienceId: profile, audienceName: profile };
    const created = await sendJson(office.server.url, key, 'POST', '/cdp/audiences', body);
    const { id } = created.json() as { id: number };
    let deleted: Promise<HttpAnswer> | undefined;
    // The mistake is found in the transaction, after the client has disconnected.
    await leaveBeforeAnswer(
      whole('/cdp/customer_profiles/audiences', `{"data":[{"customerProfileId":"${profile}","adds":[${id}]}]}`).replace(
        '/audiences ',
        `/audiences?of=${profile} `,
      ),
      () => {
        deleted = sendJson(office.server.url, key, 'DELETE', `/cdp/audiences/${profile}`);
      },
    );
    expect((await deleted)?.status).toBe(204);
    const detail = await entryOf(`of=${profile}$`);
    expect(detail).toMatchObject({ status: 404, cause: 'there is no audience with that ID', replayable: true });
    expect(detail.marks.map(({ text }) => text)).toEqual([
      'ignored query parameter: `of`',
      'client gone before its response',
    ]);
  });

  test('before its body has arrived changes nothing, and is logged', async () => {
    const text = whole(`/cdp/customer_profile/${profile}`, `{"audiencesChanges":{"adds":[${audience}]}}`);
    await leave(text.slice(0, -5));
    const detail = await entryOf(`/${profile}$`);
    expect(detail).toMatchObject({ status: 408, joins: 0, cause: 'The request body did not arrive in full' });
    expect(detail.marks.map(({ kind }) => kind)).toEqual(['client gone']);
    const { data } = await office.ask<{ data: unknown[] }>(
      200,
      'GET',
      `/v1/customers/no_total?integrationId=${profile}`,
    );
    expect(data).toEqual([]);
  });

  test('before a refusal of its key is logged too', async () => {
    await leave(requestText('PUT', `/cdp/customer_profile/${profile}`, { Authorization: 'ApiKey-v1 nobody' }, '{}'));
    expect(await entryOf(`/${profile}$`)).toMatchObject({ status: 401, keyPrefix: 'nobo' });
  });

  test('is none that only sends no more, and reads its answer', async () => {
    const connection = await RawConnection.open(office.server.url);
    const database = new Database(office.server.database.slice('sqlite:'.length));
    try {
      database.exec('begin immediate');
      await connection.write(whole(`/cdp/customer_profile/${profile}`, '{"attributes":{"Tier":"gold"}}'));
      connection.finish();
      await new Promise((resolve) => setTimeout(resolve, 300));
    } finally {
      database.close();
    }
    const answer = await connection.answer();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ customerProfile: { integrationId: profile } });
    expect((await entryOf(`/${profile}$`)).marks).toEqual([]);
  });

  test('is none that read its answer, and none that keeps its connection', async () => {
    const connection = await RawConnection.open(office.server.url);
    await connection.write(whole(`/cdp/customer_profile/${profile}`, '{}'));
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
    expect((await entryOf(`/${profile}$`)).marks).toEqual([]);
  });
});
