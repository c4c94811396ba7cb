/** Headers that every answer sends to browsers, whatever it is and whoever asks; and the pages that can be closed. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, send } from './client.ts';
import { RawConnection } from './raw-connection.ts';
import { expectStatus } from './scenario.ts';

const ADMIN = { email: 'ada@example.com', password: 'correct horse' };

let office: BackOffice;
/** Its public URL is https, but the server itself listens without TLS. */
let https: ServerProcess;
beforeAll(async () => {
  [office, https] = await Promise.all([
    startBackOffice({
      ephemeral: false,
      env: { ROLLCALL_ADMIN_EMAIL: ADMIN.email, ROLLCALL_ADMIN_PASSWORD: ADMIN.password },
    }),
    startServerProcess({
      env: {
        ROLLCALL_PUBLIC_URL: 'https://rollcall.example.com',
        ROLLCALL_DOCS: 'false',
        ROLLCALL_METRICS: '0',
        ROLLCALL_ADMIN_EMAIL: ADMIN.email,
        ROLLCALL_ADMIN_PASSWORD: ADMIN.password,
      },
    }),
  ]);
});
afterAll(async () => Promise.all([office.server.stop(), https.stop()]));

/** One answer of each kind, by the part of the server that makes it. */
const KINDS: [kind: string, method: string, path: string, status: number, body?: string][] = [
  ['JSON', 'GET', '/v1/users', 200],
  ['nothing', 'DELETE', '/v1/console/session', 204],
  ['a list as CSV', 'GET', '/v1/audiences/1/memberships/export', 200],
  ['a refused key', 'PUT', '/cdp/customer_profile/x', 401],
  ['a refused body', 'POST', '/v1/sessions', 400, '{'],
  ['an unknown path', 'GET', '/nowhere', 404],
  ['a path that cannot be read', 'GET', '/cdp/customer_profile/%zz', 400],
  ['a wrong method', 'PATCH', '/v1/users', 405],
  ['a preflight', 'OPTIONS', '/v1/users', 405],
  ['a redirection', 'GET', '/', 302],
  ['health', 'GET', '/healthz', 200],
  ['readiness', 'GET', '/readyz', 200],
  ['figures', 'GET', '/metrics', 200],
  ['the OpenAPI document', 'GET', '/openapi.json', 200],
  ['the documentation', 'GET', '/docs/', 200],
  ['its script', 'GET', '/docs/static/swagger-initializer.js', 200],
  ['the console', 'GET', '/console/', 200],
  ['its icon', 'GET', '/console/favicon.svg', 200],
  ['a file it lacks', 'GET', '/console/assets/none.js', 404],
];

function expectSafe({ headers, text }: HttpAnswer): void {
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  if (!String(headers['content-type']).includes('html')) return;
  expect(text).toContain('<html');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['permissions-policy']).toContain('geolocation=()');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
}

describe('every answer is taken for nothing but its type, and read by no other site', () => {
  test.each(KINDS)('%s: %s %s', async (_kind, method, path, status, body) => {
    const as = path.startsWith('/v1/console') ? await office.signIn(ADMIN.email, ADMIN.password) : office.admin;
    const headers = {
      Authorization: path.startsWith('/cdp') ? 'ApiKey-v1 no' : as,
      Origin: 'https://other.example',
      'Access-Control-Request-Method': 'GET',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    const answer = await send(office.server.url, { method, path, headers, body });
    expectStatus(answer, status);
    expectSafe(answer);
    expect(answer.headers).not.toHaveProperty('strict-transport-security');
  });

  test('also where Fastify has no part in it: a stream, and what never became a request', async () => {
    const stream = await fetch(`${office.server.url}/v1/access_logs/stream`, {
      headers: { Authorization: office.admin },
    });
    expect(stream.status).toBe(200);
    expect(stream.headers.get('x-content-type-options')).toBe('nosniff');
    expect(stream.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    await stream.body?.cancel();
    for (const text of [
      'GARBAGE\r\n\r\n',
      'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET / HTTP/1.1\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`,
    ]) {
      const connection = await RawConnection.open(office.server.url);
      await connection.write(text);
      const { status, headers } = await connection.answer();
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    }
  });

  test('asks browsers to stay with https where the public URL says so', async () => {
    for (const [, method, path] of KINDS) {
      const { headers } = await send(https.url, { method, path });
      expect({ path, hsts: headers['strict-transport-security'] }).toEqual({ path, hsts: 'max-age=31536000' });
    }
  });
});

describe('what an operator closes', () => {
  test.each(['/docs', '/docs/', '/docs/static/index.html', '/docs/json', '/openapi.json', '/metrics'])(
    'is not there: %s',
    async (path) => {
      const answer = await send(https.url, { method: 'GET', path });
      expectStatus(answer, 404);
      expect(answer.text).not.toContain('/docs;');
      expect(answer.text).not.toContain('listed at /docs');
    },
  );

  test('is not linked to by the console; the rest goes on', async () => {
    const body = JSON.stringify(ADMIN);
    const headers = { 'Content-Type': 'application/json' };
    const session = await send(https.url, { method: 'POST', path: '/v1/console/session', headers, body });
    expectStatus(session, 201);
    expect(session.json()).toMatchObject({ server: { docs: false } });
    expect(session.headers['set-cookie']?.every((each) => each.includes('; Secure'))).toBe(true);
    expectStatus(await send(https.url, { method: 'GET', path: '/healthz' }), 200);
  });
});
