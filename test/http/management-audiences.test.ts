/** Audiences in the Management API: lists, sizes, movement, members, history, and manual changes. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttributeJob } from '../../src/http/surfaces/management/attribute-jobs-schemas.ts';
import type { AudienceDetail, TimelinePoint } from '../../src/http/surfaces/management/audiences-schemas.ts';
import type { MembershipChange } from '../../src/http/surfaces/management/memberships-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, sendJson, until } from './client.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

interface Page<T> {
  readonly hasMore?: boolean;
  readonly totalResultSize?: number;
  readonly nextCursor?: string;
  readonly data: readonly T[];
}
type Audience = Omit<AudienceDetail, 'lastFedBy'>;

let office: BackOffice;
let reader: string;
/** A platform added ada, bob and cy; then bob left. */
let vip: number;
let sandbox: number;

const refused = (answer: HttpAnswer, status: number): void => {
  expectStatus(answer, status);
  checkErrorBody(answer, 'integration');
};
const list = async (query = ''): Promise<Page<Audience>> => office.ask(200, 'GET', `/v1/audiences${query}`);
const names = ({ data }: Page<{ name: string }>): string[] => data.map(({ name }) => name);
const create = async (body: object): Promise<Audience> => office.ask(201, 'POST', '/v1/audiences', { body });
const detail = async (id: number): Promise<AudienceDetail> => office.ask(200, 'GET', `/v1/audiences/${id}`);
const members = async (id: number, query = ''): Promise<Page<{ integrationId: string }>> =>
  office.ask(200, 'GET', `/v1/audiences/${id}/memberships${query}`);
const changes = async (id: number, query = ''): Promise<Page<MembershipChange>> =>
  office.ask(200, 'GET', `/v1/audiences/${id}/changes${query}`);
const ids = (page: Page<{ integrationId: string }>): string[] => page.data.map(({ integrationId }) => integrationId);

async function feed(id: number, profiles: readonly string[], action: 'adds' | 'deletes', key = 'customerData') {
  const data = profiles.map((customerProfileId) => ({ customerProfileId, [action]: [id] }));
  const path = '/cdp/customer_profiles/audiences';
  expectStatus(await sendJson(office.server.url, office.server.keys[key] ?? '', 'PUT', path, { data }), 204);
}

async function platformAudience(audienceId: string, audienceName: string, key = 'customerData'): Promise<number> {
  const body = { audienceId, audienceName };
  const answer = await sendJson(office.server.url, office.server.keys[key] ?? '', 'POST', '/cdp/audiences', body);
  expectStatus(answer, 201);
  return (answer.json() as { id: number }).id;
}

beforeAll(async () => {
  office = await startBackOffice();
  vip = await platformAudience('vip', 'Very important');
  sandbox = await platformAudience('vip', 'Rehearsal', 'sandboxCustomerData');
  await feed(vip, ['ada', 'bob', 'cy'], 'adds');
  await feed(vip, ['bob'], 'deletes');
  await feed(sandbox, ['sam'], 'adds', 'sandboxCustomerData');
  const body = { email: 'reader@example.com', isAdmin: false };
  const created = await office.ask<{ id: number; password: string }>(201, 'POST', '/v1/users', { body });
  const { id: userId, password } = created;
  const first = await office.signIn('reader@example.com', password);
  const change = { currentPassword: password, newPassword: 'correct horse battery' };
  await office.ask(204, 'POST', `/v1/users/${userId}/password`, { as: first, body: change });
  reader = await office.signIn('reader@example.com', 'correct horse battery');
});
afterAll(async () => office.server.stop());

describe('the list of audiences', () => {
  test('tells all of each, of both environments', async () => {
    const page = await list('?search=important');
    expect(page).toEqual({
      hasMore: false,
      data: [
        {
          id: vip,
          created: any.time,
          accountId: 1,
          name: 'Very important',
          sandbox: false,
          description: '',
          subscribedApplicationsIds: [1],
          integration: 'Customer Data Platform',
          integrationId: 'vip',
          createdIn3rdParty: true,
          lastUpdate: any.time,
          membersCount: 2,
        },
      ],
    });
    expect((await list()).data.map(({ id }) => id)).toEqual(expect.arrayContaining([vip, sandbox]));
  });

  test('can be filtered, sorted and paged', async () => {
    expect(names(await list('?sandbox=true'))).toEqual(['Rehearsal']);
    expect(names(await list('?sandbox=false'))).not.toContain('Rehearsal');
    expect(names(await list('?integration=customer%20data%20PLATFORM&sandbox=true'))).toEqual(['Rehearsal']);
    expect(names(await list('?integration=other'))).toEqual([]);
    expect(names(await list('?applicationId=2'))).toEqual(['Rehearsal']);
    expect(names(await list('?sort=-membersCount'))[0]).toBe('Very important');
    expect((await list('?sort=-lastUpdate')).data[0]?.id).toBe(sandbox);
    const total = (await list('?withTotalResultSize=true')).totalResultSize ?? 0;
    expect(total).toBeGreaterThan(1);
    const page = await list('?pageSize=1&skip=1');
    expect(page).toMatchObject({ hasMore: total > 2, data: [{ id: expect.any(Number) as number }] });
    expect(page).not.toHaveProperty('totalResultSize');
  });

  test.each(['?sort=size', '?sandbox=maybe', '?pageSize=0', '?pageSize=1001', '?skip=-1', '?applicationId=x'])(
    'refuses %s',
    async (query) => {
      refused(await office.call('GET', `/v1/audiences${query}`), 400);
    },
  );

  test('tells member counts of those asked for', async () => {
    const { data } = await office.ask<Page<object>>(
      200,
      'GET',
      `/v1/audiences/analytics?audienceIds=${vip},999999,${sandbox}&sort=-membersCount`,
    );
    expect(data).toEqual([
      { audienceId: vip, membersCount: 2 },
      { audienceId: sandbox, membersCount: 1 },
    ]);
    for (const query of ['', '?audienceIds=', '?audienceIds=a', `?audienceIds=${'1,'.repeat(1000)}1`]) {
      refused(await office.call('GET', `/v1/audiences/analytics${query}`), 400);
    }
  });
});

describe('one audience', () => {
  test('tells what fed it last', async () => {
    const found = await detail(vip);
    expect(found).toMatchObject({ id: vip, membersCount: 2 });
    expect(found.lastFedBy).toEqual({
      time: any.time,
      requestUuid: any.uuid,
      keyId: any.id,
      keyName: expect.any(String) as string,
      userId: null,
      userEmail: null,
    });
    expect((await detail((await create({ name: 'Never fed' })).id)).lastFedBy).toBeNull();
  });

  test.each(['/v1/audiences/999999', '/v1/audiences/999999/timeline', '/v1/audiences/999999/memberships'])(
    'that does not exist is 404 at %s',
    async (path) => {
      refused(await office.call('GET', path), 404);
    },
  );

  test('is told over time, hour by hour and day by day', async () => {
    const timeline = async (query: string): Promise<Page<TimelinePoint>> =>
      office.ask(200, 'GET', `/v1/audiences/${vip}/timeline${query}`);
    for (const [query, points] of [
      ['?interval=hour', 48],
      ['', 30],
      ['?timezone=Asia/Kathmandu', 30],
    ] as const) {
      const { data } = await timeline(query);
      // The range may begin in the previous day or hour.
      expect([points, points + 1]).toContain(data.length);
      expect(data.at(-1)).toEqual({ time: any.time, joins: 3, leaves: 1, members: 2 });
      expect(data.slice(0, -1).every(({ members, joins, leaves }) => members + joins + leaves === 0)).toBe(true);
    }
    const past = await timeline('?interval=hour&rangeStart=2026-01-01T00:30:00Z&rangeEnd=2026-01-01T02:00:00Z');
    expect(past.data).toEqual(
      ['00', '01', '02'].map((hour) => ({ time: `2026-01-01T${hour}:00:00.000Z`, joins: 0, leaves: 0, members: 0 })),
    );
    for (const query of [
      '?interval=week',
      '?rangeStart=yesterday',
      '?timezone=Mars/Base',
      '?rangeStart=2026-01-02T00:00:00Z&rangeEnd=2026-01-01T00:00:00Z',
      '?interval=hour&rangeStart=2020-01-01T00:00:00Z&rangeEnd=2021-01-01T00:00:00Z',
    ]) {
      refused(await office.call('GET', `/v1/audiences/${vip}/timeline${query}`), 400);
    }
  });

  test('is among those that moved most', async () => {
    const { data } = await office.ask<Page<object>>(200, 'GET', '/v1/audiences/movers?hours=2&sandbox=false&limit=1');
    expect(data).toEqual([{ id: vip, name: 'Very important', sandbox: false, membersCount: 2, joins: 3, leaves: 1 }]);
    for (const query of ['?hours=0', '?limit=101']) {
      refused(await office.call('GET', `/v1/audiences/movers${query}`), 400);
    }
  });
});

describe('attributes for everyone in an audience', () => {
  test('are listed as jobs, newest first, with their progress', async () => {
    const { server } = office;
    const path = `/v2/audience_customers/${vip}/attributes`;
    const uuids: string[] = [];
    for (const body of [{ Tier: 'gold' }, { Tier: null }]) {
      const answer = await sendJson(server.url, server.keys['generic'] ?? '', 'PUT', path, body);
      expectStatus(answer, 204);
      uuids.unshift(String(answer.headers['x-request-id']));
    }
    const jobs = async (query = '') =>
      office.ask<Page<AttributeJob>>(200, 'GET', `/v1/audiences/attribute_jobs${query}`);
    const { data } = await until(jobs, (page) => page.data.every(({ finished }) => finished !== null));
    expect(data).toEqual(
      uuids.map((requestUuid) => ({
        id: any.id,
        audienceId: vip,
        audienceName: 'Very important',
        sandbox: false,
        attributeNames: ['Tier'],
        created: any.time,
        requestUuid,
        keyId: any.id,
        membersCount: 2,
        doneCount: 2,
        tooLargeCount: 0,
        finished: any.time,
      })),
    );
    expect(await jobs(`?audienceId=${vip}&limit=1`)).toEqual({ hasMore: true, data: data.slice(0, 1) });
    expect(await jobs(`?audienceId=${sandbox}`)).toEqual({ hasMore: false, data: [] });
    for (const query of ['?limit=0', '?limit=1001', '?audienceId=vip']) {
      refused(await office.call('GET', `/v1/audiences/attribute_jobs${query}`), 400);
    }
    const entry = await office.ask<object>(200, 'GET', `/v1/access_logs/${uuids[0]}`);
    expect(entry).toMatchObject({ operation: 'updateAudienceCustomersAttributes', status: 204 });
  });
});

describe('members', () => {
  test('are listed with all that is known of them, and found by part of their ID', async () => {
    const page = await members(vip);
    expect(ids(page)).toEqual(['ada', 'cy']);
    expect(page.data[0]).toMatchObject({ audienceMemberships: [{ id: vip, name: 'Very important' }], sandbox: false });
    expect(ids(await members(vip, '?profileQuery=AD'))).toEqual(['ada']);
    expect(await members(vip, '?profileQuery=bob')).toEqual({ hasMore: false, data: [] });
    expect(ids(await members(vip, '?profileQuery=AD&partial=true'))).toEqual(['ada']);
    refused(await office.call('GET', `/v1/audiences/${vip}/memberships?partial=true&skip=1`), 400);
  });

  test('come in pages, by cursor or skip, searched or not', async () => {
    const { id } = await create({ name: 'Paged' });
    const everyone = Array.from({ length: 7 }, (_, index) => `page-${index}`);
    await feed(id, [...everyone, 'other'], 'adds');
    for (const query of ['', '&profileQuery=PAGE']) {
      const first = await members(id, `?pageSize=3${query}`);
      expect({ ids: ids(first), hasMore: first.hasMore }).toEqual({ ids: everyone.slice(0, 3), hasMore: true });
      const second = await members(id, `?pageSize=4&cursor=${first.nextCursor ?? ''}${query}`);
      expect(ids(second)).toEqual(everyone.slice(3));
      expect(second.hasMore).toBe(query === '');
      expect(ids(await members(id, `?pageSize=2&skip=5${query}`))).toEqual(everyone.slice(5));
    }
    refused(await office.call('GET', `/v1/audiences/${id}/memberships?cursor=nonsense`), 400);
    refused(await office.call('GET', `/v1/audiences/${id}/memberships?pageSize=1001`), 400);
  });

  test('are added and removed by hand, one at a time, and both are recorded', async () => {
    const { id } = await create({ name: 'By hand' });
    const born = `born/${randomUUID()} by hand`;
    const path = `/v1/audiences/${id}/memberships/${encodeURIComponent(born)}`;
    await office.ask(204, 'PUT', path);
    await office.ask(204, 'PUT', path);
    expect(ids(await members(id))).toEqual([born]);
    expect((await detail(id)).lastFedBy).toMatchObject({ keyId: null, userId: any.id, userEmail: 'admin@example.com' });
    await office.ask(204, 'DELETE', path);
    await office.ask(204, 'DELETE', path);
    expect(ids(await members(id))).toEqual([]);
    const history = await changes(id);
    expect(history.data.map(({ action }) => action)).toEqual(['left', 'joined']);
    expect(history.data[0]).toEqual({
      id: any.id,
      time: any.time,
      action: 'left',
      audienceId: id,
      audienceName: 'By hand',
      customerId: any.id,
      integrationId: born,
      count: 1,
      requestUuid: any.uuid,
      keyId: null,
      keyName: null,
      userId: any.id,
      userEmail: 'admin@example.com',
    });
    const audit = await office.ask<Page<{ entity: string; old?: object; new?: object }>>(
      200,
      'GET',
      `/v1/changes?entityPath=${encodeURIComponent(`/v1/audiences/${id}`)}`,
    );
    const memberships = audit.data.filter(({ entity }) => entity === `/v1/audiences/${id}/memberships`);
    expect(memberships.map((each) => [each.old, each.new])).toEqual(
      expect.arrayContaining([
        [undefined, { profileId: any.id }],
        [{ profileId: any.id }, undefined],
      ]),
    );
    expect(JSON.stringify(audit)).not.toContain(born);
  });

  test('of no audience, or that nobody knows, are 404 and change nothing', async () => {
    refused(await office.call('PUT', '/v1/audiences/999999/memberships/ada'), 404);
    refused(await office.call('DELETE', `/v1/audiences/${vip}/memberships/${randomUUID()}`), 404);
    // A profile of the other environment does not exist here.
    refused(await office.call('DELETE', `/v1/audiences/${vip}/memberships/sam`), 404);
    expect((await detail(vip)).membersCount).toBe(2);
  });
});

describe('the history of an audience', () => {
  test('is newest first, page by page', async () => {
    const told: string[] = [];
    let cursor = '';
    do {
      const page = await changes(vip, `?pageSize=3${cursor}`);
      told.push(...page.data.map(({ action, integrationId }) => `${action} ${integrationId ?? ''}`));
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(told).toEqual(['left bob', 'joined cy', 'joined bob', 'joined ada']);
    const [entry] = (await changes(vip)).data;
    expect(entry).toMatchObject({ keyId: any.id, keyName: expect.any(String) as string, userId: null });
    refused(await office.call('GET', `/v1/audiences/${vip}/changes?pageSize=0`), 400);
  });

  test('of one that never changed is empty', async () => {
    expect(await changes((await create({ name: 'Quiet' })).id)).toEqual({ hasMore: false, data: [] });
  });
});

describe('by hand, an audience', () => {
  test('is created, changed and deleted, and the audit log records it', async () => {
    const created = await create({
      name: 'Spring',
      sandbox: true,
      description: 'For the sale',
      integration: 'Shop',
      integrationId: 'spring',
      subscribedApplicationsIds: [2],
    });
    expect(created).toMatchObject({
      name: 'Spring',
      sandbox: true,
      description: 'For the sale',
      integration: 'Shop',
      integrationId: 'spring',
      createdIn3rdParty: false,
      subscribedApplicationsIds: [2],
      membersCount: 0,
    });
    const path = `/v1/audiences/${created.id}`;
    const changed = await office.ask<Audience>(200, 'PUT', path, { body: { description: 'Over' } });
    expect(changed).toEqual({ ...created, description: 'Over', lastUpdate: any.time });
    await feed(created.id, ['sam', 'sue'], 'adds', 'sandboxCustomerData');
    await office.ask(204, 'DELETE', path);
    refused(await office.call('GET', path), 404);
    refused(await office.call('DELETE', path), 404);
    const { data } = await office.ask<Page<{ entity: string; old?: object; new?: object }>>(200, 'GET', '/v1/changes');
    const told = data.filter(({ entity }) => entity === path).map((each) => [each.old, each.new]);
    expect(told).toMatchObject([
      [{ name: 'Spring', description: 'Over', members: 2 }, undefined],
      [{ description: 'For the sale' }, { description: 'Over' }],
      [undefined, { name: 'Spring', environment: 'sandbox' }],
    ]);
  });

  test('is fed by the platform whose ID it was given', async () => {
    const created = await create({ name: 'Later', integration: 'Customer Data Platform', integrationId: 'later' });
    const path = '/cdp/customer_profile/late/audiences';
    const body = { data: { adds: ['later'] } };
    expectStatus(await sendJson(office.server.url, office.server.keys['customerData'] ?? '', 'PUT', path, body), 200);
    expect((await detail(created.id)).membersCount).toBe(1);
  });

  test.each([
    [{}, 400],
    [{ name: ' ' }, 400],
    [{ name: 7 }, 400],
    [{ name: 'x', description: 'y'.repeat(10_001) }, 400],
    [{ name: 'x', integration: 'Shop' }, 400],
    [{ name: 'x', integrationId: 'only' }, 400],
    [{ name: 'x', subscribedApplicationsIds: [2] }, 404],
    [{ name: 'x', subscribedApplicationsIds: [999] }, 404],
    [{ name: 'x', integration: 'customer data platform', integrationId: 'vip' }, 409],
  ])('is not created from %j', async (body, status) => {
    const before = await list('?withTotalResultSize=true');
    refused(await office.call('POST', '/v1/audiences', { body }), status);
    expect((await list('?withTotalResultSize=true')).totalResultSize).toBe(before.totalResultSize);
  });

  test('is not changed wrongly, and a change that is none is none', async () => {
    const before = await detail(vip);
    refused(await office.call('PUT', `/v1/audiences/${vip}`, { body: { name: '' } }), 400);
    refused(await office.call('PUT', `/v1/audiences/${vip}`, { body: { subscribedApplicationsIds: [2] } }), 404);
    await office.ask(200, 'PUT', `/v1/audiences/${vip}`, { body: { name: before.name } });
    expect(await detail(vip)).toEqual(before);
  });

  test('is looked at, but not touched, by who may only read', async () => {
    await office.ask(200, 'GET', '/v1/audiences', { as: reader });
    await office.ask(200, 'GET', `/v1/audiences/${vip}/memberships`, { as: reader });
    for (const [method, path, body] of [
      ['POST', '/v1/audiences', { name: 'x' }],
      ['PUT', `/v1/audiences/${vip}`, { name: 'x' }],
      ['DELETE', `/v1/audiences/${vip}`, undefined],
      ['PUT', `/v1/audiences/${vip}/memberships/eve`, undefined],
      ['DELETE', `/v1/audiences/${vip}/memberships/ada`, undefined],
    ] as const) {
      refused(await office.call(method, path, { as: reader, body }), 403);
    }
    expect(await detail(vip)).toMatchObject({ name: 'Very important', membersCount: 2 });
  });
});
