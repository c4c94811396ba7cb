/** The name that was probably meant: typing errors first, then names that were shortened or extended. */

import { describe, expect, test } from 'vitest';
import { nearestName } from '../../src/domain/nearest-name.ts';

const FIELDS = ['attributes', 'audiencesChanges', 'runRuleEngine', 'customerProfileId', 'dry', 'uuids', 'id'];

describe('the nearest name', () => {
  test.each([
    ['audienceChanges', 'audiencesChanges'],
    ['audiencesChange', 'audiencesChanges'],
    ['audiences_changes', 'audiencesChanges'],
    ['AUDIENCESCHANGES', 'audiencesChanges'],
    ['atributes', 'attributes'],
    ['attirbutes', 'attributes'],
    ['dryRun', 'dry'],
    ['isDry', 'dry'],
    ['uuid', 'uuids'],
    ['customerId', 'customerProfileId'],
    ['ruleEngine', 'runRuleEngine'],
  ])('to %s is %s', (name, meant) => expect(nearestName(name, FIELDS)).toBe(meant));

  test.each(['tier', 'x', '', 'note', 'ad', '__proto__', 'a'.repeat(10_000)])('to %s is none', (name) =>
    expect(nearestName(name, FIELDS)).toBeUndefined(),
  );

  test('is the one with the fewest changes', () => {
    expect(nearestName('names', ['title', 'name', 'games'])).toBe('name');
    expect(nearestName('title', ['titles', 'title_'])).toBe('title_');
  });

  test('is the first of two that are equally near', () => {
    expect(nearestName('bat', ['cat', 'hat'])).toBe('cat');
  });

  test.each([
    // Of this many letters, at most one in three may differ.
    ['abc', 'abd', true],
    ['abc', 'add', false],
    ['abcdef', 'abcdxy', true],
    ['abcdef', 'abcxyz', false],
    ['ab', 'ax', false],
  ])('%s for %s: %s', (name, known, isNear) => {
    expect(nearestName(name, [known])).toBe(isNear ? known : undefined);
  });

  test.each([
    ['a letter replaced', 'abXdefghi'],
    ['a letter left out', 'abdefghi'],
    ['a letter too many', 'abccdefghi'],
    ['neighbours swapped', 'abdcefghi'],
    ['the first two swapped', 'bacdefghi'],
    ['the last two swapped', 'abcdefgih'],
  ])('counts %s as one change', (_title, name) => {
    // The other name comes first, but is two changes away.
    expect(nearestName(name, ['zzcdefghi', 'abcdefghi'])).toBe('abcdefghi');
  });

  test('takes a swap for less than two replaced letters', () => {
    expect(nearestName('ba', ['ab'])).toBeUndefined();
    expect(nearestName('bac', ['abc'])).toBe('abc');
    expect(nearestName('acb', ['abc'])).toBe('abc');
    expect(nearestName('xbac', ['xabc'])).toBe('xabc');
  });

  test.each([
    ['begins', 'cat', 'catalogue', true],
    ['ends', 'loc', 'dialogloc', true],
    ['is too short a part', 'ca', 'catalogue', false],
    ['stands in the middle', 'alo', 'catalogue', false],
  ])('of a name that %s with the other: %s for %s', (_title, name, known, isNear) => {
    expect(nearestName(name, [known])).toBe(isNear ? known : undefined);
    expect(nearestName(known, [name])).toBe(isNear ? name : undefined);
  });

  test.each([
    ['firstWord lastWord', 'first word with a last word', true],
    ['alphaOmega', 'alpha_and_the_omega', true],
    ['alpha_and_the_omega', 'alphaOmega', true],
    ['alpha__omega', 'alpha_and_the_omega', true],
    ['alphaOmega', 'alpha_and_the_other', false],
    // A word that two names share does not decide between them.
    ['omega', 'alphaOmegaGamma', false],
  ])('of names whose words are among those of the other: %s for %s', (name, known, isNear) => {
    expect(nearestName(name, [known])).toBe(isNear ? known : undefined);
  });

  test('prefers every slip of the pen to a part', () => {
    expect(nearestName('catalo', ['catalogueOfAll', 'catxloo'])).toBe('catxloo');
    // The nearer of two parts.
    expect(nearestName('cat', ['catalogueOfAll', 'catalogue'])).toBe('catalogue');
  });

  test('is not sought for more than a hundred letters', () => {
    expect(nearestName('a'.repeat(100), ['a'.repeat(101)])).toBe('a'.repeat(101));
    expect(nearestName('a'.repeat(101), ['a'.repeat(101)])).toBeUndefined();
  });
});
