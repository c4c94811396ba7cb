/** Searching profiles: checks of criteria, pages, counts, and single profiles. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { createAttribute } from '../../../src/domain/definitions/attribute-administration.ts';
import type { Environment } from '../../../src/domain/environment.ts';
import { createAudienceByHand } from '../../../src/domain/memberships/audience-administration.ts';
import type { Caller } from '../../../src/domain/memberships/commands.ts';
import { updateMemberships, updateProfile } from '../../../src/domain/memberships/profiles.ts';
import {
  countProfiles,
  findProfileById,
  findProfileOf,
  listProfiles,
  membershipHistory,
  type ProfilePage,
  type ProfileSearch,
  searchFilter,
} from '../../../src/domain/memberships/search.ts';
import { openCore } from '../open-core.ts';

let core: Core;
let shop: Application;
let outlet: Application;

function caller(environment: Environment, application?: Application): Caller {
  return { requestUuid: randomUUID(), keyId: undefined, applicationId: application?.id, environment, bytes: 0 };
}

beforeAll(async () => {
  core = await openCore();
  shop = await createApplication(core, { name: 'Shop' });
  outlet = await createApplication(core, { name: 'Outlet' });
  await createAttribute(core, { name: 'Tier', type: 'string', suggestions: ['gold'], restrictedBySuggestions: true });
  await createAttribute(core, { name: 'Visits', type: 'number' });
  const audience = await createAudienceByHand(core, caller('live'), { name: 'a' });
  for (let number = 1; number <= 5; number += 1) {
    await updateProfile(core, caller('live', number === 5 ? outlet : shop), {
      integrationId: `p${number}`,
      integration: '',
      attributes: number === 2 ? { Visits: 0, Tier: 'gold' } : { Visits: number % 2 },
      adds: [audience.id],
      deletes: [],
      runRuleEngine: true,
    });
  }
  const items = [{ integrationId: 'p1', adds: [], deletes: [audience.id] }];
  await updateMemberships(core, caller('live'), { integration: '', items });
});
afterAll(async () => core.storage.close());

const page: ProfilePage = { descending: false, after: undefined, skip: 0, limit: 10 };

/** The IDs found, and where the next page starts. */
async function search(scope: Environment | Application, criteria: ProfileSearch, more: Partial<ProfilePage> = {}) {
  const filter = await searchFilter(core, scope, criteria);
  const { profiles, next } = await listProfiles(core, filter, { ...page, ...more });
  return {
    ids: profiles.map(({ integrationId }) => integrationId).join(' '),
    next,
    count: await countProfiles(core, filter),
  };
}

describe('a search', () => {
  test.each<[string, ProfileSearch, string]>([
    ['no criteria', {}, 'p1 p2 p3 p4 p5'],
    ['empty lists', { integrationIds: [], profileIds: [], attributes: {} }, 'p1 p2 p3 p4 p5'],
    ['integration IDs', { integrationIds: ['p4', 'p2', 'p9'] }, 'p2 p4'],
    ['profile IDs', { profileIds: [5, 1, 99] }, 'p1 p5'],
    ['a value', { attributes: { Visits: 1 } }, 'p1 p3 p5'],
    ['two values', { attributes: { Visits: 0, Tier: 'gold' } }, 'p2'],
    ['a value that its list no longer allows', { attributes: { Tier: 'tin' } }, ''],
    ['criteria that agree', { integrationIds: ['p1', 'p2'], profileIds: [2, 3], attributes: { Visits: 0 } }, 'p2'],
    ['criteria that do not', { integrationIds: ['p1'], profileIds: [2] }, ''],
  ])('by %s', async (_, criteria, ids) => {
    const count = ids === '' ? 0 : ids.split(' ').length;
    expect(await search('live', criteria)).toEqual({ ids, next: undefined, count });
    expect(await search('sandbox', criteria)).toEqual({ ids: '', next: undefined, count: 0 });
  });

  test.each<[string, ProfileSearch, string]>([
    ['none', {}, 'p1 p2 p3 p4'],
    ['integration IDs', { integrationIds: ['p4', 'p5'] }, 'p4'],
    ['profile IDs', { profileIds: [1, 5] }, 'p1'],
    ['a value', { attributes: { Visits: 1 } }, 'p1 p3'],
  ])('in an Application finds what the Application has seen; criteria: %s', async (_, criteria, ids) => {
    expect(await search(shop, criteria)).toEqual({ ids, next: undefined, count: ids.split(' ').length });
  });

  test('comes in pages, either way', async () => {
    expect(await search('live', {}, { limit: 2 })).toMatchObject({ ids: 'p1 p2', next: 2 });
    expect(await search('live', {}, { limit: 2, after: 2 })).toMatchObject({ ids: 'p3 p4', next: 4 });
    expect(await search('live', {}, { limit: 2, after: 4 })).toMatchObject({ ids: 'p5', next: undefined });
    expect(await search('live', {}, { limit: 5 })).toMatchObject({ ids: 'p1 p2 p3 p4 p5', next: undefined });
    expect(await search('live', {}, { limit: 2, skip: 2 })).toMatchObject({ ids: 'p3 p4', next: 4 });
    expect(await search('live', {}, { limit: 2, skip: 9 })).toMatchObject({ ids: '', next: undefined });
    expect(await search('live', {}, { limit: 2, descending: true })).toMatchObject({ ids: 'p5 p4', next: 4 });
    const byValue = { attributes: { Visits: 1 } };
    expect(await search('live', byValue, { limit: 1, skip: 1 })).toMatchObject({ ids: 'p3', next: 3 });
  });

  test.each<[string, ProfileSearch, object]>([
    [
      'an undefined attribute',
      { attributes: { Size: 1 } },
      { title: 'Unknown', source: { pointer: '/attributes/Size' } },
    ],
    ['a value of another type', { attributes: { Visits: '1' } }, { title: 'Invalid type' }],
    [
      'a number that would be changed',
      { attributes: { Visits: 9_007_199_254_740_992 }, inexactNumbers: { Visits: '9007199254740993' } },
      { title: 'Invalid value' },
    ],
    [
      '1,001 integration IDs',
      { integrationIds: Array<string>(1001).fill('p1') },
      { title: 'limit', source: { pointer: '/integrationIDs' } },
    ],
    [
      '1,001 profile IDs',
      { profileIds: Array<number>(1001).fill(1) },
      { title: 'limit', source: { pointer: '/profileIDs' } },
    ],
  ])('refuses %s', async (_, criteria, problem) => {
    await expect(search('live', criteria)).rejects.toMatchObject({ code: 'invalid', problems: [problem] });
  });

  test('names each problem, and cuts a long name', async () => {
    const [long, longer] = ['x'.repeat(100), 'y'.repeat(101)];
    const attributes = { [long]: 1, [longer]: 1, Visits: 'a' };
    await expect(search('live', { attributes })).rejects.toMatchObject({
      problems: [
        { message: `Attribute '${long}' is not defined for customer profiles` },
        { message: `Attribute '${'y'.repeat(100)}…' is not defined for customer profiles` },
        { title: 'Invalid type' },
      ],
    });
  });

  test('takes a thousand IDs', async () => {
    const integrationIds = Array.from({ length: 1000 }, (_, index) => `p${index}`);
    expect((await search('live', { integrationIds })).count).toBe(5);
  });
});

describe('one profile', () => {
  test('is found by its number, where its Application has seen it', async () => {
    expect((await findProfileById(core, 5)).integrationId).toBe('p5');
    expect((await findProfileOf(core, outlet, 5)).integrationId).toBe('p5');
    expect((await findProfileOf(core, shop, 4)).integrationId).toBe('p4');
    const missing = [findProfileById(core, 99), findProfileOf(core, shop, 5), findProfileOf(core, shop, 99)];
    for (const each of missing) {
      await expect(each).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(/^Customer \d+ not found$/) as string,
      });
    }
  });

  test('has a history, newest first', async () => {
    const { changes, next } = await membershipHistory(core, 1, undefined, 10);
    expect(changes.map(({ action }) => action)).toEqual(['left', 'joined']);
    expect(next).toBeUndefined();
    await expect(membershipHistory(core, 99, undefined, 10)).rejects.toMatchObject({ code: 'not_found' });
  });
});
