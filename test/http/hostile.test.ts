/**
 * Requests that no well-behaved client sends, over bare sockets. Each has a defined answer, none gets a 5xx or hangs,
 * and none leaves anything behind. After all tests, the server's log is searched for unexpected errors.
 */

import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, send, sendJson, until } from './client.ts';
import { type RawAnswer, RawConnection, requestText } from './raw-connection.ts';
import { expectStatus } from './scenario.ts';

const MIB = 1024 * 1024;
const TIMEOUT_SECONDS = 2;

let server: ServerProcess;
let auth: Record<string, string>;
beforeAll(async () => {
  server = await startServerProcess({
    ephemeral: true,
    env: {
      ROLLCALL_REQUEST_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS),
      // The minimum, so that memory that a request does not release shows at once.
      ROLLCALL_MAX_BODIES_BYTES: String(10 * MIB),
    },
  });
  auth = authorization(server.keys['customerData'] ?? '');
});
afterAll(async () => {
  expect(server.output().stderr).not.toMatch(/unexpected error|"level":[56]0/);
  await server.stop();
});

/** The path of a profile that does not exist. */
const fresh = (): string => `/cdp/customer_profile/${randomUUID()}`;

async function exchange(bytes: string | Buffer, options: { head?: boolean } = {}): Promise<RawAnswer> {
  const connection = await RawConnection.open(server.url);
  await connection.write(bytes);
  const answer = await connection.answer(options);
  connection.destroy();
  return answer;
}

function expectError(answer: RawAnswer, status: number, error: RegExp): void {
  expect(answer).toMatchObject({ status });
  expect(JSON.parse(answer.text)).toEqual({
    Error: expect.stringMatching(error) as unknown,
    RequestUUID: answer.headers['x-request-id'],
    StatusCode: status,
  });
}

async function exists(path: string): Promise<boolean> {
  const read = path.replace('/cdp/customer_profile/', '/v1/customer_profiles/');
  const { status } = await sendJson(server.url, server.keys['generic'] ?? '', 'GET', `${read}/inventory`);
  return status === 200;
}

/** Checks that the server still answers and has released all memory: it accepts a body as large as the whole budget. */
async function expectHealthy(): Promise<void> {
  const body = `{}${' '.repeat(10 * MIB - 2)}`;
  const answer = await until(
    async () => send(server.url, { method: 'PUT', path: '/cdp/customer_profile/well', headers: auth, body }),
    ({ status }) => status !== 503,
    { seconds: 5 },
  );
  expectStatus(answer, 200);
}

// ---- sizes

describe('large bodies', () => {
  test('exactly 10 MiB is accepted', expectHealthy);

  test.for([
    ['declared', { 'Content-Length': String(10 * MIB + 1) }],
    ['declared enormous', { 'Content-Length': '99999999999999' }],
  ] as const)('one byte more, %s: answered before any of it is read', async ([, headers]) => {
    const path = fresh();
    expectError(await exchange(requestText('PUT', path, { ...auth, ...headers })), 413, /^Body exceeds 10 MiB$/);
    expect(await exists(path)).toBe(false);
  });

  test('chunked beyond 10 MiB: answered while the client still sends', async () => {
    const path = fresh();
    const connection = await RawConnection.open(server.url);
    await connection.write(requestText('PUT', path, { ...auth, 'Transfer-Encoding': 'chunked' }, ''));
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    // The end is never sent.
    for (let sent = 0; sent <= 10 * MIB; sent += 0x10000) await connection.write(chunk);
    expectError(await connection.answer(), 413, /^Body exceeds 10 MiB$/);
    connection.destroy();
    expect(await exists(path)).toBe(false);
    await expectHealthy();
  });

  test('sent whole though refused, the connection goes on', async () => {
    const connection = await RawConnection.open(server.url);
    await connection.write(requestText('PUT', fresh(), { ...auth, 'Content-Length': String(11 * MIB) }));
    expect((await connection.answer()).status).toBe(413);
    await connection.write(Buffer.alloc(11 * MIB, ' '));
    await connection.write(requestText('PUT', fresh(), auth, '{}'));
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
  });

  test('a refused key is told before a body too large, an unknown path before both', async () => {
    const huge = { 'Content-Length': String(50 * MIB) };
    expectError(await exchange(requestText('PUT', fresh(), huge)), 401, /^API key missing/);
    expectError(await exchange(requestText('PUT', '/cdp/nothing', huge)), 404, /^Unknown path/);
    expectError(
      await exchange(requestText('GET', '/cdp/audiences', { ...auth, ...huge })),
      405,
      /this path supports POST/,
    );
    const bad = { ...auth, ...huge, 'destination-hostname': 'a b' };
    expectError(await exchange(requestText('PUT', fresh(), bad)), 400, /^Header destination-hostname/);
  });

  test('a body where none is taken is not waited for', async () => {
    const headers = { ...auth, 'Content-Length': String(50 * MIB) };
    expectError(
      await exchange(requestText('DELETE', '/cdp/audiences/none', headers)),
      404,
      /^Audience 'none' not found/,
    );
    expect((await exchange(requestText('GET', '/v2/authping', headers))).status).toBe(204);
  });

  test('more bodies at once than may be held: 503 with Retry-After, and soon well again', async () => {
    const half = requestText('PUT', fresh(), { ...auth, 'Content-Length': String(6 * MIB) }, '');
    const [first, second] = [await RawConnection.open(server.url), await RawConnection.open(server.url)];
    await first.write(half + ' '.repeat(5 * MIB));
    await second.write(half + ' '.repeat(6 * MIB));
    const answer = await second.answer();
    expectError(answer, 503, /is processing too many request bodies/);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]/);
    expect((await send(server.url, { method: 'GET', path: '/v2/authping', headers: auth })).status).toBe(204);
    first.destroy();
    second.destroy();
    await expectHealthy();
  });

  test('what is held of a refused body is given back, also when it was refused unread and its client has gone', async () => {
    const bad = { ...auth, 'Content-Length': String(9 * MIB), 'destination-hostname': 'a b' };
    const refusedUnread = await RawConnection.open(server.url);
    await refusedUnread.write(requestText('PUT', fresh(), bad, ''));
    expect((await refusedUnread.answer()).status).toBe(400);
    await refusedUnread.write(' '.repeat(6 * MIB));
    refusedUnread.destroy();
    await expectHealthy();
    // The other connections stay open, and could send more.
    const deep = await RawConnection.open(server.url);
    await deep.write(requestText('PUT', fresh(), { ...auth, 'Content-Length': String(9 * MIB) }, '['.repeat(5 * MIB)));
    expectError(await deep.answer(), 400, /deeper than 64 levels/);
    await expectHealthy();
    deep.destroy();
  });

  test('16 KiB where nobody is known yet', async () => {
    const signIn = (headers: Record<string, string>, body: string) =>
      requestText('POST', '/v1/sessions', headers, body);
    const credentials = JSON.stringify({ email: 'ada@example.com', password: 'x'.repeat(100) });
    const padded = (bytes: number): string => credentials + ' '.repeat(bytes - credentials.length);
    expect((await exchange(signIn({}, padded(16 * 1024)))).status).toBe(401);
    const declared = await exchange(signIn({ 'Content-Length': String(16 * 1024 + 1) }, ''));
    expect({ status: declared.status, text: declared.text }).toMatchObject({
      status: 413,
      text: expect.stringContaining('Body exceeds 16 KiB') as unknown,
    });
    const chunked = signIn({ 'Transfer-Encoding': 'chunked' }, `4001\r\n${padded(0x4001)}\r\n`);
    expect((await exchange(chunked)).status).toBe(413);
  });

  test('byte by byte in chunks of one', async () => {
    const path = fresh();
    const connection = await RawConnection.open(server.url);
    await connection.write(requestText('PUT', path, { ...auth, 'Transfer-Encoding': 'chunked' }, ''));
    const body = `{"attributes":{"Tier":"${'g'.repeat(20_000)}"}}`;
    await connection.write(body.replace(/./g, (byte) => `1\r\n${byte}\r\n`));
    await connection.write('0\r\n\r\n');
    const answer = await connection.answer();
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('g'.repeat(20_000));
    connection.destroy();
  });
});

describe('large headers and paths', () => {
  const many: Record<string, string> = {};
  for (let index = 0; index < 2000; index += 1) many[`X-${index}`] = 'x'.repeat(40);
  test.for([
    ['one header of 100 KB', 431, requestText('PUT', '/cdp/customer_profile/x', { 'X-Big': 'x'.repeat(100_000) })],
    ['two thousand headers', 431, requestText('PUT', '/cdp/customer_profile/x', many)],
    ['a path of 100 KB', 431, requestText('PUT', `/cdp/customer_profile/${'x'.repeat(100_000)}`)],
    ['a header block that never ends', 431, `PUT /cdp/x HTTP/1.1\r\n${'X-A: b\r\n'.repeat(20_000)}`],
    ['a method that never ends', 400, 'P'.repeat(100_000)],
  ] as const)('%s', async ([, status, bytes]) => {
    const answer = await exchange(bytes);
    expectError(answer, status, /^The request headers are too large; at most 32 KiB$|^The request is not valid HTTP$/);
    expect(answer.headers['connection']).toBe('close');
  });
});

// ---- time

describe('slow and half-sent requests', () => {
  const withBody = (path: string, length: number) =>
    requestText('PUT', path, { ...auth, 'Content-Length': String(length) }, '{"attributes":');

  test('a body that stops: 408, and the connection is closed', async () => {
    const path = fresh();
    const connection = await RawConnection.open(server.url);
    await connection.write(withBody(path, 100));
    const started = Date.now();
    const answer = await connection.answer({ withinMs: 8000 });
    expectError(answer, 408, /did not arrive in time$/);
    expect(Date.now() - started).toBeGreaterThan((TIMEOUT_SECONDS - 1) * 1000);
    await connection.untilClosed();
    expect(connection.rest).toBe('');
    expect(await exists(path)).toBe(false);
  });

  test('a body that trickles, headers that trickle, a connection that says nothing: the same end', async () => {
    const starts = [withBody(fresh(), 1000), 'PUT /cdp/customer_profile/x HTTP/1.1\r\nX-A: ', ''];
    await Promise.all(
      starts.map(async (start, index) => {
        const connection = await RawConnection.open(server.url);
        await connection.write(start);
        const trickle = setInterval(() => void connection.write(start === '' ? '' : 'x'), 100);
        const { status } = await connection.answer({ withinMs: 8000 });
        clearInterval(trickle);
        expect({ index, status }).toEqual({ index, status: 408 });
        await connection.untilClosed();
      }),
    );
  });

  test('a request refused before its body came is not answered twice', async () => {
    const connection = await RawConnection.open(server.url);
    await connection.write(requestText('PUT', fresh(), { 'Content-Length': '100' }, 'x'));
    expect((await connection.answer()).status).toBe(401);
    const trickle = setInterval(() => void connection.write('x'), 100);
    await connection.untilClosed(8000);
    clearInterval(trickle);
    expect(connection.rest).toBe('');
  });

  test('half sent, then the client is gone: nothing is applied, nothing is held', async () => {
    const paths = Array.from({ length: 20 }, fresh);
    for (const path of paths) {
      const connection = await RawConnection.open(server.url);
      await connection.write(`${withBody(path, 5 * MIB)}${' '.repeat(MIB)}`);
      connection.destroy();
    }
    await expectHealthy();
    for (const path of paths) expect(await exists(path)).toBe(false);
  });

  test('half sent, then an orderly end of the stream: 400, nothing is applied', async () => {
    const path = fresh();
    const connection = await RawConnection.open(server.url);
    await connection.write(withBody(path, 100));
    connection.finish();
    expectError(await connection.answer(), 400, /not valid HTTP$/);
    expect(await exists(path)).toBe(false);
  });

  test('sent whole, then an orderly end of the stream: answered', async () => {
    const connection = await RawConnection.open(server.url);
    await connection.write(requestText('PUT', fresh(), auth, '{}'));
    connection.finish();
    expect((await connection.answer()).status).toBe(200);
  });

  test('many slow connections keep nobody waiting', async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, async () => RawConnection.open(server.url)));
    await Promise.all(
      slow.map(async (connection) => connection.write('PUT /cdp/customer_profile/x HTTP/1.1\r\nX-A: ')),
    );
    const started = Date.now();
    for (let index = 0; index < 20; index += 1) {
      expectStatus(await send(server.url, { method: 'PUT', path: fresh(), headers: auth, body: '{}' }), 200);
    }
    expect(Date.now() - started).toBeLessThan(5000);
    for (const connection of slow) connection.destroy();
  });
});

// ---- content

const update = (body: string | Buffer) => async (path: string) =>
  send(server.url, { method: 'PUT', path, headers: { ...auth, 'Content-Type': 'application/json' }, body });
const nested = (levels: number) => `{"note":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

const BODIES: readonly (readonly [title: string, body: string | Buffer, status: number, holds: RegExp])[] = [
  ['gzip', gzipSync('{}'), 400, /Body must be a JSON object in UTF-8/],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, /in UTF-8/],
  ['an overlong encoding', Buffer.from('{"a":"\xc0\xaf"}', 'latin1'), 400, /in UTF-8/],
  ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 400, /in UTF-8/],
  ['a byte order mark', '\ufeff{"attributes":{"Tier":"x"}}', 200, /"Tier":"x"/],
  ['a million byte order marks', `${'\ufeff'.repeat(1_000_000)}x`, 400, /JSON object/],
  ['64 levels', nested(64), 200, /"effects"/],
  ['65 levels', nested(65), 400, /deeper than 64 levels/],
  ['a hundred thousand levels', nested(100_000), 400, /deeper than 64 levels/],
  ['levels without end', '['.repeat(2_000_000), 400, /deeper than 64 levels/],
  [
    'levels without end behind a quote in a string',
    String.raw`{"a\\\"":${'['.repeat(100)}`,
    400,
    /deeper than 64 levels/,
  ],
  ['brackets in strings', JSON.stringify({ 'a\\"[{': '[{,\\"'.repeat(100_000) }), 200, /"effects"/],
  ['a key __proto__', '{"__proto__":{"admin":true}}', 400, /'__proto__'/],
  ['a key __proto__, escaped, deep inside', String.raw`{"x":[{"\u005f_proto__":1}]}`, 400, /'__proto__'/],
  ['constructor and prototype', '{"constructor":{"prototype":{"x":1}}}', 200, /"effects"/],
  ['an attribute __proto__', '{"attributes":{"__proto__":"x"}}', 400, /'__proto__'/],
  ['duplicate keys: the last one counts', '{"attributes":[],"attributes":{"Tier":"a","Tier":"b"}}', 200, /"Tier":"b"/],
  ['a number beyond a double', '{"x":1e400}', 400, /outside the range of a double/],
  ['a number beyond a double, in a list', '{"x":[-1e999]}', 400, /outside the range of a double/],
  ['ten thousand digits', `{"x":${'9'.repeat(10_000)}}`, 400, /outside the range of a double/],
  ['a tiny number', '{"x":1e-999}', 200, /"effects"/],
  [
    'an audience number of 30 digits',
    '{"audiencesChanges":{"adds":[100000000000000000000000000000]}}',
    400,
    /must be 1 to/,
  ],
  ['a lone surrogate in a value', String.raw`{"attributes":{"Tier":"\ud83e"}}`, 400, /lone surrogate/],
  ['NUL in a value', String.raw`{"attributes":{"Tier":"a\u0000b"}}`, 400, /NUL character/],
  ['an escaped pair of surrogates', String.raw`{"attributes":{"Tier":"\ud83e\udd8a"}}`, 200, /🦊/],
  ['a lone surrogate in what is ignored', String.raw`{"note":"\ud83e"}`, 200, /"effects"/],
  ['a lone surrogate in an undefined name', String.raw`{"attributes":{"\ud83e":1}}`, 400, /is not defined/],
  ['NUL bytes', '\0\0\0', 400, /JSON object/],
  [
    'fifty thousand undefined attributes',
    `{"attributes":{${Array.from({ length: 50_000 }, (_, i) => `"a${i}":1`).join()}}}`,
    400,
    /'a9' is not defined/,
  ],
  [
    'ninety thousand problems',
    `{"audiencesChanges":{"adds":[${'"x",'.repeat(90_000)}1]}}`,
    400,
    /adds\[9\]: expected an integer/,
  ],
  ['forty thousand ignored objects', `{"note":[${'{},'.repeat(40_000)}1]}`, 200, /"effects"/],
  ['three million ignored objects', `{"note":[${'{},'.repeat(3_000_000)}1]}`, 400, /more than 100000 values/],
  ['a hundred thousand ignored numbers', `{"note":[${'1,'.repeat(99_997)}1]}`, 200, /"effects"/],
  ['one more', `{"note":[${'1,'.repeat(99_999)}1]}`, 400, /more than 100000 values/],
  ['bytes that are no text, however they look', Buffer.from(`\xff${'['.repeat(1000)}`, 'latin1'), 400, /in UTF-8/],
];

describe('bodies', () => {
  test.for(BODIES)('%s', async ([, body, status, holds]) => {
    const path = fresh();
    const answer = await update(body)(path);
    expect({ status: answer.status, text: answer.text.slice(0, 2000) }).toEqual({
      status,
      text: expect.stringMatching(holds) as unknown,
    });
    expect(await exists(path)).toBe(status === 200);
  });

  test('a lone surrogate or NUL in an ID of a bulk request', async () => {
    for (const id of [String.raw`\ud83e`, String.raw`a\u0000`]) {
      const body = `{"data":[{"customerProfileId":"${id}"}]}`;
      const answer = await update(body)('/cdp/v2/customer_profiles/audiences');
      expectStatus(answer, 400);
      expect(answer.text).toContain('data[0].customerProfileId: must not contain NUL characters or lone surrogates');
    }
  });

  test('nothing of it has polluted anything', async () => {
    const answer = await update('{}')(fresh());
    expect(answer.json()).toMatchObject({ customerProfile: { attributes: {} } });
    expect(answer.text).not.toContain('admin');
    await expectHealthy();
  });
});
