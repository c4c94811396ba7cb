/**
 * The limits of strict mode, and those an operator sets in default mode: requests per second, and concurrent requests
 * for one profile.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, type HttpAnswer, send, sendJson, until } from './client.ts';
import { RawConnection, requestText } from './raw-connection.ts';
import { checkErrorBody, expectStatus } from './scenario.ts';
import { firstKey } from './target.ts';

const HEADERS = { 'customer-data-platform-name': 'Harbour CDP', 'destination-hostname': 'promo.example.com' };

let strict: ServerProcess;
let ordinary: ServerProcess;
let configured: ServerProcess;
beforeAll(async () => {
  [strict, ordinary, configured] = await Promise.all([
    startServerProcess({ args: ['--strict'] }),
    startServerProcess(),
    startServerProcess({ args: ['--rate-limit', '5'] }),
  ]);
});
afterAll(async () => {
  await Promise.all([strict, ordinary, configured].map(async (server) => server.stop()));
});

async function createKey({ database }: ServerProcess, ...options: string[]): Promise<string> {
  const args = ['key', 'create', '--name', 'k', '--expires', '2099-01-01', '--database', database, ...options];
  return (await commandJson<{ key: string }>(args)).key;
}

async function burst({ url }: ServerProcess, key: string, count: number, path = '/v2/authping'): Promise<HttpAnswer[]> {
  const one = async () => send(url, { method: 'GET', path, headers: authorization(key) });
  return Promise.all(Array.from({ length: count }, one));
}

function statuses(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

// ---- requests per second

describe('requests per second and key', () => {
  test('strict: sixty pass, more get 429 with Retry-After and the RateLimit headers; a second later all is well', async () => {
    const key = firstKey(strict.database);
    const started = Date.now();
    const answers = await burst(strict, key, 200);
    const windows = Math.floor((Date.now() - started) / 1000) + 1;
    const { 204: passed = 0, 429: refused = 0, ...rest } = statuses(answers);
    expect(rest).toEqual({});
    expect(passed).toBeGreaterThanOrEqual(60);
    expect(passed).toBeLessThanOrEqual(60 * windows);
    expect(refused).toBe(200 - passed);
    const first = answers.find(({ status }) => status === 429);
    expect(first?.headers).toMatchObject({
      'retry-after': '1',
      'ratelimit-limit': '60',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
    });
    const again = await until(
      async () => burst(strict, key, 1),
      ([answer]) => answer?.status === 204,
      { seconds: 3 },
    );
    expect(again[0]?.headers).toMatchObject({
      'ratelimit-limit': '60',
      'ratelimit-remaining': expect.stringMatching(/^\d+$/) as unknown,
    });
  });

  test('strict: a refused update is told so in the published form, and changes nothing', async () => {
    const [key, reader] = await Promise.all([
      createKey(strict, '--platform', 'customer_data', '--rate-limit', '1'),
      createKey(strict),
    ]);
    const path = `/cdp/customer_profile/${randomUUID()}`;
    expectStatus(await sendJson(strict.url, key, 'GET', '/v2/authping'), 204);
    const refused = await sendJson(strict.url, key, 'PUT', path, {}, HEADERS);
    expectStatus(refused, 429);
    expect(checkErrorBody(refused, 'third-party')).toBe('Too many requests');
    const read = await sendJson(
      strict.url,
      reader,
      'GET',
      `${path.replace('/cdp/customer_profile', '/v1/customer_profiles')}/inventory`,
    );
    expectStatus(read, 404);
  });

  test('each key has a bucket of its own', async () => {
    const [used, fresh] = await Promise.all([createKey(strict), createKey(strict)]);
    expect(statuses(await burst(strict, used, 150))).toHaveProperty('429');
    expectStatus(await sendJson(strict.url, fresh, 'GET', '/v2/authping'), 204);
  });

  test('default mode: no limit and no headers', async () => {
    const answers = await burst(ordinary, firstKey(ordinary.database), 300);
    expect(statuses(answers)).toEqual({ 204: 300 });
    expect(answers.some(({ headers }) => 'ratelimit-limit' in headers)).toBe(false);
  });

  test('default mode: a limit of the server', async () => {
    const answers = await burst(configured, firstKey(configured.database), 50);
    expect(statuses(answers)[429]).toBeGreaterThan(0);
    expect(answers.every(({ headers }) => headers['ratelimit-limit'] === '5')).toBe(true);
  });

  test("default mode: a key's own limit, on a server with none, and instead of the server's", async () => {
    const [three, twenty] = await Promise.all([
      createKey(ordinary, '--rate-limit', '3'),
      createKey(configured, '--rate-limit', '20'),
    ]);
    const limited = await burst(ordinary, three, 40);
    expect(statuses(limited)[429]).toBeGreaterThan(0);
    expect(limited[0]?.headers['ratelimit-limit']).toBe('3');
    const own = await burst(configured, twenty, 15);
    expect(statuses(own)).toEqual({ 204: 15 });
    expect(own[0]?.headers['ratelimit-limit']).toBe('20');
  });
});

// ---- concurrent requests for one profile

const highLimitKeys = new Map<ServerProcess, Promise<string>>();

/** A key whose own rate limit is never reached, so that only concurrent requests can be refused. */
async function highLimitKey(server: ServerProcess): Promise<string> {
  const key = highLimitKeys.get(server) ?? createKey(server, '--platform', 'customer_data', '--rate-limit', '100000');
  highLimitKeys.set(server, key);
  return key;
}

/** Sends a request that is in progress when this returns: the server has asked for its body, which is not sent yet. */
async function halfSent(server: ServerProcess, path: string) {
  const connection = await RawConnection.open(server.url);
  const body = '{"attributes":{}}';
  const head = {
    ...authorization(await highLimitKey(server)),
    ...HEADERS,
    Expect: '100-continue',
    'Content-Length': String(body.length),
  };
  await connection.write(requestText('PUT', path, head, ''));
  expect((await connection.answer()).status).toBe(100);
  await connection.write(body.slice(0, 5));
  return {
    connection,
    complete: async () => {
      await connection.write(body.slice(5));
      return connection.answer();
    },
  };
}

async function inFlight(server: ServerProcess, path: string, count: number) {
  return Promise.all(Array.from({ length: count }, async () => halfSent(server, path)));
}

describe('requests in flight for one profile', () => {
  const put = async (server: ServerProcess, path: string, body: object = {}) =>
    sendJson(server.url, await highLimitKey(server), 'PUT', path, body, HEADERS);

  test('strict: three may be, a fourth gets 429; others are not concerned; later ones are', async () => {
    const id = randomUUID();
    const path = `/cdp/customer_profile/${id}`;
    await put(strict, path);
    const held = await inFlight(strict, path, 3);
    const fourth = await put(strict, path);
    expectStatus(fourth, 429);
    expect(fourth.headers['retry-after']).toBe('1');
    expect(fourth.headers['ratelimit-limit']).toMatch(/^\d+$/);
    expect(checkErrorBody(fourth, 'third-party')).toBe('Too many requests');
    expectStatus(await put(strict, `${path}/audiences`, { data: {} }), 429);
    expectStatus(await put(strict, `/cdp/customer_profile/${randomUUID()}`), 200);
    expectStatus(await put(strict, '/cdp/customer_profiles/audiences', { data: [{ customerProfileId: id }] }), 204);
    expect((await Promise.all(held.map(async ({ complete }) => complete()))).map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    expectStatus(await put(strict, path), 200);
    for (const { connection } of held) connection.destroy();
  });

  test('strict: the Integration API counts with the others, and says 409', async () => {
    const id = randomUUID();
    const generic = await createKey(strict, '--rate-limit', '100000');
    const path = `/v2/customer_profiles/${id}`;
    const held = await inFlight(strict, `/cdp/customer_profile/${id}`, 3);
    const fourth = await sendJson(strict.url, generic, 'PUT', path, {});
    expectStatus(fourth, 409);
    expect(fourth.json()).toEqual({
      message: 'Too many requests are updating the profile',
      errors: [],
      StatusCode: 409,
    });
    for (const { complete } of held) expect((await complete()).status).toBe(200);
    expectStatus(await sendJson(strict.url, generic, 'PUT', path, {}), 200);
    for (const { connection } of held) connection.destroy();
  });

  test('strict: each environment counts for itself', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    const { database, url } = strict;
    await commandJson(['application', 'create', 'Rehearsal', '--sandbox', '--database', database]);
    const options = ['--platform', 'customer_data', '--rate-limit', '100000', '--application', 'Rehearsal'];
    const sandbox = await createKey(strict, ...options);
    const held = await inFlight(strict, path, 3);
    expectStatus(await put(strict, path), 429);
    expectStatus(await sendJson(url, sandbox, 'PUT', path, {}, HEADERS), 200);
    for (const { connection } of held) connection.destroy();
  });

  test('strict: a request whose client goes away no longer counts', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    for (const { connection } of await inFlight(strict, path, 3)) connection.destroy();
    const after = await until(
      async () => put(strict, path),
      ({ status }) => status !== 429,
      { seconds: 5 },
    );
    expectStatus(after, 200);
  });

  test('strict: three senders, each with its next request right after the answer to the last, are never refused', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    const key = await highLimitKey(strict);
    const sender = async (): Promise<number[]> => {
      const seen: number[] = [];
      for (let index = 0; index < 100; index += 1)
        seen.push((await sendJson(strict.url, key, 'PUT', path, {}, HEADERS)).status);
      return seen;
    };
    const all = (await Promise.all([sender(), sender(), sender()])).flat();
    expect(all.filter((status) => status !== 200)).toEqual([]);
  });

  test('strict: refused requests do not count', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    for (let round = 0; round < 5; round += 1) {
      expectStatus(await put(strict, path, { runRuleEngine: 'x' }), 400);
      expectStatus(await sendJson(strict.url, await highLimitKey(strict), 'PUT', path, {}), 400);
    }
    expectStatus(await put(strict, path), 200);
  });

  test('default mode: any number, and all succeed', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    const held = await inFlight(ordinary, path, 20);
    expectStatus(await put(ordinary, path), 200);
    const answers = await Promise.all(held.map(async ({ complete }) => complete()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const more = await Promise.all(
      Array.from({ length: 100 }, async () => put(ordinary, path, { runRuleEngine: true })),
    );
    expect(statuses(more)).toEqual({ 200: 100 });
    for (const { connection } of held) connection.destroy();
  });
});
