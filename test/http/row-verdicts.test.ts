/**
 * Verdicts on the rows of multi-profile requests: for clients that prefer them, for keys that request them, and for no
 * others.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
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
  for (const platform of ['none', 'customer_data', 'segment', 'emarsys'])
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

describe.for(OPERATIONS)('$name', ({ list, send: write, good, unknown, misshapen, published, unknownCode }) => {
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
    if (unknownCode === 'not_found') expect(refused.text).toContain(`${list}[1], ${list}[2]: Audience `);
    else expect(refused.text).toContain(`/${list}/2/attributes/Orders`);
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
    for (const rows of [null, {}, 'x'] as unknown as unknown[][]) expectStatus(await write(rows, BOTH), 400);
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
