/**
 * Verdicts on the rows of multi-profile requests: for clients that prefer them, for keys that request them, and for no
 * others.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, type BackOfficeCall, startBackOffice } from './back-office.ts';
import { authorization, type HttpAnswer, send } from './client.ts';
import { expectStatus } from './scenario.ts';

interface Verdicts {
  requestId: string;
  applied: number;
  unchanged: number;
  refused: number;
  rows: { row: number; integrationId?: string; verdict: string; code?: string; message?: string }[];
}

const REPRESENTATION = 'return=representation';
const LENIENT = 'handling=lenient';
const BOTH = `${REPRESENTATION}, ${LENIENT}`;
const HOST = { 'destination-hostname': 'promo.example.com' };

let office: BackOffice;
let audience = 0;
let runs = 0;
let run = '';
const keys: Record<string, string> = {};

beforeAll(async () => {
  office = await startBackOffice();
  for (const platform of ['none', 'customer_data', 'segment', 'emarsys', 'mparticle'])
    keys[platform] = await createKey({ platform });
  for (const [key, id] of [
    ['customer_data', 'a'],
    ['segment', 's'],
  ] as const) {
    const created = await call('POST', key === 'segment' ? '/segment/audiences' : '/cdp/audiences', key, {
      audienceId: id,
      audienceName: id,
    });
    if (id === 'a') audience = (created.json() as { id: number }).id;
  }
  await office.ask(201, 'POST', '/v1/attributes', {
    body: {
      entity: 'CustomerProfile',
      name: 'Orders',
      title: 'Orders',
      type: 'number',
      description: '',
      suggestions: [],
      editable: true,
    },
  });
});
afterAll(async () => office.server.stop());

async function createKey(more: object): Promise<string> {
  const body = { title: 'key', expires: new Date(Date.now() + 86_400_000).toISOString(), ...more };
  return (await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key;
}

async function call(method: string, path: string, key: string, body: unknown, prefer?: string): Promise<HttpAnswer> {
  return send(office.server.url, {
    method,
    path,
    headers: {
      ...authorization(keys[key] ?? key),
      ...HOST,
      'content-type': 'application/json',
      ...(prefer === undefined ? {} : { prefer }),
    },
    body: JSON.stringify(body),
  });
}

/**
 * An operation with rows, with functions that make a valid row, one with an unknown audience, and one with the wrong
 * shape.
 */
interface Operation {
  readonly name: string;
  readonly list: string;
  readonly send: (rows: readonly unknown[], prefer?: string, key?: string) => Promise<HttpAnswer>;
  readonly good: (id: string) => object;
  readonly unknown: (id: string) => object;
  readonly misshapen: readonly unknown[];
  /** The answer of the published operation. */
  readonly published: number;
  readonly unknownCode: string;
  /** What names the rows of a refusal with two of the second kind, after a valid one. */
  readonly naming: RegExp;
}

const bulk = (path: string, key: string, audienceOf: () => unknown): Operation => ({
  name: `PUT ${path}`,
  list: 'data',
  send: async (data, prefer, by = key) => call('PUT', path, by, { data }, prefer),
  good: (customerProfileId) => ({ customerProfileId, adds: [audienceOf()] }),
  unknown: (customerProfileId) => ({
    customerProfileId,
    adds: [audienceOf()],
    deletes: [typeof audienceOf() === 'number' ? 99_999 : 'nowhere'],
  }),
  misshapen: [
    null,
    7,
    [],
    {},
    { customerProfileId: '' },
    { customerProfileId: 'x'.repeat(1001) },
    { customerProfileId: 'x', adds: [true] },
  ],
  published: 204,
  unknownCode: 'not_found',
  naming: /data\[1\], data\[2\]: Audience /,
});

const TRAVEL = { audience_id: 4711, audience_name: 'Travel' };
const user = (id: string, audiences: readonly unknown[]) => ({
  mpid: 'x',
  user_identities: [{ type: 'customer', encoding: 'raw', value: id }],
  audiences,
});

const OPERATIONS: readonly Operation[] = [
  bulk('/cdp/customer_profiles/audiences', 'customer_data', () => audience),
  bulk('/cdp/customer_profile/audiences', 'customer_data', () => audience),
  bulk('/cdp/v2/customer_profiles/audiences', 'customer_data', () => 'a'),
  bulk('/segment/customer_profiles/audiences', 'segment', () => audience),
  bulk('/segment/v2/customer_profiles/audiences', 'segment', () => 's'),
  {
    name: 'POST /v2/customer_audiences',
    list: 'data',
    send: async (data, prefer, key = 'none') => call('POST', '/v2/customer_audiences', key, { data }, prefer),
    good: (profileIntegrationId) => ({ action: 'add', profileIntegrationId, audienceId: audience }),
    unknown: (profileIntegrationId) => ({ action: 'delete', profileIntegrationId, audienceId: 99_999 }),
    misshapen: [
      null,
      {},
      { action: 'move', profileIntegrationId: 'x', audienceId: 1 },
      { action: 'add', profileIntegrationId: 'x', audienceId: '1' },
    ],
    published: 204,
    unknownCode: 'not_found',
    naming: /data\[1\], data\[2\]: Audience /,
  },
  {
    name: 'PUT /v2/customer_profiles',
    list: 'customerProfiles',
    send: async (customerProfiles, prefer, key = 'none') =>
      call('PUT', '/v2/customer_profiles', key, { customerProfiles }, prefer),
    good: (integrationId) => ({ integrationId, attributes: { Orders: 7 } }),
    unknown: (integrationId) => ({ integrationId, attributes: { Orders: 'seven' } }),
    misshapen: [null, {}, { integrationId: 7 }, { integrationId: 'x', attributes: [] }],
    published: 204,
    unknownCode: 'invalid',
    naming: /\/customerProfiles\/2\/attributes\/Orders/,
  },
  {
    name: 'POST /emarsys/customer_profiles/audiences',
    list: 'parameters',
    send: async (parameters, prefer, key = 'emarsys') =>
      call('POST', '/emarsys/customer_profiles/audiences?deployment=promo.example.com', key, { parameters }, prefer),
    good: (customerProfileId) => ({ customerProfileId, audienceId: String(audience), actionType: 'add' }),
    unknown: (customerProfileId) => ({ customerProfileId, audienceId: 99_999, actionType: 'add' }),
    misshapen: [null, {}, { customerProfileId: 'x', audienceId: 'one', actionType: 'add' }],
    published: 200,
    unknownCode: 'not_found',
    naming: /parameters\[1\], parameters\[2\]: Audience /,
  },
  {
    name: 'POST /mparticle',
    list: 'user_profiles',
    send: async (user_profiles, prefer, key = 'mparticle') => {
      const account_settings = {
        apiKey: keys[key] ?? key,
        deploymentURL: 'promo.example.com',
        userIdField: 'customerId',
      };
      const type = 'audience_membership_change_request';
      return call('POST', '/mparticle', 'none', { type, account: { account_settings }, user_profiles }, prefer);
    },
    good: (id) => user(id, [{ ...TRAVEL, action: 'add' }]),
    unknown: (id) =>
      user(id, [
        { ...TRAVEL, audience_id: 4712, action: 'add' },
        { ...TRAVEL, action: 'attribute_update', user_attributes: [{ key: 'Orders', value: 'seven' }] },
      ]),
    misshapen: [
      null,
      {},
      { mpid: 'without an identity' },
      { ...user('x', []), user_identities: 7 },
      user('x', [7, { ...TRAVEL, action: 'move', user_attributes: 'x' }]),
    ],
    published: 200,
    unknownCode: 'invalid',
    naming: /user_profiles\[1\]: Attribute 'Orders' .*user_profiles\[2\]: Attribute 'Orders' /,
  },
];

/** The stored profile; undefined if it is unknown. */
async function stored(id: string): Promise<unknown> {
  const path = `/v1/customer_profiles/${run}${id}/inventory?profile=true`;
  const answer = await call('GET', path, 'none', undefined);
  if (answer.status === 404) return undefined;
  const { attributes, audienceMemberships } = (
    answer.json() as { profile: { attributes: object; audienceMemberships: { id: number }[] } }
  ).profile;
  return Object.keys(attributes).length + audienceMemberships.length;
}

const verdictsOf = (answer: HttpAnswer): Verdicts => answer.json() as Verdicts;
const shortly = ({ rows }: Verdicts) => rows.map(({ verdict, code }) => code ?? verdict);

describe.for(OPERATIONS)('$name', ({ list, send: write, good, unknown, misshapen, published, unknownCode, naming }) => {
  const id = (name: string): string => {
    run = `run-${runs}-`;
    return `${run}${name}`;
  };
  const fresh = (): void => {
    runs += 1;
  };

  test('nobody who does not ask sees a difference', async () => {
    fresh();
    const done = await write([good(id('a'))]);
    expectStatus(done, published);
    expect(done.headers).not.toHaveProperty('preference-applied');
    expect(done.headers).not.toHaveProperty('vary');
    const refused = await write([good(id('b')), unknown(id('c')), unknown(id('d'))]);
    expectStatus(refused, unknownCode === 'not_found' ? 404 : 400);
    expect(refused.text).toContain('nothing was applied');
    expect(refused.text).not.toContain('report');
    expect(refused.text).toMatch(naming);
    expect(await stored('b')).toBeUndefined();
    const mistaken = await write([good(id('b')), misshapen[0]]);
    expectStatus(mistaken, 400);
    expect(mistaken.text).toContain(`${list}[1]: expected an object; nothing was applied`);
    expect(await stored('b')).toBeUndefined();
  });

  test('a verdict on each row, and all or nothing', async () => {
    fresh();
    const done = await write([good(id('a')), good(id('b')), good(id('a'))], REPRESENTATION);
    expectStatus(done, 200);
    expect(done.headers['preference-applied']).toBe(REPRESENTATION);
    expect(done.headers['vary']).toMatch(/Prefer/);
    expect(verdictsOf(done)).toEqual({
      requestId: done.headers['x-request-id'],
      applied: 2,
      unchanged: 1,
      refused: 0,
      rows: [
        { row: 0, integrationId: id('a'), verdict: 'applied' },
        { row: 1, integrationId: id('b'), verdict: 'applied' },
        { row: 2, integrationId: id('a'), verdict: 'unchanged' },
      ],
    });
    const again = await write([good(id('a')), good(id('b'))], REPRESENTATION);
    expect(shortly(verdictsOf(again))).toEqual(['unchanged', 'unchanged']);
    const refused = await write([good(id('c')), unknown(id('d'))], REPRESENTATION);
    expectStatus(refused, unknownCode === 'not_found' ? 404 : 400);
    expect(refused.text).toContain('nothing was applied');
    expect(refused.json()).toMatchObject({ report: { applied: 0, refused: 1, rows: [{ row: 1, code: unknownCode }] } });
    expect(await stored('c')).toBeUndefined();
  });

  test('lenient handling applies the good rows in order, and none of the bad', async () => {
    fresh();
    const rows = [good(id('a')), unknown(id('b')), ...misshapen, good(id('c')), good(id('a'))];
    const done = await write(rows, BOTH);
    expectStatus(done, 200);
    expect(done.headers['preference-applied']).toBe(BOTH);
    expect(shortly(verdictsOf(done))).toEqual([
      'applied',
      unknownCode,
      ...misshapen.map(() => 'invalid'),
      'applied',
      'unchanged',
    ]);
    const { refused, rows: told } = verdictsOf(done);
    expect(refused).toBe(misshapen.length + 1);
    for (const each of told) expect(each.message === undefined).toBe(each.verdict !== 'refused');
    expect(told[2]?.message).toMatch(new RegExp(`^${list}\\[2\\]: `));
    expect([await stored('a'), await stored('b'), await stored('c')]).toEqual([1, undefined, 1]);
    const quiet = await write([good(id('d')), unknown(id('e'))], LENIENT);
    expectStatus(quiet, published);
    expect(quiet.headers['preference-applied']).toBe(LENIENT);
    expect([await stored('d'), await stored('e')]).toEqual([1, undefined]);
  });

  test('up to a number of errors, and with one more nothing', async () => {
    fresh();
    const rows = [good(id('a')), unknown(id('b')), misshapen[0]];
    for (const prefer of [`${LENIENT}, max-errors=1`, `${LENIENT}; max-errors=1`, `${LENIENT}, max-errors=some`]) {
      const refused = await write(rows, prefer);
      expect([400, 404]).toContain(refused.status);
      expect(refused.text).toMatch(/2 rows are refused, and max-errors is [01]: /);
      expect(refused.text).toContain('nothing was applied');
      expect(refused.json()).toMatchObject({
        report: { applied: 0, unchanged: 0, refused: 2, rows: [{ row: 1 }, { row: 2 }] },
      });
      expect(await stored('a')).toBeUndefined();
    }
    const done = await write(rows, `${BOTH}, max-errors=2`);
    expectStatus(done, 200);
    expect(done.headers['preference-applied']).toBe(`${BOTH}, max-errors=2`);
    expect(await stored('a')).toBe(1);
  });

  test('what is no row refuses the request all the same', async () => {
    fresh();
    // mParticle may leave out the list.
    for (const rows of [...(list === 'user_profiles' ? [] : [null]), {}, 'x'] as unknown as unknown[][])
      expectStatus(await write(rows, BOTH), 400);
    const many = Array.from({ length: 1001 }, (_, index) => good(id(String(index))));
    const refused = await write(many, BOTH);
    expectStatus(refused, 400);
    expect(refused.text).toContain('1001 entries');
    expect(await stored('0')).toBeUndefined();
  });

  test('a thousand rows', async () => {
    fresh();
    const rows = Array.from({ length: 1000 }, (_, index) =>
      index % 10 === 3 ? unknown(id(String(index % 500))) : good(id(String(index % 500))),
    );
    const before = await countMembers();
    const verdicts = verdictsOf(
      await write(rows.slice(0, list === 'data' && unknownCode === 'not_found' ? 900 : 1000), BOTH),
    );
    const sent = verdicts.rows.length;
    expect(verdicts.rows.map(({ row }) => row)).toEqual(Array.from({ length: sent }, (_, index) => index));
    expect(verdicts).toMatchObject({ applied: 450, unchanged: sent - sent / 10 - 450, refused: sent / 10 });
    expect([await stored('2'), await stored('3'), await stored('499')]).toEqual([1, undefined, 1]);
    if (unknownCode === 'not_found') expect(await countMembers()).toBe(before + 450);
  });
});

/** Members of both audiences, as counted. */
async function countMembers(): Promise<number> {
  const { data } = await office.ask<{ data: { membersCount: number }[] }>(200, 'GET', '/v1/audiences?pageSize=100', {
    headers: { prefer: 'extended' },
  });
  return data.reduce((sum, { membersCount }) => sum + membersCount, 0);
}

describe('a key that speaks for its caller', () => {
  const cdp = OPERATIONS[0] as Operation;
  const fresh = (): ((name: string) => string) => {
    runs += 1;
    run = `run-${runs}-`;
    return (name) => `${run}${name}`;
  };

  test('is lenient, unless a request is strict; the answer stays as published', async () => {
    const id = fresh();
    const key = await createKey({ platform: 'customer_data', lenientRows: true });
    const rows = [cdp.good(id('a')), cdp.unknown(id('b'))];
    const done = await cdp.send(rows, undefined, key);
    expectStatus(done, 204);
    expect(done.text).toBe('');
    expect(done.headers).not.toHaveProperty('preference-applied');
    expect(await stored('a')).toBe(1);
    const strict = await cdp.send([cdp.good(id('c')), cdp.unknown(id('b'))], 'handling=strict', key);
    expectStatus(strict, 404);
    expect(await stored('c')).toBeUndefined();
    expect(await reportOf(done)).toMatchObject({
      applied: 1,
      refused: 1,
      rows: [{ row: 1, verdict: 'refused' }, { row: 0 }],
    });
  });

  test('keeps reports of all or nothing', async () => {
    const id = fresh();
    const key = await createKey({ platform: 'customer_data', rowReports: true });
    const done = await cdp.send([cdp.good(id('a')), cdp.good(id('a'))], undefined, key);
    expectStatus(done, 204);
    expect(await reportOf(done)).toMatchObject({ applied: 1, unchanged: 1, refused: 0 });
    const refused = await cdp.send([cdp.good(id('b')), cdp.unknown(id('b'))], undefined, key);
    expectStatus(refused, 404);
    expect(refused.text).not.toContain('report');
    expect(await reportOf(refused)).toMatchObject({ applied: 0, refused: 1 });
  });

  test('skips undefined attributes, on every operation that has attributes', async () => {
    const id = fresh();
    const switches = { skipUndefinedAttributes: true };
    const attributes = { Orders: 3, Nowhere: true };
    const [cdpKey, segmentKey, generic] = [
      await createKey({ platform: 'customer_data', ...switches }),
      await createKey({ platform: 'segment', ...switches }),
      await createKey(switches),
    ];
    const paths: [string, string, unknown, number][] = [
      [`/cdp/customer_profile/${id('a')}`, cdpKey, { attributes }, 200],
      [`/segment/v2/customer_profiles/${id('b')}`, segmentKey, { attributes }, 200],
      [`/v2/customer_profiles/${id('c')}`, generic, { attributes }, 200],
      ['/v2/customer_profiles', generic, { customerProfiles: [{ integrationId: id('d'), attributes }] }, 204],
      // These create undefined attributes, and skip only those that they would refuse.
      [`/segment/customer_profile/${id('f')}`, segmentKey, { attributes: { Orders: 3, Nothing: null, 'a b': 1 } }, 200],
      [`/segment/customer_profile_v2/${id('g')}`, segmentKey, { attributes: { Orders: 3, Nothing: {} } }, 200],
    ];
    for (const [path, key, body, status] of paths) expectStatus(await call('PUT', path, key, body), status);
    for (const name of ['a', 'b', 'c', 'd', 'f', 'g']) expect(await stored(name)).toBe(1);
    const other = await call('PUT', `/v2/customer_profiles/${id('e')}`, 'none', { attributes });
    expectStatus(other, 400);
  });

  test('is lenient with the messages of mParticle, whose refused rows can be replayed', async () => {
    const id = fresh();
    const attribute = {
      entity: 'CustomerProfile',
      name: 'Grade',
      title: 'Grade',
      type: 'string',
      description: '',
      editable: true,
      restrictedBySuggestions: true,
    };
    const { id: attributeId } = await office.ask<{ id: number }>(201, 'POST', '/v1/attributes', {
      body: { ...attribute, suggestions: ['gold'] },
    });
    const mparticle = OPERATIONS.at(-1) as Operation;
    const key = await createKey({ platform: 'mparticle', lenientRows: true });
    const graded = (name: string, number: number, value: string) =>
      user(id(name), [
        {
          audience_id: number,
          audience_name: `A ${number}`,
          action: 'add',
          user_attributes: [{ key: 'Grade', value }],
        },
      ]);
    const rows = [graded('a', 5001, 'gold'), graded('b', 5002, 'iron'), { mpid: 'nobody' }];
    const done = await mparticle.send(rows, undefined, key);
    expectStatus(done, 200);
    expect(done.json()).toEqual({ type: 'audience_membership_change_response' });
    expect([await stored('a'), await stored('b')]).toEqual([2, undefined]);
    const audiences = async () =>
      (await office.ask<{ data: { integrationId: string }[] }>(200, 'GET', '/v1/audiences?pageSize=100')).data.filter(
        ({ integrationId }) => /^500[12]$/.test(integrationId),
      ).length;
    // What a refused row names is not created.
    expect(await audiences()).toBe(1);
    const { rows: reported } = await reportOf(done);
    expect(reported.map(({ row, integrationId, code }) => [row, integrationId, code])).toEqual([
      [1, id('b'), 'invalid'],
      [2, null, 'invalid'],
      [0, id('a'), null],
    ]);
    await office.ask(200, 'PUT', `/v1/attributes/${attributeId}`, {
      body: { ...attribute, suggestions: ['gold', 'iron'] },
    });
    const body = { uuids: [String(done.headers['x-request-id'])] };
    const { data } = await office.ask<{ data: object[] }>(200, 'POST', '/v1/refused_writes/replay', { body });
    expect(data).toMatchObject([
      { status: 200, replayed: false, joins: 1, rows: { applied: 1, refused: 1, reasons: [{ row: 2 }] } },
    ]);
    expect([await stored('b'), await audiences()]).toEqual([2, 2]);
    // A message of another kind has no rows.
    const removal = { type: 'audience_subscription_request', ...TRAVEL, audience_id: 5002, action: 'remove' };
    const account_settings = { apiKey: key, deploymentURL: 'promo.example.com', userIdField: 'customerId' };
    const other = await call('POST', '/mparticle', 'none', { ...removal, account: { account_settings } }, BOTH);
    expectStatus(other, 200);
    expect(other.json()).toEqual({ type: 'audience_subscription_response' });
    const wrong = await call('POST', '/mparticle', 'none', { ...removal, action: 7, account: { account_settings } });
    expectStatus(wrong, 400);
    expect(wrong.text).not.toContain('nothing was applied');
  });

  test('can be told to speak differently, from the next request on', async () => {
    const id = fresh();
    const created = await office.ask<{ id: number; key: string }>(201, 'POST', '/v1/applications/1/apikeys', {
      body: { title: 'x', expires: '2099-01-01', platform: 'customer_data' },
    });
    const path = `/v1/applications/1/apikeys/${created.id}`;
    const rows = (name: string) => [cdp.good(id(name)), cdp.unknown(id('z'))];
    expectStatus(await cdp.send(rows('a'), undefined, created.key), 404);
    const { key: secret, ...shown } = created;
    const changed = await office.ask<object>(200, 'PUT', path, { body: { lenientRows: true } });
    expect(changed).toEqual({ ...shown, lenientRows: true });
    expect(JSON.stringify(changed)).not.toContain(secret);
    expectStatus(await cdp.send(rows('b'), undefined, created.key), 204);
    await office.ask(200, 'PUT', path, { body: { lenientRows: false, rowReports: true } });
    const refused = await cdp.send(rows('c'), undefined, created.key);
    expectStatus(refused, 404);
    expect(await reportOf(refused)).toMatchObject({ refused: 1 });
    const { data } = await office.ask<{ data: { entity: string; old: object; new: object }[] }>(
      200,
      'GET',
      `/v1/changes?sort=-created&pageSize=2&entityPath=apikeys/${created.id}`,
    );
    expect(data).toMatchObject([
      { old: { lenientRows: true, rowReports: false }, new: { lenientRows: false, rowReports: true } },
      { entity: path, old: { lenientRows: false }, new: { lenientRows: true } },
    ]);
    await office.ask(400, 'PUT', path, { body: { lenientRows: 'yes' } });
    await office.ask(400, 'PUT', path, { body: { title: 'another' } });
    for (const gone of [path.replace('/1/', '/2/'), `${path}999`]) {
      await office.ask(404, 'PUT', gone, { body: { lenientRows: true } });
    }
  });

  test('is shown with what it says', async () => {
    const created = await office.ask<object>(201, 'POST', '/v1/applications/1/apikeys', {
      body: { title: 'x', expires: '2099-01-01', lenientRows: true, skipUndefinedAttributes: true },
    });
    expect(created).toMatchObject({ lenientRows: true, rowReports: false, skipUndefinedAttributes: true });
    const { data } = await office.ask<{ data: object[] }>(200, 'GET', '/v1/applications/1/apikeys?sort=-id');
    expect(data[0]).toMatchObject({ lenientRows: true, rowReports: false, skipUndefinedAttributes: true });
  });
});

interface Report {
  uuid: string;
  applied: number;
  refused: number;
  isCut: boolean;
  rows: { row: number; integrationId: string | null; verdict: string; code: string | null; message: string | null }[];
}

async function reportOf(answer: HttpAnswer, options: BackOfficeCall = {}): Promise<Report> {
  const uuid = String(answer.headers['x-request-id']);
  return office.ask<Report>(200, 'GET', `/v1/access_logs/${uuid}/report`, options);
}

describe('the report of a request', () => {
  const profiles = OPERATIONS.find(({ list }) => list === 'customerProfiles') as Operation;
  const cdp = OPERATIONS[0] as Operation;
  const detailOf = async (answer: HttpAnswer) =>
    office.ask<{ hasReport: boolean; replayable: boolean; marks: { kind: string }[] }>(
      200,
      'GET',
      `/v1/access_logs/${String(answer.headers['x-request-id'])}`,
    );

  test('is kept for who asks, and shows refused rows first', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const done = await profiles.send([profiles.good(`${run}a`), profiles.unknown(`${run}b`)], LENIENT);
    const report = await reportOf(done);
    expect(report).toMatchObject({ uuid: done.headers['x-request-id'], applied: 1, refused: 1, isCut: false });
    expect(report.rows).toEqual([
      {
        row: 1,
        integrationId: `${run}b`,
        verdict: 'refused',
        code: 'invalid',
        message: expect.stringContaining("'Orders'") as string,
      },
      { row: 0, integrationId: `${run}a`, verdict: 'applied', code: null, message: null },
    ]);
    expect(await detailOf(done)).toMatchObject({
      hasReport: true,
      replayable: true,
      marks: [{ kind: 'refused rows' }],
    });
    const plain = await profiles.send([profiles.good(`${run}a`)]);
    expect(await detailOf(plain)).toMatchObject({ hasReport: false, replayable: false });
    await office.ask(404, 'GET', `/v1/access_logs/${String(plain.headers['x-request-id'])}/report`);
  });

  test('holds a thousand rows within its bounds', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const long = (index: number): string => `${run}${index}-`.padEnd(1000, 'x');
    const rows = Array.from({ length: 1000 }, (_, index) =>
      index < 900 ? cdp.good(long(index)) : { customerProfileId: 7 },
    );
    const report = await reportOf(await cdp.send(rows, LENIENT));
    expect(report).toMatchObject({ applied: 900, refused: 100, isCut: true });
    expect(report.rows.slice(0, 100).every(({ verdict }) => verdict === 'refused')).toBe(true);
    expect(report.rows.length).toBeGreaterThan(400);
    expect(report.rows.length).toBeLessThan(1000);
  });

  test('keeps no more than the Application allows, and shows IDs and reasons to admins only', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const rows = [profiles.unknown(`${run}a`)];
    const { data: users } = await office.ask<{ data: { id: number }[] }>(200, 'GET', '/v1/users');
    expect(users.length).toBeGreaterThan(0);
    const kept: Record<string, Report['rows'][number] | undefined> = {};
    for (const payloadLogging of ['masked', 'off', 'full']) {
      await office.ask(200, 'PUT', '/v1/applications/1', { body: { payloadLogging } });
      kept[payloadLogging] = (await reportOf(await profiles.send(rows, LENIENT))).rows[0];
    }
    expect(kept['masked']).toMatchObject({ integrationId: `${run}a`, code: 'invalid' });
    expect(kept['masked']?.message).not.toContain('Orders');
    expect(kept['off']).toEqual({ row: 0, integrationId: null, verdict: 'refused', code: 'invalid', message: null });
    expect(kept['full']?.message).toContain('Orders');
  });

  test('forgets a person who is erased', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const done = await profiles.send(
      [profiles.good(`${run}a`), profiles.good(`${run}b`), profiles.unknown(`${run}a`)],
      LENIENT,
    );
    expectStatus(await call('DELETE', `/v1/customer_data/${run}a`, 'none', undefined), 204);
    const { rows } = await reportOf(done);
    expect(rows.map(({ row, integrationId, message, verdict }) => [row, integrationId, message, verdict])).toEqual([
      [2, null, null, 'refused'],
      [0, null, null, 'applied'],
      [1, `${run}b`, null, 'applied'],
    ]);
    expect(await detailOf(done)).toMatchObject({ replayable: false });
  });

  test('and a replay sends what was refused, until nothing of it is left', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const done = await cdp.send(
      [
        { customerProfileId: `${run}a`, adds: [audience] },
        { customerProfileId: `${run}b`, adds: [audience, audience + 1000] },
        { customerProfileId: 7 },
      ],
      BOTH,
    );
    expect(verdictsOf(done)).toMatchObject({ applied: 1, refused: 2 });
    const uuid = String(done.headers['x-request-id']);
    const replay = async (dry: boolean) => {
      const { data } = await office.ask<{ data: { status: number; replayed: boolean; joins: number; rows: object }[] }>(
        200,
        'POST',
        '/v1/refused_writes/replay',
        { body: { uuids: [uuid], dry } },
      );
      return data[0];
    };
    for (const dry of [true, false]) {
      expect(await replay(dry)).toMatchObject({
        replayed: false,
        joins: 0,
        rows: { applied: 0, unchanged: 0, refused: 2, reasons: [{ row: 1 }, { row: 2 }] },
      });
    }
    expect(await detailOf(done)).toMatchObject({ replayable: true });
    const { data: kept } = await office.ask<{ data: { uuid: string; cause: string; status: number }[] }>(
      200,
      'GET',
      '/v1/refused_writes',
    );
    expect(kept.find((each) => each.uuid === uuid)).toMatchObject({
      status: 200,
      cause: 'there is no audience with that ID',
    });
    // A whole batch whose rows can be mended: the attribute is defined in between.
    const attributes = { Later: 'x' };
    const many = await profiles.send(
      [
        { integrationId: `${run}c`, attributes },
        { integrationId: `${run}d`, attributes: { Orders: 1 } },
      ],
      LENIENT,
    );
    expectStatus(many, 204);
    await office.ask(201, 'POST', '/v1/attributes', {
      body: {
        entity: 'CustomerProfile',
        name: 'Later',
        title: 'Later',
        type: 'string',
        description: '',
        suggestions: [],
        editable: true,
      },
    });
    const body = { uuids: [String(many.headers['x-request-id'])], dry: false };
    const { data } = await office.ask<{ data: object[] }>(200, 'POST', '/v1/refused_writes/replay', { body });
    expect(data[0]).toMatchObject({ status: 204, replayed: true, rows: { applied: 1, unchanged: 0, refused: 0 } });
    expect([await stored('c'), await stored('d')]).toEqual([1, 1]);
    expect(await detailOf(many)).toMatchObject({ replayable: false });
  });

  test('under an idempotency key a repeat gets the same verdicts', async () => {
    runs += 1;
    run = `run-${runs}-`;
    const headers = { ...authorization(keys['none'] ?? ''), prefer: BOTH, 'idempotency-key': run };
    const rows = [profiles.good(`${run}a`), profiles.unknown(`${run}b`), null];
    const write = async () =>
      send(office.server.url, {
        method: 'PUT',
        path: '/v2/customer_profiles',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ customerProfiles: rows }),
      });
    const first = await write();
    const again = await write();
    expectStatus(first, 200);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const { requestId: _first, ...given } = verdictsOf(first);
    expect(again.json()).toEqual({ ...given, requestId: again.headers['x-request-id'] });
  });
});
