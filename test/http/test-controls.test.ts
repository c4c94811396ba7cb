/** The test controls over HTTP: what a test in any language can do to a server, and who may not use them. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReceivedRequest } from '../../src/test-controls/received.ts';
import type { Seeded } from '../../src/test-controls/seed.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { type HttpAnswer, send, sendJson, until } from './client.ts';
import { expectStatus } from './scenario.ts';

let server: ServerProcess;
let token: string;
let key: string;

beforeAll(async () => {
  server = await startServerProcess({ ephemeral: true, args: ['--test-controls'] });
  ({ testControlsToken: token } = JSON.parse(server.output().stdout) as { testControlsToken: string });
  key = server.keys['customerData'] ?? '';
});
afterAll(async () => server.stop());
beforeEach(async () => ask(200, 'POST', '/reset'));

async function control(method: string, path: string, body?: unknown, as = token): Promise<HttpAnswer> {
  return send(server.url, {
    method,
    path: `/test-controls${path}`,
    headers: { Authorization: `Bearer ${as}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}
async function ask<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await control(method, path, body);
  expectStatus(answer, status);
  return (answer.text === '' ? undefined : answer.json()) as Body;
}
async function update(profile: string, body: unknown = {}): Promise<HttpAnswer> {
  return sendJson(server.url, key, 'PUT', `/cdp/customer_profile/${profile}`, body);
}
async function received(query = ''): Promise<ReceivedRequest[]> {
  return (await ask<{ data: ReceivedRequest[] }>(200, 'GET', `/requests${query}`)).data;
}

describe('who may use them', () => {
  const routes = [
    ...readFileSync(new URL('../../src/http/surfaces/test-controls/routes.ts', import.meta.url), 'utf8').matchAll(
      /app\.(get|post|patch|delete)\b[^(]*\(\s*(?:PREFIX|`\$\{PREFIX\}([^`]*)`)/g,
    ),
  ].map(([, method = '', path = '']) => [method.toUpperCase(), path.replace(/:\w+/g, '1')] as const);

  test.each(routes)('%s %s needs the token', async (method, path) => {
    for (const as of ['', 'rct_of-another-server', server.keys['generic'] ?? '']) {
      const answer = await control(method, path, method === 'GET' ? undefined : {}, as);
      expect(answer.status).toBe(401);
      expect(answer.json()).toMatchObject({
        message: expect.stringContaining('Authorization: Bearer <token>') as string,
      });
    }
  });

  test('the table above has all routes', () => {
    expect(routes.map(([method, path]) => `${method} ${path}`)).toEqual([
      'GET ',
      'POST /seed',
      'POST /reset',
      'POST /admins',
      'GET /clock',
      'PATCH /clock',
      'GET /faults',
      'POST /faults',
      'DELETE /faults',
      'GET /requests',
      'DELETE /requests',
      'GET /profiles/1',
      'GET /audiences',
      'GET /audiences/1/members',
    ]);
  });

  test('wrong methods and paths are named, and are not in the published document', async () => {
    const wrong = await control('PUT', '/clock', {});
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, PATCH']);
    expect((await control('GET', '/clocks')).text).toContain('/docs/testing');
    expect((await send(server.url, { method: 'GET', path: '/openapi.json' })).text).not.toContain('test-controls');
    const page = await send(server.url, { method: 'GET', path: '/docs/testing' });
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('<code>GET /test-controls</code>')]);
  });
});

describe('the seed', () => {
  test('creates what it describes, and names the numbers', async () => {
    const seeded = await ask<Seeded>(201, 'POST', '/seed', {
      applications: {
        shop: { name: 'Shop', timezone: 'Europe/Berlin' },
        lab: { environment: 'sandbox', staging: true },
      },
      keys: {
        sender: { application: 'shop', platform: 'customer_data' },
        reader: { application: 'lab', readOnly: true },
        trial: { application: 'lab', test: true },
      },
      attributes: {
        Level: { type: 'string', suggestions: ['low', 'high'], restrictedBySuggestions: true },
        Points: 'number',
      },
      audiences: { vip: { platform: 'Tealium', integrationId: 'a-1', name: 'VIP' }, trial: { environment: 'sandbox' } },
      profiles: {
        ada: { application: 'shop', attributes: { Level: 'high', Points: 7 }, audiences: ['vip'] },
        eve: { environment: 'sandbox', integrationId: 'e/v e', audiences: ['trial'] },
      },
    });
    const { sender = '' } = seeded.keys;
    const answer = await sendJson(server.url, sender, 'PUT', '/cdp/customer_profile/ada', {});
    expect(answer.json()).toMatchObject({
      customerProfile: {
        id: seeded.profiles['ada'],
        attributes: { Level: 'high', Points: 7 },
        audienceMemberships: [{ id: seeded.audiences['vip'], name: 'VIP' }],
      },
    });
    expect(await ask(200, 'GET', '/profiles/ada')).toMatchObject({
      attributes: { Level: 'high', Points: 7 },
      audiences: [{ id: seeded.audiences['vip'], name: 'VIP', platform: 'Tealium', integrationId: 'a-1' }],
    });
    expect(await ask(200, 'GET', '/profiles/e%2Fv%20e?environment=sandbox')).toMatchObject({ integrationId: 'e/v e' });
    expect(await ask(200, 'GET', `/audiences/${seeded.audiences['trial']}/members`)).toEqual({ data: ['e/v e'] });
    expect(await ask(200, 'GET', '/audiences?environment=sandbox')).toMatchObject({
      data: [{ name: 'trial', members: 1 }],
    });
    // A Test key keeps nothing of what it tries out.
    const trial = seeded.keys['trial'] ?? '';
    const tried = await sendJson(server.url, trial, 'PUT', '/v2/customer_profiles/new?runRuleEngine=true', {});
    expect(tried.status).toBe(200);
    expect((await control('GET', '/profiles/new?environment=sandbox')).status).toBe(404);
    // Objects that exist from the start keep their labels.
    expect(await ask(200, 'GET', '')).toMatchObject({
      keys: { customerData: key, sender },
      applications: { Default: 1 },
    });
  });

  test.each<[unknown, string, string]>([
    [{ profile: {} }, '/profile', 'profile: is not known here; did you mean profiles?'],
    [{ keys: [] }, '/keys', 'keys: must be an object whose keys are labels of your own'],
    [{ audiences: { vip: 'VIP' } }, '/audiences/vip', 'audiences.vip: must be an object'],
    [
      { attributes: { Level: { typ: 'string' } } },
      '/attributes/Level/typ',
      'attributes.Level.typ: is not known here; did you mean type?',
    ],
    [
      { attributes: { Level: 'text' } },
      '/attributes/Level/type',
      "attributes.Level.type: 'text' is not one of string, number",
    ],
    [{ keys: { k: { readOnly: 'yes' } } }, '/keys/k/readOnly', 'keys.k.readOnly: must be true or false'],
    [
      { keys: { k: { application: 'shop' } } },
      '/keys/k/application',
      "keys.k.application: there is no Application 'shop' in the seed",
    ],
    [
      { keys: { k: { platform: 'tealium' } } },
      '/keys/k/platform',
      "keys.k.platform: 'tealium' is not one of none, customer_data",
    ],
    [
      { applications: { a: { environment: 'test' } } },
      '/applications/a/environment',
      "'test' is neither live nor sandbox",
    ],
    [
      { profiles: { 'a/b': { audiences: ['vip'] } } },
      '/profiles/a~1b/audiences',
      "there is no audience 'vip' in the seed",
    ],
    [
      { profiles: { ada: { attributes: { Nope: 1 } } } },
      '/profiles/ada/attributes/Nope',
      "profiles.ada: Attribute 'Nope'",
    ],
    [{ attributes: { Tier: 'string' } }, '/attributes/Tier', 'attributes.Tier: '],
  ])('%j is refused at %s', async (seed, pointer, message) => {
    const answer = await control('POST', '/seed', seed);
    expect(answer.status).toBeOneOf([400, 409]);
    const { errors, message: whole } = answer.json() as {
      message: string;
      errors: { details: string; source: { pointer: string } }[];
    };
    expect(errors[0]?.source.pointer).toBe(pointer);
    expect([whole, errors[0]?.details].join(' ')).toContain(message);
  });
});

describe('the clock', () => {
  const set = '2031-05-01T12:00:00.000Z';

  test('is what is written, and stands still when it is told to', async () => {
    expect(await ask(200, 'PATCH', '/clock', { set, frozen: true })).toEqual({ now: set, frozen: true });
    expect((await update('grace')).json()).toMatchObject({ customerProfile: { created: set } });
    await ask(200, 'PATCH', '/clock', { advanceMs: 61_000 });
    expect(await ask(200, 'GET', '/clock')).toEqual({ now: '2031-05-01T12:01:01.000Z', frozen: true });
    await ask(200, 'PATCH', '/clock', { frozen: false });
    expect(Date.parse((await ask<{ now: string }>(200, 'GET', '/clock')).now)).toBeGreaterThanOrEqual(Date.parse(set));
  });

  test('lets keys expire, and windows in which requests are counted end', async () => {
    const { keys } = await ask<Seeded>(201, 'POST', '/seed', {
      keys: { brief: { platform: 'customer_data', expires: '2031-05-02T00:00:00Z', rateLimit: 1 } },
    });
    const call = async (): Promise<number> =>
      (await sendJson(server.url, keys['brief'] ?? '', 'PUT', '/cdp/customer_profile/kurt', {})).status;
    await ask(200, 'PATCH', '/clock', { set, frozen: true });
    expect([await call(), await call()]).toEqual([200, 429]);
    await ask(200, 'PATCH', '/clock', { advanceMs: 1000 });
    expect(await call()).toBe(200);
    await ask(200, 'PATCH', '/clock', { set: '2031-05-01T23:59:59.999Z' });
    expect(await call()).toBe(200);
    await ask(200, 'PATCH', '/clock', { advanceMs: 1 });
    expect(await call()).toBe(401);
  });

  test('ends sessions', async () => {
    const { token: session } = await ask<{ token: string }>(201, 'POST', '/admins');
    const call = async (): Promise<number> =>
      (await send(server.url, { method: 'GET', path: '/v1/users', headers: { Authorization: `Bearer ${session}` } }))
        .status;
    expect(await call()).toBe(200);
    await ask(200, 'PATCH', '/clock', { advanceMs: 91 * 24 * 60 * 60 * 1000 });
    expect(await call()).toBe(401);
  });

  test('does what has become due', async () => {
    const { audiences } = await ask<Seeded>(201, 'POST', '/seed', {
      audiences: { vip: {} },
      profiles: { ada: { audiences: ['vip'] } },
    });
    const history = async (): Promise<number> => {
      const { token: session } = await ask<{ token: string }>(201, 'POST', '/admins');
      const path = `/v1/audiences/${audiences['vip']}/changes`;
      const answer = await send(server.url, { method: 'GET', path, headers: { Authorization: `Bearer ${session}` } });
      expectStatus(answer, 200);
      return (answer.json() as { data: unknown[] }).data.length;
    };
    await ask(200, 'PATCH', '/clock', { advanceMs: 300 * 24 * 60 * 60 * 1000 });
    expect(await history()).toBe(1);
    // Past the retention of the ledger, which a job enforces.
    await ask(200, 'PATCH', '/clock', { advanceMs: 100 * 24 * 60 * 60 * 1000 });
    expect(await history()).toBe(0);
  });

  test.each<[unknown, string]>([
    [{ set: 'tomorrow' }, 'set: expected an RFC 3339 time'],
    [{ set: '1969-12-31T23:59:59Z' }, 'set: must be a time from 1970 to 9999'],
    [{ advanceMs: -1 }, 'advanceMs: must be a whole number of milliseconds, 0 or more'],
    [{ set, advanceMs: 9e15 }, 'advanceMs: must be'],
    [{ advance: 1 }, 'Unknown field `advance`; did you mean `advanceMs`?'],
  ])('%j is refused, and changes nothing', async (change, details) => {
    await ask(200, 'PATCH', '/clock', { frozen: true });
    const before = await ask(200, 'GET', '/clock');
    const answer = await control('PATCH', '/clock', change);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(details)]);
    expect(await ask(200, 'GET', '/clock')).toEqual(before);
  });
});

describe('faults', () => {
  test('refuse the next requests in the form of their API, then no more', async () => {
    await ask(201, 'POST', '/faults', {
      answer: 429,
      retryAfter: 7,
      times: 2,
      method: 'put',
      path: '/cdp/customer_profile/*',
    });
    await ask(201, 'POST', '/faults', { answer: 503, path: '/v1/*' });
    const first = await update('ada');
    expect([first.status, first.headers['retry-after']]).toEqual([429, '7']);
    expect(first.json()).toEqual({
      Error: 'Too Many Requests (a fault requested by the test)',
      RequestUUID: first.headers['x-request-id'],
      StatusCode: 429,
    });
    const other = await sendJson(
      server.url,
      server.keys['generic'] ?? '',
      'GET',
      '/v1/customer_profiles/ada/audiences',
    );
    expect([other.status, other.headers['retry-after'], other.json()]).toEqual([
      503,
      '1',
      { message: 'Service Unavailable (a fault requested by the test)', errors: [], StatusCode: 503 },
    ]);
    expect([(await update('ada')).status, (await control('GET', '/profiles/ada')).status]).toEqual([429, 404]);
    expect((await update('ada')).status).toBe(200);
    expect(await ask(200, 'GET', '/faults')).toEqual({
      data: [
        {
          id: 1,
          answer: 429,
          retryAfter: 7,
          times: 2,
          method: 'PUT',
          path: '/cdp/customer_profile/*',
          left: 0,
          happened: 2,
        },
        { id: 2, answer: 503, path: '/v1/*', left: 0, happened: 1 },
      ],
    });
    expect((await received()).map(({ status, fault }) => [status, fault])).toEqual([
      [429, 1],
      [503, 2],
      [429, 1],
      [200, null],
    ]);
  });

  test('close the connection before the request is looked at', async () => {
    const { id } = await ask<{ id: number }>(201, 'POST', '/faults', { drop: 'before' });
    await expect(update('ada')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await control('GET', '/profiles/ada')).status).toBe(404);
    expect(await received()).toMatchObject([{ method: 'PUT', status: null, fault: id }]);
    expect((await update('ada')).status).toBe(200);
  });

  test('close the connection after the request was applied', async () => {
    const { id } = await ask<{ id: number }>(201, 'POST', '/faults', { drop: 'after' });
    await expect(update('ada', { attributes: { Tier: 'gold' } })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await ask(200, 'GET', '/profiles/ada')).toMatchObject({ attributes: { Tier: 'gold' } });
    const requests = await until(received, ({ length }) => length === 1);
    expect(requests).toMatchObject([{ status: 200, changed: { profiles: 1 }, fault: id }]);
  });

  test('let a request wait before it is applied, or its answer afterwards', async () => {
    await ask(201, 'POST', '/faults', { delayMs: 60_000, path: '*/late' });
    await ask(201, 'POST', '/faults', { answerAfterMs: 60_000, path: '*/early' });
    const answers = [update('late'), update('early')].map(async (each) => each.catch(() => 'ended'));
    // The answer is delayed by a minute, but the request has already been applied.
    await until(
      async () => (await control('GET', '/profiles/early')).status,
      (status) => status === 200,
    );
    expect((await control('GET', '/profiles/late')).status).toBe(404);
    expect(await Promise.race([...answers, Promise.resolve('both wait')])).toBe('both wait');
  });

  test('leave alone what is no API', async () => {
    await ask(201, 'POST', '/faults', { answer: 503 });
    expect((await send(server.url, { method: 'GET', path: '/readyz' })).status).toBe(200);
    await ask(204, 'DELETE', '/faults');
    expect((await update('ada')).status).toBe(200);
  });

  test.each<[unknown, string]>([
    [{}, 'A fault needs at least one of answer, delayMs, answerAfterMs and drop'],
    [{ answer: 430 }, 'answer: must be one of 429, 500, 502, 503, 504'],
    [{ answer: 503, drop: 'after' }, 'drop: cannot be combined with answer'],
    [{ answer: 503, answerAfterMs: 1 }, 'answerAfterMs: cannot be combined with answer'],
    [{ drop: 'before', answerAfterMs: 1 }, "answerAfterMs: cannot be combined with drop 'before'"],
    [{ answer: 500, retryAfter: 1 }, 'retryAfter: only an answer of 429 or 503 has one'],
    [{ answer: 503, times: 0 }, 'times: must be a whole number from 1 to 1000000'],
    [{ drop: 'during' }, 'drop: must be one of before, after'],
    [{ status: 503 }, 'Unknown field `status`'],
  ])('%j is refused', async (fault, details) => {
    const answer = await control('POST', '/faults', fault);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(details)]);
  });
});

describe('what was received', () => {
  test('is shown as the server saw it, without secrets', async () => {
    const answer = await update('ada?runRuleEngines=true', { attributes: { Tier: 'gold' }, api_key: 'secret-1' });
    await update('grace', { attributes: { Nope: 1 } });
    await send(server.url, { method: 'POST', path: '/cdp/nowhere', body: 'no JSON' });
    expect(await received()).toEqual([
      {
        number: expect.any(Number) as number,
        id: answer.headers['x-request-id'],
        time: expect.any(String) as string,
        method: 'PUT',
        path: '/cdp/customer_profile/ada?runRuleEngines=true',
        headers: expect.objectContaining({
          authorization: 'ApiKey-v1 ***',
          'content-type': 'application/json',
        }) as unknown,
        body: { attributes: { Tier: 'gold' }, api_key: '***' },
        status: 200,
        response: answer.json(),
        operation: 'cdp/updateCustomerProfile',
        application: 'Default',
        key: 'customer data',
        cause: null,
        marks: [expect.stringContaining('api_key'), expect.stringContaining('runRuleEngines')],
        changed: { joins: 0, leaves: 0, profiles: 1 },
        fault: null,
      },
      expect.objectContaining({ status: 400, cause: 'attribute `Nope` is not defined', changed: null }),
      expect.objectContaining({ status: 404, operation: null, application: null, path: '/cdp/nowhere' }),
    ]);
  });

  test('can be waited for, in parts', async () => {
    const waiting = received('?waitMs=30000');
    await update('ada');
    const [first] = await waiting;
    expect(first).toMatchObject({ method: 'PUT', status: 200 });
    const { number = 0 } = first ?? {};
    const next = received(`?after=${number}&waitMs=30000`);
    await update('grace');
    await update('kurt');
    expect((await next).at(0)?.path).toBe('/cdp/customer_profile/grace');
    expect((await received(`?after=${number}&limit=1`)).map(({ path }) => path)).toEqual([
      '/cdp/customer_profile/grace',
    ]);
    expect(await received(`?after=${number + 2}&waitMs=1`)).toEqual([]);
    await ask(204, 'DELETE', '/requests');
    expect(await ask(200, 'GET', '/requests')).toEqual({ data: [], last: number + 2 });
  });
});

describe('a reset', () => {
  test('returns to the state after the start, and numbers as before', async () => {
    const before = await ask<Seeded>(200, 'GET', '');
    const seed = { attributes: { Level: 'string' }, audiences: { vip: {} }, profiles: { ada: { audiences: ['vip'] } } };
    const first = await ask<Seeded>(201, 'POST', '/seed', seed);
    await update('ada', { attributes: { Level: 'high' } });
    expect(await ask(200, 'POST', '/reset')).toEqual(before);
    expect((await control('GET', '/profiles/ada')).status).toBe(404);
    expect((await update('ada', { attributes: { Level: 'high' } })).status).toBe(400);
    expect(await ask(200, 'GET', '/audiences')).toMatchObject({
      data: [{ integrationId: 'first-audience', members: 0 }],
    });
    await ask(200, 'POST', '/reset');
    expect(await ask(201, 'POST', '/seed', seed)).toEqual(first);
    // Definitions that were cached are read again.
    expect((await update('ada', { attributes: { Level: 'high' } })).json()).toMatchObject({
      customerProfile: { attributes: { Level: 'high' }, audienceMemberships: [{ name: 'vip' }] },
    });
  });
});
