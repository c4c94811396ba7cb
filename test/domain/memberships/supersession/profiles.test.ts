/** What is left of replayed changes of profiles, value by value and membership by membership. */

import { describe, expect, it, test } from 'vitest';
import { DomainError } from '../../../../src/domain/errors.ts';
import type { ProfileDraft } from '../../../../src/domain/memberships/batch.ts';
import type {
  NamedAudiences,
  ReplayEffect,
  RowHandling,
  UpdateMemberships,
  UpdateProfiles,
} from '../../../../src/domain/memberships/commands.ts';
import { liveArrival, type ReplayHistory } from '../../../../src/domain/memberships/replay-history.ts';
import { audience, bulk, caller, catalogOf, PLATFORM, stored, update } from '../batch-state.ts';
import { type Met, NEWER, OLDER, REPLAY, reduce } from './ground.ts';

const ROWS: RowHandling = { isLenient: true, maxErrors: undefined, places: [], refused: [] };

function many(items: UpdateProfiles['items'], more: Partial<UpdateProfiles> = {}): UpdateProfiles {
  return { kind: 'updateProfiles', caller: caller(), items, isAnswered: false, ...more };
}

function named(...audiences: (readonly [ref: string, newId: string, name: string])[]): NamedAudiences {
  return { audiences: audiences.map(([ref, newId, name]) => ({ ref, newId, name })), renames: true };
}

describe('a value', () => {
  const gold = (more: Partial<ProfileDraft> = {}) => stored(5, 'p', { attributesJson: '{"Tier":"gold"}', ...more });
  const set: ReplayEffect = { action: 'set', integrationId: 'p', attribute: 'Tier' };
  const removal: ReplayEffect = { ...set, action: 'remove' };
  const newerValue = { valueNote: (id: number, of: number) => (id === 5 && of === 1 ? NEWER : OLDER) };

  it.each<[string, string | null, Met, object | undefined, object[], object[]]>([
    ['of an unknown profile', 'red', {}, { Tier: 'red' }, [set], []],
    ['that nobody wrote', 'red', { profiles: [gold()] }, { Tier: 'red' }, [set], []],
    ['that is the same', 'gold', { profiles: [gold()] }, { Tier: 'gold' }, [], []],
    ['that is removed', null, { profiles: [gold()] }, { Tier: null }, [removal], []],
    ['that is not there to remove', null, { profiles: [stored(5, 'p')] }, { Tier: null }, [], []],
    [
      'that a newer replay wrote',
      'red',
      { profiles: [gold()], history: newerValue },
      {},
      [],
      [{ ...set, reason: 'newerReplay' }],
    ],
    ['that a newer replay wrote alike', 'gold', { profiles: [gold()], history: newerValue }, {}, [], []],
    [
      'that a newer replay wrote, with an override',
      'red',
      { profiles: [gold()], history: newerValue, override: true },
      { Tier: 'red' },
      [set],
      [],
    ],
    [
      'that an older replay wrote',
      'red',
      { profiles: [gold()], history: { valueNote: () => OLDER } },
      { Tier: 'red' },
      [set],
      [],
    ],
    ['written live before', 'red', { profiles: [gold({ attributesWritten: 499 })] }, { Tier: 'red' }, [set], []],
    [
      'written live in the same millisecond',
      null,
      { profiles: [gold({ attributesWritten: 500 })] },
      {},
      [],
      [{ ...removal, reason: 'profileWritten' }],
    ],
  ])('%s', (_, value, met, attributes, effects, skipped) => {
    const isEmpty = skipped.length > 0;
    const one = reduce(update('p', { attributes: { Tier: value } }), met);
    expect(one).toMatchObject({ effects, skipped, isEmpty });
    expect(one.command.attributes).toEqual(attributes);
    const several = reduce(many([{ integrationId: 'p', attributes: { Tier: value } }]), met);
    expect(several).toMatchObject({ effects, skipped, isEmpty });
    expect(several.command.items).toEqual([{ integrationId: 'p', attributes }]);
  });

  it.each([
    [600, 'was defined with the last live write', []],
    [601, 'was defined after the last live write', ['set']],
  ])('of an attribute created at %d, which %s', (created, _, actions) => {
    const catalog = catalogOf();
    const tier = catalog.attributes.get('Tier');
    if (tier !== undefined) catalog.putAttribute({ ...tier, created });
    const profiles = [gold({ attributesWritten: 600 })];
    const { effects } = reduce(update('p', { attributes: { Tier: 'red' } }), { catalog, profiles });
    expect(effects.map(({ action }) => action)).toEqual(actions);
  });

  test('never written live is older than any replay', () => {
    const catalog = catalogOf();
    const tier = catalog.attributes.get('Tier');
    if (tier !== undefined) catalog.putAttribute({ ...tier, created: 0 });
    const command = update('p', { attributes: { Tier: 'red' }, caller: caller() });
    expect(reduce(command, { catalog, profiles: [gold()] }).skipped).toEqual([]);
  });
});

describe('a membership', () => {
  const member = (sets: number[] = []) => [stored(5, 'p', { sets, lastChange: 7 })];
  const since = (audienceId: number, isWhole = true): Partial<ReplayHistory> => ({
    membershipChanges: () => ({ events: [{ audienceId, arrival: NEWER }], isWhole }),
  });
  const deleted = { lastDeleted: () => ({ audienceId: 9, deleted: 600 }) };

  it.each<[string, Partial<ReplayHistory>, number, string | undefined]>([
    ['nobody changed', {}, 1, undefined],
    ['a newer replay changed', { membershipNote: () => NEWER }, 1, 'newerReplay'],
    ['an older replay changed', { membershipNote: () => OLDER }, 1, undefined],
    ['the ledger shows', since(1), 1, 'membershipChanged'],
    ['of another audience', since(2), 1, undefined],
    ['of which all were replaced', { lastReplacement: () => liveArrival(500) }, 1, 'membersReplaced'],
    ['of which all were replaced before', { lastReplacement: () => liveArrival(499) }, 1, undefined],
    ['of an audience deleted and created since', deleted, 500, 'audienceDeleted'],
    ['of an audience created before', deleted, 499, undefined],
    ['of an audience only created since', {}, 500, undefined],
    ['of which the ledger no longer tells', since(2, false), 1, 'ledgerPruned'],
  ])('that %s', (_, history, created, reason) => {
    const catalog = catalogOf(audience(1, { created }));
    const cases = [
      { action: 'join', item: { integrationId: 'p', adds: [1], deletes: [] }, sets: [] },
      { action: 'leave', item: { integrationId: 'p', adds: [], deletes: [1] }, sets: [10] },
    ];
    for (const { action, item, sets } of cases) {
      const skipped = reason === undefined ? [] : [{ action, integrationId: 'p', audienceId: 1, reason }];
      const items = reason === undefined ? [item] : [{ integrationId: 'p', adds: [], deletes: [] }];
      const met = { catalog, profiles: member(sets), history };
      const isEmpty = reason !== undefined;
      const several = reduce(bulk([item]), met);
      expect(several).toMatchObject({ effects: [], skipped, isEmpty });
      expect(several.command.items).toEqual(items);
      const one = reduce(update('p', item), met);
      expect(one).toMatchObject({ effects: [], skipped, isEmpty, command: items[0] as object });
      const combined = reduce(
        many([{ integrationId: 'p', attributes: {} }], {
          memberships: { integration: PLATFORM, items: [{ item: 0, ...item }] },
        }),
        met,
      );
      expect(combined).toMatchObject({ effects: [], skipped, isEmpty });
      expect(combined.command.memberships).toEqual({
        integration: PLATFORM,
        items: items.map((each) => ({ item: 0, ...each })),
        named: undefined,
      });
    }
  });

  test('that is as it should be is not skipped, but is left out', () => {
    const met = { catalog: catalogOf(audience(1)), profiles: member([10]), history: since(1) };
    const left = reduce(bulk([{ integrationId: 'p', adds: [1] }]), met);
    expect(left).toMatchObject({ skipped: [], isEmpty: false, command: { items: [{ adds: [], deletes: [] }] } });
  });

  test('that is skipped leaves nothing, unless another changes or a profile is created', () => {
    const met: Met = { catalog: catalogOf(audience(1), audience(2)), profiles: member([20]), history: since(1) };
    const skipped = { integrationId: 'p', adds: [1] };
    const orders: [Parameters<typeof bulk>[0], boolean][] = [
      [[skipped], true],
      [[skipped, { integrationId: 'p', adds: [2] }], true],
      [[skipped, { integrationId: 'p', deletes: [2] }], false],
      [[{ integrationId: 'p', deletes: [2] }, skipped], false],
      [[skipped, { integrationId: 'new' }], false],
    ];
    for (const [items, isEmpty] of orders) expect([items, reduce(bulk(items), met).isEmpty]).toEqual([items, isEmpty]);
  });

  test('of an unknown audience refuses the whole, or in rows its own', () => {
    const met: Met = { catalog: catalogOf(audience(1)), profiles: member(), history: since(1) };
    const items = [
      { integrationId: 'p', adds: [1] },
      { integrationId: 'p', adds: [9], deletes: [8] },
    ];
    expect(() => reduce(bulk(items), met)).toThrow(DomainError);
    const left = reduce<UpdateMemberships>({ ...bulk(items), rows: ROWS }, met);
    expect(left.command.items).toEqual([
      { integrationId: 'p', adds: [], deletes: [] },
      { integrationId: 'p', adds: [9], deletes: [8] },
    ]);
    expect(left.isEmpty).toBe(false);
  });
});

describe('a write of several profiles', () => {
  const written = stored(5, 'p', { attributesWritten: 600 });
  const tier = { Tier: 'red' };

  it.each<[string, UpdateProfiles, boolean]>([
    ['that is superseded', many([{ integrationId: 'p', attributes: tier }]), true],
    [
      'of which one is created',
      many([
        { integrationId: 'p', attributes: tier },
        { integrationId: 'new', attributes: undefined },
      ]),
      false,
    ],
    [
      'of which one joins an audience',
      many([{ integrationId: 'p', attributes: tier }], {
        memberships: { integration: PLATFORM, items: [{ item: 0, integrationId: 'p', adds: [1], deletes: [] }] },
      }),
      false,
    ],
    [
      'of which one was in the audience',
      many([{ integrationId: 'p', attributes: tier }], {
        memberships: { integration: PLATFORM, items: [{ item: 0, integrationId: 'p', adds: [], deletes: [1] }] },
      }),
      true,
    ],
    ['in rows that are superseded', many([{ integrationId: 'p', attributes: tier }], { rows: ROWS }), true],
    [
      'in rows of which one will be refused',
      many(
        [
          { integrationId: 'p', attributes: tier },
          { integrationId: 'p', attributes: { Tier: 41 } },
        ],
        { rows: ROWS },
      ),
      false,
    ],
  ])('%s leaves nothing: %#', (_, command, isEmpty) => {
    const left = reduce(command, { catalog: catalogOf(audience(1)), profiles: [written] });
    expect(left).toMatchObject({
      effects: [],
      skipped: [{ action: 'set', integrationId: 'p', attribute: 'Tier', reason: 'profileWritten' }],
      isEmpty,
    });
  });

  test('keeps the attributes of a row that will be refused, and refuses a request that is not judged in rows', () => {
    const items = [
      { integrationId: 'p', attributes: tier },
      { integrationId: 'p', attributes: { Tier: 41 } },
    ];
    expect(reduce(many(items, { rows: ROWS }), { profiles: [written] }).command.items).toEqual([
      { integrationId: 'p', attributes: {} },
      items[1],
    ]);
    expect(() => reduce(many(items), { profiles: [written] })).toThrow(DomainError);
  });

  test('skips undefined attributes where the caller asks for it', () => {
    const items = [{ integrationId: 'p', attributes: { Nope: 1, ...tier } }];
    const left = reduce(many(items, { skipUndefinedAttributes: true }));
    expect(left.command.items).toEqual([{ integrationId: 'p', attributes: tier }]);
    expect(() => reduce(many(items, { skipUndefinedAttributes: false }))).toThrow(DomainError);
  });

  test('passes on a fault in the program', () => {
    const items = [{ integrationId: 'p', attributes: tier }];
    const profiles = [stored(5, 'p', { attributesJson: '{' })];
    expect(() => reduce(many(items, { rows: ROWS }), { profiles })).toThrow(SyntaxError);
  });
});

describe('an audience that a write names', () => {
  const deleted = (id: string, time: number) => ({
    lastDeleted: (_: string, integration: string, integrationId: string) =>
      integration === PLATFORM && integrationId === id ? { audienceId: 9, deleted: time } : undefined,
  });
  const create = { action: 'create' } as const;
  const rename = { action: 'rename', audienceId: 1 } as const;
  const one = named(['x', 'new', 'X']);
  const known = named(['a1', 'a1', 'Sent']);

  it.each<[string, NamedAudiences, Met, object[], object[], string[]]>([
    ['is unknown', one, {}, [create], [], ['X']],
    ['was deleted before', one, { history: deleted('new', 499) }, [create], [], ['X']],
    ['was deleted since', one, { history: deleted('new', 500) }, [], [{ ...create, reason: 'audienceDeleted' }], []],
    ['was deleted since, with an override', one, { history: deleted('new', 500), override: true }, [create], [], ['X']],
    ['is only referred to like a deleted one', one, { history: deleted('x', 500) }, [create], [], ['X']],
    ['has another name', known, { catalog: catalogOf(audience(1)) }, [rename], [], ['Sent']],
    ['has that name', known, { catalog: catalogOf(audience(1, { name: 'Sent', modified: 600 })) }, [], [], ['Sent']],
    [
      'has another name since',
      known,
      { catalog: catalogOf(audience(1, { modified: 500 })) },
      [],
      [{ ...rename, reason: 'audienceChanged' }],
      ['Audience 1'],
    ],
    [
      'has another name since, with an override',
      known,
      { catalog: catalogOf(audience(1, { modified: 500 })), override: true },
      [rename],
      [],
      ['Sent'],
    ],
    [
      'has another name, and is not renamed',
      { ...known, renames: false },
      { catalog: catalogOf(audience(1, { modified: 500 })) },
      [],
      [],
      ['Sent'],
    ],
  ])('and that %s', (_, names, met, effects, skipped, left) => {
    const profiles = [stored(5, 'p')];
    const reduced = reduce(update('p', { named: names }), { ...met, profiles });
    expect(reduced).toMatchObject({ effects, skipped, isEmpty: skipped.length > 0 });
    expect(reduced.command.named?.renames).toBe(names.renames);
    expect(reduced.command.named?.audiences.map(({ name }) => name)).toEqual(left);
    const memberships = { integration: PLATFORM, items: [], named: names };
    const several = reduce(many([], { memberships }), { ...met, profiles });
    expect(several).toMatchObject({ effects, skipped, isEmpty: skipped.length > 0 });
    expect(several.command.memberships?.named).toEqual(reduced.command.named);
  });

  test('and that was deleted since is joined, left and checked no more', () => {
    const audiences = named(['gone', 'gone', 'Gone'], ['b', 'b', 'B']);
    const item = { adds: ['gone', 'b'], deletes: ['gone', 'a1'] };
    const met: Met = { catalog: catalogOf(audience(1)), profiles: [stored(5, 'p')], history: deleted('gone', 600) };
    const left = { adds: ['b'], deletes: ['a1'] };
    const { command } = reduce(update('p', { ...item, named: audiences, onlyChecked: ['gone', 'b'] }), met);
    expect(command).toMatchObject({ ...left, onlyChecked: ['b'] });
    const memberships = { integration: PLATFORM, items: [{ item: 0, integrationId: 'p', ...item }], named: audiences };
    expect(reduce(many([], { memberships }), met).command.memberships?.items).toEqual([
      { item: 0, integrationId: 'p', ...left },
    ]);
  });
});

test('a write with something applied and something skipped is not empty', () => {
  const met: Met = {
    catalog: catalogOf(audience(1)),
    profiles: [stored(5, 'p')],
    history: { membershipNote: () => NEWER },
  };
  const attributes = { Tier: 'red' };
  const skipped = [{ action: 'join', integrationId: 'p', audienceId: 1, reason: 'newerReplay' }];
  expect(reduce(update('p', { attributes, adds: [1] }), met)).toMatchObject({ skipped, isEmpty: false });
  const memberships = { integration: PLATFORM, items: [{ item: 0, integrationId: 'p', adds: [1], deletes: [] }] };
  expect(reduce(many([{ integrationId: 'p', attributes }], { memberships }), met)).toMatchObject({
    skipped,
    isEmpty: false,
  });
});

test('changes of the profile are asked for from the time the replay arrived', () => {
  const asked: number[][] = [];
  const membershipChanges = (...args: number[]) => {
    asked.push(args);
    return { events: [], isWhole: true };
  };
  const profiles = [stored(5, 'p', { lastChange: 7 })];
  reduce(bulk([{ integrationId: 'p', adds: [1] }]), {
    catalog: catalogOf(audience(1)),
    profiles,
    history: { membershipChanges },
  });
  expect(asked).toEqual([[7, REPLAY.time]]);
});
