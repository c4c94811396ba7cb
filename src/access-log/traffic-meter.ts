/**
 * Counts requests as they are answered: by Application and minute for the roll-up, and over the last seconds for rates.
 */

import type { ChangeCounts } from '../domain/change-counts.ts';

/** The traffic of one Application in one minute. Times are ms since the epoch. */
export interface TrafficMinute {
  /** 0 for requests that belong to no known Application. */
  readonly applicationId: number;
  /** Start of the minute. */
  readonly time: number;
  requests: number;
  errors: number;
  joins: number;
  leaves: number;
  /** Arrival of its last request. */
  lastRequest: number;
}

/** The recent usage of an Application. */
export interface ApplicationUse {
  /** ms since the epoch; undefined when the log knows of no request */
  readonly lastRequest: number | undefined;
  readonly requests: number;
  readonly errors: number;
}

export const MINUTE_MS = 60_000;
// Rates cover this many whole seconds, without the current one.
const RATE_SECONDS = 10;

interface Second {
  second: number;
  requests: number;
  errors: number;
  changes: number;
}

export class TrafficMeter {
  #minutes: TrafficMinute[] = [];
  readonly #seconds = new Map<number, Second[]>();

  /** @param time arrival, in ms since the epoch; @param now the same clock */
  count(
    applicationId: number,
    exchange: { time: number; status: number; changed: ChangeCounts | undefined },
    now: number,
  ): void {
    const { time, status, changed } = exchange;
    const minute = this.#minute(applicationId, now - (now % MINUTE_MS));
    const failed = status >= 400 ? 1 : 0;
    minute.requests += 1;
    minute.errors += failed;
    if (time > minute.lastRequest) minute.lastRequest = time;
    const second = this.#second(applicationId, Math.floor(now / 1000));
    second.requests += 1;
    second.errors += failed;
    if (changed === undefined) return;
    minute.joins += changed.joins;
    minute.leaves += changed.leaves;
    second.changes += changed.joins + changed.leaves;
  }

  /** Returns the counts since the last call, to be added to those stored. */
  take(): TrafficMinute[] {
    const taken = this.#minutes;
    this.#minutes = [];
    return taken;
  }

  /** Takes back what could not be stored. */
  giveBack(minutes: readonly TrafficMinute[]): void {
    this.#minutes.push(...minutes);
  }

  /** Per second, over the last ten seconds. @param applicationId undefined for all Applications */
  rates(applicationId: number | undefined, now: number): { requests: number; errors: number; changes: number } {
    const sum = { requests: 0, errors: 0, changes: 0 };
    const current = Math.floor(now / 1000);
    const rings = applicationId === undefined ? [...this.#seconds.values()] : [this.#seconds.get(applicationId) ?? []];
    for (const each of rings.flat()) {
      if (each.second >= current || each.second < current - RATE_SECONDS) continue;
      sum.requests += each.requests;
      sum.errors += each.errors;
      sum.changes += each.changes;
    }
    const perSecond = (count: number): number => Math.round((count / RATE_SECONDS) * 10) / 10;
    return {
      requests: perSecond(sum.requests),
      errors: perSecond(sum.errors),
      changes: perSecond(sum.changes),
    };
  }

  #minute(applicationId: number, time: number): TrafficMinute {
    for (const each of this.#minutes) if (each.applicationId === applicationId && each.time === time) return each;
    const minute = { applicationId, time, requests: 0, errors: 0, joins: 0, leaves: 0, lastRequest: 0 };
    this.#minutes.push(minute);
    return minute;
  }

  #second(applicationId: number, second: number): Second {
    let ring = this.#seconds.get(applicationId);
    if (ring === undefined) {
      ring = Array.from({ length: RATE_SECONDS + 1 }, () => ({ second: 0, requests: 0, errors: 0, changes: 0 }));
      this.#seconds.set(applicationId, ring);
    }
    const slot = ring[second % ring.length] as Second;
    if (slot.second !== second) {
      slot.second = second;
      slot.requests = 0;
      slot.errors = 0;
      slot.changes = 0;
    }
    return slot;
  }
}
