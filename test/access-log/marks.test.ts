/** The text of marks, and how much of an ignored name is kept. */

import { describe, expect, test } from 'vitest';
import { ignoredName, looksUnfilled, markText, suggestionText } from '../../src/access-log/marks.ts';

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
    expect(markText(ignoredName('ignored parameter', name, 'dry'))).toBe(
      'ignored query parameter: a name that no parameter has',
    );
  });

  test.each(['a', '_', '$ref', 'a1', 'a-b', 'data[].name', 'a.b', 'n'.repeat(100)])(
    'keeps %s, which can be a name',
    (name) => expect(ignoredName('ignored field', name, undefined)).toEqual({ kind: 'ignored field', name }),
  );

  test.each(['1a', '-a', 'a.1', 'a[]', 'a[]b', 'a[0].b', '.a', 'a.', 'a[][].b', 'a b.c', ' a', 'a '])(
    'does not keep %j, which can be none',
    (name) => expect(ignoredName('ignored field', name, undefined).name).toBe(''),
  );

  test('has words of its own where nothing was ignored', () => {
    expect(markText({ kind: 'client gone' })).toBe('client gone before its response');
    expect(markText({ kind: 'empty body' })).toBe('the body was empty, so nothing was changed');
    expect(suggestionText(undefined)).toBe('');
    expect(suggestionText('dry')).toBe('; did you mean `dry`?');
  });
});

describe('an ID that looks like an unfilled template', () => {
  test.for([
    'null',
    'NULL',
    'undefined',
    'NaN',
    '[object Object]',
    '{{}}',
    '{{ customer.id }}',
    'crm-{{customer.id}}-eu',
    '{{{customer.id}}}',
    '${user_id}',
    'crm-${}',
    '%%CustomerKey%%',
    '{% if customer %}',
    '<%= customer.id %>',
    '*|CUSTOMER_ID|*',
  ])('%s', (id) => {
    expect(looksUnfilled(id)).toBe(true);
  });

  test.for([
    '',
    'ada',
    'Null',
    'nullable',
    'x-undefined',
    'nan',
    'a{b}c',
    '{{half',
    'half}}',
    '}}{{',
    '$100',
    '${half',
    '100%',
    '50%%',
    '%%%%',
    '<b>',
    '*|*',
    '{"id":1}',
    '[1]',
  ])('%s is an ID', (id) => {
    expect(looksUnfilled(id)).toBe(false);
  });

  test('is found quickly, however many beginnings it has', () => {
    const hostile = ['{{', '${', '%%', '<%', '{%', '*|a', '{{a'].map((each) => each.repeat(100_000).slice(0, 100_001));
    for (const id of hostile) looksUnfilled(id);
    // A quadratic search would take minutes for any of these, and the test would time out.
    expect(hostile.some(looksUnfilled)).toBe(false);
  });

  test('is put into words without the ID', () => {
    expect(markText({ kind: 'unfilled template', name: 'data[].customerProfileId' })).toBe(
      '`data[].customerProfileId` looks like an unfilled template',
    );
  });
});
