/** Erased people on a server that keeps them out, and an erasure that was interrupted by the end of its process. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessLogDetail } from '../../src/http/surfaces/management/access-logs-schemas.ts';
import { openStorage } from '../../src/storage/index.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, sendJson } from './client.ts';
import { expectStatus } from './scenario.ts';

const ADMIN = { ROLLCALL_ADMIN_EMAIL: 'admin@example.com', ROLLCALL_ADMIN_PASSWORD: 'correct horse battery' };
const ENV = { ...ADMIN, ROLLCALL_STAY_ERASED: 'live' };
const LOG = '/v1/access_logs/no_total?rangeStart=2020-01-01&rangeEnd=2090-01-01&payloads=true';

let office: BackOffice;
let audience = 0;
const keys: Record<string, string> = {};

beforeAll(async () => {
  office = await startBackOffice({ ephemeral: false, env: ENV });
  await office.ask(201, 'POST', '/v1/applications', {
    body: { name: 'Lab', sandbox: true, timezone: 'UTC', currency: 'EUR' },
  });
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  for (const [name, application, platform] of [
    ['cdp', 1, 'customer_data'],
    ['segment', 1, 'segment'],
    ['generic', 1, 'none'],
    ['sandbox', 2, 'none'],
  ] as const) {
    const path = `/v1/applications/${application}/apikeys`;
    const body = { title: name, platform, expires };
    keys[name] = (await office.ask<{ key: string }>(201, 'POST', path, { body })).key;
  }
  const made = await call('generic', 'POST', '/v2/audiences', { name: 'News' });
  audience = (made.json() as { id: number }).id;
  for (const id of ['ingrid', 'bob']) expectStatus(await call('generic', 'PUT', one(id), {}), 200);
  expectStatus(await call('sandbox', 'PUT', one('ingrid'), {}), 200);
  for (const key of ['generic', 'sandbox']) expectStatus(await call(key, 'DELETE', '/v1/customer_data/ingrid'), 204);
});
afterAll(async () => office.server.stop());

const one = (id: string): string => `/v2/customer_profiles/${id}`;
const call = async (key: string, method: string, path: string, body?: unknown, headers = {}): Promise<HttpAnswer> =>
  sendJson(office.server.url, keys[key] ?? '', method, path, body, {
    'destination-hostname': 'promo.example.com',
    ...headers,
  });
const isKnown = async (id: string, key = 'generic'): Promise<boolean> =>
  (await call(key, 'GET', `/v1/customer_profiles/${id}/inventory`)).status === 200;
async function detailOf({ headers }: HttpAnswer): Promise<AccessLogDetail> {
  const path = `/v1/access_logs/${String(headers['x-request-id'])}`;
  await expect.poll(async () => (await office.call('GET', path)).status).toBe(200);
  return office.ask(200, 'GET', path);
}

describe('a write about an erased person', () => {
  test.each([
    ['generic', 'PUT', '/v2/customer_profiles/ingrid', { attributes: {} }],
    ['cdp', 'PUT', '/cdp/customer_profile/ingrid', {}],
    ['cdp', 'PUT', '/cdp/customer_profile/ingrid/audiences', { data: { adds: [], deletes: [] } }],
    ['segment', 'PUT', '/segment/customer_profiles/ingrid/audiences', { data: { adds: [], deletes: [] } }],
    [
      'generic',
      'PUT',
      '/v2/customer_profiles?silent=no',
      { customerProfiles: [{ integrationId: 'bob' }, { integrationId: 'ingrid' }] },
    ],
  ])('is refused where it is answered with the profile: %s %s %s', async (key, method, path, body) => {
    const answer = await call(key, method, path, body);
    expectStatus(answer, 409);
    expect(answer.text).toContain("Customer profile 'ingrid' was erased");
    expect(await isKnown('ingrid')).toBe(false);
    const detail = await detailOf(answer);
    expect(detail).toMatchObject({
      requestPayload: '',
      responsePayload: '',
      payloadState: 'erased',
      cause: 'the person was erased',
      marks: [{ kind: 'erased person' }],
      replayable: false,
    });
    expect(JSON.stringify(detail)).not.toContain('ingrid');
  });

  test.each([
    [
      'generic',
      'PUT',
      '/v2/customer_profiles',
      (id: string) => ({ customerProfiles: ['ingrid', id].map((integrationId) => ({ integrationId })) }),
    ],
    [
      'generic',
      'POST',
      '/v2/customer_audiences',
      (id: string) => ({
        data: ['ingrid', id].map((each) => ({ action: 'add', profileIntegrationId: each, audienceId: audience })),
      }),
    ],
    [
      'cdp',
      'PUT',
      '/cdp/customer_profiles/audiences',
      (id: string) => ({ data: ['ingrid', id].map((customerProfileId) => ({ customerProfileId, adds: [audience] })) }),
    ],
    [
      'segment',
      'PUT',
      '/segment/customer_profiles/audiences',
      (id: string) => ({ data: ['ingrid', id].map((customerProfileId) => ({ customerProfileId, adds: [audience] })) }),
    ],
  ])('leaves them out where there are others: %s %s %s', async (key, method, path, bodyWith) => {
    const id = `new-${key}-${path.length}`;
    const answer = await call(key, method, path, bodyWith(id));
    expectStatus(answer, 204);
    expect([await isKnown('ingrid'), await isKnown(id)]).toEqual([false, true]);
    expect(await detailOf(answer)).toMatchObject({
      requestUri: path,
      payloadState: 'erased',
      marks: [{ kind: 'erased person' }],
    });
  });

  test('is refused in its row, which the report keeps without the ID', async () => {
    const data = ['ingrid', 'row-two', 'bob'].map((customerProfileId) => ({ customerProfileId, adds: [audience] }));
    const answer = await call(
      'cdp',
      'PUT',
      '/cdp/customer_profiles/audiences',
      { data },
      { Prefer: 'return=representation' },
    );
    expectStatus(answer, 200);
    expect(answer.json()).toMatchObject({
      applied: 2,
      refused: 1,
      rows: [{ row: 0, integrationId: 'ingrid', verdict: 'refused', code: 'conflict' }, { verdict: 'applied' }, {}],
    });
    const { replayable, uuid } = await detailOf(answer);
    expect(replayable).toBe(false);
    const { rows } = await office.ask<{ rows: object[] }>(200, 'GET', `/v1/access_logs/${uuid}/report`);
    expect(rows[0]).toMatchObject({ row: 0, integrationId: null, message: null, verdict: 'refused', code: 'conflict' });
    expect(rows[1]).toMatchObject({ row: 1, integrationId: 'row-two' });
  });

  test('by an admin is refused, and in the other environment creates a new profile', async () => {
    const path = `/v1/audiences/${audience}/memberships/ingrid`;
    expect((await office.call('PUT', path)).text).toContain('was erased');
    expectStatus(await call('sandbox', 'PUT', one('ingrid'), {}), 200);
    expect([await isKnown('ingrid'), await isKnown('ingrid', 'sandbox')]).toEqual([false, true]);
  });

  test('leaves no trace of them in the access log', async () => {
    const { data } = await office.ask<{ data: { method: string; applicationId: number }[] }>(200, 'GET', LOG);
    const writes = data.filter(({ method, applicationId }) => method !== 'GET' && applicationId === 1);
    expect(writes.length).toBeGreaterThan(10);
    expect(JSON.stringify(writes)).not.toMatch(/ingrid/);
  });
});

test('a start completes an erasure that its process did not live to complete', async () => {
  const id = 'carla@example.com';
  expectStatus(await call('generic', 'PUT', one(encodeURIComponent(id)), {}), 200);
  await expect.poll(async () => (await office.call('GET', LOG)).text).toContain('carla');
  const { database } = office.server;
  await office.server.stop('SIGKILL');
  // What the commit of an erasure leaves if nothing follows it.
  const storage = await openStorage(database, { access: 'write', work: 'in place' });
  const [outcome] = await storage.write([
    {
      kind: 'eraseProfile',
      caller: {
        requestUuid: crypto.randomUUID(),
        keyId: undefined,
        applicationId: undefined,
        environment: 'live',
        bytes: 0,
      },
      integrationId: id,
    },
  ]);
  expect(outcome).toMatchObject({ result: {} });
  expect(await storage.listUnfinishedErasures(9)).toHaveLength(1);
  await storage.close();
  office = await startBackOffice({ ephemeral: false, env: ENV, database });
  await expect.poll(async () => (await office.call('GET', LOG)).text, { timeout: 60_000 }).not.toContain('carla');
  const audits = await office.ask<{ data: object[] }>(200, 'GET', '/v1/changes?entityPath=/data');
  expect(JSON.stringify(audits)).not.toContain('carla');
});
