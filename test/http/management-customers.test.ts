/**
 * Customer profiles in the Management API: lists, exact searches and single profiles, separate for each environment.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { sendJson } from './client.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

interface Customer {
  readonly id: number;
  readonly integrationId: string;
}
interface Page {
  readonly hasMore?: boolean;
  readonly totalResultSize?: number;
  readonly nextCursor?: string;
  readonly data: readonly Customer[];
}

const EVERYONE = ['ada', 'bob', 'cy', 'dan', 'eve'];
const LIST = '/v1/customers/no_total';
const SEARCH = '/v1/customer_search/no_total';
const APPLICATION = '/v1/applications/1/customers';

let office: BackOffice;
let audience: number;
const numbers = new Map<string, number>();

async function send(key: string, method: string, path: string, body?: unknown, status = 200): Promise<unknown> {
  const answer = await sendJson(office.server.url, office.server.keys[key] ?? '', method, path, body);
  expectStatus(answer, status);
  return answer.text === '' ? undefined : answer.json();
}
const update = async (id: string, attributes: object, key = 'customerData'): Promise<void> => {
  const path = `/cdp/customer_profile/${encodeURIComponent(id)}`;
  const answer = (await send(key, 'PUT', path, { attributes })) as { customerProfile: Customer };
  numbers.set(id, answer.customerProfile.id);
};
const list = async (query = ''): Promise<Page> => office.ask(200, 'GET', `${LIST}${query}`);
const search = async (body: object, query = ''): Promise<Page> =>
  office.ask(200, 'POST', `${SEARCH}${query}`, { body });
const ids = ({ data }: Page): string[] => data.map(({ integrationId }) => integrationId);

beforeAll(async () => {
  office = await startBackOffice();
  for (const [name, type] of [
    ['Tier', 'string'],
    ['Score', 'number'],
    ['Vip', 'boolean'],
    ['Since', 'time'],
    ['Home', 'location'],
    ['Tags', '(list string)'],
    ['Visits', '(list time)'],
  ]) {
    const body = {
      entity: 'CustomerProfile',
      name,
      title: name,
      type,
      description: '',
      suggestions: [],
      editable: true,
    };
    const answer = await office.call('POST', '/v1/attributes', { body });
    if (name !== 'Tier') expectStatus(answer, 201);
  }
  const created = await send('customerData', 'POST', '/cdp/audiences', { audienceId: 'a', audienceName: 'A' }, 201);
  audience = (created as { id: number }).id;
  await update('ada', { Tier: 'gold', Score: 1.5, Vip: true, Since: '2026-01-31T09:30:00Z' });
  await update('bob', { Tier: 'gold', Score: 2, Home: { latitude: 52.52, longitude: 13.4 }, Tags: ['a', 'b'] });
  await update('cy', { Tier: 'Gold', Tags: ['b', 'a'], Visits: ['2026-01-31T09:30:00.50Z', '2026-02-01T00:00:00Z'] });
  // These were created by memberships alone, so no Application has seen them.
  const data = ['dan', 'eve'].map((customerProfileId) => ({ customerProfileId, adds: [audience] }));
  await send('customerData', 'PUT', '/cdp/customer_profiles/audiences', { data }, 204);
  await update('sam', { Tier: 'gold' }, 'sandboxCustomerData');
});
afterAll(async () => office.server.stop());

describe('everyone of an environment', () => {
  test('is listed by number, those born in bulk included', async () => {
    const page = await list();
    expect({ ids: ids(page), hasMore: page.hasMore }).toEqual({ ids: EVERYONE, hasMore: false });
    expect(page).not.toHaveProperty('nextCursor');
    expect(page).not.toHaveProperty('totalResultSize');
    expect(page.data[3]).toEqual({
      id: any.id,
      created: any.time,
      accountId: 1,
      integrationId: 'dan',
      attributes: {},
      closedSessions: 0,
      totalSales: 0,
      audienceMemberships: [{ id: audience, name: 'A' }],
      lastActivity: any.time,
      sandbox: false,
    });
    expect((await list('?sandbox=true')).data).toMatchObject([{ integrationId: 'sam', sandbox: true }]);
  });

  test('comes in pages, by cursor or skip, in either direction', async () => {
    expect(await walk('pageSize=2')).toEqual([['ada', 'bob'], ['cy', 'dan'], ['eve']]);
    expect(await walk('pageSize=2&sort=-id')).toEqual([['eve', 'dan'], ['cy', 'bob'], ['ada']]);
    expect(await walk('pageSize=5')).toEqual([EVERYONE]);
    expect(ids(await list('?pageSize=2&skip=3'))).toEqual(['dan', 'eve']);
    expect(ids(await list('?pageSize=1&skip=1&sort=-id'))).toEqual(['dan']);
    expect(await list('?skip=99')).toEqual({ hasMore: false, data: [] });
  });

  async function walk(query: string): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor = '';
    for (;;) {
      const page = await list(`?${query}${cursor}`);
      pages.push(ids(page));
      expect(page.nextCursor !== undefined).toBe(page.hasMore);
      if (page.nextCursor === undefined) return pages;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  test('is found by the exact ID', async () => {
    expect(ids(await list('?integrationId=dan'))).toEqual(['dan']);
    for (const query of ['integrationId=Dan', 'integrationId=sam', 'integrationId=da', 'integrationId=dan&sandbox=1']) {
      expect(ids(await list(`?${query}`))).toEqual([]);
    }
  });

  test.each([
    'pageSize=0',
    'pageSize=1001',
    'skip=-1',
    'sort=integrationId',
    'sandbox=maybe',
    'cursor=nonsense',
    'cursor=WyJ4Il0',
    'cursor=WzFd&skip=1',
  ])('%s is refused', async (query) => {
    const answer = await office.call('GET', `${LIST}?${query}`);
    expectStatus(answer, 400);
    checkErrorBody(answer, 'integration');
  });
});

describe('a search', () => {
  test.each<[string, object, string[]]>([
    ['a text, exactly', { Tier: 'gold' }, ['ada', 'bob']],
    ['a text in another case', { Tier: 'Gold' }, ['cy']],
    ['a number', { Score: 2 }, ['bob']],
    ['a boolean', { Vip: true }, ['ada']],
    ['a time, as an instant', { Since: '2026-01-31T10:30:00.000+01:00' }, ['ada']],
    ['another instant', { Since: '2026-01-31T09:30:00.001Z' }, []],
    ['a location', { Home: { longitude: 13.4, latitude: 52.52 } }, ['bob']],
    ['a list, as a sequence', { Tags: ['a', 'b'] }, ['bob']],
    ['a part of a list', { Tags: ['a'] }, []],
    ['a list of instants', { Visits: ['2026-01-31T09:30:00.5Z', '2026-01-31T19:00:00-05:00'] }, ['cy']],
    ['several values', { Tier: 'gold', Score: 2 }, ['bob']],
    ['values of different profiles', { Tier: 'Gold', Score: 2 }, []],
    ['nothing', {}, EVERYONE],
  ])('finds %s', async (_title, attributes, expected) => {
    expect(ids(await search({ attributes }))).toEqual(expected);
  });

  test('by IDs and numbers; all criteria must hold, an empty list is none', async () => {
    const profileIDs = [numbers.get('bob'), numbers.get('cy'), 999_999];
    expect(ids(await search({ integrationIDs: ['bob', 'ada', 'nobody', 'bob'] }))).toEqual(['ada', 'bob']);
    expect(ids(await search({ profileIDs }))).toEqual(['bob', 'cy']);
    expect(ids(await search({ profileIDs, integrationIDs: ['ada', 'cy'] }))).toEqual(['cy']);
    expect(ids(await search({ profileIDs, attributes: { Tier: 'gold' } }))).toEqual(['bob']);
    expect(ids(await search({ profileIDs: [], integrationIDs: null, attributes: null }))).toEqual(EVERYONE);
    expect(ids(await search({}))).toEqual(EVERYONE);
  });

  test('stays in its environment', async () => {
    expect(ids(await search({ attributes: { Tier: 'gold' } }, '?sandbox=true'))).toEqual(['sam']);
    expect(ids(await search({ profileIDs: [numbers.get('sam')] }))).toEqual([]);
    expect(ids(await search({ profileIDs: [numbers.get('ada')] }, '?sandbox=true'))).toEqual([]);
  });

  test('comes in pages', async () => {
    const body = { attributes: { Tier: 'gold' } };
    const first = await search(body, '?pageSize=1');
    expect({ ids: ids(first), hasMore: first.hasMore }).toEqual({ ids: ['ada'], hasMore: true });
    const second = await search(body, `?pageSize=1&cursor=${first.nextCursor}`);
    expect({ ids: ids(second), hasMore: second.hasMore }).toEqual({ ids: ['bob'], hasMore: false });
    expect(ids(await search(body, '?pageSize=1&skip=1'))).toEqual(['bob']);
    expect(ids(await search(body, '?pageSize=1&sort=-id'))).toEqual(['bob']);
  });

  test('follows what changes at once', async () => {
    await update('turn', { Tier: 'copper', Tags: ['x'] });
    expect(ids(await search({ attributes: { Tier: 'copper' } }))).toEqual(['turn']);
    await update('turn', { Tier: 'tin' });
    expect(ids(await search({ attributes: { Tier: 'copper' } }))).toEqual([]);
    expect(ids(await search({ attributes: { Tier: 'tin', Tags: ['x'] } }))).toEqual(['turn']);
    await update('turn', { Tier: null });
    expect(ids(await search({ attributes: { Tier: 'tin' } }))).toEqual([]);
    expect(ids(await search({ attributes: { Tags: ['x'] } }))).toEqual(['turn']);
  });

  test.each<[string, unknown, string]>([
    ['an attribute that is not defined', { attributes: { Nope: 1 } }, '/attributes/Nope'],
    ['a value of another type', { attributes: { Score: '2' } }, '/attributes/Score'],
    ['null for a value', { attributes: { Tier: null } }, '/attributes/Tier'],
    ['a list for attributes', { attributes: [] }, '/attributes'],
    ['a number for an ID', { integrationIDs: [1] }, '/integrationIDs/0'],
    ['a text for a number', { profileIDs: ['1'] }, '/profileIDs/0'],
    ['more IDs than one request may name', { integrationIDs: Array(1001).fill('a') }, '/integrationIDs'],
  ])('refuses %s', async (_title, body, pointer) => {
    for (const path of [SEARCH, '/v1/applications/1/customer_search']) {
      const answer = await office.call('POST', path, { body });
      expectStatus(answer, 400);
      expect(checkErrorBody(answer, 'integration')).toContain(`"pointer":"${pointer}"`);
    }
  });

  test('that is no object is refused', async () => {
    for (const body of [[], 'x', 7]) await office.ask(400, 'POST', SEARCH, { body });
  });
});

describe('one profile', () => {
  test('is read by its number, of either environment', async () => {
    const [ada] = (await list('?integrationId=ada')).data;
    expect(await office.ask(200, 'GET', `/v1/customers/${ada?.id}`)).toEqual({ ...ada, erased: false });
    expect(await office.ask(200, 'GET', `/v1/customers/${numbers.get('sam')}`)).toMatchObject({ sandbox: true });
  });

  test('that nobody knows is 404, and an ID is no number', async () => {
    await office.ask(404, 'GET', '/v1/customers/999999');
    await office.ask(400, 'GET', '/v1/customers/ada');
    await office.ask(400, 'GET', '/v1/customers/99999999999999999999');
  });
});

describe("an Application's customers", () => {
  test('are those it has seen by an update', async () => {
    const page = await office.ask<Page>(200, 'GET', `${APPLICATION}?pageSize=3`);
    expect(ids(page)).toEqual(['ada', 'bob', 'cy']);
    const total = await office.ask<Page>(200, 'GET', `${APPLICATION}?pageSize=1&withTotalResultSize=true`);
    expect(total).not.toHaveProperty('hasMore');
    const all = await office.ask<Page>(200, 'GET', APPLICATION);
    expect(all).not.toHaveProperty('totalResultSize');
    expect(total.totalResultSize).toBe(all.data.length);
    expect(ids(await office.ask(200, 'GET', `${APPLICATION}?pageSize=1&cursor=${total.nextCursor}`))).toEqual(['bob']);
    expect(ids(await office.ask(200, 'GET', `${APPLICATION}?pageSize=1&skip=2`))).toEqual(['cy']);
    expect(ids(await office.ask(200, 'GET', `${APPLICATION}?integrationId=bob`))).toEqual(['bob']);
    for (const id of ['dan', 'sam']) {
      expect(ids(await office.ask(200, 'GET', `${APPLICATION}?integrationId=${id}`))).toEqual([]);
    }
    expect(ids(await office.ask(200, 'GET', '/v1/applications/2/customers'))).toEqual(['sam']);
  });

  test('are searched, and counted where asked', async () => {
    const path = '/v1/applications/1/customer_search';
    const body = { attributes: { Tier: 'gold' } };
    const found = await office.ask<Page>(200, 'POST', path, { body });
    expect({ ids: ids(found), hasMore: found.hasMore }).toEqual({ ids: ['ada', 'bob'], hasMore: false });
    const counted = await office.ask<Page>(200, 'POST', `${path}?withTotalResultSize=true&pageSize=1`, { body });
    expect({ ids: ids(counted), total: counted.totalResultSize }).toEqual({ ids: ['ada'], total: 2 });
    expect(ids(await office.ask(200, 'POST', path, { body: { integrationIDs: ['dan', 'cy'] } }))).toEqual(['cy']);
    const sandbox = await office.ask<Page>(200, 'POST', '/v1/applications/2/customer_search', { body });
    expect(ids(sandbox)).toEqual(['sam']);
  });

  test('are read one by one, with figures of what is not served', async () => {
    const path = `${APPLICATION}/${numbers.get('ada')}`;
    expect(await office.ask(200, 'GET', path)).toMatchObject({ integrationId: 'ada', sandbox: false });
    const figures = await office.ask<Record<string, number>>(200, 'GET', `${path}/analytics`);
    expect(Object.keys(figures)).toHaveLength(7);
    expect(Object.values(figures).every((each) => each === 0)).toBe(true);
  });

  test('of another Application, environment or none are 404', async () => {
    const [dan] = (await list('?integrationId=dan')).data;
    for (const id of [dan?.id, numbers.get('sam'), 999_999]) {
      await office.ask(404, 'GET', `${APPLICATION}/${id}`);
      await office.ask(404, 'GET', `${APPLICATION}/${id}/analytics`);
    }
    await office.ask(404, 'GET', '/v1/applications/999/customers');
    await office.ask(404, 'POST', '/v1/applications/999/customer_search', { body: {} });
    await office.ask(404, 'GET', `/v1/applications/999/customers/${numbers.get('ada')}`);
    await office.ask(400, 'GET', '/v1/applications/one/customers');
  });
});

describe('the history of a profile', () => {
  interface Change {
    readonly id: number;
    readonly action: string;
    readonly requestUuid: string;
  }
  interface Changes {
    readonly hasMore: boolean;
    readonly nextCursor?: string;
    readonly data: readonly Change[];
  }

  test('tells who, when and in which request, newest first, in pages', async () => {
    await update('hist', {});
    const path = `/v1/customers/${numbers.get('hist')}/changes`;
    expect(await office.ask(200, 'GET', path)).toEqual({ hasMore: false, data: [] });
    const change = async (body: object): Promise<string> => {
      const key = office.server.keys['customerData'] ?? '';
      const answer = await sendJson(office.server.url, key, 'PUT', '/cdp/customer_profile/hist/audiences', body);
      expectStatus(answer, 200);
      return String(answer.headers['x-request-id']);
    };
    const joined = await change({ data: { adds: ['a'] } });
    const left = await change({ data: { deletes: ['a'] } });
    const all = await office.ask<Changes>(200, 'GET', path);
    expect({ hasMore: all.hasMore, actions: all.data.map(({ action }) => action) }).toEqual({
      hasMore: false,
      actions: ['left', 'joined'],
    });
    expect(all.data.map(({ requestUuid }) => requestUuid)).toEqual([left, joined]);
    expect(all.data[0]).toEqual({
      id: any.id,
      time: any.time,
      action: 'left',
      audienceId: audience,
      audienceName: 'A',
      customerId: numbers.get('hist'),
      integrationId: 'hist',
      count: 1,
      requestUuid: left,
      keyId: any.id,
      keyName: 'customer data',
      userId: null,
      userEmail: null,
    });
    const first = await office.ask<Changes>(200, 'GET', `${path}?pageSize=1`);
    expect(first).toEqual({ hasMore: true, nextCursor: any.text, data: [all.data[0]] });
    const second = await office.ask<Changes>(200, 'GET', `${path}?pageSize=1&cursor=${first.nextCursor}`);
    expect(second).toEqual({ hasMore: false, data: [all.data[1]] });
  });

  test('of nobody is 404; a cursor of another list is refused', async () => {
    await office.ask(404, 'GET', '/v1/customers/999999/changes');
    const path = `/v1/customers/${numbers.get('ada')}/changes`;
    for (const query of ['cursor=WzFd', 'cursor=WyJ4IiwxXQ', 'pageSize=0'])
      await office.ask(400, 'GET', `${path}?${query}`);
  });
});

describe('erasing personal data', () => {
  test('takes attributes and memberships, keeps the number, and is noted without the person', async () => {
    await update('gone@example.com', { Tier: 'secret', Tags: ['x'] });
    const id = numbers.get('gone@example.com') ?? 0;
    await send('customerData', 'PUT', '/cdp/customer_profile/gone%40example.com/audiences', {
      data: { adds: ['a'] },
    });
    const path = `/v1/customers/${id}/data`;
    const logged = async (): Promise<string> => {
      const range = `rangeStart=2020-01-01&rangeEnd=${new Date(Date.now() + 60_000).toISOString()}`;
      return (await office.call('GET', `/v1/applications/1/access_logs/no_total?${range}`)).text;
    };
    expect(await logged()).toMatch(/secret/);
    expect(await office.ask(204, 'DELETE', path)).toBeUndefined();
    const left = await logged();
    expect(left).toContain('/cdp/customer_profile/');
    expect(left).not.toMatch(/secret|gone(@|%40)example/);
    expect(await office.ask(200, 'GET', `/v1/customers/${id}`)).toMatchObject({
      id,
      integrationId: expect.stringMatching(/^erased:/) as string,
      erased: true,
      attributes: {},
      audienceMemberships: [],
    });
    expect(ids(await list('?integrationId=gone%40example.com'))).toEqual([]);
    expect(ids(await search({ attributes: { Tier: 'secret' } }))).toEqual([]);
    const { data } = await office.ask<{ data: object[] }>(200, 'GET', `/v1/customers/${id}/changes`);
    expect(data[0]).toMatchObject({ action: 'left', customerId: id, integrationId: null, keyId: null, userId: any.id });
    const log = await office.ask<{ data: object[] }>(200, 'GET', '/v1/changes?entityPath=/data');
    expect(log.data).toMatchObject([{ entity: path, userId: any.id }]);
    expect(JSON.stringify(log.data)).not.toMatch(/gone|secret/);
    await office.ask(404, 'DELETE', path);
    // The next person with that ID. A request that is still on its way into the log is erased, too.
    await update('gone@example.com', { Tier: 'new secret' });
    const next = numbers.get('gone@example.com') ?? 0;
    expect(next).toBeGreaterThan(id);
    await office.ask(204, 'DELETE', `/v1/customers/${next}/data`);
    expect(await logged()).not.toMatch(/secret|gone(@|%40)example/);
  });

  test('asked for by an application does the same, and does not name the person in its own entry', async () => {
    const path = '/v1/customer_data/left%40example.com';
    await update('left@example.com', { Tier: 'secret' });
    await send('generic', 'DELETE', path, undefined, 204);
    const log = '/v1/access_logs/no_total?rangeStart=2020-01-01&rangeEnd=2090-01-01&method=delete';
    const page = async () => office.ask<{ data: { requestUri: string }[] }>(200, 'GET', log);
    await expect.poll(async () => (await page()).data.map(({ requestUri }) => requestUri)).toContain('(erased)');
    expect(JSON.stringify(await office.ask(200, 'GET', log.replace('&method=delete', '')))).not.toMatch(
      /left(@|%40)example/,
    );
    // A repeat finds nobody, and is not logged with the ID either.
    const repeat = await sendJson(office.server.url, office.server.keys['generic'] ?? '', 'DELETE', path);
    expectStatus(repeat, 404);
    const entry = `/v1/access_logs/${String(repeat.headers['x-request-id'])}`;
    await expect.poll(async () => (await office.call('GET', entry)).status).toBe(200);
    expect(await office.ask(200, 'GET', entry)).toMatchObject({
      requestUri: '(erased)',
      responsePayload: '',
      payloadState: 'erased',
      replayable: false,
      marks: [{ kind: 'erased person' }],
    });
  });

  test('of nobody is 404', async () => {
    await send('generic', 'DELETE', '/v1/customer_data/nobody', undefined, 404);
    await office.ask(404, 'DELETE', '/v1/customers/999999/data');
    await office.ask(400, 'DELETE', '/v1/customers/ada/data');
  });
});

test('a management key limited to an Application sees that one only', async () => {
  const endpoints = [LIST, SEARCH, '/v1/customers/{customerId}', '/v1/applications/{applicationId}/customers'].map(
    (path) => ({ method: path === SEARCH ? 'POST' : 'GET', path }),
  );
  const body = { name: 'Limited', expiryDate: '2099-01-01T00:00:00Z', endpoints, allowedApplicationIds: [1] };
  const { key } = await office.ask<{ key: string }>(201, 'POST', '/v1/management_keys', { body });
  const as = `ManagementKey-v1 ${key}`;
  expect(ids(await office.ask(200, 'GET', `${APPLICATION}?pageSize=1`, { as }))).toEqual(['ada']);
  await office.ask(403, 'GET', '/v1/applications/2/customers', { as });
  await office.ask(403, 'GET', LIST, { as });
  await office.ask(403, 'POST', SEARCH, { as, body: {} });
  await office.ask(403, 'GET', `/v1/customers/${numbers.get('ada')}`, { as });
  await office.ask(403, 'DELETE', `/v1/customers/${numbers.get('ada')}/data`, { as });
});
