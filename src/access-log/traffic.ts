/** Incoming traffic, per minute and current. */

import type { Application } from '../domain/definitions/applications.ts';
import type { Logged } from './access-log.ts';
import { MINUTE_MS } from './traffic-meter.ts';

const HEALTH_MINUTES = 5;

export type HealthSummary = 'OK' | 'WARNING' | 'ERROR' | 'CRITICAL' | 'NONE';

export interface MinuteFigures {
  /** Start of the minute; ms since the epoch */
  readonly time: number;
  readonly requests: number;
  readonly errors: number;
  readonly joins: number;
  readonly leaves: number;
}

/**
 * The outcome of the requests of the last five minutes (Management API, `getApplicationApiHealth`).
 * @returns the summary, and the time of the last request in ms since the epoch, or the Application's creation if there
 * was none
 */
export async function applicationHealth(
  core: Logged,
  application: Application,
): Promise<{ summary: HealthSummary; lastUsed: number }> {
  const { lastRequest, requests, errors } = await core.accessLog.use(application.id, HEALTH_MINUTES);
  return { summary: summaryOf(requests, errors), lastUsed: lastRequest ?? application.created };
}

function summaryOf(requests: number, errors: number): HealthSummary {
  if (requests === 0) return 'NONE';
  if (errors === 0) return 'OK';
  if (errors === requests) return 'CRITICAL';
  return errors * 2 > requests ? 'ERROR' : 'WARNING';
}

/**
 * Figures of this many minutes up to the current one, oldest first, without gaps, and rates per second over the last
 * ten seconds.
 * @param applicationId undefined for all Applications and for requests that belong to none
 */
export async function trafficOf(
  core: Logged & { readonly now: () => number },
  count: number,
  applicationId: number | undefined,
): Promise<{ now: { requests: number; errors: number; changes: number }; minutes: MinuteFigures[] }> {
  const last = Math.floor(core.now() / MINUTE_MS) * MINUTE_MS;
  const first = last - (count - 1) * MINUTE_MS;
  const minutes = new Map<number, { time: number; requests: number; errors: number; joins: number; leaves: number }>();
  for (let time = first; time <= last; time += MINUTE_MS) {
    minutes.set(time, { time, requests: 0, errors: 0, joins: 0, leaves: 0 });
  }
  for (const each of await core.accessLog.minutes(first, applicationId)) {
    const minute = minutes.get(each.time);
    if (minute === undefined) continue;
    minute.requests += each.requests;
    minute.errors += each.errors;
    minute.joins += each.joins;
    minute.leaves += each.leaves;
  }
  return { now: core.accessLog.rates(applicationId), minutes: [...minutes.values()] };
}
