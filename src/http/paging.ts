/** Pages of lists as the Management API has them: `pageSize`, `skip`, `sort`, and our cursor for lists that may be long. */

import type { FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { type DomainError, invalid } from '../domain/errors.ts';
import { exampleOf } from './examples.ts';
import { extended } from './extended.ts';
import { readFlag } from './query.ts';
import { parseQueryTime, QUERY_TIME_FORM } from './query-time.ts';

const MAX_PAGE = 1000;

export interface Page {
  readonly pageSize: number;
  readonly skip: number;
  /** Field to sort by, and whether descending. */
  readonly sort: { readonly field: string; readonly descending: boolean };
  readonly withTotalResultSize: boolean;
}

/** A query parameter that is given once; undefined when absent or empty. @throws DomainError `invalid` when repeated */
export function readText(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`Query parameter ${name}: give it once`, { parameter: name });
  return value;
}

/** A whole number in a range; undefined when absent. @throws DomainError `invalid` */
export function readInteger(
  request: FastifyRequest,
  name: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number | undefined {
  const text = readText(request, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw invalid(`Query parameter ${name}: expected a whole number from ${min} to ${max}`, { parameter: name });
  }
  return value;
}

/** Numbers of ours, comma-separated; undefined when absent. @throws DomainError `invalid` */
export function readNumbers(request: FastifyRequest, name: string, max = 1000): number[] | undefined {
  const parts = readText(request, name)?.split(',');
  if (parts === undefined) return undefined;
  const numbers = parts.map((each) => (/^ *\d{1,16} *$/.test(each) ? Number(each) : Number.NaN));
  if (parts.length > max || !numbers.every(Number.isSafeInteger)) {
    throw invalid(`Query parameter ${name}: expected up to ${max} numbers, separated by commas`, { parameter: name });
  }
  return numbers;
}

/** A time in ms since the epoch, in any of the forms of `parseQueryTime`; undefined when absent. @throws DomainError `invalid` */
export function readTime(request: FastifyRequest, name: string): number | undefined {
  const text = readText(request, name);
  if (text === undefined) return undefined;
  const time = parseQueryTime(text);
  if (Number.isNaN(time)) {
    throw invalid(`Query parameter ${name}: expected ${QUERY_TIME_FORM}`, { parameter: name });
  }
  return time;
}

/** One of some words; undefined when absent. @throws DomainError `invalid` */
export function readChoice<Choice extends string>(
  request: FastifyRequest,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = readText(request, name);
  if (text === undefined) return undefined;
  const choice = choices.find((each) => each === text);
  if (choice === undefined) {
    throw invalid(`Query parameter ${name}: expected one of ${choices.join(', ')}`, { parameter: name });
  }
  return choice;
}

/**
 * Reads which page is asked for.
 * @param sortable fields that may be sorted by; the first is the default, ascending unless it starts with `-`
 * @throws DomainError `invalid`
 */
export function readPage(request: FastifyRequest, sortable: readonly string[] = ['id']): Page {
  const fallback = sortable[0] ?? 'id';
  const sort = readText(request, 'sort') ?? fallback;
  const field = sort.replace(/^-/, '');
  const fields = sortable.map((each) => each.replace(/^-/, ''));
  if (!fields.includes(field)) {
    throw invalid(`Query parameter sort: expected one of ${fields.join(', ')}, with - before it for descending`, {
      parameter: 'sort',
    });
  }
  return {
    pageSize: readInteger(request, 'pageSize', { min: 1, max: MAX_PAGE }) ?? MAX_PAGE,
    skip: readInteger(request, 'skip') ?? 0,
    sort: { field, descending: sort.startsWith('-') },
    withTotalResultSize: readFlag(request, 'withTotalResultSize'),
  };
}

/** Reads a cursor of ours: base64url of a JSON list of numbers and texts. @throws DomainError `invalid` */
export function readCursor(request: FastifyRequest): readonly (number | string)[] | undefined {
  const text = readText(request, 'cursor');
  if (text === undefined) return undefined;
  if (readText(request, 'skip') !== undefined) {
    throw invalid('Query parameter cursor: cannot be used together with skip', { parameter: 'cursor' });
  }
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const good = (part: unknown) => typeof part === 'string' || Number.isSafeInteger(part);
    if (Array.isArray(parts) && parts.length > 0 && parts.every(good)) return parts as (number | string)[];
  } catch {
    // Said below.
  }
  throw wrongCursor();
}

export function wrongCursor(): DomainError {
  return invalid('Query parameter cursor: send back the nextCursor of the page before as it was', {
    parameter: 'cursor',
  });
}

export function writeCursor(parts: readonly (number | string)[]): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/** A list that is whole in memory, cut to the page asked for. */
export function slicePage<T>(all: readonly T[], page: Page): { data: T[]; hasMore: boolean; totalResultSize: number } {
  const data = all.slice(page.skip, page.skip + page.pageSize);
  return { data, hasMore: page.skip + data.length < all.length, totalResultSize: all.length };
}

/** Sorts a list that is whole in memory as the page asks; ties and missing values keep their order. */
export function sortForPage<T>(all: readonly T[], page: Page, value: (item: T, field: string) => string | number): T[] {
  const { field, descending } = page.sort;
  const compare = (a: T, b: T): number => {
    const [left, right] = [value(a, field), value(b, field)];
    if (left === right) return 0;
    return left < right ? -1 : 1;
  };
  return [...all].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

// ---- how they are documented

/** The size of a page alone, for lists that go on by cursor only. */
export const pageSizeQuery = {
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: MAX_PAGE, description: 'Entries in the answer, at most' }),
  ),
};

/** What to sort by. @param sortable as `readPage` takes it */
export const sortQuery = (sortable: readonly string[]) => ({
  sort: Type.Optional(
    Type.Enum(
      sortable.map((each) => each.replace(/^-/, '')).flatMap((field) => [field, `-${field}`]),
      { default: sortable[0], description: 'Field to sort by; `-` before it sorts descending' },
    ),
  ),
});

/** How a list is asked for, page by page. @param sortable as `readPage` takes it */
export const pageQuery = (sortable: readonly string[] = ['id']) => ({
  ...pageSizeQuery,
  skip: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Entries to leave out before the first' })),
  ...sortQuery(sortable),
});

export const totalQuery = {
  withTotalResultSize: Type.Optional(
    Type.Boolean({ default: false, description: 'True: the answer has `totalResultSize` in the place of `hasMore`' }),
  ),
};

export const cursorQuery = {
  cursor: Type.Optional(
    Type.String({
      description:
        'Rollcall extension: the `nextCursor` of the page before, as it was, with the same filters. Not together with `skip`',
    }),
  ),
};

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
