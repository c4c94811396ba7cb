/** The package's main export, as the test suites of others use it: by the name of the package, as it is built. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectRollcall, type Rollcall, RollcallError, startRollcall } from 'rollcall';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { send, sendJson, until } from '../http/client.ts';
import { temporaryFolder } from '../server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LONG_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Tells the compiler to expect an error; nothing that is compiled with the project may say that. */
const WRONG = ['// @ts', 'expect', 'error'].join('-');

const SEED = {
  applications: { shop: { name: 'Shop' } },
  keys: { sender: { application: 'shop', platform: 'customer_data' }, hot: { application: 'shop', readOnly: true } },
  attributes: { Level: 'string', Points: { type: 'number' } },
  audiences: { vip: { platform: 'Tealium', name: 'VIP' }, trial: { environment: 'sandbox' } },
  profiles: { ada: { attributes: { Level: 'high' }, audiences: ['vip'] } },
} as const;

let rollcall: Rollcall<typeof SEED>;
beforeAll(async () => {
  rollcall = await startRollcall({ seed: SEED });
});
afterAll(async () => rollcall.close());
beforeEach(async () => rollcall.reset());
afterEach(() => vi.useRealTimers());

async function update(profile: string, body: unknown = {}, server: Pick<Rollcall, 'url' | 'keys'> = rollcall) {
  return sendJson(server.url, server.keys.customerData, 'PUT', `/cdp/customer_profile/${profile}`, body);
}

describe('the seed and the state', () => {
  test('are known by label, and read as they are now', async () => {
    const { audiences, keys, profiles } = rollcall.seeded;
    const answer = await sendJson(rollcall.url, keys.hot, 'GET', '/v1/customer_profiles/ada/audiences');
    expect(answer.json()).toMatchObject({ data: [{ id: audiences.vip, name: 'VIP', integration: 'Tealium' }] });
    expect(await rollcall.profile('ada')).toMatchObject({
      id: profiles.ada,
      attributes: { Level: 'high' },
      audiences: [{ id: audiences.vip, name: 'VIP', platform: 'Tealium', integrationId: 'vip' }],
    });
    expect([await rollcall.profile('eve'), await rollcall.profile('ada', 'sandbox')]).toEqual([undefined, undefined]);
    expect(await rollcall.members('vip')).toEqual(['ada']);
    expect(await rollcall.members(audiences.vip)).toEqual(['ada']);
    expect((await rollcall.audiences('sandbox')).map(({ name, members }) => [name, members])).toEqual([['trial', 0]]);
    await expect(rollcall.members('trial')).rejects.toThrow("There is no audience 'trial' in live");
  });

  test('grow until the next reset', async () => {
    const more = { audiences: { late: { integrationId: 'vip' } }, profiles: { eve: { audiences: ['late'] } } } as const;
    const { audiences } = await rollcall.seed(more);
    expect(await rollcall.members(audiences.late)).toEqual(['eve']);
    await expect(rollcall.members('vip')).rejects.toThrow("(platforms 'Tealium', 'Customer Data Platform')");
    await rollcall.reset();
    expect([await rollcall.profile('eve'), await rollcall.members('vip')]).toEqual([undefined, ['ada']]);
    expect(await rollcall.seed(more)).toMatchObject({ audiences });
  });

  test('are refused by the path of what is wrong', async () => {
    await expect(rollcall.seed({ profiles: { 'e.v/e': { attributes: { Points: 'many' } } } })).rejects.toThrow(
      /^profiles\.e\.v\/e: .*Points/,
    );
    const wrong = { attributes: { Level: { typ: 'string' } } } as unknown as typeof SEED;
    await expect(startRollcall({ seed: wrong })).rejects.toThrow(
      'attributes.Level.typ: is not known here; did you mean type?',
    );
  });

  test('are open to an admin, too', async () => {
    const { token, email } = await rollcall.admin();
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await send(rollcall.url, { method: 'GET', path: '/v1/users', headers });
    expect(answer.json()).toMatchObject({ data: [{ email }] });
  });
});

describe('the clock', () => {
  test('takes dates, numbers and texts, and ends keys and idempotency', async () => {
    const start = Date.UTC(2030, 0, 1);
    expect(await rollcall.clock.freeze(start)).toEqual(new Date(start));
    await rollcall.clock.set(new Date(start + 1));
    await rollcall.clock.set('2030-01-01T00:00:00.002Z');
    expect(await rollcall.clock.now()).toEqual(new Date(start + 2));
    const headers = { 'Idempotency-Key': 'one' };
    const put = async (points: number): Promise<number> => {
      const body = { attributes: { Points: points } };
      const path = '/v2/customer_profiles/ada';
      const { status } = await sendJson(rollcall.url, rollcall.keys.generic, 'PUT', path, body, headers);
      return status;
    };
    expect(await put(1)).toBe(200);
    expect(await put(2)).not.toBe(200);
    await rollcall.clock.advance(DAY_MS + 1);
    expect(await put(2)).toBe(200);
    await rollcall.clock.resume();
    expect((await rollcall.clock.now()).getTime()).toBeGreaterThanOrEqual(start + DAY_MS);
    await expect(rollcall.clock.advance(-1)).rejects.toThrow(RollcallError);
    await expect(rollcall.clock.set(new Date(Number.NaN))).rejects.toThrow('not a valid date');
  });

  test('is not the test’s own, nor are the timers', async () => {
    vi.useFakeTimers({ now: 0 });
    expect((await update('ada')).status).toBe(200);
    expect((await rollcall.clock.now()).getTime()).toBeGreaterThan(Date.UTC(2020, 0, 1));
    const waiting = rollcall.received.waitFor(({ path }) => path.endsWith('/eve'), LONG_MS);
    await update('eve');
    expect((await waiting).status).toBe(200);
  });
});

describe('faults and what was received', () => {
  test('a request that its client gave up on is applied, and answered late', async () => {
    const fault = await rollcall.faults.add({ answerAfterMs: LONG_MS });
    const client = new AbortController();
    const given = fetch(`${rollcall.url}/cdp/customer_profile/ada`, {
      method: 'PUT',
      headers: { Authorization: `ApiKey-v1 ${rollcall.keys.sender}` },
      body: JSON.stringify({ attributes: { Level: 'low' } }),
      signal: client.signal,
    }).catch((error: unknown) => (error as Error).name);
    await until(
      async () => rollcall.profile('ada'),
      (profile) => profile?.attributes['Level'] === 'low',
      { seconds: 60 },
    );
    client.abort();
    expect(await given).toBe('AbortError');
    expect(await rollcall.faults.list()).toEqual([{ ...fault, left: 0, happened: 1 }]);
    await rollcall.faults.clear();
    expect(await rollcall.faults.list()).toEqual([]);
  });

  test('a wait ends with what came before, with what comes, or with a list of what came instead', async () => {
    const waiting = rollcall.received.waitFor(({ status }) => status === 400, LONG_MS);
    await update('ada');
    await update('eve', { attributes: { Nope: 1 } });
    expect(await waiting).toMatchObject({
      path: '/cdp/customer_profile/eve',
      cause: 'attribute `Nope` is not defined',
    });
    expect(await rollcall.received.waitFor()).toMatchObject({ path: '/cdp/customer_profile/ada' });
    await expect(rollcall.received.waitFor(({ method }) => method === 'POST', 50)).rejects.toThrow(
      'No such request within 50 ms; the last of 2 received are:\n  PUT /cdp/customer_profile/ada → 200\n  PUT /cdp/customer_profile/eve → 400',
    );
    await rollcall.received.clear();
    expect(await rollcall.received.list()).toEqual([]);
    await expect(rollcall.received.waitFor(undefined, 1)).rejects.toThrow('within 1 ms; nothing was received');
  });
});

describe('several servers', () => {
  test('know nothing of each other, take settings, and end where their block ends', async () => {
    let url = '';
    {
      await using other = await startRollcall({ strict: true, settings: { ROLLCALL_ACCESS_LOG: 'true' } });
      ({ url } = other);
      expect(url).not.toBe(rollcall.url);
      // Strict: the name of the platform is required.
      expect((await update('ada', {}, other)).status).toBe(400);
      expect(await other.profile('ada')).toBeUndefined();
      // One that others started is controlled alike, and goes on when they leave it.
      const guest = await connectRollcall(other);
      expect(guest.keys).toEqual(other.keys);
      await guest.clock.freeze('2030-01-01T00:00:00Z');
      await guest.close();
      expect(await other.clock.now()).toEqual(new Date('2030-01-01T00:00:00Z'));
      await expect(connectRollcall({ url, token: 'wrong' })).rejects.toMatchObject({
        name: 'RollcallError',
        status: 401,
      });
    }
    await expect(send(url, { method: 'GET', path: '/healthz' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(connectRollcall({ url, token: 'any' })).rejects.toThrow(`Rollcall at ${url} cannot be reached`);
  });

  test.each([
    [
      { settings: { ROLLCALL_RATE_LIMT: '1' } },
      'settings: there is no ROLLCALL_RATE_LIMT here; did you mean ROLLCALL_RATE_LIMIT?',
    ],
    [{ settings: { ROLLCALL_RATE_LIMIT: 'many' } }, "ROLLCALL_RATE_LIMIT: 'many' is not a whole number"],
  ])('%j is refused', async (options, message) => {
    await expect(startRollcall(options)).rejects.toThrow(message);
  });
});

test('CommonJS can import it, and a server that nobody closes keeps no process alive', async () => {
  const code =
    "import('rollcall').then(async (r) => { const s = await r.startRollcall(); console.log(s.keys.generic); });";
  const child = spawn(process.execPath, ['--input-type=commonjs', '-e', code], { cwd: ROOT });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(output).toMatch(/^rck_\w+\n$/);
});

test('the declarations stand alone, and know the labels', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rollcall'));
  writeFileSync(
    join(folder, 'user.mts'),
    `import { type Rollcall, startRollcall } from 'rollcall';
await using server = await startRollcall({ seed: { keys: { mine: { platform: 'segment' } }, audiences: { vip: {} } } });
const key: string = server.keys.mine + server.keys.generic;
const id: number = server.seeded.audiences.vip;
${WRONG}: there is no such label
server.keys.yours;
${WRONG}: there is no such platform
await startRollcall({ seed: { keys: { k: { platform: 'tealium' } } } });
const any: Rollcall = server;
const unknown: string | undefined = any.keys['yours'];
const { status } = await any.received.waitFor(({ method, fault }) => method === 'PUT' && fault === null);
await any.faults.add({ answer: 503, retryAfter: 1 });
${WRONG}: there is no such status
await any.faults.add({ answer: 404 });
export { id, key, status, unknown };
`,
  );
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
  ];
  const target = ['--target', 'es2024', '--module', 'nodenext', '--types', ''];
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, ...target, 'user.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([stdout, status]).toEqual(['', 0]);
});

test('the example for node:test passes', async () => {
  // Node would otherwise take it for a part of the tests that run now.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--test', 'examples/testing/with-node.test.ts'], { cwd: ROOT, env });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, output]).toEqual([0, expect.stringContaining('pass 2')]);
});
