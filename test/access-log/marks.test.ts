/** What an ignored name was probably meant to be, and how much of it is kept. */

import { describe, expect, test } from 'vitest';
import { ignoredName, markText } from '../../src/access-log/marks.ts';
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
});

describe('a mark', () => {
  test('says what was ignored, and what was probably meant', () => {
    const mark = ignoredName('ignored field', 'audienceChanges', 'audiencesChanges');
    expect(mark).toEqual({ kind: 'ignored field', name: 'audienceChanges', suggestion: 'audiencesChanges' });
    expect(markText(mark)).toBe('ignored: `audienceChanges`; did you mean `audiencesChanges`?');
    expect(markText(ignoredName('ignored field', 'data[].note', undefined))).toBe('ignored: `data[].note`');
    expect(markText(ignoredName('ignored parameter', 'sort', undefined))).toBe('ignored query parameter: `sort`');
  });

  test.each([
    'ada@example.com',
    '1',
    'a b',
    'x\u0000y',
    'x\ny',
    '',
    `n${'a'.repeat(100)}`,
    '<script>',
    'a`b',
    `rck_${'a1B2'.repeat(10)}`,
  ])('does not keep a name that may be a value or a secret: %j', (name) => {
    expect(ignoredName('ignored field', name, 'dry')).toEqual({ kind: 'ignored field', name: '' });
    expect(markText(ignoredName('ignored field', name, 'dry'))).toBe('ignored: a name that no field has');
  });
});
