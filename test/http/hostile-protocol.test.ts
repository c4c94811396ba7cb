/** Malformed HTTP over bare sockets: pipelining, smuggling, unusual methods and request lines. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, sendJson } from './client.ts';
import { RawConnection, requestText } from './raw-connection.ts';

let server: ServerProcess;
let auth: Record<string, string>;
beforeAll(async () => {
  server = await startServerProcess({ ephemeral: true });
  auth = authorization(server.keys['customerData'] ?? '');
});
afterAll(async () => {
  expect(server.output().stderr).not.toMatch(/unexpected error|"level":[56]0/);
  await server.stop();
});

const fresh = (): string => `/cdp/customer_profile/${randomUUID()}`;
const tier = (value: number | string): string => JSON.stringify({ attributes: { Tier: String(value) } });
const put = (path: string, body: string, headers: Record<string, string> = {}): string =>
  requestText('PUT', path, { ...auth, ...headers }, body);

async function open(bytes = ''): Promise<RawConnection> {
  const connection = await RawConnection.open(server.url);
  await connection.write(bytes);
  return connection;
}

async function read(path: string): Promise<{ status: number; tier?: unknown }> {
  const url = `${path.replace('/cdp/customer_profile/', '/v1/customer_profiles/')}/inventory?profile=true`;
  const answer = await sendJson(server.url, server.keys['generic'] ?? '', 'GET', url);
  if (answer.status !== 200) return { status: answer.status };
  return {
    status: 200,
    tier: (answer.json() as { profile: { attributes: { Tier?: unknown } } }).profile.attributes.Tier,
  };
}

describe('paths that are not written as URLs', () => {
  const OTHER = /^The path contains characters that are not ASCII; percent-escapes must be UTF-8: ü is %C3%BC$/;
  const BLANK = /^The path contains a blank; write it as %20$/;
  test.for([
    ['Latin-1', Buffer.from('/cdp/customer_profile/m\xfcller', 'latin1'), OTHER],
    ['UTF-8', Buffer.from('/cdp/customer_profile/müller'), OTHER],
    ['an emoji', Buffer.from('/cdp/customer_profile/🦊'), OTHER],
    ['in a query', Buffer.from('/cdp/customer_profile/a?x=ü'), OTHER],
    ['a blank', Buffer.from('/cdp/customer_profile/ada lovelace'), BLANK],
    ['a tab', Buffer.from('/cdp/customer_profile/ada\tlovelace'), BLANK],
    ['an unfilled template', Buffer.from('/cdp/customer_profile/{{ id }}'), BLANK],
    ['both', Buffer.from('/cdp/customer_profile/ada müller'), OTHER],
  ] as const)('%s', async ([, path, error]) => {
    const before = put(fresh(), tier('a'));
    // The second request starts where the body of the first ends, without a line break.
    const bytes = Buffer.concat([Buffer.from(`${before}PUT `), path, Buffer.from(' HTTP/1.1\r\nHost: x\r\n\r\n')]);
    const connection = await open();
    await connection.write(bytes);
    expect((await connection.answer()).status).toBe(200);
    const answer = await connection.answer();
    expect(answer).toMatchObject({ status: 400, headers: { connection: 'close' } });
    expect((JSON.parse(answer.text) as { Error: string }).Error).toMatch(error);
    connection.destroy();
  });

  test.for([
    ['no path', 'PUT cdp HTTP/1.1\r\n\r\n'],
    ['a blank in the name of a header', 'PUT /cdp/customer_profile/a HTTP/1.1\r\nHo st: x\r\n\r\n'],
    ['another protocol', 'PUT /cdp/customer_profile/a HTTQ/1.1\r\n\r\n'],
    ['many beginnings of a line', `${'}A /'.repeat(15_000)}\r\n\r\n`],
  ] as const)('%s is another mistake', async ([, bytes]) => {
    const connection = await open(bytes);
    expect((await connection.answer()).status).toBe(400);
    connection.destroy();
  });
});

describe('pipelined requests', () => {
  test('answers come in order, and so do effects', async () => {
    const path = fresh();
    const connection = await open(Array.from({ length: 100 }, (_, index) => put(path, tier(index))).join(''));
    for (let index = 0; index < 100; index += 1) {
      const answer = await connection.answer();
      expect({ index, status: answer.status }).toEqual({ index, status: 200 });
      expect(answer.text).toContain(`"Tier":"${index}"`);
    }
    connection.destroy();
    expect(await read(path)).toEqual({ status: 200, tier: '99' });
  });

  test('good and bad ones mixed keep their places', async () => {
    const path = fresh();
    const requests: [bytes: string, status: number][] = [
      [put(path, tier('a')), 200],
      [requestText('PUT', path, {}, tier('b')), 401],
      [put(path, '{'), 400],
      [requestText('GET', path, auth), 405],
      [requestText('PUT', '/cdp/nothing', auth, '{}'), 404],
      [requestText('DELETE', '/cdp/audiences/none', auth), 404],
      [requestText('GET', '/v2/authping', auth), 204],
      [put(path, tier('c')), 200],
    ];
    const connection = await open(requests.map(([bytes]) => bytes).join(''));
    for (const [index, [, status]] of requests.entries()) {
      expect({ index, status: (await connection.answer()).status }).toEqual({ index, status });
    }
    connection.destroy();
    expect(await read(path)).toEqual({ status: 200, tier: 'c' });
  });

  test('a request before what is no HTTP is answered first, and the garbage after it', async () => {
    const path = fresh();
    const connection = await open(`${put(path, tier('a'))}${put(path, tier('b'))}\0garbage\r\n\r\n`);
    expect((await connection.answer()).text).toContain('"Tier":"a"');
    expect((await connection.answer()).text).toContain('"Tier":"b"');
    const last = await connection.answer();
    expect(last).toMatchObject({ status: 400, headers: { connection: 'close' } });
    expect(JSON.parse(last.text)).toMatchObject({ Error: 'The request is not valid HTTP', StatusCode: 400 });
    await connection.untilClosed();
  });

  test('the client that says it sends no more has its answers, and the connection ends', async () => {
    const path = fresh();
    const connection = await open(Array.from({ length: 30 }, (_, index) => put(path, tier(index))).join(''));
    connection.finish();
    for (let index = 0; index < 30; index += 1) {
      const answer = await connection.answer();
      expect({ status: answer.status, tier: /"Tier":"\d+"/.exec(answer.text)?.[0] }).toEqual({
        status: 200,
        tier: `"Tier":"${index}"`,
      });
    }
    await connection.untilClosed();
    expect(await read(path)).toEqual({ status: 200, tier: '29' });
  });

  test('the client that goes away without reading harms nobody', async () => {
    for (let round = 0; round < 20; round += 1) {
      const connection = await open(Array.from({ length: 20 }, (_, index) => put(fresh(), tier(index))).join(''));
      connection.destroy();
    }
    const connection = await open(put(fresh(), '{}'));
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
  });
});

// ---- one request, one answer

interface Broken {
  readonly title: string;
  readonly bytes: (path: string) => string;
  readonly status: number;
  /** Whether the update is applied; for a request that contains one. */
  readonly applied?: boolean;
  readonly head?: boolean;
}
const BODY = tier('x');
const LENGTH = String(BODY.length);
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const line = (first: string, ...headers: string[]): string => [first, 'Host: x', ...headers, '', ''].join('\r\n');
const key = (): string => `Authorization: ${auth['Authorization']}`;

const REQUESTS: readonly Broken[] = [
  // two interpretations of where the body ends
  {
    title: 'Content-Length and chunked',
    bytes: (path) => put(path, CHUNKED, { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }),
    status: 400,
  },
  {
    title: 'chunked and Content-Length',
    bytes: (path) => put(path, CHUNKED, { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' }),
    status: 400,
  },
  {
    title: 'two different lengths',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), 'Content-Length: 5', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'a list of lengths',
    bytes: (path) => put(path, BODY, { 'Content-Length': `${LENGTH}, ${LENGTH}` }),
    status: 400,
  },
  { title: 'a negative length', bytes: (path) => put(path, BODY, { 'Content-Length': '-1' }), status: 400 },
  { title: 'a length with a plus', bytes: (path) => put(path, BODY, { 'Content-Length': `+${LENGTH}` }), status: 400 },
  { title: 'a length in hex', bytes: (path) => put(path, BODY, { 'Content-Length': '0x20' }), status: 400 },
  {
    title: 'a length beyond all numbers',
    bytes: (path) => put(path, BODY, { 'Content-Length': '9'.repeat(40) }),
    status: 400,
  },
  {
    title: 'an unknown transfer coding',
    bytes: (path) => put(path, CHUNKED, { 'Transfer-Encoding': 'xchunked' }),
    status: 400,
  },
  {
    title: 'chunked, then another coding',
    bytes: (path) => put(path, CHUNKED, { 'Transfer-Encoding': 'chunked, identity' }),
    status: 400,
  },
  {
    title: 'a blank before the colon',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), `Content-Length : ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'a folded header',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), 'X-A: b', ' c', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'lines that end in LF alone',
    bytes: (path) => `PUT ${path} HTTP/1.1\nHost: x\n${key()}\nContent-Length: ${LENGTH}\n\n${BODY}`,
    status: 400,
  },
  {
    title: 'a chunk size that is none',
    bytes: (path) => put(path, `zz\r\n${BODY}\r\n0\r\n\r\n`, { 'Transfer-Encoding': 'chunked' }),
    status: 400,
  },
  {
    title: 'a chunk longer than it says',
    bytes: (path) => put(path, `5\r\n${BODY}\r\n0\r\n\r\n`, { 'Transfer-Encoding': 'chunked' }),
    status: 400,
  },
  {
    title: 'a chunk extension of 20 KB',
    bytes: (path) => put(path, `1;${'x'.repeat(20_000)}\r\n{\r\n`, { 'Transfer-Encoding': 'chunked' }),
    status: 400,
  },
  {
    title: 'chunked, with an extension and trailers',
    bytes: (path) =>
      put(path, `${BODY.length.toString(16)};x=1\r\n${BODY}\r\n0\r\nX-T: 1\r\n\r\n`, {
        'Transfer-Encoding': 'chunked',
      }),
    status: 200,
    applied: true,
  },
  {
    title: 'a length and the same length again',
    bytes: (path) =>
      `${line(`PUT ${path} HTTP/1.1`, key(), `Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'chunked twice',
    bytes: (path) =>
      `${line(`PUT ${path} HTTP/1.1`, key(), 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}${CHUNKED}`,
    status: 400,
  },
  {
    title: 'two equal hosts',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), 'Host: x', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'two hosts',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), 'Host: y', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'two hosts in HTTP/1.0',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.0`, key(), 'Host: y', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 400,
  },
  {
    title: 'the key twice',
    bytes: (path) => `${line(`PUT ${path} HTTP/1.1`, key(), key(), `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 401,
  },
  {
    title: 'a good key, then another',
    bytes: (path) =>
      `${line(`PUT ${path} HTTP/1.1`, key(), 'Authorization: ApiKey-v1 x', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 401,
  },
  {
    title: 'another key, then a good one',
    bytes: (path) =>
      `${line(`PUT ${path} HTTP/1.1`, 'authorization: Basic eDp4', key(), `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 401,
  },
  {
    title: 'two content types',
    bytes: (path) =>
      `${line(`PUT ${path} HTTP/1.1`, key(), 'Content-Type: a/b', 'Content-Type: c', `Content-Length: ${LENGTH}`)}${BODY}`,
    status: 200,
    applied: true,
  },
  // request lines
  { title: 'a CONNECT request', bytes: () => line('CONNECT promo.example.com:443 HTTP/1.1'), status: 405 },
  { title: 'OPTIONS *', bytes: () => line('OPTIONS * HTTP/1.1'), status: 405 },
  { title: 'HEAD of a path for PUT', bytes: (path) => line(`HEAD ${path} HTTP/1.1`, key()), status: 405, head: true },
  { title: 'a method nobody knows', bytes: (path) => line(`BREW ${path} HTTP/1.1`), status: 400 },
  { title: 'a method in lower case', bytes: (path) => line(`put ${path} HTTP/1.1`), status: 400 },
  { title: 'no path', bytes: () => line('PUT HTTP/1.1'), status: 400 },
  { title: 'a path without a slash', bytes: () => line('PUT cdp/audiences HTTP/1.1'), status: 400 },
  { title: 'a blank in the path', bytes: (path) => line(`PUT ${path} x HTTP/1.1`), status: 400 },
  { title: 'NUL in the path', bytes: (path) => line(`PUT ${path}\0 HTTP/1.1`), status: 400 },
  { title: 'raw UTF-8 in the path', bytes: (path) => line(`PUT ${path}/\u00c3\u00bc HTTP/1.1`), status: 400 },
  { title: 'HTTP/1.2', bytes: (path) => line(`PUT ${path} HTTP/1.2`), status: 400 },
  { title: 'HTTP/0.9', bytes: () => 'GET /healthz\r\n\r\n', status: 400 },
  { title: 'TLS', bytes: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', status: 400 },
  { title: 'no Host', bytes: (path) => `PUT ${path} HTTP/1.1\r\n${key()}\r\n\r\n`, status: 400 },
  { title: 'NUL in a header', bytes: (path) => put(path, BODY, { 'X-A': 'a\0b' }), status: 400 },
  {
    title: 'NUL in the key',
    bytes: (path) => put(path, BODY, { Authorization: `${auth['Authorization']}\0` }),
    status: 400,
  },
  { title: 'a header without a name', bytes: (path) => put(path, BODY, { '': 'x' }), status: 400 },
  {
    title: 'a full URL in the request line',
    bytes: (path) => put(`http://promo.example.com${path}`, BODY),
    status: 200,
    applied: true,
  },
  { title: 'HTTP/1.0', bytes: (path) => put(path, BODY).replace('HTTP/1.1', 'HTTP/1.0'), status: 200, applied: true },
  {
    title: 'an expectation nobody knows',
    bytes: (path) => put(path, BODY, { Expect: 'the-unexpected' }),
    status: 200,
    applied: true,
  },
  {
    title: 'an upgrade to something else',
    bytes: (path) => put(path, BODY, { Connection: 'Upgrade', Upgrade: 'h2c' }),
    status: 200,
    applied: true,
  },
];

describe('one request', () => {
  test.for(REQUESTS)('$title', async ({ bytes, status, applied = false, head = false }) => {
    const path = fresh();
    const connection = await open(bytes(path));
    const answer = await connection.answer({ head });
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text: answer.text });
    if (status >= 400 && !head) {
      const RequestUUID = answer.headers['x-request-id'];
      const envelope = answer.text.startsWith('{"Error"')
        ? { Error: expect.any(String) as unknown, RequestUUID, StatusCode: status }
        : { message: expect.any(String) as unknown, errors: [], StatusCode: status };
      expect(JSON.parse(answer.text)).toEqual(envelope);
    }
    connection.destroy();
    expect(await read(path)).toEqual(applied ? { status: 200, tier: 'x' } : { status: 404 });
  });

  test('a request hidden in the body of another is only its body', async () => {
    const [outer, hidden] = [fresh(), fresh()];
    const smuggled = put(hidden, tier('x'));
    const connection = await open(
      `${put(outer, `{"note":${JSON.stringify(smuggled)}}`)}${requestText('GET', '/v2/authping', auth)}`,
    );
    expect((await connection.answer()).status).toBe(200);
    expect((await connection.answer()).status).toBe(204);
    connection.destroy();
    expect(await read(hidden)).toEqual({ status: 404 });
  });

  test('what follows a request with two readings is never taken for another', async () => {
    const hidden = fresh();
    const outer = requestText(
      'PUT',
      fresh(),
      { ...auth, 'Content-Length': '6', 'Transfer-Encoding': 'chunked' },
      '0\r\n\r\n',
    );
    const connection = await open(`${outer}G${put(hidden, tier('x'))}${put(hidden, tier('x'))}`);
    expect((await connection.answer()).status).toBe(400);
    await connection.untilClosed();
    expect(connection.rest).toBe('');
    expect(await read(hidden)).toEqual({ status: 404 });
  });
});

describe('Expect: 100-continue', () => {
  test('the body is asked for, then taken', async () => {
    const connection = await open(put(fresh(), '', { Expect: '100-continue', 'Content-Length': LENGTH }));
    expect((await connection.answer()).status).toBe(100);
    await connection.write(BODY);
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
  });

  test.for([
    [
      'without a key',
      401,
      (path: string) => requestText('PUT', path, { Expect: '100-continue', 'Content-Length': LENGTH }),
    ],
    ['too large', 413, (path: string) => put(path, '', { Expect: '100-continue', 'Content-Length': '20000000' })],
    ['on an unknown path', 404, () => put('/cdp/nothing', '', { Expect: '100-continue', 'Content-Length': LENGTH })],
  ] as const)('a request %s is refused without its body', async ([, status, bytes]) => {
    const connection = await open(bytes(fresh()));
    expect((await connection.answer()).status).toBe(status);
    connection.destroy();
  });
});
