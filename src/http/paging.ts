/** Pages of lists in the Management API: `pageSize`, `skip`, `sort`, and our cursor for lists that may be long. */

import { type TSchema, Type } from 'typebox';
import { exampleOf } from './examples.ts';
import { extended } from './extended.ts';
import { Defaulted, Flag, Parsed } from './query-parameters.ts';

const MAX_PAGE = 1000;

/** The sort order of a list. */
export interface Sort<Field extends string = string> {
  readonly field: Field;
  readonly descending: boolean;
}

/** The requested part of a list. */
interface Slice {
  readonly pageSize: number;
  readonly skip: number;
}

/** The content of a cursor. */
type CursorParts = readonly (number | string)[];

// ---- requesting a list

/**
 * Only the size of a page, for lists that continue by cursor only. @param size entries unless the query says otherwise
 */
export const pageSizeQuery = (size = MAX_PAGE) => ({
  pageSize: Defaulted(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: size, description: 'The most entries in the response' }),
  ),
});

export const skipQuery = {
  skip: Defaulted(Type.Integer({ minimum: 0, default: 0, description: 'Number of entries to skip' })),
};

type FieldOf<Key extends string> = Key extends `-${infer Field}` ? Field : Key;

/**
 * The sort parameter.
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
            description: 'Field to sort by; a leading `-` sorts in descending order',
            'x-expected': `one of ${fields.join(', ')}, with a leading - for descending order`,
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

/** The parameters for a page of a list. @param sortable as for `sortQuery` */
export const pageQuery = <const Keys extends readonly [string, ...string[]] = readonly ['id']>(sortable?: Keys) => ({
  ...pageSizeQuery(),
  ...skipQuery,
  ...sortQuery((sortable ?? ['id']) as Keys),
});

export const totalQuery = {
  withTotalResultSize: Flag('True returns `totalResultSize` instead of `hasMore`'),
};

/**
 * Where a long list continues: base64url of a JSON list of numbers and texts.
 * @param position reads the position in a list of this kind; undefined for a cursor of another list
 */
export const cursorQuery = <Position>(position: (parts: CursorParts) => Position | undefined) => ({
  cursor: Type.Optional(
    Parsed(
      Type.String({
        description:
          'Rollcall extension: the `nextCursor` of the previous page, unchanged, with the same filters. Not together with `skip`',
        'x-expected': 'the nextCursor of the previous page, unchanged',
        'x-not-with': 'skip',
      }),
      (text) => {
        const parts = parseCursor(text);
        return parts === undefined ? undefined : position(parts);
      },
    ),
  ),
});

/** The cursor of lists that continue after an ID. */
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

// ---- returning a list

export function writeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/** Cuts a list that is completely in memory to the requested page. */
export function slicePage<T>(all: readonly T[], page: Slice): { data: T[]; hasMore: boolean; totalResultSize: number } {
  const data = all.slice(page.skip, page.skip + page.pageSize);
  return { data, hasMore: page.skip + data.length < all.length, totalResultSize: all.length };
}

/** Sorts a list that is completely in memory as requested; ties and missing values keep their order. */
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

/** Schemas of pages are named after their items. */
function pageTitle(item: TSchema): { title?: string } {
  const { title } = item as { title?: string };
  return title === undefined ? {} : { title: `${title}Page` };
}

/** Envelope of lists that always return their total. */
export const TotalPage = <T extends TSchema>(item: T) =>
  Type.Object(
    { totalResultSize: Type.Integer({ minimum: 0, description: 'Total number of entries' }), data: Type.Array(item) },
    { ...pageTitle(item), examples: [{ totalResultSize: 1, data: [exampleOf(item)] }] },
  );

/** Envelope of lists that return only whether there is more. */
export const MorePage = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      hasMore: Type.Boolean({ description: 'Whether there are further entries' }),
      ...nextCursor,
      data: Type.Array(item),
    },
    { ...pageTitle(item), examples: [{ hasMore: false, data: [exampleOf(item)] }] },
  );

/** Envelope of lists that return one of the two, depending on `withTotalResultSize`. */
export const FlaggedPage = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      hasMore: Type.Optional(Type.Boolean({ description: 'Whether there are further entries' })),
      totalResultSize: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Total number of entries, with `withTotalResultSize`' }),
      ),
      ...nextCursor,
      data: Type.Array(item),
    },
    { ...pageTitle(item), examples: [{ hasMore: false, data: [exampleOf(item)] }] },
  );
