/** Changes of one profile: merged values, the last live write, and the Application that saw it. */

import { describe, expect, it } from 'vitest';
import type { ProfileState, UpdateProfiles } from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, caller, catalogOf, NOW, stateOf, stored, update } from '../batch-state.ts';

it('merges attributes, and records each value before and after the batch', () => {
  const known = stored(5, 'p', { attributesJson: '{"Tier":"gold"}' });
  const { outcomes } = decide(stateOf(catalogOf(), [known]), [
    update('p', { attributes: { Tier: 'silver', Visits: 1 } }),
    update('p', { attributes: { Tier: null, Visits: 2 } }),
  ]);
  const states = outcomes.map((each) => 'result' in each && (each.result as ProfileState).attributes);
  expect(states).toEqual([{ Tier: 'silver', Visits: 1 }, { Visits: 2 }]);
  expect(known).toMatchObject({ attributesJson: '{"Visits":2}', attributesWritten: NOW, changed: true });
  expect(Object.fromEntries(known.valueChanges ?? [])).toEqual({
    Tier: { before: 'gold', after: undefined },
    Visits: { before: undefined, after: 2 },
  });
});

it('connects the Application of the key; the back office has none', () => {
  const state = stateOf(catalogOf(), [stored(5, 'p')]);
  const { changes } = decide(state, [
    update('p'),
    update('q'),
    update('r', { caller: caller({ applicationId: undefined }) }),
  ]);
  expect([...changes.connections].map(([id, profiles]) => [id, [...profiles]])).toEqual([[7, [5, 100]]]);
});

it('leaves a profile untouched that a request only names', () => {
  const known = stored(5, 'p', { sets: [10], attributesJson: '{"Tier":"gold"}' });
  const { outcomes } = decide(stateOf(catalogOf(audience(1)), [known]), [update('p', { adds: ['a1'] })]);
  expect(known.changed).toBe(false);
  expect(outcomes[0]).toMatchObject({ changed: { joins: 0, leaves: 0, profiles: 0 } });
});

it.each([
  ['earlier', NOW - 1, { joins: 0, leaves: 0, profiles: 1 }],
  ['just now', NOW, { joins: 0, leaves: 0, profiles: 0 }],
  ['later than now', NOW + 1, { joins: 0, leaves: 0, profiles: 0 }],
])('notes that rules ran for a profile that was last active %s', (_, lastActivity, changed) => {
  for (const isBulk of [false, true]) {
    const known = stored(5, 'p', { lastActivity });
    const items = [{ integrationId: 'p', attributes: undefined }];
    const many: UpdateProfiles = {
      kind: 'updateProfiles',
      caller: caller(),
      items,
      isAnswered: false,
      runRuleEngine: true,
    };
    const { outcomes } = decide(stateOf(catalogOf(), [known]), [isBulk ? many : update('p', { runRuleEngine: true })]);
    expect(outcomes[0]).toMatchObject({ changed });
    expect(known).toMatchObject({ lastActivity: Math.max(NOW, lastActivity), changed: changed.profiles === 1 });
  }
});

it('does not note it where no rules run', () => {
  const known = stored(5, 'p', { lastActivity: 2 });
  const items = [{ integrationId: 'p', attributes: undefined }];
  decide(stateOf(catalogOf(), [known]), [
    update('p'),
    { kind: 'updateProfiles', caller: caller(), items, isAnswered: false },
  ]);
  expect(known).toMatchObject({ lastActivity: 2, changed: false });
});

it('returns a whole profile, with the attributes and memberships that it has now', () => {
  const known = stored(5, 'p', { sets: [10, 999], attributesJson: '{"Tier":"gold"}', created: 3, lastActivity: 4 });
  const state = {
    id: 5,
    environment: 'live',
    integrationId: 'p',
    attributes: { Tier: 'gold' },
    memberships: [{ id: 1, name: 'Audience 1' }],
    created: 3,
    lastActivity: 4,
  };
  const items = [{ integrationId: 'p', attributes: {} }];
  const { outcomes } = decide(stateOf(catalogOf(audience(1), audience(2)), [known]), [
    update('p'),
    { kind: 'updateProfiles', caller: caller(), items, isAnswered: true },
    { kind: 'updateProfiles', caller: caller(), items, isAnswered: false },
  ]);
  expect(outcomes.map((each) => 'result' in each && each.result)).toEqual([state, [state], null]);
});

it('notes nothing before a value that only every object has', () => {
  const catalog = catalogOf();
  const creation = { description: '', types: {} };
  const { outcomes } = decide(stateOf(catalog), [update('p', { attributes: { toString: 'x' }, creation })]);
  expect(outcomes[0]).toMatchObject({ result: { attributes: { toString: 'x' } } });
  const known = stored(5, 'q');
  decide(stateOf(catalog, [known]), [update('q', { attributes: { toString: 'y' } })]);
  expect([...(known.valueChanges ?? [])]).toEqual([['toString', { before: undefined, after: 'y' }]]);
});

describe('many profiles', () => {
  const many = (items: UpdateProfiles['items'], more: Partial<UpdateProfiles> = {}): UpdateProfiles => ({
    kind: 'updateProfiles',
    caller: caller(),
    items,
    isAnswered: true,
    ...more,
  });

  it('keep what earlier items of the same request set', () => {
    const known = stored(5, 'p');
    decide(stateOf(catalogOf(), [known]), [
      many([
        { integrationId: 'p', attributes: { Tier: 'gold' } },
        { integrationId: 'p', attributes: { Visits: 1 } },
      ]),
    ]);
    expect(JSON.parse(known.attributesJson)).toEqual({ Tier: 'gold', Visits: 1 });
  });

  it('are connected with the Application of the key', () => {
    const { changes } = decide(stateOf(catalogOf(), [stored(5, 'p')]), [
      many([
        { integrationId: 'p', attributes: {} },
        { integrationId: 'q', attributes: {} },
      ]),
    ]);
    expect([...changes.connections].map(([id, profiles]) => [id, [...profiles]])).toEqual([[7, [5, 100]]]);
  });

  it('are changed by one value among several that stay', () => {
    const known = stored(5, 'p', { attributesJson: '{"Tier":"gold","Visits":1}' });
    const rows = { isLenient: true, maxErrors: undefined, places: [], refused: [] };
    const items = [{ integrationId: 'p', attributes: { Tier: 'gold', Visits: 2 } }];
    const { outcomes } = decide(stateOf(catalogOf(), [known]), [many(items, { rows })]);
    expect(outcomes[0]).toMatchObject({ verdicts: [{ place: 0, verdict: 'applied' }] });
  });

  it('join audiences that exist, without naming any to create', () => {
    const memberships = {
      integration: 'Customer Data Platform',
      items: [{ item: 0, integrationId: 'p', adds: ['a1'], deletes: [] }],
    };
    const items = [{ integrationId: 'p', attributes: {} }];
    const { outcomes } = decide(stateOf(catalogOf(audience(1))), [many(items, { memberships })]);
    expect(outcomes[0]).toMatchObject({ result: [{ memberships: [{ id: 1 }] }] });
  });

  it('create no audience where another one is unknown', () => {
    const named = { audiences: [{ ref: 'x', newId: 'x', name: 'X' }], renames: false };
    const memberships = {
      integration: 'Customer Data Platform',
      items: [{ item: 0, integrationId: 'p', adds: ['x', 'nope'], deletes: [] }],
      named,
    };
    const items = [{ integrationId: 'p', attributes: {} }];
    const { outcomes, changes } = decide(stateOf(catalogOf()), [many(items, { memberships })]);
    expect(outcomes[0]).toMatchObject({ error: { code: 'not_found' } });
    expect(changes.audiences.size).toBe(0);
  });
});

it('may be as large as the limit, and no larger', () => {
  const limits = { valueBytes: 1000, profileBytes: '{"Tier":"gold"}'.length };
  const { outcomes } = decide({ ...stateOf(catalogOf()), limits }, [
    update('p', { attributes: { Tier: 'gold' } }),
    update('q', { attributes: { Tier: 'gold!' } }),
  ]);
  expect(outcomes).toMatchObject([{ result: { integrationId: 'p' } }, { error: { code: 'invalid' } }]);
});
