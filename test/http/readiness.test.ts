/** When `/readyz` fails: no space, missing files, an incomplete first start; and what still works meanwhile. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { commandJson } from '../cli/command.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { send, sendJson, until } from './client.ts';
import { expectStatus } from './scenario.ts';
import { firstKey } from './target.ts';

// Each test starts a process, which alone may take the usual time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const started: ServerProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map(async (server) => server.stop('SIGKILL')));
});

interface Readiness {
  readonly code: number;
  readonly reason: string | undefined;
}

async function readiness(url: string): Promise<Readiness> {
  const { status, text } = await send(url, { method: 'GET', path: '/readyz' });
  return { code: status, reason: (JSON.parse(text) as { reason?: string }).reason };
}

const isReady = ({ code }: Readiness): boolean => code === 200;
const whenReady = async (url: string) => until(async () => readiness(url), isReady);

test('no room: growing writes are refused and readiness says why; deletions make room, and it comes back by itself', async () => {
  const server = await startServerProcess({ env: { ROLLCALL_MAX_DATABASE_BYTES: '1M' } });
  started.push(server);
  const key = firstKey(server.database);
  const call = async (method: string, path: string, body?: object) => sendJson(server.url, key, method, path, body);
  expect(await readiness(server.url)).toEqual({ code: 200, reason: undefined });

  const audiences: string[] = [];
  /** Makes one call for this many new profiles, each in a new audience. @returns whether both were accepted */
  async function grow(profiles: number): Promise<boolean> {
    const audienceId = randomUUID();
    if ((await call('POST', '/cdp/audiences', { audienceId, audienceName: 'Filler' })).status !== 201) return false;
    audiences.push(audienceId);
    const data = Array.from({ length: profiles }, () => ({ customerProfileId: randomUUID(), adds: [audienceId] }));
    return (await call('PUT', '/cdp/v2/customer_profiles/audiences', { data })).status === 204;
  }
  // Makes smaller and smaller calls, until not even a small write fits: after each failure a probe checks that.
  for (let size = 500; isReady(await readiness(server.url)); size = Math.max(Math.floor(size / 4), 8)) {
    while (await grow(size));
    await delay(300);
  }
  expect(audiences.length).toBeGreaterThan(2);
  expect((await readiness(server.url)).reason).toMatch(/disk is full/);
  const refused = await call('PUT', `/cdp/customer_profile/${randomUUID()}`);
  expectStatus(refused, 503);
  expect(refused.headers['retry-after']).toMatch(/^[1-9]/);
  expectStatus(await call('GET', '/v2/authping'), 204);
  expectStatus(await send(server.url, { method: 'GET', path: '/healthz' }), 200);

  for (const audienceId of audiences) expectStatus(await call('DELETE', `/cdp/audiences/${audienceId}`), 204);
  await whenReady(server.url);
  expectStatus(await call('PUT', `/cdp/customer_profile/${randomUUID()}`), 200);
  expect(server.output().stderr).toMatch(/writes fail.*\n(.*\n)*.*writes are possible again/);
  expect(await server.stop()).toBe(0);
});

test('files that are removed: the log starts again; no write to the database is acknowledged any more', async () => {
  const server = await startServerProcess();
  started.push(server);
  const path = server.database.replace('sqlite:', '');
  const log = `${path}.access-log`;
  const key = firstKey(server.database);
  const put = async () => sendJson(server.url, key, 'PUT', `/cdp/customer_profile/${randomUUID()}`, {});
  expectStatus(await put(), 200);
  await until(async () => existsSync(`${log}-wal`), Boolean);

  for (const suffix of ['', '-wal', '-shm']) rmSync(`${log}${suffix}`);
  await until(async () => {
    expectStatus(await put(), 200);
    return existsSync(`${log}-wal`);
  }, Boolean);
  await until(
    async () => server.output().stderr,
    (text) => /"level":50,.*access log was removed or replaced/.test(text),
  );
  expect(await readiness(server.url)).toMatchObject({ code: 200 });

  const copy = `${path}.moved`;
  renameSync(path, copy);
  writeFileSync(path, 'somebody else');
  // From the next commit on, not only when the watch checks the next time.
  expectStatus(await put(), 503);
  const { reason } = await until(
    async () => readiness(server.url),
    (each) => each.reason?.includes('removed or replaced while the server ran') === true,
  );
  expect(reason).toBeDefined();
  expectStatus(await sendJson(server.url, key, 'DELETE', '/cdp/audiences/first-audience'), 503);
  expectStatus(await sendJson(server.url, key, 'GET', '/v2/authping'), 204);
  await until(
    async () => server.output().stderr,
    (text) => /"level":50,.*database file was removed or replaced.*restarted/.test(text),
  );

  // The same file is back, but writes made meanwhile may be elsewhere, so only a restart can check it.
  renameSync(copy, path);
  await delay(1500);
  expect(await readiness(server.url)).toMatchObject({ code: 503 });
  renameSync(path, copy);
  writeFileSync(path, 'somebody else');
  expect(await server.stop()).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('somebody else');
});

test('what is written to a log that was removed is not answered as stored', async () => {
  const path = `${temporaryFolder()}/test.db`;
  const storage = await openStorage(`sqlite:${path}`);
  const id = { integration: 'P', integrationId: 'a' };
  const create = async (integrationId: string) =>
    storage.write([
      {
        kind: 'createAudience',
        caller: { requestUuid: randomUUID(), keyId: 1, applicationId: 1, environment: 'live', bytes: 1 },
        target: { ...id, integrationId },
        name: integrationId,
        details: undefined,
      },
    ]);
  expect(await create('a')).toMatchObject([{ result: { integrationId: 'a' } }]);
  expect(storage.file?.check()).toBeUndefined();
  rmSync(`${path}-wal`);
  await expect(create('b')).rejects.toMatchObject({ code: 'unavailable' });
  expect(storage.file?.check()).toBe(`${path}-wal`);
  await expect(storage.probe()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(storage.ping()).rejects.toMatchObject({ code: 'unavailable' });
  expect(statSync(path).size).toBeGreaterThan(0);
  await storage.close();
});

describe('a first start', () => {
  async function freePort(): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    return port;
  }

  test('is complete before the server says that it is ready', async () => {
    const path = `${temporaryFolder()}/test.db`;
    await (await openStorage(`sqlite:${path}`)).close();
    const lock = new Database(path);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    // Nothing can be created while another process writes; the start waits for five seconds.
    lock.exec('begin immediate');
    const starting = startServerProcess({ database: `sqlite:${path}`, args: ['--port', String(port)] });
    const first = await until(
      async () => readiness(url).catch(() => undefined),
      (each) => each !== undefined,
    );
    expect(first).toEqual({ code: 503, reason: 'The first start is not complete yet' });
    lock.exec('rollback');
    await whenReady(url);
    expect(lock.prepare('select count(*) from users').pluck().get()).toBe(1);
    lock.close();
    started.push(await starting);
    expect(await commandJson<unknown[]>(['key', 'list', '--database', `sqlite:${path}`])).toHaveLength(1);
  });
});
