/**
 * Credentials at the millisecond they expire, and limits on both their sides, in an application whose clock the test
 * controls.
 */

import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Logged } from '../../src/access-log/access-log.ts';
import { readConfig } from '../../src/config.ts';
import { createApiKey } from '../../src/domain/access/api-key-administration.ts';
import { createManagementKey } from '../../src/domain/access/management-key-administration.ts';
import { createUser } from '../../src/domain/access/user-administration.ts';
import type { Core } from '../../src/domain/core.ts';
import { createApplication } from '../../src/domain/definitions/application-administration.ts';
import { buildApp } from '../../src/http/app.ts';
import { KeyUse } from '../../src/http/key-use.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { Uploads } from '../../src/http/uploads.ts';
import { openCore } from '../domain/open-core.ts';

const HOUR_MS = 60 * 60 * 1000;
const START = Date.UTC(2026, 10, 2, 9);

let now = START;
let core: Core & Logged;
let app: FastifyInstance;
let keyUse: KeyUse;

beforeAll(async () => {
  core = await openCore(undefined, () => now);
  keyUse = new KeyUse(core.storage, () => undefined);
  app = await buildApp({
    core,
    config: readConfig({}, {}),
    logger: pino({ level: 'silent' }),
    metrics: new Metrics(),
    keyUse,
    uploads: new Uploads(undefined, { maxBytes: 1024 * 1024, minFreeDiskBytes: 0, idleMs: 1000 }),
    version: '0.0.0',
    lifecycle: { started: true, stopping: false, refusing: false, ending: new AbortController().signal },
  });
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await app.close();
  await keyUse.close();
  await core.storage.close();
});

async function statusAt(time: number, url: string, authorization: string): Promise<number> {
  now = time;
  return (await app.inject({ method: 'GET', url, headers: { authorization } })).statusCode;
}

describe('a key', () => {
  it('opens until the millisecond before it expires, and is refused from then on', async () => {
    const application = await createApplication(core, { name: 'Shop', environment: 'live' });
    const expires = START + HOUR_MS;
    const input = { application, title: 'Short', expires, platform: 'customer_data', readOnly: false } as const;
    const { secret } = await createApiKey(core, input);
    const header = `ApiKey-v1 ${secret}`;
    expect(await statusAt(expires - 1, '/v2/authping', header)).toBe(204);
    expect(await statusAt(expires, '/v2/authping', header)).toBe(401);
    // A clock that is set back makes it valid again, because only the current time matters.
    expect(await statusAt(expires - 1, '/v2/authping', header)).toBe(204);
  });

  it('of its own rate limit serves as many requests a second as it says, and refuses the next', async () => {
    now = START;
    const application = await createApplication(core, { name: 'Limited', environment: 'live' });
    const input = { application, title: 'Three', expires: START + HOUR_MS, platform: 'none', readOnly: false } as const;
    const { secret } = await createApiKey(core, { ...input, rateLimit: 3 });
    const ask = async () => app.inject({ url: '/v2/authping', headers: { authorization: `ApiKey-v1 ${secret}` } });
    vi.useFakeTimers({ toFake: ['performance'] });
    const answers = [];
    for (let sent = 0; sent < 5; sent += 1) answers.push(await ask());
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204, 429, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['2', '1', '0', '0', '0']);
    expect(answers[3]?.headers['retry-after']).toBe('1');
    vi.advanceTimersByTime(999);
    expect((await ask()).statusCode).toBe(429);
    vi.advanceTimersByTime(1);
    expect((await ask()).statusCode).toBe(204);
  });
});

describe('a management key', () => {
  it('opens until the millisecond before it expires, and is refused from then on', async () => {
    now = START;
    const creator = await createUser(core, {
      email: 'ops@example.com',
      isAdmin: true,
      password: 'correct horse battery',
      mustChangePassword: false,
    });
    const expires = START + HOUR_MS;
    const acting = { ...core, actor: { userId: creator.id } };
    const endpoints = [{ method: 'GET', path: '/v1/audiences' }];
    const input = { name: 'Tealium', creator, expires, endpoints, applicationIds: [] };
    const { secret } = await createManagementKey(acting, input, endpoints);
    const header = `ManagementKey-v1 ${secret}`;
    expect(await statusAt(expires - 1, '/v1/audiences', header)).toBe(200);
    expect(await statusAt(expires, '/v1/audiences', header)).toBe(401);
  });
});
