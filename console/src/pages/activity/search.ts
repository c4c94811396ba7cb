/** The part of these pages' state that is kept in the address: the tab, and every filter. */

export type StatusFilter = 'success' | 'error' | number;
export type Span = '1h' | '24h' | '7d' | '30d';

export interface LogFilters {
  /** Below 400, 400 and above, or exactly this status. */
  status?: StatusFilter | undefined;
  /** Regular expression for the path. */
  path?: string | undefined;
  /** Number of an API key. */
  key?: number | undefined;
  /** Number of an Application. */
  application?: number | undefined;
  /** In the wording of the list of causes. */
  cause?: string | undefined;
  /** Up to now. */
  time?: Span | undefined;
  /** RFC 3339; replaces `time`. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface ActivitySearch extends LogFilters {
  /** Requests when absent. */
  tab?: 'errors' | 'refused' | undefined;
  /** Cursor of the page shown. */
  cursor?: string | undefined;
}

export const SPANS: Readonly<Record<Span, { readonly label: string; readonly hours: number }>> = {
  '1h': { label: 'the last hour', hours: 1 },
  '24h': { label: 'the last 24 hours', hours: 24 },
  '7d': { label: 'the last 7 days', hours: 7 * 24 },
  '30d': { label: 'the last 30 days', hours: 30 * 24 },
};

const HOUR_MS = 3_600_000;

/** The start of the first hour that counts in this range: hours count as a whole. RFC 3339. */
export function startOfCount(span: Span, now: number): string {
  return new Date(Math.floor((now - SPANS[span].hours * HOUR_MS) / HOUR_MS) * HOUR_MS).toISOString();
}

export function activitySearch(search: Record<string, unknown>): ActivitySearch {
  const { tab, time } = search;
  return given({
    tab: tab === 'errors' || tab === 'refused' ? tab : undefined,
    status: statusOf(search['status']),
    path: textOf(search['path']),
    key: numberOf(search['key']),
    application: numberOf(search['application']),
    cause: textOf(search['cause']),
    time: isSpan(time) ? time : undefined,
    from: timeOf(search['from']),
    to: timeOf(search['to']),
    cursor: textOf(search['cursor']),
  });
}

export function isSpan(value: unknown): value is Span {
  return typeof value === 'string' && Object.hasOwn(SPANS, value);
}

function statusOf(value: unknown): StatusFilter | undefined {
  if (value === 'success' || value === 'error') return value;
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599 ? value : undefined;
}

// The router parses what looks like a number in an address.
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value) === '' ? undefined : String(value);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function timeOf(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function given<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search;
}
