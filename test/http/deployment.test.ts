/** The environment of a server: TLS, proxies, keys deleted by other processes, files and logs that keep secrets. */

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { type ServerOptions, type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { authorization, send, sendJson, until } from './client.ts';
import { RawConnection } from './raw-connection.ts';
import { expectStatus } from './scenario.ts';
import { firstKey } from './target.ts';

// Each test starts several processes, which alone may take the usual time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const started: ServerProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map(async (server) => server.stop('SIGKILL')));
});

async function start(options: ServerOptions): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  started.push(server);
  return server;
}

test('on localhost it is reached at each of its addresses, and what is no HTTP has our answer there', async () => {
  const server = await start({ ephemeral: true, args: ['--host', 'localhost'] });
  const { port } = new URL(server.url);
  for (const { address, family } of await lookup('localhost', { all: true })) {
    const url = `http://${family === 6 ? `[${address}]` : address}:${port}`;
    expectStatus(await send(url, { method: 'GET', path: '/healthz' }), 200);
    const connection = await RawConnection.open(url);
    await connection.write('garbage\r\n\r\n');
    expect((await connection.answer()).text).toContain('"Error":"The request is not valid HTTP"');
    connection.destroy();
  }
});

interface CreatedKey {
  readonly id: number;
  readonly key: string;
}
const createKey = async (database: string, ...options: string[]): Promise<CreatedKey> =>
  commandJson<CreatedKey>([
    'key',
    'create',
    '--name',
    'k',
    '--expires',
    '2099-01-01',
    '--database',
    database,
    ...options,
  ]);

describe('TLS', () => {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];

  function makeCertificate(): boolean {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject];
    try {
      execFileSync('openssl', args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  test('https with a certificate of its own', async (context) => {
    if (!makeCertificate()) return context.skip('needs openssl');
    const server = await start({ args: ['--tls-cert', certificate, '--tls-key', key] });
    expect(server.url).toMatch(/^https:\/\//);
    const ask = async (method: string, path: string, headers: Record<string, string>, body = '') =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method, headers, ca: readFileSync(certificate) };
        const outgoing = request(`${server.url}${path}`, options, (answer) => resolve(answer.resume()));
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    const ping = await ask('GET', '/v2/authping', authorization(firstKey(server.database)));
    expect(ping.statusCode).toBe(204);
    expect(ping.headers['strict-transport-security']).toBe('max-age=31536000');
    // The console's cookies are limited to https, although no public URL says so.
    const secrets = readFileSync(join(dirname(server.database.slice('sqlite:'.length)), 'first-run.txt'), 'utf8');
    const [email, password] = ['admin', 'password'].map(
      (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(secrets)?.[1],
    );
    const json = { 'Content-Type': 'application/json' };
    const signedIn = await ask('POST', '/v1/console/session', json, JSON.stringify({ email, password }));
    expect(signedIn.statusCode).toBe(201);
    const cookies = signedIn.headers['set-cookie'] ?? [];
    const names = new Set(cookies.map((each) => each.split('=', 1)[0]));
    expect(names).toEqual(new Set(['rollcall_device', 'rollcall_session']));
    for (const each of cookies) expect(each).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
    await expect(send(server.url.replace('https', 'http'), { method: 'GET', path: '/healthz' })).rejects.toThrow(
      /hang up|ECONNRESET|EPIPE/,
    );
    expect(await server.stop()).toBe(0);
  });
});

describe('addresses of clients behind proxies', () => {
  const refuse = async ({ url }: ServerProcess, address: string): Promise<number> =>
    (
      await send(url, {
        method: 'GET',
        path: '/v2/authping',
        headers: { 'X-Forwarded-For': address, Authorization: 'ApiKey-v1 no' },
      })
    ).status;
  const three = async (server: ServerProcess, address: string): Promise<number[]> => [
    await refuse(server, address),
    await refuse(server, address),
    await refuse(server, address),
  ];

  // The log is written a moment later.
  const logged = async (server: ServerProcess, text: string): Promise<unknown> =>
    until(
      async () => server.output().stderr,
      (log) => log.includes(text),
    );

  test('X-Forwarded-For counts from a trusted proxy', async () => {
    const server = await start({
      env: { ROLLCALL_TRUSTED_PROXIES: '127.0.0.0/8', ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE: '2' },
    });
    expect(await three(server, '203.0.113.7')).toEqual([401, 401, 429]);
    expect(await three(server, '203.0.113.8')).toEqual([401, 401, 429]);
    // What the client itself wrote precedes what the proxy added.
    expect(await three(server, '198.51.100.1, 203.0.113.8')).toEqual([429, 429, 429]);
    await logged(server, '"address":"203.0.113.7"');
    // A port, another spelling or another half of an IPv6 address is not a new caller.
    expect(await refuse(server, '203.0.113.8:4711')).toBe(429);
    expect(await refuse(server, '::ffff:203.0.113.8')).toBe(429);
    const spellings = ['2001:db8::1', '[2001:DB8:0:0::2]:443', '2001:db8:0:0:1:2:3:4'];
    expect(await Promise.all(spellings.map(async (each) => refuse(server, each)))).toEqual([401, 401, 429]);
    // Garbage counts for the proxy that forwarded it, whatever it says.
    expect(await refuse(server, 'one')).toBe(401);
    expect(await refuse(server, '203.0.113.9, unknown')).toBe(401);
    expect(await refuse(server, '999.0.113.9:80')).toBe(429);
    await logged(server, '"address":"127.0.0.1"');
    expect(server.output().stderr).not.toMatch(/"address":"[^"]*(4711|unknown|999|one)/);
    await server.stop();
  });

  test('from anybody else it is words', async () => {
    const server = await start({ env: { ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE: '2' } });
    const statuses = [
      await refuse(server, '203.0.113.7'),
      await refuse(server, '203.0.113.8'),
      await refuse(server, '203.0.113.9'),
    ];
    expect(statuses).toEqual([401, 401, 429]);
    await logged(server, '"address":"127.0.0.1"');
    expect(server.output().stderr).not.toContain('203.0.113');
    // A valid key from the same address is not delayed.
    const headers = authorization(firstKey(server.database));
    expectStatus(await send(server.url, { method: 'GET', path: '/v2/authping', headers }), 204);
    const refused = await send(server.url, { method: 'PUT', path: '/cdp/customer_profile/x' });
    expectStatus(refused, 429);
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '0' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await server.stop();
  });
});

describe('keys', () => {
  test('one that is deleted by the command line is refused within a second, others are not', async () => {
    const server = await start({});
    const made = await createKey(server.database, '--platform', 'customer_data');
    const ping = async (key: string) =>
      (await send(server.url, { method: 'GET', path: '/v2/authping', headers: authorization(key) })).status;
    expect(await ping(made.key)).toBe(204);
    await commandJson(['key', 'delete', String(made.id), '--database', server.database]);
    expect(
      await until(
        async () => ping(made.key),
        (status) => status !== 204,
        { seconds: 1 },
      ),
    ).toBe(401);
    expect(await ping(firstKey(server.database))).toBe(204);
  });

  test('their last use is written down', async () => {
    const server = await start({});
    const made = await createKey(server.database);
    await send(server.url, { method: 'GET', path: '/v2/authping', headers: authorization(made.key) });
    expect(await server.stop()).toBe(0);
    const keys = await commandJson<{ id: number; lastUsed: string | null }[]>([
      'key',
      'list',
      '--database',
      server.database,
    ]);
    expect(Date.now() - Date.parse(keys.find(({ id }) => id === made.id)?.lastUsed ?? '')).toBeLessThan(60_000);
  });

  test('a third-party key opens the Integration API only where the operator said so', async () => {
    const server = await start({ env: { ROLLCALL_ALLOW_THIRD_PARTY_KEYS_ON_INTEGRATION_API: 'true' } });
    const read = await sendJson(server.url, firstKey(server.database), 'GET', '/v1/customer_profiles/x/audiences');
    expectStatus(read, 200);
    const generic = await createKey(server.database);
    expectStatus(await sendJson(server.url, generic.key, 'PUT', '/cdp/customer_profile/x', {}), 401);
  });
});

describe('secrets', () => {
  test("are in no log and no file, at the most talkative level; files are their owner's", async () => {
    const password = `pass-${randomUUID()}`;
    const server = await start({
      args: ['--log-level', 'trace'],
      env: {
        ROLLCALL_ADMIN_EMAIL: 'ops@example.com',
        ROLLCALL_ADMIN_PASSWORD: password,
        ROLLCALL_METRICS_TOKEN: 'metrics-token-5e1f',
      },
    });
    const made = await createKey(server.database, '--platform', 'customer_data');
    const wrong = `rck_${'Z'.repeat(38)}`;
    const path = '/cdp/customer_profile/ada';
    expectStatus(await sendJson(server.url, made.key, 'PUT', path, { attributes: { Tier: 'x' } }), 200);
    expectStatus(await sendJson(server.url, made.key, 'PUT', path, { attributes: { Nope: 'x' } }), 400);
    expectStatus(await sendJson(server.url, wrong, 'PUT', path, {}), 401);
    const basic = Buffer.from(`ApiKey-v1 ${made.key}:`).toString('base64');
    await send(server.url, { method: 'PUT', path, headers: { Authorization: `Basic ${basic}` } });
    await send(server.url, {
      method: 'GET',
      path: '/metrics',
      headers: { Authorization: 'Bearer metrics-token-5e1f' },
    });
    // A key pasted into a URL: as a parameter, as an ID or part of one, escaped, on known and unknown paths.
    const token = `rcs_ab-${'Y'.repeat(18)}_${'X'.repeat(20)}`;
    const other = `seeded${'W'.repeat(30)}`;
    const escaped = (secret: string) => secret.replace('_', '%5F').replace('Y', '%59').replace('Z', '%5a');
    for (const secret of [wrong, made.key, token]) {
      for (const each of [secret, escaped(secret)]) {
        await sendJson(server.url, made.key, 'PUT', `/cdp/customer_profile/a-${each}?dry=${each}`, {
          attributes: { Nope: 1 },
        });
        await sendJson(server.url, wrong, 'PUT', `/cdp/customer_profile/${each}/%zz?x_${each}`, {});
        await send(server.url, { method: 'GET', path: `/v1/audiences?api_key=${each}` });
        await send(server.url, { method: 'GET', path: `/v1/nowhere/${each}#${each}` });
        await send(server.url, { method: 'GET', path: `/console/x?token=${each}` });
      }
    }
    await send(server.url, { method: 'GET', path: `/v1/audiences?x=1&apiKey=${other}&authorization=${other}` });
    await server.stop();

    const folder = dirname(server.database.slice('sqlite:'.length));
    const files = readdirSync(folder).map((name) => join(folder, name));
    expect(existsSync(join(folder, 'first-run.txt'))).toBe(false);
    const { stdout, stderr } = server.output();
    expect(stderr).toContain('"method":"PUT"');
    const places = [stdout, stderr, ...files.map((file) => readFileSync(file, 'latin1'))];
    for (const secret of [
      made.key,
      made.key.slice(4),
      wrong.slice(4),
      wrong.slice(6),
      token.slice(8),
      'X'.repeat(20),
      other,
      basic,
      password,
      'metrics-token-5e1f',
      'ApiKey-v1 rck_',
    ]) {
      expect({ secret, found: places.some((text) => text.includes(secret)) }).toEqual({ secret, found: false });
    }
    for (const file of files) expect({ file, mode: statSync(file).mode & 0o777 }).toEqual({ file, mode: 0o600 });
  });

  test('of a first start go to a file only its owner reads, in a folder only its owner enters', async () => {
    const folder = join(temporaryFolder(), 'new');
    const server = await start({ database: `sqlite:${join(folder, 'rollcall.db')}` });
    const key = firstKey(server.database);
    expect(key).toMatch(/^rck_[0-9A-Za-z]{38}$/);
    expect(server.output().stdout + server.output().stderr).not.toContain(key);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder))
      expect({ name, mode: statSync(join(folder, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
  });
});
