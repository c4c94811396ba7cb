/**
 * Audiences in a batch: created, changed and deleted, with their audit records and the order in which they are saved.
 */

import { describe, expect, it } from 'vitest';
import type { Application } from '../../../../src/domain/definitions/applications.ts';
import { inSavingOrder } from '../../../../src/domain/memberships/batch.ts';
import type {
  Caller,
  CreateAudience,
  EmptyAudience,
  UpdateAudience,
} from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import type { DefinitionNote } from '../../../../src/domain/memberships/replay-history.ts';
import { audience, bulk, caller, catalogOf, deletion, NOW, stateOf } from '../batch-state.ts';

const person = caller({ keyId: undefined, applicationId: undefined, userId: 4 });

function creation(integrationId: string, by: Caller = caller(), details?: CreateAudience['details']): CreateAudience {
  const target = { integration: ' customer data platform ', integrationId };
  return { kind: 'createAudience', caller: by, target, name: 'New', details };
}

function change(audienceId: number, what: UpdateAudience['change'], by: Caller = caller()): UpdateAudience {
  return { kind: 'updateAudience', caller: by, target: { audienceId }, change: what };
}

it('gives a platform’s audience its number, its set and the Application of the key', () => {
  const state = stateOf(catalogOf());
  const { outcomes, changes } = decide(state, [creation('x')]);
  const created = {
    id: 100,
    environment: 'live',
    name: 'New',
    description: '',
    integration: 'customer data platform',
    integrationId: 'x',
    createdInThirdParty: true,
    applicationIds: [7],
    memberSet: 1000,
    stagedSet: undefined,
    created: NOW,
    modified: NOW,
  };
  expect(outcomes).toEqual([{ result: created, changed: { joins: 0, leaves: 0, profiles: 0 } }]);
  expect([...changes.audiences]).toEqual([[100, { audience: created, deleted: false }]]);
  expect(state.catalog.audienceIn('live', 100)).toEqual(created);
  expect(state.sequences).toMatchObject({ audience: 101, memberSet: 1001 });
  expect(changes.audits).toEqual([]);
});

it('audits what a person creates, whose Applications are those that were given', () => {
  const catalog = catalogOf();
  for (const id of [8, 9]) catalog.putApplication({ id, environment: 'live' } as Application);
  const details = { description: 'By hand', applicationIds: [9, 8, 9], createdInThirdParty: false };
  const { outcomes, changes } = decide(stateOf(catalog), [creation('x', person, details)]);
  expect(outcomes[0]).toMatchObject({
    result: { description: 'By hand', createdInThirdParty: false, applicationIds: [9, 8] },
  });
  expect(changes.audits).toMatchObject([
    { actor: { userId: 4 }, record: { entity: '/v1/audiences/100', old: undefined, new: { id: 100, name: 'New' } } },
  ]);
});

it('refuses an ID that is taken under the platform’s name, in any spelling of that', () => {
  const { outcomes, changes } = decide(stateOf(catalogOf(audience(1))), [creation('a1'), creation('A1')]);
  expect(outcomes[0]).toMatchObject({ error: { code: 'conflict' } });
  expect(outcomes[1]).toMatchObject({ result: { integrationId: 'A1' } });
  expect(changes.audiences.size).toBe(1);
});

it('changes what is given and keeps the rest; what changes nothing leaves nothing', () => {
  const known = audience(1, { description: 'Old' });
  const { outcomes, changes } = decide(stateOf(catalogOf(known, audience(2))), [
    change(1, { name: 'Renamed' }, person),
    change(2, { name: 'Audience 2', description: '' }, person),
  ]);
  expect(outcomes[0]).toMatchObject({ result: { ...known, name: 'Renamed', modified: NOW } });
  expect(outcomes[1]).toMatchObject({ result: { modified: 1 } });
  expect([...changes.audiences.keys()]).toEqual([1]);
  expect(changes.audits).toMatchObject([
    { record: { entity: '/v1/audiences/1', old: { name: 'Audience 1' }, new: { name: 'Renamed' } } },
  ]);
});

it('saves a deleted audience before the one that takes its ID', () => {
  const state = { ...stateOf(catalogOf(audience(1), audience(2))), memberCount: () => 3 };
  const { outcomes, changes } = decide(state, [
    change(2, { name: 'Renamed' }),
    deletion(1, person),
    creation('a1'),
    change(1, { name: 'Too late' }),
  ]);
  expect(outcomes.map((each) => 'error' in each)).toEqual([false, false, false, true]);
  const order = inSavingOrder(changes.audiences).map(({ audience: { id }, deleted }) => [id, deleted]);
  expect(order).toEqual([
    [1, true],
    [2, false],
    [100, false],
  ]);
  expect(changes.audits).toMatchObject([{ record: { entity: '/v1/audiences/1', old: { members: 3 } } }]);
});

describe('an audience that a person creates', () => {
  const details = { description: '', applicationIds: undefined, createdInThirdParty: false };
  const created = (command: Partial<CreateAudience>) =>
    decide(stateOf(catalogOf(audience(1))), [{ ...creation('x', person, details), ...command }]).outcomes[0];

  it.each<[string, Partial<CreateAudience>, object]>([
    ['has no Application unless one is given', {}, { applicationIds: [], integrationId: 'x' }],
    [
      'may have a platform without an ID there',
      { target: undefined, details: { ...details, integration: ' Segment ' } },
      { integration: 'Segment', integrationId: undefined },
    ],
    [
      'may have no platform',
      { target: undefined, details: { ...details, integration: ' ' } },
      { integration: undefined, integrationId: undefined },
    ],
    ['may have neither', { target: undefined }, { integration: undefined, integrationId: undefined }],
    [
      'has the platform of its ID',
      { details: { ...details, integration: 'Segment' } },
      { integration: 'customer data platform' },
    ],
  ])('%s', (_, command, result) => expect(created(command)).toMatchObject({ result: { id: 100, ...result } }));

  it('is not created for an Application that does not exist', () => {
    expect(created({ details: { ...details, applicationIds: [9] } })).toMatchObject({ error: { code: 'not_found' } });
  });

  it('takes its name to a known one where creating renames', () => {
    const catalog = catalogOf(audience(1));
    const { outcomes, changes } = decide(stateOf(catalog), [
      { ...creation('a1', person), renames: true },
      { ...creation('x', person), renames: true },
    ]);
    expect(outcomes).toMatchObject([{ result: { id: 1, name: 'New', modified: NOW } }, { result: { id: 100 } }]);
    expect([...changes.audiences.keys()]).toEqual([1, 100]);
    expect(changes.audits).toMatchObject([
      { record: { entity: '/v1/audiences/1', old: { name: 'Audience 1' }, new: { name: 'New' } } },
      { record: { entity: '/v1/audiences/100' } },
    ]);
  });
});

it('changes description and Applications, each of these once, and refuses unknown ones', () => {
  const catalog = catalogOf(audience(1, { applicationIds: [8] }));
  for (const id of [8, 9]) catalog.putApplication({ id, environment: 'live' } as Application);
  const { outcomes } = decide(stateOf(catalog), [
    change(1, { description: 'More' }),
    change(1, { applicationIds: [9, 9] }),
    change(1, { applicationIds: [10] }),
  ]);
  const name = 'Audience 1';
  expect(outcomes).toMatchObject([
    { result: { name, description: 'More', applicationIds: [8] } },
    { result: { name, description: 'More', applicationIds: [9] } },
    { error: { code: 'not_found' } },
  ]);
  expect(catalog.audienceIn('live', 1)).toMatchObject({ applicationIds: [9] });
});

describe('an audience that is emptied', () => {
  const emptying = (audienceId: number, by: Caller = person): EmptyAudience => ({
    kind: 'emptyAudience',
    caller: by,
    target: { audienceId },
  });

  it('gets a new set, and one entry that counts its members as they are at that place in the batch', () => {
    const known = audience(1);
    const state = { ...stateOf(catalogOf(known)), memberCount: () => 3 };
    const { outcomes, changes } = decide(state, [
      bulk([{ integrationId: 'p', adds: ['a1'] }]),
      emptying(1),
      emptying(1),
      bulk([{ integrationId: 'p', adds: ['a1'] }]),
    ]);
    const emptied = { ...known, memberSet: 1000 };
    expect(outcomes.slice(1, 3)).toEqual([
      { result: null, changed: { joins: 0, leaves: 4, profiles: 0 } },
      { result: null, changed: { joins: 0, leaves: 0, profiles: 0 } },
    ]);
    expect(changes.ledger.map(({ request, profileId, action, count }) => [request, profileId, action, count])).toEqual([
      [0, 100, 'joined', 1],
      [1, undefined, 'emptied', 4],
      [2, 100, 'joined', 1],
    ]);
    expect([...changes.audiences]).toEqual([[1, { audience: emptied, deleted: false }]]);
    expect(state.catalog.audienceIn('live', 1)).toEqual(emptied);
    expect(state.sequences.memberSet).toBe(1001);
    expect(changes.deadSets).toEqual([10]);
    expect(changes.audits).toEqual([
      {
        actor: { userId: 4, managementKeyId: undefined },
        record: { entity: '/v1/audiences/1/memberships', applicationId: undefined, old: { members: 4 } },
      },
    ]);
  });

  it('must exist', () => {
    expect(decide(stateOf(catalogOf()), [emptying(1)]).outcomes).toMatchObject([{ error: { code: 'not_found' } }]);
  });
});

describe('the definition of an audience', () => {
  const at = (time: number, place = 1): Caller => caller({ replay: { time, place, override: true } });

  /** What is noted of audience 1, which changed at 600, and of one that is created. */
  function noted(earlier: DefinitionNote | undefined, ...commands: (CreateAudience | UpdateAudience)[]) {
    const state = stateOf(catalogOf(audience(1, { modified: 600 })));
    const nothing = (): undefined => undefined;
    const history = {
      valueNote: nothing,
      anyValueNote: nothing,
      membershipNote: nothing,
      definitionNote: () => earlier,
      membershipChanges: () => ({ events: [], isWhole: true }),
      lastReplacement: nothing,
      lastMemberChange: nothing,
      lastDeleted: nothing,
    };
    const { changes } = decide({ ...state, history }, commands);
    return [...changes.replayed.definitions];
  }

  it.each<[string, DefinitionNote | undefined, (CreateAudience | UpdateAudience)[], unknown[]]>([
    ['is not noted for live changes', undefined, [change(1, { name: 'A' }), creation('x')], []],
    [
      'is noted with the arrival of a newer replay',
      undefined,
      [change(1, { name: 'A' }, at(700, 2))],
      [[1, { arrival: { time: 700, place: 2 }, written: NOW }]],
    ],
    [
      'keeps the time of the live change that a replay overrides',
      undefined,
      [change(1, { name: 'A' }, at(500, 2))],
      [[1, { arrival: { time: 600, place: Number.MAX_SAFE_INTEGER }, written: NOW }]],
    ],
    [
      'keeps the newer arrival of an earlier replay',
      { arrival: { time: 550, place: 4 }, written: 600 },
      [change(1, { name: 'A' }, at(550, 3))],
      [[1, { arrival: { time: 550, place: 4 }, written: NOW }]],
    ],
    [
      'takes the arrival of a replay that is newer than an earlier one',
      { arrival: { time: 550, place: 4 }, written: 600 },
      [change(1, { name: 'A' }, at(550, 5))],
      [[1, { arrival: { time: 550, place: 5 }, written: NOW }]],
    ],
    [
      'is compared with what the batch itself noted',
      undefined,
      [change(1, { name: 'A' }, at(700)), change(1, { name: 'B' }, at(650))],
      [[1, { arrival: { time: 700, place: 1 }, written: NOW }]],
    ],
    [
      'is forgotten by a live change in the same batch',
      undefined,
      [change(1, { name: 'A' }, at(700)), change(1, { name: 'B' })],
      [],
    ],
  ])('%s', (_, earlier, commands, expected) => expect(noted(earlier, ...commands)).toEqual(expected));
});
