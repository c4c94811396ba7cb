/** Writes with idempotency keys: applied once, with the same answer to repeats for a day. */

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type {
  AttributesChange,
  Idempotency,
  ProfileState,
  UpdateProfile,
  UpdateProfiles,
  WriteCommand,
  WriteOutcome,
} from '../../../src/domain/memberships/commands.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, resultOf, type World } from '../world.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @param request identifies the request that the key is sent with */
export function under(key: string, request = key): Idempotency {
  return { scope: hash(key), fingerprint: hash(request) };
}

// Twenty of them are more than the content that an answer may keep.
const LARGE = 'x'.repeat(60_000);
const TOMORROW_MS = 24 * 60 * 60 * 1000;

export function idempotencyCases(declare: DeclareCase): void {
  const test: DeclareCase = (title, work, timeoutMs) =>
    declare(
      title,
      async (world) => {
        await world.defineAttribute('Tier', 'string');
        await work(world);
      },
      timeoutMs,
    );

  test('a repeat is answered as the first was, and applies nothing', async (world) => {
    const { id } = await world.createAudience('a');
    const first = await one(world, update(world, 'gold', under('k'), ['a']));
    await world.write(update(world, 'blue'), world.deletion('a'));
    const again = await one(world, update(world, 'gold', under('k'), ['a']));
    expect(resultOf(first)).toMatchObject({ attributes: { Tier: 'gold' }, memberships: [{ id }] });
    expect(resultOf(again)).toEqual(resultOf(first));
    expect(again).toMatchObject({ isRepeat: true, changed: { joins: 0, leaves: 0, profiles: 0 } });
    expect(first).not.toHaveProperty('isRepeat');
    expect(await tierOf(world)).toBe('blue');
    const { found } = await world.storage.browse.listAudienceChanges(id, undefined, 10);
    expect(found.map(({ action }) => action)).toEqual(['deleted', 'joined']);
  });

  test('so is a repeat in the same batch', async (world) => {
    const outcomes = await world.storage.write([
      update(world, 'gold', under('k')),
      update(world, 'blue'),
      update(world, 'gold', under('k')),
    ]);
    expect(outcomes[2]).toMatchObject({ isRepeat: true, result: { attributes: { Tier: 'gold' } } });
    expect(await tierOf(world)).toBe('blue');
  });

  test('another request under the key is refused, in the same batch too', async (world) => {
    const [, inBatch] = await world.storage.write([
      update(world, 'gold', under('k')),
      update(world, 'blue', under('k', 'other')),
    ]);
    expect(codeOf(inBatch)).toBe('invalid');
    expect(codeOf(await one(world, update(world, 'blue', under('k', 'other'))))).toBe('invalid');
    expect(await tierOf(world)).toBe('gold');
    resultOf(await one(world, update(world, 'blue', under('other'))));
    expect(await tierOf(world)).toBe('blue');
  });

  test('what was refused is not kept, and may be corrected', async (world) => {
    const bad = { ...world.update('ada', { attributes: { Nope: 1 } }), idempotency: under('k') };
    expect(codeOf(await one(world, bad))).toBe('invalid');
    expect(await one(world, update(world, 'gold', under('k', 'mended')))).not.toHaveProperty('isRepeat');
    expect(await tierOf(world)).toBe('gold');
  });

  test('many profiles: the answer again, or again none', async (world) => {
    const items = ['p', 'q', 'p'].map((integrationId, index) => ({ integrationId, attributes: { Tier: `t${index}` } }));
    const first = await one(world, many(world, items, under('k')));
    await one(world, many(world, items, under('silent'), false));
    await world.write(world.update('p', { attributes: { Tier: 'blue' } }));
    expect(resultOf(await one(world, many(world, items, under('k'))))).toEqual(resultOf(first));
    const silent = await one(world, many(world, items, under('silent'), false));
    expect(silent).toMatchObject({ isRepeat: true, result: null });
    expect(await tierOf(world, 'p')).toBe('blue');
  });

  test('of an erased person nothing is shown again, and nothing comes back', async (world) => {
    await world.createAudience('a');
    const items = ['ada', 'ben'].map((integrationId) => ({ integrationId, attributes: { Tier: 'gold' } }));
    await one(world, many(world, items, under('many')));
    await one(world, update(world, 'gold', under('single'), ['a']));
    // One batch keeps an answer and removes its content.
    await world.write(update(world, 'red', under('batch')), world.erasure('ada'));
    const singles = [update(world, 'gold', under('single'), ['a']), update(world, 'red', under('batch'))];
    for (const again of await world.storage.write(singles)) {
      expect(again).toMatchObject({ isRepeat: true, result: { attributes: {}, memberships: [] } });
    }
    const states = resultOf(await one(world, many(world, items, under('many')))) as ProfileState[];
    expect(states.map(({ attributes }) => attributes)).toEqual([{}, { Tier: 'gold' }]);
    expect(await tierOf(world)).toBeUndefined();
    expect(await world.audiencesOf('ada')).toEqual([]);
  });

  test('of a large answer it is kept that it was given', async (world) => {
    const items = range(20).map((integrationId) => ({ integrationId, attributes: { Tier: LARGE } }));
    await one(world, many(world, items, under('k')));
    await world.write(world.update('profile-0', { attributes: { Tier: 'now' } }));
    const again = await one(world, many(world, items, under('k')));
    expect(again).toMatchObject({ isRepeat: true });
    const states = resultOf(again) as ProfileState[];
    expect(states.map(({ attributes }) => attributes['Tier'])).toEqual(['now', ...range(19).map(() => LARGE)]);
    expect(await tierOf(world, 'profile-0')).toBe('now');
  });

  test('the key of a replay does not count: it is neither looked up nor kept', async (world) => {
    await one(world, update(world, 'mended', under('k', 'mended')));
    const replay = { time: Date.now(), place: 1, override: true };
    const refusedFirst = update(world, 'gold', under('k'));
    const replayed = { ...refusedFirst, caller: { ...refusedFirst.caller, replay } };
    expect(resultOf(await one(world, replayed))).toMatchObject({ attributes: { Tier: 'gold' } });
    const fresh = { ...replayed, idempotency: under('other') };
    expect(await one(world, fresh)).not.toHaveProperty('isRepeat');
    expect(await one(world, fresh)).not.toHaveProperty('isRepeat');
    expect(await one(world, update(world, 'mended', under('k', 'mended')))).toHaveProperty('isRepeat', true);
  });

  test('a preview keeps nothing', async (world) => {
    await world.storage.preview([update(world, 'gold', under('k'))]);
    expect(await one(world, update(world, 'gold', under('k')))).not.toHaveProperty('isRepeat');
  });

  test('what is past its time is removed in bounded steps, and then applied anew', async (world) => {
    const keys = range(1500, 'k');
    const items = range(300).map((integrationId) => ({ integrationId, attributes: undefined }));
    await world.storage.write(range(20, 'many').map((key) => many(world, items, under(key))));
    await world.storage.write(keys.map((key) => update(world, 'gold', under(key))));
    expect(await world.storage.forgetAnswers(Date.now() - TOMORROW_MS)).toBe(false);
    expect(await one(world, update(world, 'gold', under('k7')))).toHaveProperty('isRepeat');
    let calls = 1;
    while (await world.storage.forgetAnswers(Date.now() + TOMORROW_MS)) calls += 1;
    expect(calls).toBeGreaterThan(1);
    await world.write(update(world, 'blue'));
    expect(await one(world, update(world, 'gold', under('k7')))).not.toHaveProperty('isRepeat');
    expect(await tierOf(world)).toBe('gold');
  });
}

async function one(world: World, command: WriteCommand): Promise<WriteOutcome> {
  const [outcome] = await world.storage.write([command]);
  if (outcome === undefined) throw new Error('there is no outcome');
  return outcome;
}

function update(world: World, tier: string, idempotency?: Idempotency, adds: string[] = []): UpdateProfile {
  return { ...world.update('ada', { attributes: { Tier: tier }, adds }), idempotency };
}

function many(
  world: World,
  items: readonly AttributesChange[],
  idempotency: Idempotency,
  isAnswered = true,
): UpdateProfiles {
  return { kind: 'updateProfiles', caller: world.caller(), items, isAnswered, idempotency };
}

async function tierOf(world: World, integrationId = 'ada'): Promise<unknown> {
  return (await world.storage.findProfile('live', integrationId))?.attributes['Tier'];
}
