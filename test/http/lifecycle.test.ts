/** A server's life: stopping under load, restarting, shedding load, a nearly full disk, a database at its limit. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { runCli, type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, type HttpAnswer, send, sendJson, until } from './client.ts';
import { RawConnection, requestText } from './raw-connection.ts';
import { checkErrorBody, expectStatus } from './scenario.ts';
import { firstKey } from './target.ts';

// Each test starts several processes, which alone may take the usual time on a busy machine.
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

/** Returns the profiles that the server knows, read with a new generic key. */
async function known({ url, database }: ServerProcess, ids: readonly string[]): Promise<string[]> {
  const args = ['key', 'create', '--name', 'reader', '--expires', '2099-01-01', '--read-only', '--database', database];
  const { key } = await commandJson<{ key: string }>(args);
  const found: string[] = [];
  for (const id of ids) {
    const { status } = await sendJson(url, key, 'GET', `/v1/customer_profiles/${id}/inventory`);
    if (status === 200) found.push(id);
  }
  return found;
}

/** Requests more than the socket buffers hold, and reads nothing. */
function unreadAnswers({ url }: ServerProcess): Socket {
  const socket = connect({ port: Number(new URL(url).port) });
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(requestText('GET', '/openapi.json').repeat(100));
  return socket;
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

    // One request is incomplete when the server begins to refuse requests, so it is not accepted.
    const held = await RawConnection.open(server.url);
    const id = randomUUID();
    const head = { ...authorization(firstKey(server.database)), 'Content-Length': '2' };
    await held.write(requestText('PUT', `/cdp/customer_profile/${id}`, head, '{'));
    // Others are accepted, but nobody reads their answers: the server waits for them for a moment.
    const unread = unreadAnswers(server);
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

    const cut = await held.answer();
    expect(cut).toMatchObject({ status: 503, headers: { connection: 'close', 'retry-after': '1' } });
    expect(cut.text).toContain('"Error":"The server is stopping"');
    expect(await exited).toEqual([0, null]);
    unread.destroy();

    const again = await start({ database: server.database });
    expect(await known(again, [...acknowledged, id])).toEqual(acknowledged);
    expect(await again.stop()).toBe(0);
    const verified = await runCli(['verify', '--database', server.database]);
    expect({ code: verified.code, stderr: verified.stderr }).toMatchObject({ code: 0 });
  });

  test('what was not accepted and what has no end of its own is cut at once: half-sent requests, streams, unread answers', async () => {
    const grace = 30;
    const [email, password] = ['ada@example.com', randomUUID()];
    const server = await start({
      env: {
        ROLLCALL_SHUTDOWN_GRACE_SECONDS: String(grace),
        ROLLCALL_ADMIN_EMAIL: email,
        ROLLCALL_ADMIN_PASSWORD: password,
      },
    });
    const id = randomUUID();
    const keyOptions = ['--name', 'k', '--expires', '2099-01-01', '--platform', 'customer_data'];
    const { key } = await commandJson<{ key: string }>(['key', 'create', ...keyOptions, '--database', server.database]);
    const auth = authorization(key);
    const half = await RawConnection.open(server.url);
    const put = requestText('PUT', `/cdp/customer_profile/${id}`, { ...auth, 'Content-Length': '20' }, '{');
    await half.write(put);
    const behindOthers = await RawConnection.open(server.url);
    await behindOthers.write(requestText('GET', '/v2/authping', auth) + put);
    const chunked = await RawConnection.open(server.url);
    await chunked.write(
      requestText('PUT', `/cdp/customer_profile/${id}`, { ...auth, 'Transfer-Encoding': 'chunked' }, '1\r\n{\r\n'),
    );
    const head = await RawConnection.open(server.url);
    await head.write(`PUT /cdp/customer_profile/${id} HTTP/1.1\r\nHost: x\r\nX-A: `);
    const signIn = { method: 'POST', path: '/v1/sessions', body: JSON.stringify({ email, password }) };
    const { token } = (await send(server.url, signIn)).json() as { token: string };
    const stream = await RawConnection.open(server.url);
    await stream.write(requestText('GET', '/v1/access_logs/stream', { Authorization: `Bearer ${token}` }));
    const unread = unreadAnswers(server);
    await until(
      async () => stream.rest,
      (text) => text.includes('retry:'),
    );
    const before = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - before).toBeLessThan((grace * 1000) / 2);
    expect((await half.answer()).status).toBe(503);
    expect((await behindOthers.answer()).status).toBe(204);
    expect((await behindOthers.answer()).status).toBe(503);
    for (const each of [half, behindOthers, chunked, head, stream]) await each.untilClosed();
    unread.destroy();
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
    for (const answer of shed) expectShed(answer, /too many writes waiting/);
    expect(reads.every(({ status }) => status === 204)).toBe(true);
    for (let index = 0; index < 10; index += 1) expectStatus(await put(server, randomUUID(), body), 200);
    expect(await ready(server)).toBe(200);
    // A shed write was not applied, an answered one was.
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
    ];
    const key = firstKey(full.database);
    for (const [method, path, body] of operations) {
      expectShed(await sendJson(full.url, key, method, path, body), /disk is nearly full; nothing was stored/);
    }
    // The answer to a bad request names its mistake, not the full disk.
    expectStatus(await put(full, 'ben', { runRuleEngine: 'x' }), 400);
    expectStatus(await put(full, 'ben', { attributes: { HatSize: 1 } }), 400);
    expectStatus(await put(full, 'ben', { audiencesChanges: { adds: [999] } }), 404);
    const taken = { audienceId: 'first-audience', audienceName: 'x' };
    expectStatus(await sendJson(full.url, key, 'POST', '/cdp/audiences', taken), 409);
    expectStatus(await sendJson(full.url, key, 'GET', '/v2/authping'), 204);
    expect((await send(full.url, { method: 'GET', path: '/healthz' })).status).toBe(200);
    expect(await known(full, ['ada', 'ben'])).toEqual(['ada']);
    // An operation that frees space is accepted.
    expectStatus(await sendJson(full.url, key, 'DELETE', '/cdp/audiences/first-audience'), 204);
  });

  test('a database that may not grow: 503 and nothing half stored, until there is room again', async () => {
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
