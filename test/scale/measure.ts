/**
 * Opens each page in a browser with an empty cache, and measures the time until it is usable and the calls it makes.
 */

import { type Browser, openWindow, type Session } from '../browser/visitor.ts';
import { type ScalePage, timeUntilUsable } from './pages.ts';

const RUNS = 3;
const API_RUNS = 5;

export interface PageFigures {
  readonly page: string;
  readonly path: string;
  /** The time from navigation until the page is usable, in ms: of each run, and their median. */
  readonly runs: readonly number[];
  readonly median: number;
  /** Path and query of the API calls it made until then and shortly after. */
  readonly calls: readonly string[];
  /** Refusals and errors among them. */
  readonly failed: readonly string[];
}

export interface CallFigures {
  readonly call: string;
  /** The time of the first call, in ms, and the median of the others. */
  readonly first: number;
  readonly median: number;
  readonly bytes: number;
  readonly status: number;
}

export async function measurePage(browser: Browser, session: Session, page: ScalePage): Promise<PageFigures> {
  const runs: number[] = [];
  const calls = new Set<string>();
  const failed = new Set<string>();
  for (let run = 0; run < RUNS; run += 1) {
    // A new window each time, so that its cache is empty.
    const window = await openWindow(browser, session);
    try {
      const tab = await window.newPage();
      tab.on('response', (response) => {
        const { pathname, search } = new URL(response.url());
        if (!/^\/v\d\//.test(pathname)) return;
        if (response.request().method() === 'GET') calls.add(pathname + search);
        if (response.status() >= 400) failed.add(`${response.status()} ${pathname}${search}`);
      });
      await tab.goto(`/console${page.path}`, { waitUntil: 'commit' });
      runs.push(Math.round(await timeUntilUsable(tab, page)));
      await tab.waitForTimeout(300);
    } finally {
      await window.close();
    }
  }
  return {
    page: page.name,
    path: page.path,
    runs,
    median: middle(runs),
    calls: [...calls],
    failed: [...failed],
  };
}

/** Measures a call of the API by itself; callers leave out streams. */
export async function measureCall(session: Session, call: string): Promise<CallFigures> {
  const times: number[] = [];
  let bytes = 0;
  let status = 0;
  for (let run = 0; run < API_RUNS + 1; run += 1) {
    const began = performance.now();
    const headers = { cookie: `${session.name}=${session.value}`, prefer: 'extended' };
    const response = await fetch(session.url + call, { headers });
    bytes = (await response.arrayBuffer()).byteLength;
    status = response.status;
    times.push(Math.round((performance.now() - began) * 10) / 10);
  }
  return { call, first: times[0] ?? 0, median: middle(times.slice(1)), bytes, status };
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
