/** How schemas read query strings: what each kind of parameter accepts, and what a refusal says. */

import { parse } from 'node:querystring';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { numberCursorQuery, pageQuery, writeCursor } from '../../src/http/paging.ts';
import { Defaulted, Flag, Numbers, Parsed, Time } from '../../src/http/query-parameters.ts';
import { compileQuery } from '../../src/http/query-strings.ts';

const read = compileQuery(
  Type.Object({
    ...pageQuery(['-id', 'name']),
    ...numberCursorQuery,
    flag: Flag('A flag'),
    shown: Defaulted(Type.Boolean({ default: true })),
    sandbox: Type.Optional(Type.Boolean()),
    status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    kind: Type.Optional(Type.Enum(['one', 'two'])),
    note: Type.Optional(Type.String({ maxLength: 3 })),
    since: Type.Optional(Time('Since when')),
    ids: Type.Optional(Numbers({})),
    zone: Defaulted(
      Parsed(Type.String({ default: 'UTC', 'x-expected': 'a zone' }), (text) =>
        text === 'nowhere' ? undefined : text.toUpperCase(),
      ),
    ),
  }),
);

function valuesOf(query: string): Record<string, unknown> {
  const result = read(parse(query));
  if ('error' in result) throw result.error;
  return result.value;
}
function problemsOf(query: string): string[] {
  const result = read(parse(query));
  if (!('error' in result)) return [];
  expect(result.error.code).toBe('invalid');
  return result.error.problems.map(({ title, message, source }) => {
    expect(title).toBe('Invalid value');
    expect(source).toEqual({ parameter: /^Query parameter (\w+): /.exec(message)?.[1] });
    return message.replace('Query parameter ', '');
  });
}

describe('a query string', () => {
  const defaults = {
    pageSize: 1000,
    skip: 0,
    sort: { field: 'id', descending: true },
    flag: false,
    shown: true,
    zone: 'UTC',
  };

  test.each(['', 'pageSize=&skip=&sort=&cursor=&flag=&shown=&sandbox=&status=&kind=&note=&since=&ids=&zone='])(
    'has its defaults where parameters are absent or empty: %j',
    (query) => expect(valuesOf(query)).toEqual(defaults),
  );

  test('leaves out what the schema does not name', () => {
    expect(valuesOf('other=1&constructor=2')).toEqual(defaults);
  });

  const taken: [query: string, name: string, value: unknown][] = [
    ['pageSize=1', 'pageSize', 1],
    ['pageSize=0001000', 'pageSize', 1000],
    ['skip=9007199254740991', 'skip', Number.MAX_SAFE_INTEGER],
    ['sort=id', 'sort', { field: 'id', descending: false }],
    ['sort=-name', 'sort', { field: 'name', descending: true }],
    ['flag=TRUE', 'flag', true],
    ['flag=1', 'flag', true],
    ['shown=False', 'shown', false],
    ['shown=0', 'shown', false],
    ['sandbox=false', 'sandbox', false],
    ['status=599', 'status', 599],
    ['kind=two', 'kind', 'two'],
    ['note=%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80', 'note', '😀😀😀'],
    ['since=2026-01-31T12:30:00+0200', 'since', Date.UTC(2026, 0, 31, 10, 30)],
    ['since=1970-01-01', 'since', 0],
    ['ids=7', 'ids', [7]],
    ['ids=7,%208%20,7', 'ids', [7, 8, 7]],
    [`ids=${Array(1000).fill('1').join()}`, 'ids', Array(1000).fill(1)],
    ['zone=cet', 'zone', 'CET'],
    [`cursor=${writeCursor([7])}`, 'cursor', 7],
    [`cursor=${writeCursor([7, 'more'])}&skip=`, 'cursor', 7],
  ];
  test.each(taken)('is read: %s', (query, name, value) => expect(valuesOf(query)[name]).toEqual(value));

  const wrongCursor = 'cursor: expected the nextCursor of the previous page, unchanged';
  const refused: [query: string, ...problems: string[]][] = [
    ['pageSize=0', 'pageSize: expected a whole number from 1 to 1000'],
    ['pageSize=1001', 'pageSize: expected a whole number from 1 to 1000'],
    ['pageSize=1e2', 'pageSize: expected a whole number from 1 to 1000'],
    ['pageSize=0x10', 'pageSize: expected a whole number from 1 to 1000'],
    ['pageSize=%207', 'pageSize: expected a whole number from 1 to 1000'],
    ['skip=-1', 'skip: expected a whole number from 0 to 9007199254740991'],
    ['skip=9007199254740992', 'skip: expected a whole number from 0 to 9007199254740991'],
    ['skip=00000000000000001', 'skip: expected a whole number from 0 to 9007199254740991'],
    ['sort=created', 'sort: expected one of id, name, with a leading - for descending order'],
    ['sort=--id', 'sort: expected one of id, name, with a leading - for descending order'],
    ['flag=yes', 'flag: expected true or false'],
    ['flag=true&flag=true', 'flag: expected true or false, given once'],
    ['status=99', 'status: expected a whole number from 100 to 599'],
    ['kind=One', 'kind: expected one of one, two'],
    ['note=four', 'note: expected at most 3 characters'],
    ['since=soon', 'since: expected an RFC 3339 time such as 2027-06-30T12:00:00Z, or a date such as 2027-06-30'],
    ['ids=7,', 'ids: expected up to 1000 numbers, separated by commas'],
    ['ids=7;8', 'ids: expected up to 1000 numbers, separated by commas'],
    [`ids=${Array(1001).fill('1').join()}`, 'ids: expected up to 1000 numbers, separated by commas'],
    ['ids=1&ids=2', 'ids: expected up to 1000 numbers, separated by commas, given once'],
    ['zone=nowhere', 'zone: expected a zone'],
    ['cursor=nonsense', wrongCursor],
    [`cursor=${writeCursor(['text'])}`, wrongCursor],
    [`cursor=${Buffer.from('[]').toString('base64url')}`, wrongCursor],
    [`cursor=${Buffer.from('[7,1.5]').toString('base64url')}`, wrongCursor],
    [`cursor=${writeCursor([7])}&skip=0`, 'cursor: cannot be used together with skip'],
    ['flag=yes&kind=three', 'flag: expected true or false', 'kind: expected one of one, two'],
  ];
  test.each(refused)('is refused: %s', (query, ...problems) => expect(problemsOf(query)).toEqual(problems));

  test('lacks what it must have', () => {
    const required = compileQuery(
      Type.Object({ from: Time('From'), name: Type.String({ minLength: 1, maxLength: 9 }) }),
    );
    const result = required(parse('from='));
    expect('error' in result && result.error.message).toBe(
      'Query parameter from: required; an RFC 3339 time such as 2027-06-30T12:00:00Z, or a date such as 2027-06-30; Query parameter name: required; 1 to 9 characters',
    );
  });
});

describe('the schema of a query', () => {
  test.each([
    ['a keyword that nothing holds to', Type.String({ pattern: '^a' })],
    ['a type that no text can have', Type.Array(Type.String())],
  ])('must not have %s', (_what, parameter) => {
    expect(() => compileQuery(Type.Object({ parameter }))).toThrow('Query parameter parameter');
  });

  test('must have the default it promises', () => {
    expect(() => Defaulted(Type.String())).toThrow('no default');
  });
});
