/** Applications and their API keys: what the console's key drawer does, and what nobody may do to them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { sendJson } from './client.ts';
import { any } from './scenario.ts';

interface Page<Item> {
  readonly totalResultSize: number;
  readonly data: readonly Item[];
}
interface Application {
  readonly id: number;
  readonly name: string;
}
interface Key {
  readonly id: number;
  readonly title: string;
  readonly key: string;
}

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

const newApplication = async (body: object): Promise<Application> =>
  office.ask(201, 'POST', '/v1/applications', { body });
const keysOf = (id: number): string => `/v1/applications/${id}/apikeys`;
const newKey = async (application: number, body: object = {}): Promise<Key> =>
  office.ask(201, 'POST', keysOf(application), { body: { title: 'CDP', expires: '2099-06-30', ...body } });
const titles = (page: Page<Key>): string[] => page.data.map(({ title }) => title);

describe('Applications', () => {
  test('are listed and read, of both environments', async () => {
    const list = await office.ask<Page<Application>>(200, 'GET', '/v1/applications?sort=id');
    expect(list.data.slice(0, 2)).toMatchObject([
      { id: 1, sandbox: false },
      { id: 2, sandbox: true },
    ]);
    expect(list.totalResultSize).toBe(list.data.length);
    expect(await office.ask(200, 'GET', '/v1/applications/2')).toEqual({
      id: 2,
      created: any.time,
      modified: any.time,
      accountId: 1,
      name: 'Sandbox',
      description: '',
      timezone: 'UTC',
      currency: 'EUR',
      loyaltyPrograms: [],
      caseSensitivity: 'sensitive',
      sandbox: true,
      enableCampaignStateManagement: false,
      payloadLogging: 'full',
    });
  });

  test('come in pages, sorted as asked', async () => {
    await newApplication({ name: 'Zebra' });
    const last = await office.ask<Page<Application>>(200, 'GET', '/v1/applications?sort=-name&pageSize=1');
    expect(last.data).toMatchObject([{ name: 'Zebra' }]);
    expect(last.totalResultSize).toBeGreaterThan(2);
    const next = await office.ask<Page<Application>>(200, 'GET', '/v1/applications?sort=-name&pageSize=1&skip=1');
    expect(next.data).toHaveLength(1);
    expect(next.data).not.toEqual(last.data);
    for (const query of ['pageSize=0', 'pageSize=1001', 'skip=-1', 'sort=secret', 'pageSize=1&pageSize=2']) {
      await office.ask(400, 'GET', `/v1/applications?${query}`);
    }
  });

  test('are created in an environment of their own choice, under a free name', async () => {
    const body = { name: ' Büro ', sandbox: true, timezone: 'Europe/Berlin', currency: 'CHF', description: 'd' };
    const created = await newApplication(body);
    expect(created).toMatchObject({ ...body, name: 'Büro' });
    expect(await office.ask(200, 'GET', `/v1/applications/${created.id}`)).toEqual(created);
    await office.ask(409, 'POST', '/v1/applications', { body: { name: 'büro' } });
    await office.ask(409, 'PUT', '/v1/applications/1', { body: { name: 'BüRO' } });
  });

  test('are changed field by field; staging for good', async () => {
    const { id } = await newApplication({ name: 'Changing' });
    const path = `/v1/applications/${id}`;
    const before = await office.ask<Application>(200, 'GET', path);
    expect(await office.ask(200, 'PUT', path, { body: {} })).toEqual(before);
    const change = { description: 'new', payloadLogging: 'masked', enableCampaignStateManagement: true };
    expect(await office.ask(200, 'PUT', path, { body: change })).toEqual({ ...before, ...change, modified: any.time });
    await office.ask(400, 'PUT', path, { body: { description: 'x', enableCampaignStateManagement: false } });
    expect(await office.ask(200, 'GET', path)).toMatchObject(change);
  });

  test('refuse what no Application may have, and stay as they are', async () => {
    const before = await office.ask(200, 'GET', '/v1/applications');
    const wrong = [
      { name: '' },
      { name: '  ' },
      { name: 'x'.repeat(256) },
      { name: 7 },
      { timezone: 'Mars/Olympus' },
      { currency: 'euro' },
      { payloadLogging: 'some' },
      { description: 'x'.repeat(1001) },
    ];
    for (const each of wrong) {
      const body = { name: 'Refused', ...each };
      await office.ask(400, 'PUT', '/v1/applications/1', { body });
      if (!('payloadLogging' in each)) await office.ask(400, 'POST', '/v1/applications', { body });
    }
    await office.ask(400, 'POST', '/v1/applications', { body: {} });
    await office.ask(404, 'GET', '/v1/applications/999');
    await office.ask(404, 'PUT', '/v1/applications/999', { body: { name: 'Nobody' } });
    await office.ask(400, 'GET', '/v1/applications/one');
    expect(await office.ask(200, 'GET', '/v1/applications')).toEqual(before);
  });

  test('have neither sessions nor event types', async () => {
    expect(await office.ask(200, 'GET', '/v1/applications/1/sessions')).toEqual({ hasMore: false, data: [] });
    const none = { totalResultSize: 0, data: [] };
    expect(await office.ask(200, 'GET', '/v1/applications/1/event_types')).toEqual(none);
    expect(await office.ask(200, 'GET', '/v1/event_types')).toEqual(none);
    await office.ask(404, 'GET', '/v1/applications/999/sessions');
    await office.ask(404, 'GET', '/v1/applications/999/event_types');
    await office.ask(400, 'GET', '/v1/event_types?pageSize=0');
  });
});

describe('API keys', () => {
  test('open what they are for, are shown once, and are refused once deleted', async () => {
    const created = await newKey(1, { title: ' My CDP ', platform: 'customer_data', rateLimit: 50 });
    expect(created).toEqual({
      id: any.id,
      title: 'My CDP',
      expires: '2099-07-01T00:00:00.000Z',
      platform: 'customer_data',
      type: '',
      timeOffset: 0,
      createdBy: 1,
      createdByEmail: 'admin@example.com',
      accountID: 1,
      applicationID: 1,
      created: any.time,
      lastUsed: null,
      state: 'Valid',
      maskedKey: `rck_…${created.key.slice(-4)}`,
      readOnly: false,
      lenientRows: false,
      rowReports: false,
      skipUndefinedAttributes: false,
      rateLimit: 50,
      key: expect.stringMatching(/^rck_[0-9A-Za-z]{38}$/) as string,
    });
    const { key, ...shown } = created;
    const update = async () => sendJson(office.server.url, key, 'PUT', '/cdp/customer_profile/drawer', {});
    expect((await update()).status).toBe(200);
    const list = await office.call('GET', keysOf(1));
    expect((list.json() as Page<Key>).data[0]).toEqual(shown);
    expect(list.text).not.toContain(key);
    expect(list.headers['cache-control']).toBe('no-store');
    expect(list.headers['x-content-type-options']).toBe('nosniff');
    await office.ask(204, 'DELETE', `${keysOf(1)}/${created.id}`);
    expect((await update()).status).toBe(401);
    await office.ask(404, 'DELETE', `${keysOf(1)}/${created.id}`);
    expect((await office.ask<Page<Key>>(200, 'GET', keysOf(1))).data.map(({ id }) => id)).not.toContain(created.id);
  });

  test('are listed newest first, in pages, of their Application only', async () => {
    const { id } = await newApplication({ name: 'Listed' });
    for (const title of ['b', 'c', 'a']) await newKey(id, { title });
    expect(titles(await office.ask(200, 'GET', keysOf(id)))).toEqual(['a', 'c', 'b']);
    expect(titles(await office.ask(200, 'GET', `${keysOf(id)}?sort=title`))).toEqual(['a', 'b', 'c']);
    const page = await office.ask<Page<Key>>(200, 'GET', `${keysOf(id)}?pageSize=1&skip=1`);
    expect({ titles: titles(page), total: page.totalResultSize }).toEqual({ titles: ['c'], total: 3 });
    await office.ask(400, 'GET', `${keysOf(id)}?sort=hash`);
  });

  test('belong to one Application: another does not delete them', async () => {
    const key = await newKey(1, { title: 'Of Application 1' });
    await office.ask(404, 'DELETE', `${keysOf(2)}/${key.id}`);
    await office.ask(404, 'DELETE', `${keysOf(999)}/${key.id}`);
    expect(titles(await office.ask(200, 'GET', keysOf(1)))).toContain('Of Application 1');
    expect(titles(await office.ask(200, 'GET', keysOf(2)))).not.toContain('Of Application 1');
    await office.ask(404, 'GET', keysOf(999));
    await office.ask(404, 'POST', keysOf(999), { body: { title: 'x', expires: '2099-01-01' } });
  });

  test('expire at the end of a day in the time zone of their Application', async () => {
    const { id } = await newApplication({ name: 'Auckland', timezone: 'Pacific/Auckland' });
    expect(await newKey(id, { expires: '2099-06-30' })).toMatchObject({ expires: '2099-06-30T12:00:00.000Z' });
    expect(await newKey(id, { expires: '2099-06-30T12:00:00+02:00' })).toMatchObject({
      expires: '2099-06-30T10:00:00.000Z',
    });
    const soon = new Date(Date.now() + 6 * 24 * 3_600_000).toISOString();
    expect(await newKey(id, { expires: soon })).toMatchObject({ state: 'Expires Soon', expires: soon });
  });

  test('for testing: one per Application that has staging, never of a platform', async () => {
    const { id } = await newApplication({ name: 'Staged' });
    const body = { title: 'Test', expires: '2099-01-01', type: 'staging' };
    await office.ask(400, 'POST', keysOf(id), { body });
    await office.ask(200, 'PUT', `/v1/applications/${id}`, { body: { enableCampaignStateManagement: true } });
    await office.ask(400, 'POST', keysOf(id), { body: { ...body, platform: 'customer_data' } });
    await office.ask(400, 'POST', keysOf(id), { body: { ...body, readOnly: true } });
    const test = await newKey(id, { type: 'staging', timeOffset: 3_600_000_000_000 });
    expect(test).toMatchObject({ type: 'staging', platform: 'none', timeOffset: 3_600_000_000_000 });
    await office.ask(409, 'POST', keysOf(id), { body });
    await office.ask(204, 'DELETE', `${keysOf(id)}/${test.id}`);
    await newKey(id, { type: 'staging' });
  });

  test('refuse what no key may have, and make none', async () => {
    const before = await office.ask(200, 'GET', keysOf(1));
    const wrong = [
      { title: '  ' },
      { title: 'x'.repeat(256) },
      { expires: '2020-01-01' },
      { expires: '2099-02-30' },
      { expires: 'never' },
      { platform: 'braze' },
      { type: 'production' },
      { rateLimit: 0 },
      { rateLimit: 1.5 },
      { platform: 'customer_data', readOnly: true },
      { timeOffset: 1e30 },
    ];
    for (const each of wrong) {
      const body = { title: 'Refused', expires: '2099-01-01', ...each };
      const answer = await office.ask<{ errors: unknown[] }>(400, 'POST', keysOf(1), { body });
      expect(answer.errors, JSON.stringify(each)).toHaveLength(1);
    }
    await office.ask(400, 'POST', keysOf(1), { body: { title: 'No date' } });
    expect(await office.ask(200, 'GET', keysOf(1))).toEqual(before);
  });

  test('created at the same moment leave one Test key', async () => {
    const { id } = await newApplication({ name: 'Racing' });
    await office.ask(200, 'PUT', `/v1/applications/${id}`, { body: { enableCampaignStateManagement: true } });
    const body = { title: 'Test', expires: '2099-01-01', type: 'staging' };
    const answers = await Promise.all([1, 2, 3, 4].map(async () => office.call('POST', keysOf(id), { body })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });
});
