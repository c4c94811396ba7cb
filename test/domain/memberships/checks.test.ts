/** Which checks a write must pass before it is queued, in the published order. */

import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import { checkCommand } from '../../../src/domain/memberships/checks.ts';
import type { WriteCommand } from '../../../src/domain/memberships/commands.ts';
import {
  attributesOfAll,
  audience,
  bulk,
  caller,
  catalogOf,
  creation,
  deletion,
  PLATFORM,
  update,
} from './batch-state.ts';

const catalog = catalogOf(audience(1));
catalog.putApplication({ id: 7, environment: 'live', name: 'Shop' } as Application);

const rows = { isLenient: true, maxErrors: undefined, places: [0], refused: [] };
const updates = (more: object): WriteCommand => ({
  kind: 'updateProfiles',
  caller: caller(),
  items: [],
  isAnswered: false,
  ...more,
});
const rename = (audienceId: number, applicationIds?: number[]): WriteCommand => ({
  kind: 'updateAudience',
  caller: caller(),
  target: { audienceId },
  change: { applicationIds },
});
const emptying = (audienceId: number): WriteCommand => ({ ...deletion(audienceId), kind: 'emptyAudience' });
const details = (applicationIds: number[]) => ({ description: '', applicationIds, createdInThirdParty: false });
const memberships = (ref: string) => ({
  integration: PLATFORM,
  items: [{ integrationId: 'a', adds: [ref], deletes: [] }],
});
const item = (attributes: object) => ({ integrationId: 'a', attributes });

/** The code of the refusal, and the pointers or messages of its problems; undefined if the write passes. */
function refusal(command: WriteCommand, stored?: Record<string, string>): string | undefined {
  const rules = { isAllowed: () => true, limits: { valueBytes: 10, profileBytes: 30 } };
  try {
    checkCommand(catalog, command, rules, stored === undefined ? undefined : () => stored);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const places = error.problems.map(({ source, message }) =>
      source !== undefined && 'pointer' in source ? source.pointer : message,
    );
    return `${error.code} ${places.join(' ')}`;
  }
  return undefined;
}

describe('a write', () => {
  const NOBODY = `Audience 'nobody' not found for '${PLATFORM}'`;
  const cases: [string, WriteCommand, string | undefined][] = [
    ['of a profile', update('a', { attributes: { Tier: 'gold' }, adds: ['a1'] }), undefined],
    [
      'of a wrong value and an audience',
      update('a', { attributes: { Tier: 1 }, adds: ['x'] }),
      'invalid /attributes/Tier',
    ],
    ['of an unknown audience', update('a', { adds: ['nobody'] }), `not_found ${NOBODY}`],
    ['of many profiles', updates({ items: [item({ Tier: 'gold' })], memberships: memberships('a1') }), undefined],
    [
      'of wrong values',
      updates({ items: [item({}), item({ Tier: 1 })] }),
      'invalid /customerProfiles/1/attributes/Tier',
    ],
    ['of undefined attributes', updates({ items: [item({ Size: 1 })] }), 'invalid /customerProfiles/0/attributes/Size'],
    ['that skips them', updates({ items: [item({ Size: 1 })], skipUndefinedAttributes: true }), undefined],
    ['of profiles in an unknown audience', updates({ memberships: memberships('nobody') }), `not_found ${NOBODY}`],
    ['whose rows are judged', updates({ items: [item({ Tier: 1 })], rows }), undefined],
    ['of memberships', bulk([{ integrationId: 'a', adds: ['a1'], deletes: [1] }]), undefined],
    ['of unknown memberships', bulk([{ integrationId: 'a', deletes: ['nobody'] }]), `not_found ${NOBODY}`],
    ['whose memberships are judged', { ...bulk([{ integrationId: 'a', adds: ['nobody'] }]), rows }, undefined],
    ['that erases', { kind: 'eraseProfile', caller: caller(), integrationId: 'unknown' }, undefined],
    ['that creates', creation({ details: details([7]) }), undefined],
    ['that creates without details', creation({}), undefined],
    [
      'that creates a known audience',
      creation({ target: { integration: PLATFORM, integrationId: 'a1' }, details: details([8]) }),
      "conflict Audience 'a1' already exists",
    ],
    ['that creates elsewhere', creation({ details: details([8]) }), 'not_found /subscribedApplicationsIds/0'],
    ['that renames', rename(1, [7]), undefined],
    ['that renames an unknown audience', rename(2, [8]), 'not_found Audience 2 not found'],
    ['that moves an audience elsewhere', rename(1, [7, 8]), 'not_found /subscribedApplicationsIds/1'],
    ['that sets values of all', attributesOfAll(1, { Tier: 'gold' }), undefined],
    ['that sets values of an unknown audience', attributesOfAll(2, { Tier: 1 }), 'not_found Audience 2 not found'],
    ['that sets wrong values of all', attributesOfAll(1, { Tier: 1 }), 'invalid /attributes/Tier'],
    ['that empties', emptying(1), undefined],
    ['that empties an unknown audience', emptying(2), 'not_found Audience 2 not found'],
    ['that deletes', deletion(1), undefined],
    ['that deletes an unknown audience', deletion(2), 'not_found Audience 2 not found'],
  ];
  it.each(cases)('%s passes or is refused', (_, command, expected) => {
    expect(refusal(command)).toBe(expected);
  });

  it('may keep a large value that the profile has', () => {
    const [large, larger] = ['x'.repeat(20), 'x'.repeat(21)];
    for (const command of [update('a', { attributes: { Tier: large } }), updates({ items: [item({ Tier: large })] })]) {
      expect(refusal(command)).toMatch(/^invalid .*\/attributes\/Tier$/);
      expect(refusal(command, { Tier: larger })).toBeUndefined();
    }
    expect(refusal(attributesOfAll(1, { Tier: large }), { Tier: larger })).toBe('invalid /attributes/Tier');
  });
});
