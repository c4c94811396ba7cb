/** Pages of lists: slicing, sorting, cursors, and their documentation. */

import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import {
  cursorQuery,
  FlaggedPage,
  MorePage,
  pageSizeQuery,
  slicePage,
  sortForPage,
  sortQuery,
  TotalPage,
  totalQuery,
  writeCursor,
} from '../../src/http/paging.ts';
import { compileQuery } from '../../src/http/query-strings.ts';

describe('a list in memory', () => {
  const all = ['a', 'b', 'c', 'd', 'e'];

  test.each<[skip: number, pageSize: number, data: string, hasMore: boolean]>([
    [0, 2, 'ab', true],
    [2, 2, 'cd', true],
    [3, 2, 'de', false],
    [4, 2, 'e', false],
    [5, 2, '', false],
    [9, 2, '', false],
    [0, 5, 'abcde', false],
    [0, 4, 'abcd', true],
  ])('is cut: from %i, %i entries', (skip, pageSize, data, hasMore) => {
    expect(slicePage(all, { skip, pageSize })).toEqual({ data: data.split(''), hasMore, totalResultSize: 5 });
  });

  test('is sorted either way; equals keep their order, and the list stays as it is', () => {
    const items = [
      { id: 2, name: 'b' },
      { id: 3, name: 'a' },
      { id: 1, name: 'b' },
      { id: 10, name: 'a' },
    ];
    const sorted = (field: 'id' | 'name', descending: boolean): number[] =>
      sortForPage(items, { sort: { field, descending } }, (item, by) => item[by]).map(({ id }) => id);
    expect(sorted('id', false)).toEqual([1, 2, 3, 10]);
    expect(sorted('id', true)).toEqual([10, 3, 2, 1]);
    expect(sorted('name', false)).toEqual([3, 10, 2, 1]);
    expect(sorted('name', true)).toEqual([2, 1, 3, 10]);
    expect(items[0]?.id).toBe(2);
  });
});

describe('a cursor', () => {
  const read = compileQuery(Type.Object(cursorQuery((parts) => (parts.length === 2 ? parts : undefined))));
  const positionOf = (cursor: string): unknown => {
    const result = read({ cursor });
    return 'error' in result ? result.error.message : result.value['cursor'];
  };

  test('gives back what was written', () => {
    expect(positionOf(writeCursor([7, 'ä']))).toEqual([7, 'ä']);
  });

  test.each<[string, string]>([
    ['of another list', writeCursor([7])],
    ['of nothing', writeCursor([])],
    ['with a number that is not whole', writeCursor([1.5, 2])],
    ['with another kind of value', Buffer.from('[true, 1]').toString('base64url')],
    ['that is no list', Buffer.from('{"length": 2}').toString('base64url')],
    ['that is not JSON', 'abc'],
  ])('%s is refused', (_, cursor) => {
    expect(positionOf(cursor)).toContain('the nextCursor of the previous page, unchanged');
  });
});

test('a cursor of nothing is refused whatever the list reads from it', () => {
  const read = compileQuery(Type.Object(cursorQuery(() => 'any')));
  expect(read({ cursor: writeCursor([1]) })).toMatchObject({ value: { cursor: 'any' } });
  expect(read({ cursor: writeCursor([]) })).toHaveProperty('error');
});

test('a list is sorted by fields whose names contain hyphens', () => {
  const read = compileQuery(Type.Object(sortQuery(['-created-at', 'id'])));
  const sorted = (sort: string) => read({ sort });
  expect(sorted('-created-at')).toMatchObject({ value: { sort: { field: 'created-at', descending: true } } });
  expect(sorted('created-at')).toMatchObject({ value: { sort: { field: 'created-at', descending: false } } });
  expect(sorted('createdat')).toHaveProperty('error');
});

describe('the documentation', () => {
  const Item = Type.Object({ id: Type.Integer() }, { title: 'Item', examples: [{ id: 7 }] });
  const Untitled = Type.Object({ id: Type.Integer() }, { examples: [{ id: 8 }] });

  test('names a page after its items, and shows one', () => {
    expect(TotalPage(Item)).toMatchObject({ title: 'ItemPage', examples: [{ totalResultSize: 1, data: [{ id: 7 }] }] });
    expect(MorePage(Item)).toMatchObject({ title: 'ItemPage', examples: [{ hasMore: false, data: [{ id: 7 }] }] });
    expect(FlaggedPage(Item)).toMatchObject({ title: 'ItemPage', examples: [{ hasMore: false, data: [{ id: 7 }] }] });
    for (const page of [TotalPage, MorePage, FlaggedPage]) expect(page(Untitled)).not.toHaveProperty('title');
  });

  test('has what is always there, and what depends on the question', () => {
    expect(TotalPage(Item).required).toEqual(['totalResultSize', 'data']);
    expect(MorePage(Item).required).toEqual(['hasMore', 'data']);
    expect(FlaggedPage(Item).required).toEqual(['data']);
    expect(TotalPage(Item).properties.totalResultSize).toMatchObject({ type: 'integer', minimum: 0 });
    expect(FlaggedPage(Item).properties.totalResultSize).toMatchObject({ type: 'integer', minimum: 0 });
  });

  test('says how many entries there are in a page unless it is asked for others', () => {
    expect(pageSizeQuery().pageSize).toMatchObject({ minimum: 1, maximum: 1000, default: 1000 });
    expect(pageSizeQuery(50).pageSize).toMatchObject({ minimum: 1, maximum: 1000, default: 50 });
    expect(totalQuery.withTotalResultSize).toMatchObject({ type: 'boolean', default: false });
  });
});
