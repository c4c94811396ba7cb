/**
 * Follows the access log through the server's events: holds the entries that arrived since the page was opened, and
 * counts those missed.
 */

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { AccessLogGap, AccessLogItem } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { REQUESTS, streamUrl } from './queries.ts';
import type { LogFilters } from './search.ts';

/** The number of entries held; older ones are on the next pages. */
const MAX_HELD = 200;
const RETRY_MS = 3_000;

export interface LiveLog {
  readonly state: 'connecting' | 'live' | 'lost';
  /** Newest first. */
  readonly items: readonly AccessLogItem[];
  /** The number of requests that arrived too fast to be sent. */
  readonly missed: number;
}

const START: LiveLog = { state: 'connecting', items: [], missed: 0 };

/** @param filters what to follow; nothing when undefined. For other filters the caller mounts its component anew */
export function useLiveLog(filters: LogFilters | undefined): LiveLog {
  const [log, setLog] = useState(START);
  const queries = useQueryClient();
  const url = filters === undefined ? undefined : streamUrl(filters);
  useEffect(() => {
    if (url === undefined) return undefined;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const change = (next: (before: LiveLog) => Partial<LiveLog>) => setLog((log) => ({ ...log, ...next(log) }));

    const connect = () => {
      source = new EventSource(url);
      source.addEventListener('open', () => {
        change(() => ({ state: 'live' }));
        void listAgain(queries);
      });
      source.addEventListener('entry', ({ data }: MessageEvent<string>) => {
        const item = JSON.parse(data) as AccessLogItem;
        change(({ items }) => ({ items: [item, ...items].slice(0, MAX_HELD) }));
      });
      source.addEventListener('gap', ({ data }: MessageEvent<string>) => {
        const gap = JSON.parse(data) as AccessLogGap;
        change(({ missed }) => ({ missed: missed + gap.missed }));
      });
      source.addEventListener('error', () => {
        change(() => ({ state: 'lost' }));
        // A broken connection reconnects by itself; a refused one does not.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [url, queries]);
  return log;
}

/** Covers what arrived between the list and the stream. A list that is still loading is shown first: some take long. */
async function listAgain(queries: QueryClient): Promise<void> {
  const underWay = queries.getQueryCache().findAll({ queryKey: REQUESTS, fetchStatus: 'fetching' });
  await Promise.allSettled(underWay.map(async ({ promise }) => promise));
  await queries.invalidateQueries({ queryKey: REQUESTS });
}
