// Runs the simulator against the real program: clean runs succeed, and every kind of loss behind its back is noticed.
import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RetryPolicy } from '../../src/simulate/retry.ts';
import { type SimulateOptions, type SimulationReport, simulate } from '../../src/simulate/simulate.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/rollcall.js');
/** The sample covers the whole population, and no profile is sent twice, so that every single loss shows. */
const SMALL = { profiles: 800, audiences: 5 };
const QUICK_TO_GIVE_UP: RetryPolicy = { tries: 3, baseMs: 10, capMs: 50, patienceMs: 1000, timeoutMs: 2000 };
/** As patient as the default, but with shorter waits. */
const IN_A_HURRY: RetryPolicy = { tries: 8, baseMs: 10, capMs: 100, patienceMs: 10_000, timeoutMs: 5000 };
const BATCH_PATH = '/cdp/v2/customer_profiles/audiences';

interface Running {
  process: ChildProcess;
  url: string;
  key: string;
}

async function startServer(): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--ephemeral', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    const ready = JSON.parse(line) as { url: string; keys: { customerData: string } };
    return { process: child, url: ready.url, key: ready.keys.customerData };
  }
  throw new Error('the server ended before it was ready');
}

async function stopServer(running: Running): Promise<void> {
  if (running.process.exitCode !== null || running.process.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    running.process.once('exit', resolve);
  });
  running.process.kill('SIGTERM');
  await ended;
}

interface Observed {
  report: SimulationReport;
  out: string;
  err: string;
}

async function runSimulation(options: SimulateOptions, policy?: RetryPolicy, signal?: AbortSignal): Promise<Observed> {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const io = {
    out: into('out'),
    err: into('err'),
    isTerminal: true,
    signal: signal ?? new AbortController().signal,
  };
  const report = await simulate(options, io, policy);
  return { report, ...texts };
}

/** What happens to the nth batch, counted from 1, or to another call; everything is forwarded unless told otherwise. */
type Fate = 'forward' | 'pretend' | 'busy' | 'lose the answer';
interface Passing {
  method: string;
  path: string;
  body: string;
  nthBatch: number;
}
type Decide = (call: Passing) => Fate | Promise<Fate>;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A proxy between simulator and server that can lose, refuse and invent answers. */
async function lineTo(server: Running, decide: Decide): Promise<string> {
  let batches = 0;
  const forward = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const method = request.method ?? '';
    const target = request.url ?? '';
    if (target === BATCH_PATH) batches++;
    const fate = await decide({ method, path: target, body, nthBatch: target === BATCH_PATH ? batches : 0 });
    if (fate === 'pretend') return void response.writeHead(204).end();
    if (fate === 'busy') return void response.writeHead(503, { 'retry-after': '0' }).end();
    const answer = await callServer(server, method, target, body, request.headers['customer-data-platform-name']);
    if (fate === 'lose the answer') return void request.socket.destroy();
    response.writeHead(answer.status).end(answer.body);
  };
  const line = http.createServer((request, response) => {
    forward(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    line.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    line.closeAllConnections();
    line.close();
  });
  return `http://127.0.0.1:${(line.address() as AddressInfo).port}`;
}

async function callServer(
  server: Running,
  method: string,
  target: string,
  body: string,
  platform: string | string[] = 'Rollcall Simulator',
): Promise<{ status: number; body: string }> {
  const response = await fetch(server.url + target, {
    method,
    headers: {
      authorization: `ApiKey-v1 ${server.key}`,
      'customer-data-platform-name': String(platform),
      'content-type': 'application/json',
    },
    ...(body === '' ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

describe('simulate against the real server', () => {
  let server: Running;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await stopServer(server);
  });

  test('a first run ends well, and so does a second one over what it left', async () => {
    const options = { url: server.url, key: server.key, profiles: 5000, audiences: 10 };
    const first = await runSimulation(options);
    expect(first.report).toMatchObject({
      ok: true,
      aborted: false,
      stopped: null,
      profiles: { population: 5000, unknown: 0 },
      audiences: { count: 10, replaced: 0 },
      changes: { planned: 5000, acknowledged: 5000, unacknowledged: 0 },
      calls: { gaveUp: 0 },
      verification: { sample: 1000, checked: 1000, missing: 0, unexpected: 0, wrongAttributes: 0, examples: [] },
    });
    expect(first.report.changes.joins + first.report.changes.leaves).toBe(5000);
    expect(first.report.calls.batches).toBeGreaterThanOrEqual(5);
    expect(first.report.calls.singles).toBeGreaterThan(20);
    expect(first.report.latencyMs.batch.count).toBeGreaterThanOrEqual(first.report.calls.batches);
    expect(first.report.latencyMs.batch.p50).toBeGreaterThan(0);
    expect(first.out).toMatch(/OK: everything acknowledged is there, and nothing else\.\n$/);

    const second = await runSimulation({ ...options, json: true });
    expect(second.report).toMatchObject({ ok: true, audiences: { count: 10, replaced: 10 } });
    expect(second.report.changes).toEqual(first.report.changes);
    expect(JSON.parse(second.out)).toEqual(second.report);
  });

  test('many changes per profile, joins and leaves, over more connections', async () => {
    const { report } = await runSimulation({
      url: server.url,
      key: server.key,
      profiles: 2000,
      audiences: 40,
      changes: 20_000,
      concurrency: 8,
      seed: 7,
      platformName: 'Many Changes',
    });
    expect(report).toMatchObject({ ok: true, changes: { acknowledged: 20_000 } });
    expect(report.changes.leaves).toBeGreaterThan(4000);
    expect(report.profiles.touched).toBe(2000);
  });

  test('a line that is busy, cuts connections and loses answers delays the run, and nothing is missing', async () => {
    let nth = 0;
    const url = await lineTo(server, ({ method }) => {
      nth++;
      if (method === 'GET') return 'forward';
      if (nth % 7 === 0) return 'lose the answer';
      return nth % 5 === 0 ? 'busy' : 'forward';
    });
    const options = { url, key: server.key, profiles: 1000, audiences: 70, changes: 4000, platformName: 'Bad Line' };
    const { report, out } = await runSimulation(options, IN_A_HURRY);
    expect(report).toMatchObject({ ok: true, changes: { acknowledged: 4000 }, calls: { gaveUp: 0 } });
    expect(report.retries.unavailable).toBeGreaterThan(0);
    expect(report.retries.connection).toBeGreaterThan(0);
    expect(out).toMatch(/retries +\d+: \d+ × 503 unavailable, \d+ × connection errors/);
  });

  test('a batch acknowledged but never applied is noticed', async () => {
    const url = await lineTo(server, ({ nthBatch }) => (nthBatch === 3 ? 'pretend' : 'forward'));
    const { report, out } = await runSimulation({ url, key: server.key, ...SMALL, platformName: 'Lossy' });
    expect(report).toMatchObject({ ok: false, stopped: null, verification: { unexpected: 0 } });
    expect(report.verification.missing).toBeGreaterThan(100);
    expect(report.verification.examples[0]).toMatch(/^customer .+ should be in 'sim-/);
    expect(out).toMatch(/FAILED: \d+ acknowledged memberships missing\.\n$/);
  });

  test('one membership lost and one invented behind its back are noticed', async () => {
    const platformName = 'Meddled With';
    const url = await lineTo(server, async ({ body, nthBatch }): Promise<Fate> => {
      if (nthBatch !== 3) return 'forward';
      const { data } = JSON.parse(body) as { data: { customerProfileId: string; adds: string[] }[] };
      const [lost, invented] = data;
      const other = data.find(({ adds }) => adds[0] !== invented?.adds[0]);
      // The simulator's own call comes first, then the interference, and only then the answer.
      await callServer(server, 'PUT', BATCH_PATH, body, platformName);
      const meddling = [
        { customerProfileId: lost?.customerProfileId, deletes: lost?.adds },
        { customerProfileId: invented?.customerProfileId, adds: other?.adds },
      ];
      const { status } = await callServer(server, 'PUT', BATCH_PATH, JSON.stringify({ data: meddling }), platformName);
      expect(status).toBe(204);
      return 'pretend';
    });
    const { report } = await runSimulation({ url, key: server.key, ...SMALL, platformName });
    expect(report).toMatchObject({ ok: false, verification: { missing: 1, unexpected: 1, wrongAttributes: 0 } });
  });

  test('an audience deleted in the middle stops the run and says what was refused', async () => {
    const url = await lineTo(server, async ({ nthBatch, body }): Promise<Fate> => {
      if (nthBatch !== 3) return 'forward';
      const external = /"adds":\["([^"]+)"/.exec(body)?.[1] ?? '';
      const { status } = await callServer(server, 'DELETE', `/cdp/audiences/${external}`, '', 'Deleted From');
      expect(status).toBe(204);
      return 'forward';
    });
    const { report, out } = await runSimulation({ url, key: server.key, ...SMALL, platformName: 'Deleted From' });
    expect(report).toMatchObject({ ok: false, aborted: false, verification: { sample: null } });
    expect(report.stopped).toMatch(/was refused: PUT \/cdp\/.+ → 404 .*sim-/s);
    expect(out).toMatch(/STOPPED: .* → 404/);
  });

  test('interrupted, it reports the part that was sent and verifies nothing', async () => {
    const interrupt = new AbortController();
    const url = await lineTo(server, ({ nthBatch }) => {
      if (nthBatch === 4) interrupt.abort();
      return 'forward';
    });
    const options = { url, key: server.key, profiles: 20_000, platformName: 'Interrupted' };
    const { report, out } = await runSimulation(options, undefined, interrupt.signal);
    expect(report).toMatchObject({ ok: false, aborted: true, stopped: null, verification: { sample: null } });
    expect(report.changes.acknowledged).toBeLessThan(20_000);
    expect(report.profiles.unknown).toBeGreaterThan(0);
    expect(out).toMatch(/Interrupted: /);
  });
});

test('a server that dies in the middle ends the run with what was acknowledged', async () => {
  const server = await startServer();
  try {
    const url = await lineTo(server, ({ nthBatch }) => {
      if (nthBatch === 5) server.process.kill('SIGKILL');
      return 'forward';
    });
    const { report } = await runSimulation({ url, key: server.key, profiles: 20_000 }, QUICK_TO_GIVE_UP);
    expect(report).toMatchObject({ ok: false, verification: { sample: null } });
    expect(report.stopped).toMatch(/^the server has stopped answering: /);
    expect(report.calls.gaveUp).toBeGreaterThanOrEqual(4);
    expect(report.profiles.unknown).toBeGreaterThan(0);
    expect(report.changes.acknowledged).toBeGreaterThan(0);
  } finally {
    await stopServer(server);
  }
});
