/**
 * How the console's files are served: their permissions in the browser, how long they are cached, which addresses are
 * pages.
 */

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { send } from './client.ts';
import { expectStatus } from './scenario.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess({ ephemeral: true });
});
afterAll(async () => server.stop());

const get = async (path: string, headers: Record<string, string> = {}) =>
  send(server.url, { method: 'GET', path, headers });

/** The API calls made at the same time. */
const SESSION = '/v1/console/session';

/** Everything the page loads before it shows anything: its scripts and style sheets. */
async function firstLoad(): Promise<string[]> {
  const { text } = await get('/console/');
  const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(named).toContain(SESSION);
  return named.filter((each) => each !== SESSION);
}

test('the front page leads to the console', async () => {
  const front = await get('/');
  expect(front.status).toBe(302);
  expect(front.headers['location']).toBe('/console/');
});

describe('the page', () => {
  test.each(['/console', '/console/', '/console/audiences/17?env=sandbox', '/console/no/such/page', '/console//x'])(
    'is at %s',
    async (path) => {
      const page = await get(path);
      expectStatus(page, 200);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.text).toContain('<div id="root">');
    },
  );

  test('loads from here alone, runs no script of its own, and may not be framed', async () => {
    const { text, headers } = await get('/console/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|<style/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    const references = await firstLoad();
    expect(references.length).toBeGreaterThan(3);
    for (const reference of references) expect(reference).toMatch(/^\/console\/[^/]/);
  });

  test('gets another nonce each time, the one its policy names', async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const { text, headers } = await get('/console/');
      const nonce = /nonce="([\w-]{20,})"/.exec(text)?.[1] ?? '';
      expect(headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  test('answers HEAD without a body, and nothing but reading', async () => {
    const head = await send(server.url, { method: 'HEAD', path: '/console/' });
    expectStatus(head, 200);
    expect(head.text).toBe('');
    expectStatus(await send(server.url, { method: 'POST', path: '/console/' }), 405);
    expectStatus(await send(server.url, { method: 'DELETE', path: '/console/audiences' }), 405);
  });
});

describe('files', () => {
  test('with a hash in their name are kept for ever, others are asked for again', async () => {
    const references = await firstLoad();
    const kept = new Set<string>();
    for (const reference of references) {
      const file = await get(reference);
      expectStatus(file, 200);
      expect(file.headers['x-content-type-options']).toBe('nosniff');
      kept.add(`${reference.includes('/assets/') ? 'hashed' : 'plain'}: ${String(file.headers['cache-control'])}`);
    }
    expect([...kept].sort()).toEqual(['hashed: public, max-age=31536000, immutable', 'plain: no-cache']);
  });

  test('come compressed to those who can read that, and are the same then', async () => {
    const script = (await firstLoad()).find((each) => /assets\/.*\.js$/.test(each)) ?? '';
    const plain = await get(script);
    const response = await fetch(`${server.url}${script}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['vary']).toBe('accept-encoding');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe(plain.text);
    const length = Number(response.headers.get('content-length'));
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(Buffer.byteLength(plain.text) / 2);
  });

  test.each(['/console/assets/none.js', '/console/assets/index.js.map', '/console/assets/index.html'])(
    'that do not exist are 404, not the page: %s',
    async (path) => expectStatus(await get(path), 404),
  );

  test.each([
    '/console/../main.js',
    '/console/assets/../../main.js',
    '/console/..%2fmain.js',
    '/console/assets/..%2f..%2fmain.js',
    '/console/assets/%2e%2e/%2e%2e/main.js',
    '/console/index.html/../../main.js',
  ])('outside its folder are out of reach: %s', async (path) => {
    const answer = await get(path);
    expect(answer.text).not.toContain('import ');
    expect([200, 404]).toContain(answer.status);
  });

  test('of the first load weigh less than 300 kB', async () => {
    let total = 0;
    for (const reference of await firstLoad()) {
      const { text } = await get(reference);
      total += gzipSync(text).length;
    }
    // A tiny first load means that it was measured wrong.
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(300_000);
  });
});

test.each(['/v1/nothing', '/consoles', '/cdp/console', '/v1/console/none'])(
  'no page is shown for what belongs to an API: %s',
  async (path) => {
    const answer = await get(path);
    expectStatus(answer, 404);
    expect(answer.headers['content-type']).toContain('application/json');
  },
);
