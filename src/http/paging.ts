/** Pages of lists as the Management API has them: `pageSize`, `skip`, `sort`, and our cursor for lists that may be long. */

import { type TSchema, Type } from 'typebox';
import { exampleOf } from './examples.ts';
import { extended } from './extended.ts';
import { Defaulted, Flag, Parsed } from './query-parameters.ts';

const MAX_PAGE = 1000;

/** What a list is sorted by. */
export interface Sort<Field extends string = string> {
  readonly field: Field;
  readonly descending: boolean;
}

/** Which part of a list is asked for. */
interface Slice {
  readonly pageSize: number;
  readonly skip: number;
}

/** What a cursor is made of. */
type CursorParts = readonly (number | string)[];

// ---- how a list is asked for

/** The size of a page alone, for lists that go on by cursor only. @param size entries unless the query says otherwise */
export const pageSizeQuery = (size = MAX_PAGE) => ({
  pageSize: Defaulted(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: size, description: 'Entries in the answer, at most' }),
  ),
});

export const skipQuery = {
  skip: Defaulted(Type.Integer({ minimum: 0, default: 0, description: 'Entries to leave out before the first' })),
};

type FieldOf<Key extends string> = Key extends `-${infer Field}` ? Field : Key;

/**
 * What to sort by.
 * @param sortable fields that may be sorted by; the first is the default, ascending unless it starts with `-`
 */
export const sortQuery = <const Keys extends readonly [string, ...string[]]>(sortable: Keys) => {
  const fields = sortable.map((each) => each.replace(/^-/, ''));
  return {
    sort: Defaulted(
      Parsed(
        Type.Enum(
          fields.flatMap((field) => [field, `-${field}`]),
          {
            default: sortable[0],
            description: 'Field to sort by; `-` before it sorts descending',
            'x-expected': `one of ${fields.join(', ')}, with - before it for descending`,
          },
        ),
        (text): Sort<FieldOf<Keys[number]>> => ({
          field: text.replace(/^-/, '') as FieldOf<Keys[number]>,
          descending: text.startsWith('-'),
        }),
      ),
    ),
  };
};

/** How a list is asked for, page by page. @param sortable as `sortQuery` takes it */
export const pageQuery = <const Keys extends readonly [string, ...string[]] = readonly ['id']>(sortable?: Keys) => ({
  ...pageSizeQuery(),
  ...skipQuery,
  ...sortQuery((sortable ?? ['id']) as Keys),
});

export const totalQuery = {
  withTotalResultSize: Flag('True: the answer has `totalResultSize` in the place of `hasMore`'),
};

/**
 * Where a long list goes on: base64url of a JSON list of numbers and texts.
 * @param position reads the position in a list of this kind; undefined for a cursor of another
 */
export const cursorQuery = <Position>(position: (parts: CursorParts) => Position | undefined) => ({
  cursor: Type.Optional(
    Parsed(
      Type.String({
        description:
          'Rollcall extension: the `nextCursor` of the page before, as it was, with the same filters. Not together with `skip`',
        'x-expected': 'the nextCursor of the page before, as it was',
        'x-not-with': 'skip',
      }),
      (text) => {
        const parts = parseCursor(text);
        return parts === undefined ? undefined : position(parts);
      },
    ),
  ),
});

/** The cursor of lists that go on behind a number. */
export const numberCursorQuery = cursorQuery(([after]) => (typeof after === 'number' ? after : undefined));

function parseCursor(text: string): CursorParts | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const fits = (part: unknown): boolean => typeof part === 'string' || Number.isSafeInteger(part);
    return Array.isArray(parts) && parts.length > 0 && parts.every(fits) ? (parts as CursorParts) : undefined;
  } catch {
    return undefined;
  }
}

// ---- how it is answered

export function writeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/** Cuts a list that is whole in memory to the page asked for. */
export function slicePage<T>(all: readonly T[], page: Slice): { data: T[]; hasMore: boolean; totalResultSize: number } {
  const data = all.slice(page.skip, page.skip + page.pageSize);
  return { data, hasMore: page.skip + data.length < all.length, totalResultSize: all.length };
}

/** Sorts a list that is whole in memory as the page asks; ties and missing values keep their order. */
export function sortForPage<T, Field extends string>(
  all: readonly T[],
  { sort: { field, descending } }: { readonly sort: Sort<Field> },
  value: (item: T, field: Field) => string | number,
): T[] {
  const compare = (a: T, b: T): number => {
    const [left, right] = [value(a, field), value(b, field)];
    if (left === right) return 0;
    return left < right ? -1 : 1;
  };
  return [...all].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

const nextCursor = extended({
  nextCursor: Type.Optional(Type.String({ description: 'Where the next page starts; absent on the last' })),
});

/** Pages are named after what is on them. */
function pageTitle(item: TSchema): { title?: string } {
  const { title } = item as { title?: string };
  return title === undefined ? {} : { title: `${title}Page` };
}

/** Envelope of lists that always tell their total. */
export const TotalPage = <T extends TSchema>(item: T) =>
  Type.Object(
    { totalResultSize: Type.Integer({ minimum: 0, description: 'Entries of the whole list' }), data: Type.Array(item) },
    { ...pageTitle(item), examples: [{ totalResultSize: 1, data: [exampleOf(item)] }] },
  );

/** Envelope of lists that tell only whether there is more. */
export const MorePage = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      hasMore: Type.Boolean({ description: 'True when there are entries behind these' }),
      ...nextCursor,
      data: Type.Array(item),
    },
    { ...pageTitle(item), examples: [{ hasMore: false, data: [exampleOf(item)] }] },
  );

/** Envelope of lists that tell one of the two, as `withTotalResultSize` asks. */
export const FlaggedPage = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      hasMore: Type.Optional(Type.Boolean({ description: 'True when there are entries behind these' })),
      totalResultSize: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Entries of the whole list, with `withTotalResultSize`' }),
      ),
      ...nextCursor,
      data: Type.Array(item),
    },
    { ...pageTitle(item), examples: [{ hasMore: false, data: [exampleOf(item)] }] },
  );
