/** Replays of refused writes: each counts from the time it first arrived, so what newer writes changed stays. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Logged } from '../../../src/access-log/access-log.ts';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import { createAttribute } from '../../../src/domain/definitions/attribute-administration.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import {
  createAudience,
  createAudienceByHand,
  deleteAudience,
  updateAudience,
} from '../../../src/domain/memberships/audience-administration.ts';
import { setAudienceAttributes } from '../../../src/domain/memberships/audience-attributes.ts';
import type {
  AudienceRef,
  Caller,
  ReplayEffects,
  UpdateProfile,
  WriteCommand,
} from '../../../src/domain/memberships/commands.ts';
import { updateProfilesWithMemberships } from '../../../src/domain/memberships/profile-lists.ts';
import { findProfile, updateMemberships, updateProfile } from '../../../src/domain/memberships/profiles.ts';
import { eraseProfile } from '../../../src/domain/privacy/erasure.ts';
import { openCore, ROOMY } from '../open-core.ts';

const PLATFORM = 'Customer Data Platform';
const MINUTE = 60_000;

let clock: number;
let core: Core & Logged;
let applicationId: number;

const later = (): number => (clock += MINUTE);

beforeEach(async () => {
  clock = Date.parse('2026-03-01T00:00:00Z');
  core = await openCore(ROOMY, () => clock);
  applicationId = (await createApplication(core, { name: 'Shop' })).id;
  for (const name of ['Tier', 'Size']) await createAttribute(core, { name, type: 'string' });
  await createAttribute(core, { name: 'Points', type: 'number' });
  later();
});

afterEach(async () => {
  const problems: string[] = [];
  await core.storage.verify(
    ({ check, message }) => problems.push(`${check}: ${message}`),
    () => {},
  );
  await core.storage.close();
  expect(problems).toEqual([]);
});

let place = 0;

/** Records when a write was refused, for a later replay, and advances the clock. */
function refused(): { time: number; place: number } {
  const arrival = { time: clock, place: (place += 1) };
  later();
  return arrival;
}

function caller(replay?: Caller['replay']): Caller {
  return { requestUuid: crypto.randomUUID(), keyId: 1, applicationId, environment: 'live', bytes: 100, replay };
}

interface Change {
  readonly attributes?: Record<string, JsonValue>;
  readonly adds?: AudienceRef[];
  readonly deletes?: AudienceRef[];
}

async function change(integrationId: string, { attributes, adds = [], deletes = [] }: Change, by = caller()) {
  const input = { integrationId, integration: PLATFORM, attributes, adds, deletes, runRuleEngine: false };
  const state = await updateProfile(core, by, input);
  later();
  return state;
}

interface Outcome {
  readonly code: string;
  readonly effects: ReplayEffects | undefined;
}

/** Replays `work`. @returns the outcome, with what was applied and skipped */
async function replay(
  arrival: { time: number; place: number },
  work: (by: Caller) => Promise<unknown>,
  override = false,
): Promise<Outcome> {
  let effects: ReplayEffects | undefined;
  let code = 'applied';
  const unwatched = core;
  core = {
    ...core,
    watch: {
      replayed: (told) => {
        effects = told;
      },
    },
  };
  try {
    await work(caller({ ...arrival, override }));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    code = error.problems[0]?.title ?? error.code;
  } finally {
    core = unwatched;
  }
  later();
  return { code, effects };
}

const set =
  (integrationId: string, attributes: Record<string, JsonValue>) =>
  async (by: Caller): Promise<unknown> =>
    change(integrationId, { attributes }, by);
const bulk =
  (items: readonly { integrationId: string; adds?: AudienceRef[]; deletes?: AudienceRef[] }[]) =>
  async (by: Caller): Promise<unknown> =>
    updateMemberships(core, by, {
      integration: PLATFORM,
      items: items.map(({ integrationId, adds = [], deletes = [] }) => ({ integrationId, adds, deletes })),
    });
const attributesOf = async (id: string) => (await findProfile(core, 'live', id)).attributes;
const audiencesOf = async (id: string) => (await findProfile(core, 'live', id)).memberships.map(({ name }) => name);
const make = async (integrationId: string, by = caller()): Promise<Audience> => {
  const made = await createAudience(core, by, { integration: PLATFORM, integrationId, name: integrationId });
  later();
  return made;
};
const target = (integrationId: string) => ({ integration: PLATFORM, integrationId });

describe('attributes of a replay', () => {
  test('an older one does not undo a newer one, in whichever order they are replayed', async () => {
    const [twelve, ninetyNine] = [refused(), refused()];
    expect(await replay(ninetyNine, set('p', { Points: 99 }))).toEqual({
      code: 'applied',
      effects: {
        applied: [{ action: 'set', integrationId: 'p', attribute: 'Points' }],
        appliedCount: 1,
        skipped: [],
        skippedCount: 0,
      },
    });
    expect(await replay(twelve, set('p', { Points: 12, Tier: 'gold' }))).toMatchObject({
      code: 'applied',
      effects: {
        applied: [{ action: 'set', attribute: 'Tier' }],
        skipped: [{ action: 'set', integrationId: 'p', attribute: 'Points', reason: 'newerReplay' }],
      },
    });
    expect(await attributesOf('p')).toEqual({ Points: 99, Tier: 'gold' });
  });

  test('in order of arrival the last wins, though both are applied later than live writes of other attributes', async () => {
    await change('p', { attributes: { Tier: 'gold' } });
    const [first, second] = [refused(), refused()];
    await change('p', { attributes: { Tier: 'silver' } });
    await createAttribute(core, { name: 'Colour', type: 'string' });
    later();
    expect(await replay(first, set('p', { Colour: 'blue' }))).toMatchObject({ code: 'applied' });
    expect(await replay(second, set('p', { Colour: 'red' }))).toMatchObject({ code: 'applied' });
    expect(await attributesOf('p')).toEqual({ Tier: 'silver', Colour: 'red' });
  });

  test('of one millisecond, the place tells which came first', async () => {
    const first = refused();
    const second = { time: first.time, place: first.place + 1 };
    await replay(second, set('p', { Tier: 'second' }));
    expect(await replay(first, set('p', { Tier: 'first' }))).toMatchObject({ code: 'superseded' });
    expect(await attributesOf('p')).toEqual({ Tier: 'second' });
  });

  test('a live write of the profile stands, unless it is overridden', async () => {
    const stale = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    expect(await replay(stale, set('p', { Tier: 'bronze', Size: 'L' }))).toMatchObject({
      code: 'superseded',
      effects: {
        appliedCount: 0,
        skipped: [
          { attribute: 'Tier', reason: 'profileWritten' },
          { attribute: 'Size', reason: 'profileWritten' },
        ],
      },
    });
    expect(await attributesOf('p')).toEqual({ Tier: 'gold' });
    expect(await replay(stale, set('p', { Tier: 'bronze', Size: null }), true)).toMatchObject({
      code: 'applied',
      effects: { applied: [{ action: 'set', attribute: 'Tier' }], skippedCount: 0 },
    });
    expect(await attributesOf('p')).toEqual({ Tier: 'bronze' });
  });

  test('a live write in the very millisecond counts as newer; one before it does not', async () => {
    const at = { time: clock, place: 1 };
    await updateProfile(core, caller(), {
      integrationId: 'p',
      integration: PLATFORM,
      attributes: { Tier: 'gold' },
      adds: [],
      deletes: [],
      runRuleEngine: false,
    });
    expect(await replay(at, set('p', { Tier: 'old' }))).toMatchObject({ code: 'superseded' });
    expect(await replay({ time: at.time + 1, place: 1 }, set('p', { Tier: 'new' }))).toMatchObject({ code: 'applied' });
  });

  test('what is there already is no conflict; memberships of the profile are none either', async () => {
    await make('a');
    const arrival = refused();
    await change('p', { adds: ['a'] });
    expect(await replay(arrival, set('p', { Tier: 'gold' }))).toMatchObject({ code: 'applied' });
    await change('p', { attributes: { Tier: 'silver' } });
    expect(await replay(arrival, set('p', { Tier: 'silver' }))).toMatchObject({
      code: 'applied',
      effects: { appliedCount: 0, skippedCount: 0 },
    });
  });

  test('an attribute defined after the last live write was not written by it', async () => {
    const arrival = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    await createAttribute(core, { name: 'Colour', type: 'string' });
    later();
    expect(await replay(arrival, set('p', { Tier: 'old', Colour: 'blue' }))).toMatchObject({
      effects: { applied: [{ attribute: 'Colour' }], skipped: [{ attribute: 'Tier' }] },
    });
    await change('p', { attributes: { Tier: 'silver' } });
    expect(await replay(arrival, set('p', { Colour: 'green' }))).toMatchObject({ code: 'superseded' });
    expect(await attributesOf('p')).toEqual({ Tier: 'silver', Colour: 'blue' });
  });

  test('an erased profile is not filled again', async () => {
    const arrival = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    await eraseProfile(core, caller(), 'p');
    later();
    const skipped = [{ action: 'set', integrationId: 'p', attribute: 'Tier', reason: 'profileErased' }];
    for (const override of [false, true]) {
      const outcome = await replay(arrival, set('p', { Tier: 'gold' }), override);
      expect(outcome).toMatchObject({ code: 'superseded', effects: { skipped } });
      expect((await replay(arrival, set('p', {}), override)).code).toBe('erased');
    }
    expect(await core.storage.findProfile('live', 'p')).toBeUndefined();
    // Nor does it change whoever has the ID now; what was refused after the erasure does.
    const since = refused();
    await change('p', {});
    expect(await replay(arrival, set('p', { Tier: 'gold' }), true)).toMatchObject({ code: 'superseded' });
    expect(await attributesOf('p')).toEqual({});
    expect(await replay(since, set('p', { Tier: 'tin' }))).toMatchObject({ code: 'applied' });
    expect(await attributesOf('p')).toEqual({ Tier: 'tin' });
  });

  test('an erased person is left out of what was sent for many', async () => {
    const audience = await make('a');
    const arrival = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    await eraseProfile(core, caller(), 'p');
    later();
    const items = ['p', 'q'].map((integrationId) => ({ integrationId, adds: [audience.id] }));
    expect(await replay(arrival, bulk(items))).toMatchObject({
      code: 'applied',
      effects: {
        applied: [{ integrationId: 'q' }],
        skipped: [{ action: 'join', integrationId: 'p', audienceId: audience.id, reason: 'profileErased' }],
      },
    });
    expect(await core.storage.findProfile('live', 'p')).toBeUndefined();
    expect(await audiencesOf('q')).toEqual(['a']);
    expect(await replay(arrival, bulk(items.slice(0, 1)))).toMatchObject({ code: 'superseded' });
  });

  test('an invalid replay is refused for that, not as superseded', async () => {
    const arrival = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    expect(await replay(arrival, set('p', { Tier: 41 }))).toMatchObject({ effects: undefined });
  });
});

describe('memberships of a replay', () => {
  beforeEach(async () => {
    for (const each of ['a', 'b', 'c']) await make(each);
  });

  test('are superseded one by one, by changes the ledger holds', async () => {
    await change('p', { adds: ['b'] });
    const arrival = refused();
    await change('p', { adds: ['a'] });
    await change('p', { deletes: ['a'] });
    const items = [
      { integrationId: 'p', adds: ['a', 'c'], deletes: ['b'] },
      { integrationId: 'q', adds: ['a'] },
    ];
    // These are certain, so nothing overrides them.
    expect(await replay(arrival, bulk(items), true)).toMatchObject({
      code: 'applied',
      effects: {
        appliedCount: 3,
        skipped: [{ action: 'join', integrationId: 'p', audienceId: 1, reason: 'membershipChanged' }],
      },
    });
    expect(await audiencesOf('p')).toEqual(['c']);
    expect(await audiencesOf('q')).toEqual(['a']);
  });

  test('count by arrival among replays: also where a newer one changed nothing', async () => {
    const [add, remove] = [refused(), refused()];
    // Nobody is a member yet, so this writes nothing to the ledger.
    expect(await replay(remove, bulk([{ integrationId: 'p', deletes: ['a'] }]))).toMatchObject({ code: 'applied' });
    expect(await replay(add, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ reason: 'newerReplay' }] },
    });
    expect(await audiencesOf('p')).toEqual([]);
  });

  test('a change that an older replay made late does not stand in the way', async () => {
    const [add, remove, again] = [refused(), refused(), refused()];
    await replay(add, bulk([{ integrationId: 'p', adds: ['a'] }]));
    expect(await replay(remove, bulk([{ integrationId: 'p', deletes: ['a'] }]))).toMatchObject({ code: 'applied' });
    expect(await replay(again, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({ code: 'applied' });
    expect(await audiencesOf('p')).toEqual(['a']);
  });

  test('of an audience whose members were all replaced since stay as the replacement left them', async () => {
    const arrival = refused();
    await change('p', { adds: ['b'] });
    const set = await core.storage.beginReplacement(1);
    await core.storage.stageMembers(1, set, ['q']);
    await core.storage.finishReplacement(1, set, caller());
    later();
    expect(await replay(arrival, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ reason: 'membersReplaced' }] },
    });
  });

  test('of an audience that was deleted and created again are not brought back', async () => {
    const arrival = refused();
    await change('p', { attributes: { Tier: 'gold' } });
    await deleteAudience(core, caller(), target('a'));
    later();
    await make('a');
    expect(await replay(arrival, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ reason: 'audienceDeleted' }] },
    });
  });

  test('of an audience that was unknown are applied once it is created', async () => {
    const arrival = refused();
    await change('p', { adds: ['b'] });
    await createAudienceByHand(core, caller(), { name: 'New', integration: PLATFORM, integrationId: 'new' });
    later();
    expect(await replay(arrival, bulk([{ integrationId: 'p', adds: ['new'] }]))).toMatchObject({ code: 'applied' });
    expect(await audiencesOf('p')).toEqual(['b', 'New']);
  });

  test('do not change if the ledger no longer shows the changes since', async () => {
    const arrival = refused();
    await change('p', { adds: ['a'] });
    await change('p', { deletes: ['a'] });
    while (await core.storage.pruneLedger(clock));
    expect(await replay(arrival, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ reason: 'ledgerPruned' }] },
    });
    const fresh = refused();
    await change('other', { adds: ['a'] });
    await change('p', { adds: ['b'] });
    expect(await replay(fresh, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({ code: 'applied' });
  });
});

describe('audiences of a replay', () => {
  const rename = (integrationId: string, name: string) => async (by: Caller) =>
    updateAudience(core, by, target(integrationId), { name });
  const remove = (integrationId: string) => async (by: Caller) => deleteAudience(core, by, target(integrationId));
  const create = (integrationId: string) => async (by: Caller) => make(integrationId, by);
  const nameOf = async (integrationId: string) =>
    (await core.storage.catalog()).audienceByIntegrationId('live', PLATFORM, integrationId)?.name;

  test('an older name does not undo a newer one', async () => {
    await make('a');
    const [first, second] = [refused(), refused()];
    await replay(second, rename('a', 'Second'));
    expect(await replay(first, rename('a', 'First'))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ action: 'rename', audienceId: 1, reason: 'audienceChanged' }] },
    });
    const third = refused();
    await updateAudience(core, caller(), target('a'), { name: 'Live' });
    later();
    expect(await replay(third, rename('a', 'Third'))).toMatchObject({ code: 'superseded' });
    expect(await nameOf('a')).toBe('Live');
    expect(await replay(third, rename('a', 'Third'), true)).toMatchObject({ code: 'applied' });
    expect(await nameOf('a')).toBe('Third');
  });

  test('a whole life in order of arrival: created, renamed, filled, deleted, created', async () => {
    const [made, named, filled, gone, back, again] = [
      refused(),
      refused(),
      refused(),
      refused(),
      refused(),
      refused(),
    ] as const;
    expect(await replay(made, create('a'))).toMatchObject({ code: 'applied' });
    expect(await replay(named, rename('a', 'Named'))).toMatchObject({ code: 'applied' });
    expect(await replay(filled, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({ code: 'applied' });
    expect(await replay(gone, remove('a'))).toMatchObject({ code: 'applied' });
    expect(await replay(back, create('a'))).toMatchObject({ code: 'applied' });
    expect(await replay(again, bulk([{ integrationId: 'p', adds: ['a'] }]))).toMatchObject({ code: 'applied' });
    expect(await audiencesOf('p')).toEqual(['a']);
    expect(await replay(named, rename('a', 'Named'))).toMatchObject({ code: 'superseded' });
  });

  test('an audience that changed or gained members since is not deleted, nor one that was deleted made again', async () => {
    await make('a');
    const arrival = refused();
    await change('p', { adds: ['a'] });
    expect(await replay(arrival, remove('a'))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ action: 'delete', audienceId: 1, reason: 'audienceChanged' }] },
    });
    await deleteAudience(core, caller(), target('a'));
    later();
    expect(await replay(arrival, create('a'))).toMatchObject({
      code: 'superseded',
      effects: { skipped: [{ action: 'create', reason: 'audienceDeleted' }] },
    });
    expect(await replay(arrival, create('a'), true)).toMatchObject({ code: 'applied' });
    expect(await replay(arrival, remove('a'))).toMatchObject({ code: 'applied' });
  });
});

describe('attributes of a whole audience in a replay', () => {
  let id: number;
  const setAll = (attributes: Record<string, JsonValue>) => async (by: Caller) =>
    setAudienceAttributes(core, by, { audienceId: id }, { attributes });
  const attributesOf = async (integrationId: string) => (await findProfile(core, 'live', integrationId)).attributes;

  beforeEach(async () => {
    id = (await createAudience(core, caller(), { integration: PLATFORM, integrationId: 'a', name: 'A' })).id;
    later();
    for (const each of ['p', 'q']) await change(each, { adds: [id] });
  });

  test('go to the members nobody has written since, whether the job is written at once or later', async () => {
    const arrival = refused();
    await change('p', { attributes: { Size: 'L' } });
    expect(await replay(arrival, setAll({ Tier: 'gold', Size: null }))).toEqual({
      code: 'applied',
      effects: {
        applied: [
          { action: 'set', audienceId: id, attribute: 'Tier' },
          { action: 'remove', audienceId: id, attribute: 'Size' },
        ],
        appliedCount: 2,
        skipped: [],
        skippedCount: 0,
      },
    });
    const look = async () => {
      expect(await attributesOf('p')).toEqual({ Size: 'L' });
      expect(await attributesOf('q')).toEqual({ Tier: 'gold' });
    };
    await look();
    await core.storage.applyAttributeJobs();
    await look();
  });

  test('do not undo newer ones, live or replayed, of a profile or of all; with an override they do', async () => {
    const [older, newer] = [refused(), refused()];
    expect(await replay(newer, setAll({ Tier: 'newer' }))).toMatchObject({ code: 'applied' });
    expect(await replay(older, setAll({ Tier: 'older' }))).toMatchObject({ code: 'applied' });
    expect(await attributesOf('p')).toEqual({ Tier: 'newer' });
    expect(await replay(older, async (by) => change('p', { attributes: { Tier: 'older' } }, by))).toMatchObject({
      effects: { skipped: [{ integrationId: 'p', reason: 'profileWritten' }] },
    });
    const last = refused();
    await replay(last, async (by) => change('p', { attributes: { Tier: 'last' } }, by));
    expect(await replay(newer, setAll({ Tier: 'again' }))).toEqual({
      code: 'superseded',
      effects: {
        applied: [],
        appliedCount: 0,
        skipped: [{ action: 'set', audienceId: id, attribute: 'Tier', reason: 'newerReplay' }],
        skippedCount: 1,
      },
    });
    await replay(newer, setAll({ Tier: 'again' }), true);
    for (const each of ['p', 'q']) expect(await attributesOf(each)).toEqual({ Tier: 'again' });
  });

  test('are left out once members have changed: who was one then is not known', async () => {
    const arrival = refused();
    await change('new', { adds: [id] });
    const outcome = await replay(arrival, setAll({ Tier: 'gold' }));
    expect(outcome).toMatchObject({ code: 'superseded', effects: { skipped: [{ reason: 'audienceChanged' }] } });
    await replay(arrival, setAll({ Tier: 'gold' }), true);
    expect(await attributesOf('new')).toEqual({ Tier: 'gold' });
  });
});

describe('replays of one batch', () => {
  const command = (by: Caller, integrationId: string, each: Change): UpdateProfile => ({
    kind: 'updateProfile',
    caller: by,
    integrationId,
    integration: PLATFORM,
    attributes: each.attributes,
    skipUndefinedAttributes: false,
    adds: each.adds ?? [],
    deletes: each.deletes ?? [],
    runRuleEngine: false,
  });
  const codes = async (commands: readonly WriteCommand[]): Promise<(string | undefined)[]> =>
    (await core.storage.preview(commands)).map((outcome) =>
      'error' in outcome ? outcome.error.problems[0]?.title : 'applied',
    );

  test('are judged by the live writes and the replays before them', async () => {
    await make('a');
    const [first, second] = [refused(), refused()].map((each) => caller({ ...each, override: false }));
    const orders: [string, WriteCommand[], (string | undefined)[]][] = [
      [
        'replays of values, newest first',
        [
          command(second as Caller, 'p', { attributes: { Tier: '2' } }),
          command(first as Caller, 'p', { attributes: { Tier: '1' } }),
        ],
        ['applied', 'superseded'],
      ],
      [
        'replays of memberships, oldest first',
        [command(first as Caller, 'p', { adds: ['a'] }), command(second as Caller, 'p', { deletes: ['a'] })],
        ['applied', 'applied'],
      ],
      [
        'a live write between',
        [
          command(caller(), 'p', { attributes: { Tier: 'live' }, adds: ['a'] }),
          command(first as Caller, 'p', { attributes: { Tier: '1' }, deletes: ['a'] }),
        ],
        ['applied', 'superseded'],
      ],
    ];
    for (const [name, commands, expected] of orders) expect([name, await codes(commands)]).toEqual([name, expected]);
  });

  test('name the first twenty of what they do, and count all', async () => {
    const arrival = refused();
    for (let index = 0; index < 25; index += 1) await make(`many-${index}`);
    const adds = Array.from({ length: 25 }, (_, index) => `many-${index}`);
    const told = await replay(arrival, bulk([{ integrationId: 'p', adds }]));
    expect(told.effects?.applied).toHaveLength(20);
    expect(told.effects?.appliedCount).toBe(25);
  });
});

test('what replays left behind is forgotten once no refused write is that old', async () => {
  const [first, second] = [refused(), refused()];
  await replay(second, set('p', { Tier: 'second' }));
  await core.storage.forgetReplays(second.time);
  expect(await replay(first, set('p', { Tier: 'first' }))).toMatchObject({ code: 'superseded' });
  await core.storage.forgetReplays(second.time + 1);
  expect(await replay(first, set('p', { Tier: 'first' }))).toMatchObject({ code: 'applied' });
});

describe('what a replay defines by naming it', () => {
  const named = (integrationId: string, name: string) => ({ ref: integrationId, newId: integrationId, name });
  const join =
    (...audiences: ReturnType<typeof named>[]) =>
    async (by: Caller): Promise<unknown> =>
      updateProfile(core, by, {
        integrationId: 'p',
        integration: PLATFORM,
        attributes: { Plan: 'pro' },
        creation: { description: '', types: {} },
        adds: audiences.map(({ ref }) => ref),
        deletes: [],
        runRuleEngine: true,
        named: { audiences, renames: true },
      });
  const namesOf = async () => (await core.storage.browse.listAudiences()).map(({ name }) => name);

  test('an unknown attribute and audience are created', async () => {
    const { code, effects } = await replay(refused(), join(named('a', 'A')));
    expect(code).toBe('applied');
    expect(effects?.applied.map(({ action }) => action)).toEqual(['set', 'create', 'join']);
    expect(await attributesOf('p')).toEqual({ Plan: 'pro' });
    expect(await audiencesOf('p')).toEqual(['A']);
  });

  test('an audience that was deleted since is not created again; the rest is applied', async () => {
    await make('gone');
    const arrival = refused();
    await deleteAudience(core, caller(), target('gone'));
    const { code, effects } = await replay(arrival, join(named('gone', 'Gone'), named('b', 'B')));
    expect([code, effects?.skipped]).toEqual(['applied', [{ action: 'create', reason: 'audienceDeleted' }]]);
    expect(await audiencesOf('p')).toEqual(['B']);
    await replay(arrival, join(named('gone', 'Gone')), true);
    expect(await audiencesOf('p')).toEqual(['B', 'Gone']);
  });

  test('an audience that was renamed since keeps its name, and is joined', async () => {
    await make('a');
    const arrival = refused();
    await updateAudience(core, caller(), target('a'), { name: 'New' });
    later();
    const { effects } = await replay(arrival, join(named('a', 'Old')));
    expect(effects?.skipped).toMatchObject([{ action: 'rename', reason: 'audienceChanged' }]);
    expect(await audiencesOf('p')).toEqual(['New']);
    await replay(arrival, join(named('a', 'Old')), true);
    expect(await namesOf()).toEqual(['Old']);
  });

  test('a newer membership of many profiles stays, and their audiences are created', async () => {
    await make('a');
    await change('p', { adds: ['a'] });
    const arrival = refused();
    await change('p', { deletes: ['a'] });
    const write = async (by: Caller): Promise<unknown> =>
      updateProfilesWithMemberships(core, by, {
        items: [
          { integrationId: 'p', attributes: { Tier: 'gold', Nope: 1 } },
          { integrationId: 'q', attributes: {} },
        ],
        integration: PLATFORM,
        memberships: [
          { item: 0, integrationId: 'p', adds: ['a', 'b'], deletes: [] },
          { item: 1, integrationId: 'q', adds: ['b'], deletes: [] },
        ],
        named: { audiences: [named('a', 'A'), named('b', 'B')], renames: false },
        runRuleEngine: false,
      });
    const { effects } = await replay(arrival, write);
    expect(effects?.skipped).toMatchObject([{ action: 'join', integrationId: 'p', reason: 'membershipChanged' }]);
    expect([await audiencesOf('p'), await audiencesOf('q')]).toEqual([['B'], ['B']]);
    expect(await attributesOf('p')).toEqual({ Tier: 'gold' });
  });
});
