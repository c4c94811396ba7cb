/** Reading the members of an audience: searches in slices, and lists that must be complete or fail. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import { createAudienceByHand, deleteAudience } from '../../../src/domain/memberships/audience-administration.ts';
import type { Caller } from '../../../src/domain/memberships/commands.ts';
import { listMembersPage } from '../../../src/domain/memberships/members.ts';
import { listAllMembers, replaceMembers } from '../../../src/domain/memberships/replacement.ts';
import { openCore } from '../open-core.ts';

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
