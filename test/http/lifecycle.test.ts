/** A server's life: stopping under load, starting again, shedding load, a disk that is nearly full, a database that is. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { cliJson, runCli, type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, type HttpAnswer, send, sendJson, until } from './client.ts';
import { RawConnection, requestText } from './raw-connection.ts';
import { checkErrorBody, expectStatus } from './scenario.ts';
import { firstKey } from './target.ts';

// Each test starts several processes; on a busy machine that alone may take the usual time.
vi.setConfig({ testTimeout: 120_000 });

const started: ServerProcess[] = [];
afterAll(async () => {
  for (const server of started) expect(server.output().stderr).not.toMatch(/unexpected error/);
  await Promise.all(started.map(async (server) => server.stop('SIGKILL')));
});

async function start(options: ServerOptions): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  started.push(server);
  return server;
}

const put = async ({ url, database }: ServerProcess, id: string, body: object = {}): Promise<HttpAnswer> =>
  sendJson(url, firstKey(database), 'PUT', `/cdp/customer_profile/${id}`, body);
const ready = async ({ url }: ServerProcess): Promise<number> =>
  (await send(url, { method: 'GET', path: '/readyz' })).status;

/** Which of the profiles the server knows, asked with a fresh generic key. */
async function known({ url, database }: ServerProcess, ids: readonly string[]): Promise<string[]> {
  const args = ['key', 'create', '--name', 'reader', '--expires', '2099-01-01', '--read-only', '--database', database];
  const { key } = await cliJson<{ key: string }>(args);
  const found: string[] = [];
  for (const id of ids) {
    const { status } = await sendJson(url, key, 'GET', `/v1/customer_profiles/${id}/inventory`);
    if (status === 200) found.push(id);
  }
  return found;
}

function expectShed(answer: HttpAnswer, message: RegExp): void {
  expectStatus(answer, 503);
  expect(checkErrorBody(answer, 'third-party')).toMatch(message);
  expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
}

describe('stopping', () => {
  test('under load: readiness fails first, what was accepted is answered, the rest is told, nothing acknowledged is lost', async () => {
    const server = await start({ env: { ROLLCALL_SHUTDOWN_DELAY_SECONDS: '1', ROLLCALL_SHUTDOWN_GRACE_SECONDS: '8' } });
    const acknowledged: string[] = [];
    const refused: HttpAnswer[] = [];
    let sending = true;
    const senders = Array.from({ length: 4 }, async () => {
      while (sending) {
        const id = randomUUID();
        const answer = await put(server, id).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.status === 200) acknowledged.push(id);
        else refused.push(answer);
        await delay(10);
      }
    });
    await until(
      async () => acknowledged.length,
      (count) => count > 20,
    );

    // One request is accepted and not yet complete when the signal comes.
    const held = await RawConnection.open(server.url);
    const id = randomUUID();
    const head = { ...authorization(firstKey(server.database)), 'Content-Length': '2' };
    await held.write(requestText('PUT', `/cdp/customer_profile/${id}`, head, '{'));
    const exited = once(server.child, 'exit');
    server.child.kill('SIGTERM');

    expect(
      await until(
        async () => ready(server),
        (status) => status !== 200,
      ),
    ).toBe(503);
    const count = acknowledged.length;
    await until(
      async () => acknowledged.length,
      (now) => now > count,
    );
    const first = await until(
      async () => refused[0],
      (answer) => answer !== undefined,
    );
    sending = false;
    await Promise.all(senders);
    for (const answer of refused) expectShed(answer, /^The server is stopping$/);
    expect(first?.headers['connection']).toBe('close');

    await held.write('}');
    expect((await held.answer()).status).toBe(200);
    acknowledged.push(id);
    held.destroy();
    expect(await exited).toEqual([0, null]);

    const again = await start({ database: server.database });
    expect(await known(again, acknowledged)).toEqual(acknowledged);
    expect(await again.stop()).toBe(0);
    const verified = await runCli(['verify', '--database', server.database]);
    expect({ code: verified.code, stderr: verified.stderr }).toMatchObject({ code: 0 });
  });

  test('a request that never becomes complete is given the grace period, no more', async () => {
    const server = await start({ env: { ROLLCALL_SHUTDOWN_GRACE_SECONDS: '1' } });
    const held = await RawConnection.open(server.url);
    const id = randomUUID();
    const head = { ...authorization(firstKey(server.database)), 'Content-Length': '20' };
    await held.write(requestText('PUT', `/cdp/customer_profile/${id}`, head, '{'));
    await send(server.url, { method: 'GET', path: '/healthz' });
    const before = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - before).toBeLessThan(5000);
    await held.untilClosed();
    const again = await start({ database: server.database });
    expect(await known(again, [id])).toEqual([]);
  });

  test('idle connections do not keep it', async () => {
    const server = await start({});
    const idle = await RawConnection.open(server.url);
    await idle.write(requestText('GET', '/healthz'));
    expect((await idle.answer()).status).toBe(200);
    const before = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - before).toBeLessThan(3000);
  });
});

describe('overload', () => {
  test.for([
    ['requests', { ROLLCALL_MAX_BACKLOG_REQUESTS: '1' }],
    ['bytes', { ROLLCALL_MAX_BACKLOG_BYTES: '1024' }],
  ] as const)('a backlog limited in %s: writes are shed, reads answer, and all is well afterwards', async ([, env]) => {
    const server = await start({ env });
    const ids = Array.from({ length: 300 }, () => randomUUID());
    const body = { note: 'x'.repeat(1000) };
    const key = firstKey(server.database);
    const [writes, reads] = await Promise.all([
      Promise.all(ids.map(async (id) => put(server, id, body))),
      Promise.all(Array.from({ length: 50 }, async () => sendJson(server.url, key, 'GET', '/v2/authping'))),
    ]);
    const taken = ids.filter((_, index) => writes[index]?.status === 200);
    const shed = writes.filter(({ status }) => status !== 200);
    expect(shed.length).toBeGreaterThan(0);
    for (const answer of shed) expectShed(answer, /more writes waiting than it may hold/);
    expect(reads.every(({ status }) => status === 204)).toBe(true);
    for (let index = 0; index < 10; index += 1) expectStatus(await put(server, randomUUID(), body), 200);
    expect(await ready(server)).toBe(200);
    // Shed means nothing was applied, answered means it was.
    expect(await known(server, ids)).toEqual(taken);
  });
});

describe('disk', () => {
  test('nearly full: writes get 503, reads answer, readiness fails, the process is healthy', async () => {
    const server = await start({});
    expectStatus(await put(server, 'ada', { attributes: { Tier: 'gold' } }), 200);
    await server.stop();
    const full = await start({ database: server.database, env: { ROLLCALL_MIN_FREE_DISK_BYTES: '8000000G' } });
    await until(
      async () => ready(full),
      (status) => status === 503,
    );
    const operations: readonly (readonly [method: string, path: string, body?: object])[] = [
      ['PUT', '/cdp/customer_profile/ben', {}],
      ['PUT', '/cdp/customer_profile/ben/audiences', { data: {} }],
      ['PUT', '/cdp/customer_profiles/audiences', { data: [{ customerProfileId: 'ben' }] }],
      ['POST', '/cdp/audiences', { audienceId: 'new', audienceName: 'New' }],
      ['PUT', '/cdp/audiences/first-audience', { audienceName: 'Other' }],
      ['DELETE', '/cdp/audiences/first-audience'],
    ];
    const key = firstKey(full.database);
    for (const [method, path, body] of operations) {
      expectShed(await sendJson(full.url, key, method, path, body), /disk is nearly full; nothing was stored/);
    }
    // A bad request is told what is wrong with it, not that there is no room.
    expectStatus(await put(full, 'ben', { runRuleEngine: 'x' }), 400);
    expectStatus(await put(full, 'ben', { attributes: { HatSize: 1 } }), 400);
    expectStatus(await put(full, 'ben', { audiencesChanges: { adds: [999] } }), 404);
    const taken = { audienceId: 'first-audience', audienceName: 'x' };
    expectStatus(await sendJson(full.url, key, 'POST', '/cdp/audiences', taken), 409);
    expectStatus(await sendJson(full.url, key, 'GET', '/v2/authping'), 204);
    expect((await send(full.url, { method: 'GET', path: '/healthz' })).status).toBe(200);
    expect(await known(full, ['ada', 'ben'])).toEqual(['ada']);
  });

  test('a database that may not grow: 503, nothing half stored; with room again it goes on', async () => {
    const small = await start({ env: { ROLLCALL_MAX_DATABASE_BYTES: '1M' } });
    const stored: string[] = [];
    let refused: HttpAnswer | undefined;
    while (refused === undefined && stored.length < 1000) {
      const id = randomUUID();
      const answer = await put(small, id, { attributes: { Tier: 'x'.repeat(50_000) } });
      if (answer.status === 200) stored.push(id);
      else refused = answer;
    }
    expectShed(refused as HttpAnswer, /disk is full; nothing was stored/);
    expect(stored.length).toBeGreaterThan(5);
    expect(await known(small, [stored[0] ?? ''])).toHaveLength(1);
    expect(await small.stop()).toBe(0);
    const large = await start({ database: small.database });
    expectStatus(await put(large, randomUUID(), { attributes: { Tier: 'x'.repeat(50_000) } }), 200);
    expect(await known(large, stored)).toEqual(stored);
    expect(await large.stop()).toBe(0);
    expect(await runCli(['verify', '--database', small.database])).toMatchObject({ code: 0 });
  });
});
