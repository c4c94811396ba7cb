/** `rollcall serve` as a process: when it is ready, what it prints, and how it ends. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli, type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { call, ENTRY, expectRefusal, firstKey, newDatabase, updateStatus, within } from './world.ts';

const servers: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.stop('SIGKILL')));
});

async function start(options: ServerOptions = {}): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  servers.push(server);
  return server;
}

describe('--ephemeral', () => {
  it('prints exactly one line of JSON, and every key in it opens what it should', async () => {
    const server = await start({ ephemeral: true });
    expect(server.output().stderr).toBe('');
    const { stdout } = server.output();
    expect(stdout).toMatch(/^\{[^\n]+\}\n$/);
    const { url, keys, adminEmail, adminPassword, ...rest } = JSON.parse(stdout) as Record<string, unknown> & {
      keys: Record<string, string>;
    };
    expect(rest).toEqual({});
    expect(url).toBe(server.url);
    expect(adminEmail).toBe('admin@example.com');
    expect(adminPassword).toMatch(/^[\w-]{20}$/);
    expect(Object.keys(keys)).toEqual(['customerData', 'generic', 'readOnly', 'sandboxCustomerData', 'sandboxGeneric']);

    const statuses: Record<string, number[]> = {};
    for (const [name, key] of Object.entries(keys)) {
      const update = await updateStatus(server, key, { Tier: 'gold' });
      const read = await call(server, '/v1/customer_profiles/ada/audiences', { key });
      statuses[name] = [update, read.status];
    }
    expect(statuses).toEqual({
      customerData: [200, 401],
      generic: [401, 200],
      readOnly: [401, 200],
      sandboxCustomerData: [200, 401],
      sandboxGeneric: [401, 200],
    });
    expect(await server.stop()).toBe(0);
    expect(server.output().stdout).toBe(stdout);
  });

  it('has the live Application’s first audience, and nothing in the sandbox', async () => {
    const server = await start({ ephemeral: true });
    const add = async (key: string | undefined) =>
      call(server, '/cdp/customer_profile/ada/audiences', {
        key: key ?? '',
        method: 'PUT',
        body: { data: { adds: ['first-audience'] } },
      });
    const statuses = [await add(server.keys['customerData']), await add(server.keys['sandboxCustomerData'])];
    expect(statuses.map(({ status }) => status)).toEqual([200, 404]);
  });

  it('ignores the database in the environment, and writes no file', async () => {
    const database = newDatabase();
    const server = await start({ ephemeral: true, env: { ROLLCALL_DATABASE: database } });
    expect(await updateStatus(server, server.keys['customerData'] ?? '', { Tier: 'gold' })).toBe(200);
    expect(existsSync(database.slice('sqlite:'.length))).toBe(false);
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s is exit 0, with nothing left beside the database', async (signal) => {
    const server = await start();
    expect(await updateStatus(server, firstKey(server.database), { Tier: 'gold' })).toBe(200);
    expect(await server.stop(signal)).toBe(0);
    const path = server.database.slice('sqlite:'.length);
    expect([path, `${path}-wal`, `${path}-shm`].map((each) => existsSync(each))).toEqual([true, false, false]);
  });

  it('by one key press that arrives several times is exit 0 too', async () => {
    const server = await start();
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    expect(await server.stop('SIGTERM')).toBe(0);
  });

  it('can be forced by a second signal, later', async () => {
    const server = await start({ env: { ROLLCALL_SHUTDOWN_DELAY_SECONDS: '60' } });
    server.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(server.child.exitCode).toBe(null);
    expect(await server.stop('SIGTERM')).toBe(1);
  });

  it('does not come with the end of whoever reads its output', async () => {
    const server = await start({ args: ['--log-level', 'debug'] });
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    const key = firstKey(server.database);
    for (let count = 0; count < 20; count += 1) expect(await updateStatus(server, key)).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('does not come when nobody reads it from the start', async () => {
    const database = newDatabase();
    const child = spawn(process.execPath, [ENTRY, 'serve', '--port', '0', '--database', database], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const url = await within(20_000, async () => /listening at (http\S+)"/.exec(stderr)?.[1]);
    await within(5000, async () => (existsSync(join(database.slice(7), '..', 'first-run.txt')) ? true : undefined));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('an address that cannot be listened on', () => {
  it('is one line that names --port, and leaves the first start for later', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const database = newDatabase();
    const result = await runCli(['serve', '--port', port, '--database', database, '--log-level', 'error']);
    expectRefusal(result, 2, new RegExp(`127\\.0\\.0\\.1:${port} is in use; choose another port with --port`));
    expect(existsSync(join(database.slice(7), '..', 'first-run.txt'))).toBe(false);
    taken.close();
    const server = await start({ database });
    expect(server.output().stdout).toContain('curl');
  });

  it.each([
    ['203.0.113.1', /--host: '203\.0\.113\.1' is not an address of this machine/],
    ['no.such.host.invalid', /no\.such\.host\.invalid/],
  ])('is one line for --host %s', async (host, message) => {
    const result = await runCli(['serve', '--host', host, '--database', newDatabase(), '--log-level', 'error']);
    expectRefusal(result, result.code === 1 ? 1 : 2, message);
  });
});

describe('what is printed', () => {
  it('are people’s lines on standard output and JSON on standard error, without a secret', async () => {
    const server = await start({ args: ['--log-level', 'debug', '--port', '0'] });
    const key = firstKey(server.database);
    expect(await updateStatus(server, key)).toBe(200);
    expect(await updateStatus(server, `${key.slice(0, -1)}x`)).toBe(401);
    await server.stop();
    const { stdout, stderr } = server.output();
    expect(stdout).not.toContain('{"level"');
    const lines = stderr.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg');
    expect(stdout + stderr).not.toMatch(/rck_\w{10}/);
  });
});
