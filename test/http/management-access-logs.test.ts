/** The access log in the Management API: requests and answers, causes of refusals, the live stream, and figures. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AccessLogCause,
  AccessLogDetail,
  AccessLogEntry,
} from '../../src/http/surfaces/management/access-logs-schemas.ts';
import type { Traffic } from '../../src/http/surfaces/management/traffic-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, send, sendJson, until } from './client.ts';
import { openEventStream } from './event-stream.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

interface Page<T> {
  readonly hasMore: boolean;
  readonly nextCursor?: string;
  readonly data: readonly T[];
}

const RANGE = 'rangeStart=2020-01-01&rangeEnd=2100-01-01';

let office: BackOffice;
let reader: string;

const key = (name: string): string => office.server.keys[name] ?? '';
const refused = (answer: HttpAnswer, status: number): void => {
  expectStatus(answer, status);
  checkErrorBody(answer, 'integration');
};
/** Updates a profile. @returns the request's UUID */
async function update(profile: string, attributes: object, status = 200, name = 'customerData'): Promise<string> {
  const path = `/cdp/customer_profile/${profile}`;
  const answer = await sendJson(office.server.url, key(name), 'PUT', path, { attributes });
  expectStatus(answer, status);
  return String(answer.headers['x-request-id']);
}
const list = async (query = '', path = '/v1/access_logs/no_total', as?: string): Promise<Page<AccessLogEntry>> =>
  office.ask(200, 'GET', `${path}?${RANGE}${query}`, as === undefined ? {} : { as });
const detail = async (uuid: string, as?: string): Promise<AccessLogDetail> =>
  office.ask(200, 'GET', `/v1/access_logs/${uuid}`, as === undefined ? {} : { as });

beforeAll(async () => {
  office = await startBackOffice();
  const body = { email: 'reader@example.com', isAdmin: false };
  const { id, password } = await office.ask<{ id: number; password: string }>(201, 'POST', '/v1/users', { body });
  const first = await office.signIn('reader@example.com', password);
  const change = { currentPassword: password, newPassword: 'correct horse battery' };
  await office.ask(204, 'POST', `/v1/users/${id}/password`, { as: first, body: change });
  reader = await office.signIn('reader@example.com', 'correct horse battery');
});
afterAll(async () => office.server.stop());

describe('a request', () => {
  test('is listed with its answer, under its Application and its key', async () => {
    const uuid = await update('ada', { Tier: 'gold' });
    const { data } = await list('&path=/ada$', '/v1/applications/1/access_logs/no_total');
    expect(data).toEqual([
      {
        uuid,
        status: 200,
        method: 'PUT',
        requestUri: '/cdp/customer_profile/ada',
        time: any.time,
        requestPayload: '{"attributes":{"Tier":"gold"}}',
        responsePayload: expect.stringContaining('"integrationId":"ada"') as string,
        applicationId: 1,
        keyId: any.id,
        keyName: expect.any(String) as string,
        keyPrefix: null,
        address: '127.0.0.1',
        operation: 'cdp/updateCustomerProfile',
        durationMs: expect.any(Number) as number,
        joins: 0,
        leaves: 0,
        profiles: 1,
        cause: null,
        replayable: false,
        marks: [],
      },
    ]);
    expect(await list('&path=/ada$', '/v1/applications/2/access_logs/no_total')).toEqual({ hasMore: false, data: [] });
    expect(await detail(uuid)).toMatchObject({
      ...data[0],
      requestBytes: 30,
      requestCut: false,
      payloadState: 'full',
      mend: null,
      replayed: null,
    });
  });

  test('tells what it changed', async () => {
    const body = { audienceId: randomUUID(), audienceName: 'A' };
    const created = await sendJson(office.server.url, key('customerData'), 'POST', '/cdp/audiences', body);
    const { id } = created.json() as { id: number };
    const data = ['c-1', 'c-2'].map((customerProfileId) => ({ customerProfileId, adds: [id] }));
    const path = '/cdp/customer_profiles/audiences';
    const answer = await sendJson(office.server.url, key('customerData'), 'PUT', path, { data });
    const uuid = String(answer.headers['x-request-id']);
    expect(await detail(uuid)).toMatchObject({ status: 204, joins: 2, leaves: 0, profiles: 2, responsePayload: '' });
  });

  test('with a long body is cut, and says so', async () => {
    const uuid = await update('long', { Tier: 'x'.repeat(6000) });
    const found = await detail(uuid);
    expect(found).toMatchObject({ requestCut: true, payloadState: 'full' });
    expect(found.requestBytes).toBeGreaterThan(6000);
    expect(Buffer.byteLength(found.requestPayload)).toBeLessThanOrEqual(4096);
  });

  test('tells a body that was not sent from one that was not read', async () => {
    const path = '/cdp/customer_profile/unread';
    const body = JSON.stringify({ attributes: {} });
    const json = { 'content-type': 'application/json' };
    const known = { ...json, authorization: `ApiKey-v1 ${key('customerData')}` };
    const unknown = { ...json, authorization: 'ApiKey-v1 nobody' };
    const requests = [
      { method: 'PUT', path, headers: known, body: undefined, status: 200, is: { requestBytes: 0, requestCut: false } },
      { method: 'PUT', path, headers: known, body, status: 200, is: { requestPayload: body, requestCut: false } },
      {
        method: 'PUT',
        path,
        headers: unknown,
        body,
        status: 401,
        is: { requestBytes: body.length, requestCut: true, requestPayload: '' },
      },
      {
        method: 'DELETE',
        path: '/cdp/audiences/none',
        headers: known,
        body,
        status: 404,
        is: { requestBytes: body.length, requestCut: true, requestPayload: '' },
      },
    ];
    for (const { status, is, ...request } of requests) {
      const answer = await send(office.server.url, request);
      expectStatus(answer, status);
      const found = await detail(String(answer.headers['x-request-id']));
      expect(found).toMatchObject({ status, payloadState: 'full', ...is });
    }
    // Sent in chunks, so that its length is not announced.
    const chunks = new Blob([body]).stream();
    const options = { method: 'PUT', headers: unknown, body: chunks, duplex: 'half' } as const;
    const answer = await fetch(office.server.url + path, options);
    expect(answer.status).toBe(401);
    expect(await detail(answer.headers.get('x-request-id') ?? '')).toMatchObject({
      requestCut: true,
      requestPayload: '',
    });
  });

  test('with control characters in names and values is logged like any other', async () => {
    const hostile = 'a\u0000b\nc\rd\u001b[31m\u0085\u2028\u2029e';
    const bodies = [{ [hostile]: 1 }, { Tier: [hostile] }, { Tier: 1, [`${hostile}"'`]: hostile }];
    for (const attributes of bodies) {
      const uuid = await update('controls', attributes, 400);
      const found = await detail(uuid);
      expect(found).toMatchObject({
        uuid,
        status: 400,
        method: 'PUT',
        requestUri: '/cdp/customer_profile/controls',
        operation: 'cdp/updateCustomerProfile',
        applicationId: 1,
      });
      expect(found.cause).toMatch(/attribute/i);
      expect(found.cause).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(JSON.parse(found.requestPayload)).toEqual({ attributes });
    }
    expect((await list('&path=controls%24')).data).toHaveLength(bodies.length);
  });

  test('is not there under an UUID that is none, or not known', async () => {
    for (const uuid of [randomUUID(), 'nonsense']) refused(await office.call('GET', `/v1/access_logs/${uuid}`), 404);
  });
});

describe('the list', () => {
  test('can be filtered', async () => {
    const profile = randomUUID();
    const good = await update(profile, { Tier: 'gold' });
    const bad = await update(profile, { Tier: 7 }, 400);
    const uuids = async (query: string): Promise<string[]> =>
      (await list(`&path=${profile}${query}`)).data.map(({ uuid }) => uuid);
    expect(await uuids('')).toEqual([bad, good]);
    expect(await uuids('&sort=time')).toEqual([good, bad]);
    expect(await uuids('&status=success')).toEqual([good]);
    expect(await uuids('&status=error')).toEqual([bad]);
    expect(await uuids('&statusCode=400')).toEqual([bad]);
    expect(await uuids('&method=put')).toEqual([bad, good]);
    expect(await uuids('&method=post')).toEqual([]);
    expect(await uuids('&operation=cdp/updateCustomerProfile')).toEqual([bad, good]);
    expect(await uuids('&operation=authping')).toEqual([]);
    const [entry] = (await list(`&path=${profile}&status=error`)).data;
    expect(await uuids(`&cause=${encodeURIComponent(entry?.cause ?? '')}`)).toEqual([bad]);
    expect(await uuids(`&keyId=${entry?.keyId ?? 0}`)).toEqual([bad, good]);
    expect(await uuids('&keyId=999')).toEqual([]);
    expect(await uuids('&applicationId=1')).toEqual([bad, good]);
    expect(await uuids('&applicationId=2')).toEqual([]);
    const past = await office.ask<Page<AccessLogEntry>>(
      200,
      'GET',
      '/v1/access_logs/no_total?rangeStart=2020-01-01&rangeEnd=2020-01-02',
    );
    expect(past).toEqual({ hasMore: false, data: [] });
  });

  test('comes in pages, by cursor or skip', async () => {
    const profile = randomUUID();
    const sent: string[] = [];
    for (const tier of ['a', 'b', 'c', 'd', 'e']) sent.unshift(await update(profile, { Tier: tier }));
    const first = await list(`&path=${profile}&pageSize=2`);
    expect({ uuids: first.data.map(({ uuid }) => uuid), hasMore: first.hasMore }).toEqual({
      uuids: sent.slice(0, 2),
      hasMore: true,
    });
    const second = await list(`&path=${profile}&pageSize=3&cursor=${first.nextCursor ?? ''}`);
    expect({ uuids: second.data.map(({ uuid }) => uuid), hasMore: second.hasMore }).toEqual({
      uuids: sent.slice(2),
      hasMore: false,
    });
    const skipped = await list(`&path=${profile}&pageSize=2&skip=2`);
    expect(skipped.data.map(({ uuid }) => uuid)).toEqual(sent.slice(2, 4));
    expect(skipped.data.every(({ requestPayload }) => requestPayload !== '')).toBe(true);
  });

  test.each([
    'rangeStart=2020-01-01',
    'rangeEnd=2020-01-01',
    'rangeStart=2021-01-01&rangeEnd=2020-01-01',
    'rangeStart=soon&rangeEnd=2100-01-01',
    `${RANGE}&path=(`,
    `${RANGE}&path=${'x'.repeat(201)}`,
    `${RANGE}&method=PATCHES`,
    `${RANGE}&status=200`,
    `${RANGE}&statusCode=99`,
    `${RANGE}&pageSize=0`,
    `${RANGE}&cursor=x`,
    `${RANGE}&sort=status`,
  ])('refuses %s', async (query) => {
    refused(await office.call('GET', `/v1/access_logs/no_total?${query}`), 400);
    refused(await office.call('GET', `/v1/applications/1/access_logs/no_total?${query}`), 400);
  });

  test('of no Application is 404', async () => {
    refused(await office.call('GET', `/v1/applications/999/access_logs/no_total?${RANGE}`), 404);
  });
});

describe('what is refused before anybody is known', () => {
  test('is listed for the account: an unknown key by its first characters, an unknown path', async () => {
    const path = `/cdp/customer_profile/${randomUUID()}`;
    const unknown = await sendJson(office.server.url, 'rck_nobody-knows-this-key-at-all-000000000', 'PUT', path, {});
    expectStatus(unknown, 401);
    const [entry] = (await list(`&path=${path}`)).data;
    expect(entry).toMatchObject({
      status: 401,
      applicationId: null,
      keyId: null,
      keyPrefix: 'rck_',
      replayable: false,
    });
    expect(JSON.stringify(entry)).not.toContain('nobody-knows');
    const wrong = await send(office.server.url, { method: 'PUT', path: `${path}/nothing/here` });
    expectStatus(wrong, 404);
    const [lost] = (await list(`&path=${path}/nothing/here`)).data;
    expect(lost).toMatchObject({ status: 404, applicationId: null, operation: 'unknown path' });
  });

  test('by a key of another kind or a deleted one is listed under its Application, with the name of the key', async () => {
    const expires = new Date(Date.now() + 9 * 86_400_000).toISOString();
    const made = await office.ask<{ id: number; key: string }>(201, 'POST', '/v1/applications/1/apikeys', {
      body: { title: 'Short-lived', expires, platform: 'customer_data' },
    });
    await office.ask(204, 'DELETE', `/v1/applications/1/apikeys/${made.id}`);
    const path = `/cdp/customer_profile/${randomUUID()}`;
    expectStatus(await sendJson(office.server.url, made.key, 'PUT', path, {}), 401);
    const { data } = await list(`&path=${path}`, '/v1/applications/1/access_logs/no_total');
    expect(data).toMatchObject([{ status: 401, keyId: made.id, keyName: 'Short-lived' }]);
  });
});

describe('causes of refusals', () => {
  test('are grouped, with their remedy', async () => {
    for (const profile of ['p1', 'p2', 'p3']) await update(profile, { Loyalty: 'x' }, 400);
    const { data } = await office.ask<Page<AccessLogCause>>(200, 'GET', '/v1/access_logs/causes?applicationId=1');
    const found = data.find(({ mend }) => mend?.name === 'Loyalty');
    expect(found).toEqual({
      applicationId: 1,
      cause: 'attribute `Loyalty` is not defined',
      status: 400,
      operation: 'cdp/updateCustomerProfile',
      count: 3,
      lastTime: any.time,
      lastUuid: any.uuid,
      mark: null,
      mend: { kind: 'createAttribute', name: 'Loyalty' },
    });
    expect((await detail(found?.lastUuid ?? '')).mend).toEqual(found?.mend);
    const other = await office.ask<Page<AccessLogCause>>(200, 'GET', '/v1/access_logs/causes?applicationId=2');
    expect(JSON.stringify(other)).not.toContain('Loyalty');
    refused(await office.call('GET', '/v1/access_logs/causes?rangeStart=2026-01-01'), 400);
  });
});

describe('payloads', () => {
  test('are not for who may only read', async () => {
    const profile = randomUUID();
    const uuid = await update(profile, { Tier: 'secret-tier' });
    const { data } = await list(`&path=${profile}`, '/v1/access_logs/no_total', reader);
    expect(data).toMatchObject([{ uuid, requestPayload: '', responsePayload: '' }]);
    expect(await detail(uuid, reader)).toMatchObject({ payloadState: 'hidden', requestPayload: '' });
  });

  test('that were looked at are in the audit log, and those not asked for are not', async () => {
    interface View {
      readonly entity: string;
      readonly userId: number;
      readonly applicationId?: number | null;
      readonly new: object;
    }
    const latest = async (): Promise<readonly View[]> =>
      (await office.ask<Page<View>>(200, 'GET', '/v1/changes?entityPath=access_logs')).data;
    const views = async (): Promise<number> => (await latest()).length;
    const uuid = await update('viewed', { Tier: 'gold' });
    const before = await views();
    await list('&path=viewed&payloads=false');
    await detail(uuid, reader);
    expect(await views()).toBe(before);
    await list('&path=viewed');
    await detail(uuid);
    expect(await views()).toBe(before + 2);
    await list('&path=viewed', '/v1/applications/1/access_logs/no_total');
    const [underIt, one, all] = await latest();
    // The admin is the first user.
    const by = { userId: 1, new: { payloadsViewed: 1 } };
    expect(underIt).toMatchObject({ ...by, entity: '/v1/applications/1/access_logs', applicationId: 1 });
    expect(one).toMatchObject({ ...by, entity: `/v1/access_logs/${uuid}`, applicationId: 1 });
    expect(all).toMatchObject({ ...by, entity: '/v1/access_logs' });
    expect(all?.applicationId ?? null).toBeNull();
  });

  test('are kept as the Application says', async () => {
    const application = await office.ask<{ id: number }>(201, 'POST', '/v1/applications', { body: { name: 'Masked' } });
    await office.ask(200, 'PUT', `/v1/applications/${application.id}`, { body: { payloadLogging: 'masked' } });
    const made = await office.ask<{ key: string }>(201, 'POST', `/v1/applications/${application.id}/apikeys`, {
      body: { title: 'k', expires: new Date(Date.now() + 9 * 86_400_000).toISOString(), platform: 'customer_data' },
    });
    const path = `/cdp/customer_profile/${randomUUID()}`;
    const answer = await sendJson(office.server.url, made.key, 'PUT', path, { attributes: { Tier: 'hush' } });
    const found = await detail(String(answer.headers['x-request-id']));
    expect(found).toMatchObject({ payloadState: 'masked' });
    expect(found.requestPayload + found.responsePayload).not.toContain('hush');
    // A refused write is kept in full only if all payloads are.
    for (const payloadLogging of ['masked', 'off', 'full']) {
      await office.ask(200, 'PUT', `/v1/applications/${application.id}`, { body: { payloadLogging } });
      const refused = await sendJson(office.server.url, made.key, 'PUT', path, { attributes: { Nothing: 'hush' } });
      expectStatus(refused, 400);
      const entry = await detail(String(refused.headers['x-request-id']));
      expect({ payloadLogging, replayable: entry.replayable }).toEqual({
        payloadLogging,
        replayable: payloadLogging === 'full',
      });
    }
    const kept = await office.ask<{ data: unknown[] }>(
      200,
      'GET',
      `/v1/refused_writes?applicationId=${application.id}`,
    );
    expect(kept.data).toHaveLength(1);
  });
});

describe('the stream', () => {
  const open = async (query = '', headers: Record<string, string> = {}) =>
    openEventStream(`${office.server.url}/v1/access_logs/stream${query}`, { Authorization: office.admin, ...headers });

  test('tells each request soon after its answer, and goes on where it was left', async () => {
    const profile = randomUUID();
    const stream = await open(`?path=${profile}`);
    expect({ status: stream.status, type: stream.contentType }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
    });
    await update('somebody-else', { Tier: 'a' });
    const uuid = await update(profile, { Tier: 'a' });
    await until(
      async () => stream.events.length,
      (count) => count > 0,
    );
    expect(stream.events).toEqual([
      {
        id: expect.any(String) as string,
        event: 'entry',
        data: expect.objectContaining({ uuid, requestPayload: '', responsePayload: '', status: 200 }) as object,
      },
    ]);
    stream.close();
    const later = await update(profile, { Tier: 'b' });
    const again = await open(`?path=${profile}`, { 'Last-Event-ID': stream.events[0]?.id ?? '' });
    await until(
      async () => again.events.length,
      (count) => count > 0,
    );
    expect(again.events).toMatchObject([{ event: 'entry', data: { uuid: later } }]);
    again.close();
  });

  test('refuses a filter that is none', async () => {
    expect((await open('?path=(')).status).toBe(400);
    expect((await open('?method=fetch')).status).toBe(400);
  });

  test('leaves room for others, however many one user opens', async () => {
    const streams = await Promise.all(Array.from({ length: 41 }, async () => open()));
    expect(streams.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1);
    for (const stream of streams) stream.close();
    await until(
      async () => {
        const stream = await open();
        stream.close();
        return stream.status;
      },
      (status) => status === 200,
    );
  });

  test('tells nothing more to whom was signed out meanwhile', async () => {
    const as = await office.signIn('admin@example.com', office.server.adminPassword);
    const profile = randomUUID();
    const stream = await open(`?path=${profile}`, { Authorization: as });
    expect(stream.status).toBe(200);
    await office.ask(204, 'DELETE', '/v1/sessions', { as });
    await update(profile, { Tier: 'a' });
    await stream.ended;
    expect(stream.events).toEqual([]);
  });

  test('ends when the server stops, at once', async () => {
    const other = await startBackOffice({ env: { ROLLCALL_SHUTDOWN_GRACE_SECONDS: '60' } });
    const stream = await openEventStream(`${other.server.url}/v1/access_logs/stream`, { Authorization: other.admin });
    const stopped = other.server.stop();
    await stream.ended;
    expect(await stopped).toBe(0);
  });
});

describe('figures', () => {
  test('tell how an Application fares', async () => {
    const quiet = await office.ask<{ id: number; created: string }>(201, 'POST', '/v1/applications', {
      body: { name: 'Quiet' },
    });
    const health = async (id: number): Promise<object> =>
      office.ask(200, 'GET', `/v1/applications/${id}/health_report`);
    expect(await health(quiet.id)).toEqual({ summary: 'NONE', lastUsed: quiet.created });
    expect(await health(1)).toEqual({ summary: expect.stringMatching(/WARNING|ERROR/) as string, lastUsed: any.time });
    await update('sam', { Tier: 'gold' }, 200, 'sandboxCustomerData');
    expect(await health(2)).toMatchObject({ summary: 'OK' });
    refused(await office.call('GET', '/v1/applications/999/health_report'), 404);
  });

  test('tell what arrives per minute, without gaps', async () => {
    const traffic = await office.ask<Traffic>(200, 'GET', '/v1/traffic?minutes=5');
    expect(traffic.minutes).toHaveLength(5);
    const sum = (name: 'requests' | 'errors' | 'joins'): number =>
      traffic.minutes.reduce((total, minute) => total + minute[name], 0);
    expect(sum('requests')).toBeGreaterThan(20);
    expect(sum('errors')).toBeGreaterThan(3);
    expect(sum('joins')).toBe(2);
    expect(traffic).toMatchObject({ droppedPayloads: 0, droppedEntries: 0 });
    const none = await office.ask<Traffic>(200, 'GET', '/v1/traffic?applicationId=999');
    expect(none.minutes.every(({ requests }) => requests === 0)).toBe(true);
    for (const query of ['?minutes=0', '?minutes=1441', '?applicationId=x']) {
      refused(await office.call('GET', `/v1/traffic${query}`), 400);
    }
  });
});
