/** What looks wrong in a list: how often, in which lines, and in which words. */

import { expect, it } from 'vitest';
import { ListWarnings, withoutOuterBlanks } from '../../src/formats/list-warnings.ts';

/** The warnings of a list with these entries, the first of which is on line 2. */
function warningsOf(entries: readonly string[], wouldBeSame?: number) {
  const warnings = new ListWarnings();
  for (const [index, entry] of entries.entries()) warnings.watch(index + 2, entry);
  expect(warnings.entries).toBe(entries.length);
  return warnings.list(wouldBeSame);
}

it.each([
  ['1.5E+11', 'shortenedNumber'],
  ['9,25E+19', 'shortenedNumber'],
  ['9,25E+20', 'shortenedNumber'],
  ['1.5E+100', 'shortenedNumber'],
  ['="1"', 'formula'],
  ['=""', 'formula'],
  [' a', 'outerBlank'],
  ['a\u0085b ', 'outerBlank'],
  ['\u200b', 'outerBlank'],
  ['a\u00ad', 'outerBlank'],
])('%j is %s', (entry, kind) => {
  expect(warningsOf(['x', entry])).toMatchObject([{ kind, count: 1, samples: [{ line: 3, entry }] }]);
});

it.each(['1.5E+10', '1.5E+9', '1.5E+1000', '15E+11', '="a"b', 'x="a"', '="a', '="a"b"', '~', '!', '\u007f', 'é', ''])(
  '%j is nothing of note',
  (entry) => {
    expect(warningsOf(['x', entry])).toEqual([]);
  },
);

it.each([
  ['  a b\t\u200b', 'a b'],
  ['a', 'a'],
  [' \u00a0', ''],
])('%j is %j without outer blanks', (entry, expected) => {
  expect(withoutOuterBlanks(entry)).toBe(expected);
});

it('shows five samples, each cut to 100 characters', () => {
  const entries = [' '.padEnd(100, 'x'), ' '.padEnd(101, 'x'), ...Array.from({ length: 4 }, () => ' b')];
  const [warning, ...others] = warningsOf(entries);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ kind: 'outerBlank', count: 6 });
  expect(warning?.samples).toEqual([
    { line: 2, entry: entries[0] },
    { line: 3, entry: `${entries[0]}…` },
    ...[4, 5, 6].map((line) => ({ line, entry: ' b' })),
  ]);
});

it('knows what was found', () => {
  const warnings = new ListWarnings();
  expect(warnings.has('endMark')).toBe(false);
  warnings.add('endMark', 7, '\x1a');
  expect(warnings.has('endMark')).toBe(true);
  expect(warnings.has('formula')).toBe(false);
  expect(warnings.list()).toMatchObject([{ kind: 'endMark', count: 1, samples: [{ line: 7, entry: '\x1a' }] }]);
});

it.each([
  [',', 'a comma'],
  [';', 'a semicolon'],
  ['\t', 'a tab'],
  ['|', 'a bar'],
])('names the separator %j in every entry', (separator, name) => {
  const entries = Array.from({ length: 6 }, (_, n) => `a${separator}${n}`);
  const [warning, ...others] = warningsOf(entries);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ kind: 'separator', count: 6 });
  expect(warning?.samples).toEqual(entries.slice(0, 5).map((entry, index) => ({ line: index + 2, entry })));
  expect(warning?.message).toMatch(new RegExp(`^Each of the 6 contains ${name}, although`));
  expect(warningsOf([`a${separator}b`])[0]?.message).toMatch(new RegExp(`^The only entry contains ${name}, although`));
  expect(warningsOf([...entries, 'a'])).toEqual([]);
  expect(warningsOf(['a', ...entries])).toEqual([]);
});

it('finds no separator in a list without entries', () => {
  expect(warningsOf([])).toEqual([]);
});

it('says how many entries would be equal without outer blanks', () => {
  const message = (wouldBeSame?: number): string | undefined => warningsOf(['a ', 'b'], wouldBeSame)[0]?.message;
  const basic = '1 of 2 begin or end with a blank, which counts as part of them';
  expect(message()).toBe(basic);
  expect(message(0)).toBe(basic);
  expect(message(1)).toBe(`${basic}; without it 1 would equal another entry`);
});
