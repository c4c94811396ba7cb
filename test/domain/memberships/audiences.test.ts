/** Creating audiences by hand and by platforms, changing their members one by one and by lists, and previews. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import { findAudienceByIntegrationId } from '../../../src/domain/definitions/lookups.ts';
import {
  createAudience,
  createAudienceByHand,
  createAudienceFor,
  deleteAudience,
  emptyAudience,
  updateAudience,
} from '../../../src/domain/memberships/audience-administration.ts';
import {
  findAudienceWithFeed,
  findAudienceWithSize,
  listAudiences,
} from '../../../src/domain/memberships/audience-lists.ts';
import type { Caller, WriteCommand } from '../../../src/domain/memberships/commands.ts';
import {
  addMember,
  audienceHistory,
  idMatcher,
  listMembersPage,
  membersFingerprint,
  removeMember,
} from '../../../src/domain/memberships/members.ts';
import { listWrittenSince, PreviewBatch } from '../../../src/domain/memberships/preview.ts';
import { findAudiencesOf, updateMemberships } from '../../../src/domain/memberships/profiles.ts';
import { forecastReplacement, listAllMembers, replaceMembers } from '../../../src/domain/memberships/replacement.ts';
import { openCore } from '../open-core.ts';

let now = Date.UTC(2026, 10, 23, 12);
let core: Core;
let shop: number;
let rehearsal: number;
beforeAll(async () => {
  core = await openCore(undefined, () => now);
  shop = (await createApplication(core, { name: 'Shop' })).id;
  rehearsal = (await createApplication(core, { name: 'Rehearsal', environment: 'sandbox' })).id;
});
afterAll(async () => core.storage.close());

const caller = (applicationId?: number): Caller => ({
  requestUuid: randomUUID(),
  keyId: undefined,
  applicationId,
  environment: 'live',
  bytes: 0,
});

let count = 0;
async function audienceOf(ids: string): Promise<Audience> {
  const audience = await createAudienceByHand(core, caller(), { name: `Audience ${(count += 1)}` });
  for (const integrationId of ids.split(' ').filter((each) => each !== '')) {
    await addMember(core, caller(), audience, integrationId);
  }
  return audience;
}

async function* inChunks(...chunks: string[]): AsyncGenerator<string[]> {
  for (const chunk of chunks) yield chunk.split(' ');
}

async function membersOf({ id }: Audience): Promise<string> {
  const found: string[] = [];
  for await (const page of listAllMembers(core, id)) found.push(...page.map(({ integrationId }) => integrationId));
  return found.join(' ');
}

describe('an audience made by hand', () => {
  it('has a name, and with a platform its ID there', async () => {
    const plain = await createAudienceByHand(core, caller(), { name: 'Plain' });
    expect(plain).toMatchObject({
      name: 'Plain',
      description: '',
      applicationIds: [],
      createdInThirdParty: false,
    });
    expect([plain.integration, plain.integrationId]).toEqual([undefined, undefined]);
    const given = {
      name: 'Given',
      description: 'd',
      integration: 'mParticle',
      integrationId: 'x',
      applicationIds: [shop],
    };
    expect(await createAudienceByHand(core, caller(), given)).toMatchObject({ ...given, createdInThirdParty: false });
    expect((await findAudienceByIntegrationId(core, 'live', 'mparticle', 'x'))?.name).toBe('Given');
  });

  it('has both or neither, and Applications of its environment', async () => {
    for (const [half, pointer] of [
      [{ integrationId: 'y' }, '/integration'],
      [{ integration: 'mParticle' }, '/integrationId'],
    ] as const) {
      await expect(createAudienceByHand(core, caller(), { name: 'Half', ...half })).rejects.toMatchObject({
        code: 'invalid',
        message: `${pointer.slice(1)}: a platform and its ID for the audience go together: give both or neither`,
        problems: [{ source: { pointer } }],
      });
    }
    for (const id of [rehearsal, 99]) {
      const wrong = createAudienceByHand(core, caller(), { name: 'Wrong', applicationIds: [id] });
      await expect(wrong).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('an audience of an application', () => {
  it('may have an ID without a platform, and a platform without an ID', async () => {
    const base = { name: 'Of an application', createdInThirdParty: true };
    const plain = await createAudienceFor(core, caller(shop), base);
    expect(plain).toMatchObject({ description: '', applicationIds: [shop], createdInThirdParty: true });
    expect([plain.integration, plain.integrationId]).toEqual([undefined, undefined]);
    const noId = await createAudienceFor(core, caller(shop), { ...base, integration: 'Segment', applicationIds: [] });
    expect(noId).toMatchObject({ integration: 'Segment', applicationIds: [] });
    expect(noId.integrationId).toBeUndefined();
    const noPlatform = await createAudienceFor(core, caller(shop), { ...base, integrationId: 'z', description: 'd' });
    expect(noPlatform).toMatchObject({ integrationId: 'z', description: 'd' });
    expect(noPlatform.integration).toBeUndefined();
    expect((await findAudienceByIntegrationId(core, 'live', '', 'z'))?.id).toBe(noPlatform.id);
    await expect(createAudienceFor(core, caller(shop), { ...base, integrationId: 'z' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('an audience', () => {
  it('is renamed, emptied and deleted', async () => {
    const target = { integration: 'Braze', integrationId: 'changing' };
    const made = await createAudience(core, caller(shop), { ...target, name: 'Changing' });
    expect(made).toMatchObject({ integration: 'Braze', integrationId: 'changing', createdInThirdParty: true });
    await addMember(core, caller(), made, 'p');
    expect((await updateAudience(core, caller(), target, { name: 'Changed' })).name).toBe('Changed');
    expect(await findAudienceWithSize(core, made.id)).toMatchObject({ name: 'Changed', members: 1 });
    await emptyAudience(core, caller(), target);
    expect(await findAudienceWithSize(core, made.id)).toMatchObject({ members: 0 });
    await deleteAudience(core, caller(), target);
    const message = `Audience ${made.id} not found`;
    for (const gone of [findAudienceWithSize(core, made.id), findAudienceWithFeed(core, made.id)]) {
      await expect(gone).rejects.toMatchObject({ code: 'not_found', message });
    }
    for (const gone of [emptyAudience, deleteAudience]) {
      await expect(gone(core, caller(), target)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(updateAudience(core, caller(), target, { name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is listed by number with its size and last request', async () => {
    const [one, two] = [await audienceOf('p q'), await audienceOf('')];
    const listed = await listAudiences(core, [two.id, one.id, 999]);
    expect(listed.map(({ id, members }) => [id, members])).toEqual([
      [one.id, 2],
      [two.id, 0],
    ]);
    expect((await listAudiences(core)).length).toBeGreaterThan(2);
    expect(await findAudienceWithFeed(core, one.id)).toMatchObject({ audience: { id: one.id } });
  });
});

describe('members', () => {
  it('come and go one by one, and each change shows', async () => {
    const audience = await audienceOf('p');
    const before = await membersFingerprint(core, audience.id);
    expect(await membersFingerprint(core, audience.id)).toBe(before);
    await addMember(core, caller(), audience, 'unseen');
    expect(await membersOf(audience)).toBe('p unseen');
    expect(await membersFingerprint(core, audience.id)).not.toBe(before);
    await removeMember(core, caller(), audience, 'p');
    expect(await membersOf(audience)).toBe('unseen');
    await expect(removeMember(core, caller(), audience, 'nobody')).rejects.toMatchObject({
      code: 'not_found',
      message: "Customer profile 'nobody' not found",
    });
    await expect(membersFingerprint(core, 999)).rejects.toMatchObject({ code: 'not_found' });
    const { changes, next } = await audienceHistory(core, audience, undefined, 2);
    expect(changes.map(({ action, integrationId }) => `${action} ${integrationId}`)).toEqual([
      'left p',
      'joined unseen',
    ]);
    const rest = await audienceHistory(core, audience, next, 2);
    expect(rest.changes.map(({ integrationId }) => integrationId)).toContain('p');
  });

  it('come in pages, by their ID or a part of it', async () => {
    const audience = await audienceOf('pa1 pb1 PA2 pb2 pa3');
    const page = async (more: Partial<Parameters<typeof listMembersPage>[2]>, isWanted?: () => boolean) => {
      const options = { after: 0, skip: 0, limit: 2, query: undefined, ...more };
      const { profiles, next } = await listMembersPage(core, audience, options, isWanted);
      return { ids: profiles.map(({ integrationId }) => integrationId).join(' '), last: profiles.at(-1)?.id, next };
    };
    const first = await page({});
    expect(first).toMatchObject({ ids: 'pa1 pb1', next: first.last });
    expect(await page({ after: first.last ?? 0, limit: 3 })).toMatchObject({ ids: 'PA2 pb2 pa3', next: undefined });
    expect(await page({ skip: 3 })).toMatchObject({ ids: 'pb2 pa3', next: undefined });
    expect(await page({ query: 'pA', limit: 3 })).toMatchObject({ ids: 'pa1 PA2 pa3', next: undefined });
    const part = await page({ query: 'pa', skip: 1, limit: 1 });
    expect(part).toMatchObject({ ids: 'PA2', next: part.last });
    expect(await page({ query: 'pa', skip: 3 })).toMatchObject({ ids: '', next: undefined });
    expect(await page({ query: 'x' })).toMatchObject({ ids: '', next: undefined });
    expect(await page({}, () => false)).toMatchObject({ ids: '', next: undefined });
  });

  it('are matched by a part of their ID, in any case', () => {
    const matches = idMatcher('Ab');
    expect(['xAB', 'abx', 'ba', ''].map(matches)).toEqual([true, true, false, false]);
  });

  it('are replaced at once, after a forecast', async () => {
    const audience = await audienceOf('p q r');
    const repeated: (readonly number[])[] = [];
    const forecast = forecastReplacement(core, audience.id, inChunks('q new1', 'new2 q'), (places) =>
      repeated.push(places),
    );
    expect(await forecast).toEqual({ members: 3, joins: 2, leaves: 2, newProfiles: 2, before: 3 });
    expect(repeated).toEqual([[], [1]]);
    expect(await membersOf(audience)).toBe('p q r');
    const warnings = { repeated: 1 };
    const done = await replaceMembers(core, audience.id, caller(), inChunks('q new1', 'new2 q'), { warnings });
    expect(done).toMatchObject({ joins: 2, leaves: 2 });
    expect(await membersOf(audience)).toBe('q new1 new2');
    await expect(forecastReplacement(core, 999, inChunks('p'))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are compared with none where the audience is deleted meanwhile', async () => {
    const browse = {
      openComparison: async () => 1,
      compareMembers: async () => ({ distinct: 2, joins: 1, newProfiles: 1, repeated: [] }),
      closeComparison: async () => undefined,
      listAudiences: async () => [],
    };
    const gone = { ...core, storage: { browse } } as never;
    expect(await forecastReplacement(gone, 1, inChunks('p q'))).toEqual({
      members: 2,
      joins: 1,
      leaves: 0,
      newProfiles: 1,
      before: 0,
    });
  });

  it('stay as they are when the new list fails, or writes are held back', async () => {
    const audience = await audienceOf('p q');
    const broken = async function* (): AsyncGenerator<string[]> {
      yield ['x'];
      throw new RangeError('broken');
    };
    await expect(replaceMembers(core, audience.id, caller(), broken())).rejects.toThrow('broken');
    expect(await membersOf(audience)).toBe('p q');
    // Another replacement does not have to wait for one that failed.
    await replaceMembers(core, audience.id, caller(), inChunks('x'));
    expect(await membersOf(audience)).toBe('x');
  });
});

describe('a preview', () => {
  const update = (integrationId: string, audienceId: number): WriteCommand => ({
    kind: 'updateMemberships',
    caller: caller(),
    integration: '',
    items: [{ integrationId, adds: [audienceId], deletes: [] }],
  });

  it('decides what was gathered, in order, and keeps none of it', async () => {
    const audience = await audienceOf('');
    const batch = new PreviewBatch(core);
    await batch.decide();
    let isAdded = false;
    const added = batch.nextAdded().then(() => {
      isAdded = true;
    });
    await new Promise(setImmediate);
    expect(isAdded).toBe(false);
    const [one, two] = [batch.add(update('p', audience.id)), batch.add(update('p', 999))];
    await added;
    expect(batch.commands).toMatchObject([{ items: [{ adds: [audience.id] }] }, { items: [{ adds: [999] }] }]);
    await batch.decide();
    expect(await one).toHaveProperty('result');
    expect(await two).toMatchObject({ error: { code: 'not_found' } });
    expect(await membersOf(audience)).toBe('');
  });

  it('of nothing does not ask the store', async () => {
    const untouched = {} as never;
    await new PreviewBatch({ ...core, storage: untouched }).decide();
    const emptying: WriteCommand = { kind: 'emptyAudience', caller: caller(), target: { audienceId: 1 } };
    expect(await listWrittenSince({ ...core, storage: untouched }, 'live', [emptying], 0)).toEqual([]);
  });

  it('fails for each when the store does, or has no answer', async () => {
    const failing = new PreviewBatch({
      ...core,
      storage: { preview: async () => Promise.reject(new Error('broken')) },
    });
    const silent = new PreviewBatch({ ...core, storage: { preview: async () => [] } });
    for (const [batch, message] of [
      [failing, 'broken'],
      [silent, 'The store returned no outcome for a command'],
    ] as const) {
      const both = Promise.allSettled([batch.add(update('p', 1)), batch.add(update('q', 1))]);
      await batch.decide();
      for (const each of await both) expect(each).toMatchObject({ status: 'rejected', reason: { message } });
    }
  });

  it('names profiles written since, ten at most', async () => {
    const audience = await audienceOf('');
    const items = Array.from({ length: 12 }, (_, index) => ({
      integrationId: `w${index}`,
      adds: [audience.id],
      deletes: [],
    }));
    const before = now;
    now += 1000;
    const written: WriteCommand = { kind: 'updateMemberships', caller: caller(), integration: '', items };
    const profile = { ...update('w0', 1), kind: 'updateProfile', integrationId: 'w0' } as unknown as WriteCommand;
    const profiles = { ...update('w1', 1), kind: 'updateProfiles' } as unknown as WriteCommand;
    const since = async (...commands: WriteCommand[]) => listWrittenSince(core, 'live', commands, before);
    expect(await since(written)).toEqual([]);
    await updateMemberships(core, caller(), { integration: '', items });
    expect(await findAudiencesOf(core, 'live', ['w11'])).toMatchObject([[{ id: audience.id }]]);
    expect(await since(written)).toHaveLength(10);
    expect(await since(profile, profiles)).toEqual(['w0', 'w1']);
    expect(await since({ kind: 'emptyAudience', caller: caller(), target: { audienceId: audience.id } })).toEqual([]);
    expect(await listWrittenSince(core, 'live', [written], now)).toEqual([]);
  });
});
