/**
 * The access log page by page, for people. Users who may not see payloads get none; the audit log records who sees
 * them.
 */

import { DomainError } from '../domain/errors.ts';
import type { AccessLogFilter, Logged, LoggedDetail, LoggedExchange, LogPosition, TimeRange } from './access-log.ts';

// The time spent on a filter that matches little; after that the page is short, and the next one continues.
const PAGE_MS = 1500;
// Entries examined at once.
const STEP = 1000;

export interface LogPageRequest {
  readonly filter: AccessLogFilter;
  readonly range: TimeRange;
  readonly newestFirst: boolean;
  readonly after: LogPosition | undefined;
  readonly skip: number;
  readonly limit: number;
  readonly payloads: boolean;
}

export interface LogPage {
  readonly items: readonly LoggedExchange[];
  /** Where the next page starts; undefined at the end. */
  readonly next: LogPosition | undefined;
}

/**
 * Reads a page of the log. It may be short even if there is more; `next` tells.
 * @param isWanted called between steps: the search ends when its client has disconnected
 * @throws DomainError `invalid` for an invalid path pattern, `unavailable`
 */
export async function listExchanges(core: Logged, page: LogPageRequest, isWanted: () => boolean): Promise<LogPage> {
  const { filter, range, newestFirst } = page;
  const until = performance.now() + PAGE_MS;
  const mayContinue = (): boolean => performance.now() < until && isWanted();
  const items: LoggedExchange[] = [];
  let after = page.after;
  let skip = page.skip;
  while (skip > 0) {
    const limit = Math.min(skip, STEP);
    const slice = await core.accessLog.walk({ filter, range, newestFirst, after, limit, payloads: false });
    skip -= slice.items.length;
    after = slice.next;
    if (after === undefined || !mayContinue()) return { items, next: after };
  }
  do {
    // One extra entry shows whether there is another page.
    const limit = page.limit + 1 - items.length;
    const slice = await core.accessLog.walk({ filter, range, newestFirst, after, limit, payloads: page.payloads });
    items.push(...slice.items);
    after = slice.next;
    const last = items[page.limit - 1];
    if (items.length > page.limit && last !== undefined) {
      return { items: items.slice(0, page.limit), next: { time: last.time, id: last.id } };
    }
  } while (after !== undefined && mayContinue());
  return { items, next: after };
}

/** One entry. @throws DomainError `not_found` */
export async function findExchange(core: Logged, uuid: string): Promise<LoggedDetail> {
  const found = await core.accessLog.find(uuid);
  if (found === undefined) throw new DomainError('not_found', `No request ${uuid.slice(0, 100)} in the access log`);
  return found;
}
