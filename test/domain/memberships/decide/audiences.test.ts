/**
 * Audiences in a batch: created, changed and deleted, with their audit records and the order in which they are saved.
 */

import { expect, it } from 'vitest';
import type { Application } from '../../../../src/domain/definitions/applications.ts';
import { inSavingOrder } from '../../../../src/domain/memberships/batch.ts';
import type { Caller, CreateAudience, UpdateAudience } from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, caller, catalogOf, deletion, NOW, stateOf } from '../batch-state.ts';

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
    name: 'New',
    integration: 'customer data platform',
    integrationId: 'x',
    createdInThirdParty: true,
    applicationIds: [7],
    memberSet: 1000,
    created: NOW,
    modified: NOW,
  };
  expect(outcomes[0]).toMatchObject({ result: created });
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
  expect(changes.audits).toMatchObject([{ actor: { userId: 4 }, record: { entity: '/v1/audiences/100' } }]);
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
