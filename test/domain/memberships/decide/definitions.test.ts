/** Attributes and audiences that an update creates by naming them: once, and together with the update or not at all. */

import { describe, expect, it } from 'vitest';
import type { Application } from '../../../../src/domain/definitions/applications.ts';
import type { Attribute } from '../../../../src/domain/definitions/attributes.ts';
import type { NamedAudience, UpdateProfile, WriteOutcome } from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, caller, catalogOf, NOW, stateOf, update } from '../batch-state.ts';

const creation = { description: 'Created by Segment', types: {} };
const set = (attributes: UpdateProfile['attributes'], more: Partial<UpdateProfile> = {}): UpdateProfile =>
  update('ada', { attributes, creation, ...more });
const result = (outcome: WriteOutcome | undefined) =>
  outcome !== undefined && 'result' in outcome ? outcome.result : undefined;
const messages = (outcome: WriteOutcome | undefined): string[] =>
  outcome !== undefined && 'error' in outcome ? outcome.error.problems.map(({ message }) => message) : [];

describe('an attribute that nobody has defined', () => {
  it('is created with the value, for the requests behind it as well', () => {
    const catalog = catalogOf();
    const commands = [set({ Plan: 'pro' }), update('eve', { attributes: { Plan: 'free' } }), set({ Plan: 'max' })];
    const { outcomes, changes } = decide(stateOf(catalog), commands);
    const created = { id: 100, name: 'Plan', title: 'Plan', type: 'string', created: NOW };
    expect(outcomes.map(result)).toMatchObject([
      { attributes: { Plan: 'pro' }, createdAttributes: [created] },
      { attributes: { Plan: 'free' } },
      { attributes: { Plan: 'max' }, createdAttributes: [] },
    ]);
    expect(result(outcomes[1])).not.toHaveProperty('createdAttributes');
    expect(changes.attributes).toMatchObject([created]);
    expect(catalog.attributes.get('Plan')).toMatchObject(created);
  });

  it('is in the audit log, with the key that created it', () => {
    const { changes } = decide(stateOf(catalogOf()), [set({ Plan: 'pro' }), set({ Tier: 'gold' })]);
    expect(changes.audits).toMatchObject([
      {
        actor: { userId: undefined },
        record: {
          entity: '/v1/attributes/100',
          applicationId: 7,
          new: { id: 100, name: 'Plan', type: 'string', createdWithApiKey: 1 },
        },
      },
    ]);
    const by = caller({ keyId: undefined, userId: 4 });
    const [audit] = decide(stateOf(catalogOf()), [set({ Plan: 'pro' }, { caller: by })]).changes.audits;
    expect(audit?.actor).toMatchObject({ userId: 4 });
    expect(audit?.record.new).not.toHaveProperty('createdWithApiKey');
  });

  it.each<[string, UpdateProfile, string]>([
    ['another value is wrong', set({ Plan: 'pro', Visits: 'many' }), "Attribute 'Visits' expects a number"],
    ['another name is wrong', set({ Plan: 'pro', 'a-b': 1 }), "Attribute 'a-b' cannot be created"],
    ['its value is too large', set({ Plan: 'x'.repeat(2000) }), "Attribute 'Plan' has 2002 bytes"],
    ['an audience is unknown', set({ Plan: 'pro' }, { adds: [99] }), 'Audience 99 not found'],
    ['an audience is unknown that stays', set({ Plan: 'pro' }, { onlyChecked: [99] }), 'Audience 99 not found'],
  ])('is not created if %s', (_what, command, message) => {
    const catalog = catalogOf();
    const { outcomes, changes } = decide(stateOf(catalog), [command]);
    expect(messages(outcomes[0])[0]).toContain(message);
    expect(changes.attributes).toEqual([]);
    expect(catalog.attributes.has('Plan')).toBe(false);
  });

  it('is refused where one of its name is limited to other Applications', () => {
    const catalog = catalogOf();
    const [tier] = catalog.attributes.values();
    catalog.putAttribute({ ...(tier as Attribute), id: 3, name: 'Theirs', applicationIds: [8] });
    catalog.putApplication({ id: 8, environment: 'live' } as Application);
    const { outcomes } = decide(stateOf(catalog), [set({ Theirs: 'x' }, { skipUndefinedAttributes: undefined })]);
    expect(messages(outcomes[0])).toEqual([
      "Attribute 'Theirs' is not defined for customer profiles (it is limited to other Applications than this key's)",
    ]);
  });

  it('may be called like a member of every object', () => {
    const { outcomes } = decide(stateOf(catalogOf()), [set({ constructor: 1, toString: 'x' })]);
    expect(result(outcomes[0])).toMatchObject({ createdAttributes: [{ type: 'number' }, { type: 'string' }] });
  });

  it('takes what the request declares, as do known ones of that type', () => {
    const types = { Clicked: 'string', Tier: 'string', Visits: 'string', Long: 'string' } as const;
    const command = set(
      { Clicked: false, Tier: 7, Long: 1, Visits: 3 },
      {
        creation: { ...creation, types },
        inexactNumbers: { Long: '12345678901234567890' },
      },
    );
    const { outcomes } = decide(stateOf(catalogOf()), [command]);
    expect(result(outcomes[0])).toMatchObject({
      attributes: { Clicked: 'false', Tier: '7', Long: '12345678901234567890', Visits: 3 },
    });
  });
});

const named = (ref: string, name: string, newId = ref): NamedAudience => ({ ref, newId, name });
function join(...audiences: NamedAudience[]): UpdateProfile {
  return update('ada', { adds: audiences.map(({ ref }) => ref), named: { audiences, renames: true } });
}

describe('an audience that nobody has created', () => {
  it('is created under its new ID, and joined', () => {
    const catalog = catalogOf();
    const { outcomes, changes } = decide(stateOf(catalog), [join(named('My travel', 'Travel', 'My_travel'))]);
    const created = { id: 100, name: 'Travel', integrationId: 'My_travel', createdInThirdParty: true };
    expect(result(outcomes[0])).toMatchObject({
      memberships: [{ id: 100, name: 'Travel' }],
      namedAudiences: [{ status: 'new', audience: created }],
    });
    expect([...changes.audiences.keys()]).toEqual([100]);
  });

  it('is found again by either ID, the one that was sent first', () => {
    const sent = named('a b', 'Other', 'a_b');
    const [exact, rewritten] = [audience(1, { integrationId: 'a b' }), audience(2, { integrationId: 'a_b' })];
    const idsOf = (...known: Parameters<typeof catalogOf>) => {
      const { outcomes } = decide(stateOf(catalogOf(...known)), [join(sent), join(sent)]);
      return outcomes.map((each) => result(each)).map((each) => (each as { memberships: object }).memberships);
    };
    expect(idsOf(exact, rewritten)).toEqual([[{ id: 1, name: 'Other' }], [{ id: 1, name: 'Other' }]]);
    expect(idsOf(rewritten)).toEqual([[{ id: 2, name: 'Other' }], [{ id: 2, name: 'Other' }]]);
  });

  it('is one, however often it is named', () => {
    const { outcomes } = decide(stateOf(catalogOf()), [join(named('x', 'X'), named('x', 'X'), named('X', 'X', 'x'))]);
    expect(result(outcomes[0])).toMatchObject({ namedAudiences: [{ status: 'new' }], memberships: [{ id: 100 }] });
  });

  it('is created although it is left, or its memberships do not change', () => {
    const audiences = [named('x', 'X')];
    const leave = update('ada', { deletes: ['x'], named: { audiences, renames: true } });
    const check = update('eve', { onlyChecked: ['y'], named: { audiences: [named('y', 'Y')], renames: true } });
    const { outcomes } = decide(stateOf(catalogOf()), [leave, check]);
    expect(outcomes.map(result)).toMatchObject([
      { memberships: [], namedAudiences: [{ status: 'new' }] },
      { memberships: [], namedAudiences: [{ status: 'new' }] },
    ]);
  });

  it('leaves nothing where the request is refused', () => {
    const command = { ...join(named('x', 'X')), attributes: { Nope: 1 } };
    const { outcomes, changes } = decide(stateOf(catalogOf()), [command]);
    expect(messages(outcomes[0])[0]).toContain("Attribute 'Nope' is not defined");
    expect(changes.audiences.size).toBe(0);
  });

  it('must not be two: they would have one ID', () => {
    const { outcomes, changes } = decide(stateOf(catalogOf()), [
      join(named('a b', 'A', 'a_b'), named('a-b', 'B', 'a_b')),
    ]);
    expect(messages(outcomes[0])).toEqual([
      "Audiences 'A' and 'B' would both have the ID 'a_b' (give each an integrationId of its own)",
    ]);
    expect(changes.audiences.size).toBe(0);
  });
});

it('renames a known audience, or does not change it', () => {
  const catalog = catalogOf(audience(1), audience(2));
  const { outcomes, changes } = decide(stateOf(catalog), [join(named('a1', 'New name'), named('a2', 'Audience 2'))]);
  expect(result(outcomes[0])).toMatchObject({
    namedAudiences: [
      { status: 'updated', audience: { id: 1, name: 'New name' } },
      { status: 'unmodified', audience: { id: 2 } },
    ],
  });
  expect([...changes.audiences.keys()]).toEqual([1]);
});

describe('many profiles with their attributes and memberships', () => {
  const people = ['ada', 'eve'].map((integrationId) => ({ integrationId, attributes: { Tier: integrationId } }));
  const items = [
    { item: 0, integrationId: 'ada', adds: ['x'], deletes: [] },
    { item: 1, integrationId: 'eve', adds: ['x', 'a1'], deletes: [] },
    { item: 1, integrationId: 'eve', adds: [], deletes: ['x'] },
  ];
  const both = (more: object = {}) =>
    ({
      kind: 'updateProfiles',
      caller: caller(),
      items: people,
      isAnswered: true,
      memberships: {
        integration: 'Customer Data Platform',
        items,
        named: { audiences: [named('x', 'X'), named('a1', 'Y')], renames: false },
      },
      ...more,
    }) as const;

  it('change together, and keep the names of known audiences', () => {
    const { outcomes, changes } = decide(stateOf(catalogOf(audience(1))), [both()]);
    expect(result(outcomes[0])).toMatchObject([
      { integrationId: 'ada', attributes: { Tier: 'ada' }, memberships: [{ id: 100, name: 'X' }] },
      { integrationId: 'eve', attributes: { Tier: 'eve' }, memberships: [{ id: 1, name: 'Audience 1' }] },
    ]);
    expect(changes.ledger.map(({ action }) => action)).toEqual(['joined', 'joined']);
  });

  it.each([
    ['an attribute is wrong', { items: [...people, { integrationId: 'joe', attributes: { Visits: 'x' } }] }],
    ['an audience is unknown', { memberships: { integration: 'Customer Data Platform', items } }],
  ])('all stay as they are if %s', (_what, more) => {
    const state = stateOf(catalogOf(audience(1)));
    const { outcomes, changes } = decide(state, [both(more)]);
    expect(outcomes[0]).toHaveProperty('error');
    expect(changes.audiences.size + changes.ledger.length + state.profiles.size).toBe(0);
  });

  it('skip undefined attributes and run rules where they are to', () => {
    const late = [{ integrationId: 'ada', attributes: { Nope: 1, Tier: 'gold' } }];
    const { outcomes } = decide(stateOf(catalogOf()), [
      both({ items: late, memberships: undefined, skipUndefinedAttributes: true, runRuleEngine: true }),
    ]);
    expect(result(outcomes[0])).toMatchObject([{ attributes: { Tier: 'gold' }, lastActivity: NOW }]);
  });
});
