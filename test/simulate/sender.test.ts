// Tests the sender against a peer that misbehaves on purpose: refusals, delays, resets, silence.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { Random } from '../../src/simulate/random.ts';
import type { RetryPolicy } from '../../src/simulate/retry.ts';
import { Sender } from '../../src/simulate/sender.ts';
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.ts';
import { Tally } from '../../src/simulate/tally.ts';

const FAST: RetryPolicy = { tries: 4, baseMs: 5, capMs: 20, patienceMs: 3000, timeoutMs: 300 };
const PUT = {
  method: 'PUT',
  path: '/cdp/v2/customer_profiles/audiences',
  body: '{"data":[]}',
  title: 'a batch',
} as const;

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Misbehaviour = (request: http.IncomingMessage, response: http.ServerResponse, nth: number) => void;

/** A peer whose nth answer, counted from 1, is written by `behave`. */
async function peer(behave: Misbehaviour): Promise<{ url: string; requests: http.IncomingMessage[] }> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => behave(request, response, requests.push(request)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function senderTo(url: string, policy: Partial<RetryPolicy> = {}) {
  const tally = new Tally();
  const halt = new AbortController();
  const sender = new Sender({
    url: new URL(url),
    key: 'rck_example',
    platformName: 'Rollcall Simulator',
    concurrency: 2,
    policy: { ...FAST, ...policy },
    random: new Random(1),
    tally,
    halt: halt.signal,
  });
  closing.push(() => sender.close());
  return { sender, tally, halt };
}

describe('sender', () => {
  test('sends what connectors send, over connections it reuses', async () => {
    const { url, requests } = await peer((_, response) => response.writeHead(204).end());
    const { sender } = senderTo(url);
    for (let call = 0; call < 5; call++) await sender.send(PUT);
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'ApiKey-v1 rck_example',
      'customer-data-platform-name': 'Rollcall Simulator',
      'destination-hostname': new URL(url).host,
      'content-type': 'application/json',
      'content-length': String(PUT.body.length),
    });
    expect(new Set(requests.map(({ socket }) => socket.remotePort)).size).toBe(1);
  });

  test.each([
    [429, 'rateLimited'],
    [503, 'unavailable'],
  ] as const)('%i with Retry-After in seconds: waits as long as asked, on every connection', async (status, cause) => {
    const { url } = await peer((_, response, nth) => {
      response.writeHead(nth === 1 ? status : 204, nth === 1 ? { 'retry-after': '1' } : {}).end();
    });
    const { sender, tally } = senderTo(url);
    const started = performance.now();
    const first = sender.send(PUT);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    const outcomes = await Promise.all([first, sender.send(PUT)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['answered', 'answered']);
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
    expect(tally.retries[cause]).toBe(1);
    expect(tally.requests).toBe(3);
  });

  test('Retry-After as an HTTP date', async () => {
    const { url } = await peer((_, response, nth) => {
      const at = new Date(Date.now() + 1500).toUTCString();
      response.writeHead(nth === 1 ? 503 : 204, nth === 1 ? { 'retry-after': at } : {}).end();
    });
    const { sender } = senderTo(url);
    const started = performance.now();
    expect(await sender.send(PUT)).toMatchObject({ kind: 'answered', status: 204 });
    // The date contains whole seconds only.
    expect(performance.now() - started).toBeGreaterThanOrEqual(450);
  });

  test('waits the server asks for are no failed tries, until patience ends', async () => {
    const { url } = await peer((_, response, nth) => {
      response.writeHead(nth <= 10 ? 503 : 204, { 'retry-after': '0' }).end();
    });
    expect(await senderTo(url).sender.send(PUT)).toMatchObject({ status: 204 });
    const slow = await peer((_, response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    expect(await senderTo(slow.url).sender.send(PUT)).toEqual({
      kind: 'gave-up',
      reason: 'status 503, asking to wait 3600 s',
    });
  });

  test('5xx and resets are retried with back-off, then abandoned', async () => {
    const { url, requests } = await peer((request, response, nth) => {
      if (nth % 2 === 0) request.socket.destroy();
      else response.writeHead(502).end('bad gateway');
    });
    const { sender, tally } = senderTo(url);
    expect(await sender.send(PUT)).toEqual({
      kind: 'gave-up',
      reason: 'the connection was closed before an answer',
    });
    expect(requests).toHaveLength(4);
    expect(tally.retries).toMatchObject({ serverError: 2, connection: 1 });
    expect(tally.retryCount).toBe(3);
  });

  test('an answer cut off in its middle is a connection error, not an answer', async () => {
    const { url } = await peer((request, response, nth) => {
      if (nth > 1) return void response.writeHead(200).end('{"complete":true}');
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"compl', () => request.socket.destroy());
    });
    const { sender, tally } = senderTo(url);
    expect(await sender.send(PUT)).toMatchObject({ kind: 'answered', body: '{"complete":true}' });
    expect(tally.retries.connection).toBe(1);
  });

  test('silence is a time-out', async () => {
    const { url } = await peer((_, response, nth) => {
      if (nth > 1) response.writeHead(204).end();
    });
    const { sender, tally } = senderTo(url);
    expect(await sender.send(PUT)).toMatchObject({ kind: 'answered', status: 204 });
    expect(tally.retries.timeout).toBe(1);
  });

  test('a 4xx is final', async () => {
    const { url, requests } = await peer((_, response) => response.writeHead(404).end('{"Error":"no"}'));
    const { sender } = senderTo(url);
    expect(await sender.send(PUT)).toMatchObject({ kind: 'answered', status: 404, body: '{"Error":"no"}' });
    expect(requests).toHaveLength(1);
  });

  test('halting ends waits at once and cuts off what is on the wire when asked', async () => {
    const silent = await peer(() => undefined);
    const one = senderTo(silent.url, { timeoutMs: 60_000 });
    const onTheWire = one.sender.send(PUT);
    const busy = await peer((_, response) => response.writeHead(503, { 'retry-after': '2' }).end());
    const other = senderTo(busy.url);
    const waiting = other.sender.send(PUT);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    const started = performance.now();
    other.halt.abort();
    one.halt.abort();
    one.sender.abort();
    expect(await Promise.all([onTheWire, waiting])).toEqual([{ kind: 'halted' }, { kind: 'halted' }]);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('a simulation that cannot begin', () => {
  const run = (options: SimulateOptions, policy: RetryPolicy = FAST) => {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const signal = new AbortController().signal;
    return simulate(options, { out: nowhere, err: nowhere, isTerminal: false, signal }, policy);
  };

  test('nobody listens', async () => {
    const { url } = await peer(() => undefined);
    for (const close of closing.splice(0)) await close();
    await expect(run({ url, key: 'rck_example' })).rejects.toThrow(
      `cannot reach ${url}: connection refused; is the server running?`,
    );
  });

  test('plain HTTP behind an https URL, and the other way round', async () => {
    const { url } = await peer((_, response) => response.writeHead(204).end());
    const secure = url.replace('http:', 'https:');
    await expect(run({ url: secure, key: 'rck_example' })).rejects.toThrow(/does not use TLS/);
  });

  test('the key is refused: names the call, the status, the text of the server and the remedy', async () => {
    const { url } = await peer((_, response) => response.writeHead(401).end('{"Error":"API key expired"}'));
    await expect(run({ url, key: 'rck_example' })).rejects.toThrow(
      /GET \/v2\/authping → 401 API key expired\n.*--platform customer_data/,
    );
  });

  test('the key is good for something else', async () => {
    const { url } = await peer((request, response) => {
      const refused = request.method === 'POST';
      response.writeHead(refused ? 401 : 204).end(refused ? '{"Error":"not for platforms","StatusCode":401}' : '');
    });
    await expect(run({ url, key: 'rck_example' })).rejects.toThrow(/POST \/cdp\/audiences → 401 not for platforms/);
  });

  test('a redirect is named, not followed', async () => {
    const { url } = await peer((request, response) => {
      response.writeHead(request.method === 'GET' ? 204 : 308, { location: 'https://elsewhere.example' }).end();
    });
    await expect(run({ url, key: 'rck_example' })).rejects.toThrow(/→ 308\nThe server redirects/);
  });
});
