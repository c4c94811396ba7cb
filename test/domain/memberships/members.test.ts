/** Reading the members of an audience: searches in slices, and lists that must be complete or fail. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import type { DefinitionStorage } from '../../../src/domain/definitions/storage.ts';
import { createAudienceByHand, deleteAudience } from '../../../src/domain/memberships/audience-administration.ts';
import type { Caller } from '../../../src/domain/memberships/commands.ts';
import {
  audienceHistory,
  listMembersPage,
  type MemberPage,
  membersFingerprint,
} from '../../../src/domain/memberships/members.ts';
import { listAllMembers, replaceMembers } from '../../../src/domain/memberships/replacement.ts';
import type { MembershipStorage } from '../../../src/domain/memberships/storage.ts';
import type { Operation } from '../../../src/domain/operation.ts';
import { openCore } from '../open-core.ts';
import { audience as audienceWith, catalogOf } from './batch-state.ts';

// More than one step of a search examines.
const MEMBERS = 12_000;

let core: Core;
const caller = (): Caller => ({
  requestUuid: randomUUID(),
  keyId: undefined,
  applicationId: undefined,
  environment: 'live',
  bytes: 0,
});
const range = (count: number): string[] => Array.from({ length: count }, (_, index) => `member-${index}`);

async function* inOne(ids: string[]): AsyncGenerator<string[]> {
  yield ids;
}

async function audienceOf(ids: string[]): Promise<Audience> {
  const audience = await createAudienceByHand(core, caller(), { name: 'a' });
  await replaceMembers(core, audience.id, caller(), inOne(ids));
  return audience;
}

beforeAll(async () => {
  core = await openCore();
});
afterAll(async () => core.storage.close());

type Slices = [found: number[], next: number | undefined][];

/** A store whose members and changes come in the given slices, and what it was asked for. */
function inSlices(slices: Slices, feed?: string) {
  const asked: unknown[] = [];
  const next = async (...question: unknown[]) => {
    const [found, rest] = slices[asked.length] ?? [[], undefined];
    asked.push(question.at(0));
    return { found: found.map((id) => ({ id })), next: rest };
  };
  const browse = {
    listMemberProfiles: async (_: number, options: object) => next(options),
    listAudienceChanges: async (_: number, before: number | undefined, limit: number) => next([before, limit]),
    findLastFeed: async () => (feed === undefined ? undefined : { requestUuid: feed }),
  };
  const storage = { browse, catalog: async () => catalogOf(audienceWith(1)) };
  return { core: { storage } as unknown as Operation<DefinitionStorage & MembershipStorage>, asked };
}

describe('a page of members', () => {
  type Options = { after: number; skip: number; limit: number; query?: string };
  const rows: [string, Partial<MemberPage>, Slices, Options[], number[], number | undefined][] = [
    ['is read with one more', { skip: 5 }, [[[1, 2, 3], 3]], [{ after: 0, skip: 5, limit: 3 }], [1, 2], 2],
    ['may be the last', { after: 7 }, [[[8, 9], undefined]], [{ after: 7, skip: 0, limit: 3 }], [8, 9], undefined],
    [
      'is filled from slices, which are skipped once',
      { skip: 5 },
      [
        [[1], 10],
        [[11, 12], 20],
      ],
      [
        { after: 0, skip: 5, limit: 3 },
        { after: 10, skip: 0, limit: 2 },
      ],
      [1, 11],
      11,
    ],
    [
      'of a search skips what it finds',
      { query: 'x', skip: 2 },
      [
        [[1], 10],
        [[11, 12], 20],
        [[21, 22], 30],
      ],
      [
        { after: 0, skip: 0, limit: 5, query: 'x' },
        { after: 10, skip: 0, limit: 4, query: 'x' },
        { after: 20, skip: 0, limit: 2, query: 'x' },
      ],
      [12, 21],
      21,
    ],
    ['of nothing has no next one', { limit: 0 }, [[[1], 10]], [{ after: 0, skip: 0, limit: 1 }], [], undefined],
  ];
  it.each(rows)('%s', async (_, more, slices, asks, ids, next) => {
    const { core: given, asked } = inSlices(slices);
    const page = { after: 0, skip: 0, limit: 2, query: undefined, ...more };
    const { profiles, next: rest } = await listMembersPage(given, audienceWith(1), page);
    expect(asked).toEqual(asks);
    expect(profiles.map(({ id }) => id)).toEqual(ids);
    expect(rest).toBe(next);
  });

  it('ends after its steps, or when nobody waits for it', async () => {
    const slices: Slices = [
      [[1], 10],
      [[11], 20],
      [[21], 30],
    ];
    const page = { after: 0, skip: 0, limit: 10, query: 'x' };
    const stepped = inSlices(slices);
    expect(await listMembersPage(stepped.core, audienceWith(1), page, () => true, 2)).toEqual({
      profiles: [{ id: 1 }, { id: 11 }],
      next: 20,
    });
    expect(stepped.asked).toHaveLength(2);
    const left = inSlices(slices);
    const isWanted = () => left.asked.length < 2;
    expect(await listMembersPage(left.core, audienceWith(1), page, isWanted)).toEqual({
      profiles: [{ id: 1 }, { id: 11 }],
      next: undefined,
    });
  });
});

describe('the history of an audience', () => {
  const rows: [string, Slices, unknown[], number[], number | undefined][] = [
    ['ends with the ledger', [[[9], undefined]], [[50, 3]], [9], undefined],
    ['ends where the page is full', [[[9, 8, 7], 7]], [[50, 3]], [9, 8, 7], 7],
    [
      'is read until the page is full',
      [
        [[9], 9],
        [[], 5],
        [[4, 3], 3],
      ],
      [
        [50, 3],
        [9, 2],
        [5, 2],
      ],
      [9, 4, 3],
      3,
    ],
  ];
  it.each(rows)('%s', async (_, slices, asks, ids, next) => {
    const { core: given, asked } = inSlices(slices);
    const { changes, next: rest } = await audienceHistory(given, audienceWith(1), 50, 3);
    expect(asked).toEqual(asks);
    expect((changes as readonly { id?: number }[]).map(({ id }) => id)).toEqual(ids);
    expect(rest).toBe(next);
  });

  it('takes at most 25 steps for a page', async () => {
    const quiet = Array.from({ length: 30 }, (_, step): Slices[number] => [[], 100 - step]);
    const { core: given, asked } = inSlices(quiet);
    expect(await audienceHistory(given, audienceWith(1), undefined, 3)).toEqual({ changes: [], next: 76 });
    expect(asked).toHaveLength(25);
  });
});

it('a fingerprint of members consists of their set and the request that changed it last', async () => {
  expect(await membersFingerprint(inSlices([], 'uuid').core, 1)).toBe('10 uuid');
  expect(await membersFingerprint(inSlices([]).core, 1)).toBe('10 ');
});

describe('a search among members', () => {
  it('comes in parts where it may, and finds each member once', async () => {
    const audience = await audienceOf(range(MEMBERS));
    const wanted = `MEMBER-${MEMBERS - 1}`;
    const found: string[] = [];
    let after: number | undefined = 0;
    let parts = 0;
    while (after !== undefined) {
      const page = { after, skip: 0, limit: 10, query: wanted };
      const { profiles, next } = await listMembersPage(core, audience, page, undefined, 1);
      found.push(...profiles.map(({ integrationId }) => integrationId));
      after = next;
      parts += 1;
    }
    expect(found).toEqual([wanted.toLowerCase()]);
    expect(parts).toBeGreaterThan(2);
    const whole = await listMembersPage(core, audience, { after: 0, skip: 0, limit: 10, query: wanted });
    expect(whole).toMatchObject({ profiles: [{ integrationId: wanted.toLowerCase() }], next: undefined });
  });
});

describe('a list of all members', () => {
  const changes: [string, (audience: Audience) => Promise<unknown>][] = [
    ['replaced', async ({ id }) => replaceMembers(core, id, caller(), inOne(['other']))],
    ['deleted', async ({ id }) => deleteAudience(core, caller(), { audienceId: id })],
  ];
  it.each(changes)('fails when they are %s meanwhile, rather than end early', async (_, change) => {
    const audience = await audienceOf(range(1500));
    const pages = listAllMembers(core, audience.id);
    expect((await pages.next()).value).toHaveLength(1000);
    await change(audience);
    await expect(pages.next()).rejects.toMatchObject({ code: 'conflict' });
  });
});
