/** Profiles page by page, counted and one by one, and whether a candidate from the value index has the wanted values. */

import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { countProfiles, findProfileOf, hasValues, listProfiles } from '../../../src/domain/memberships/search.ts';
import type { MembershipStorage, ProfileFilter } from '../../../src/domain/memberships/storage.ts';
import type { Operation } from '../../../src/domain/operation.ts';

const tier = { attributeId: 1, name: 'Tier', type: 'string', value: 'gold' } as const;
const visits = { attributeId: 2, name: 'Visits', type: 'number', value: 2 } as const;

it.each([
  [{ Tier: 'gold', Visits: 2 }, true],
  [{ Tier: 'gold', Visits: 3 }, false],
  [{ Tier: 'Gold', Visits: 2 }, false],
  [{ Tier: 'gold' }, false],
  [{}, false],
])('of %j: %s', (attributes, expected) => {
  expect(hasValues({ attributes }, [tier, visits])).toBe(expected);
});

it('takes no value from what every object inherits', () => {
  const inherited = { attributeId: 3, name: 'toString', type: 'string', value: 'x' } as const;
  expect(hasValues({ attributes: {} }, [inherited])).toBe(false);
  expect(hasValues({ attributes: { toString: 'x' } }, [inherited])).toBe(true);
});

interface Walk {
  readonly after: number | undefined;
}

/** A store whose profiles come in the given steps, and what it was asked for. */
function inSteps(...steps: { ids?: number[]; skipped?: number; next?: number }[]) {
  const asked: Walk[] = [];
  const walkProfiles = async (walk: Walk) => {
    const { ids = [], skipped = 0, next } = steps[asked.length] ?? {};
    asked.push(walk);
    return { profiles: ids.map((id) => ({ id })), skipped, next };
  };
  const storage = { browse: { walkProfiles, countApplicationProfiles: async (id: number) => 1000 + id } };
  return { core: { storage } as unknown as Operation<MembershipStorage>, asked };
}

const filter: ProfileFilter = {
  environment: 'live',
  applicationId: 7,
  integrationIds: undefined,
  profileIds: undefined,
  values: [],
};

describe('a page of profiles', () => {
  const page = { descending: true, after: undefined, skip: 3, limit: 2 };

  it('is filled step by step, and one more profile shows that there is another', async () => {
    const { core, asked } = inSteps(
      { skipped: 2, next: 20 },
      { ids: [19], skipped: 1, next: 10 },
      { ids: [9, 8], next: 8 },
    );
    expect(await listProfiles(core, filter, page)).toEqual({ profiles: [{ id: 19 }, { id: 9 }], next: 9 });
    expect(asked).toEqual([
      { filter, descending: true, after: undefined, skip: 3, limit: 3 },
      { filter, descending: true, after: 20, skip: 1, limit: 3 },
      { filter, descending: true, after: 10, skip: 0, limit: 2 },
    ]);
  });

  it('is the last where nothing remains', async () => {
    expect(await listProfiles(inSteps({ ids: [1, 2] }).core, filter, page)).toEqual({
      profiles: [{ id: 1 }, { id: 2 }],
      next: undefined,
    });
    const none = await listProfiles(inSteps({ ids: [1], next: 5 }).core, filter, { ...page, limit: 0 });
    expect(none).toEqual({ profiles: [], next: undefined });
  });
});

describe('a count of profiles', () => {
  const rows: [string, Partial<ProfileFilter>, number][] = [
    ['of an Application is known', {}, 1007],
    ['without values too', { values: undefined }, 1007],
    ['of an environment is taken', { applicationId: undefined }, 5],
    ['of an environment without values too', { applicationId: undefined, values: undefined }, 5],
    ['of some IDs is taken', { integrationIds: ['a'] }, 5],
    ['of some numbers is taken', { profileIds: [1] }, 5],
    ['by value is taken', { values: [tier] }, 5],
  ];
  it.each(rows)('%s', async (_, more, expected) => {
    const { core, asked } = inSteps({ skipped: 3, next: 30 }, { skipped: 2 });
    const wanted = { ...filter, ...more };
    expect(await countProfiles(core, wanted)).toBe(expected);
    const walk = { filter: wanted, descending: false, skip: Number.MAX_SAFE_INTEGER, limit: 0 };
    expect(asked).toEqual(
      expected === 5
        ? [
            { ...walk, after: undefined },
            { ...walk, after: 30 },
          ]
        : [],
    );
  });
});

it('one profile of an Application is asked for by its number, and unknown otherwise', async () => {
  const application = { id: 7, environment: 'live' } as Application;
  const { core, asked } = inSteps({ ids: [4] });
  expect(await findProfileOf(core, application, 4)).toEqual({ id: 4 });
  const wanted = { environment: 'live', applicationId: 7, profileIds: [4] };
  expect(asked).toEqual([{ filter: wanted, descending: false, after: undefined, skip: 0, limit: 2 }]);
  await expect(findProfileOf(inSteps().core, application, 4)).rejects.toMatchObject({
    code: 'not_found',
    message: 'Customer 4 not found',
  });
});
