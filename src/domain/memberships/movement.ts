/** How audiences move: their size over time, and which of them moved most. */

import type { Audience } from '../definitions/audiences.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import type { Environment } from '../environment.ts';
import { invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { HourOfAudience, MembershipStorage } from './storage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The most points in one timeline. */
const MAX_POINTS = 1000;

/**
 * The hour that contains a time, counted from the epoch; joins and leaves are added up per hour. @param time ms since
 * the epoch
 */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}

export type Interval = 'hour' | 'day';

/** One interval in the timeline of an audience. */
export interface TimelinePoint {
  /** Its start; ms since the epoch */
  readonly time: number;
  readonly joins: number;
  readonly leaves: number;
  /** Number of members at its end, or now if it is not over. */
  readonly members: number;
}

export interface TimelineRange {
  readonly interval: Interval;
  /**
   * ms since the epoch; the first interval is the one that contains it. Undefined means two days of hours or thirty
   * days before the end.
   */
  readonly start: number | undefined;
  /** ms since the epoch; the last interval is the one that contains it. Undefined or later than now means now. */
  readonly end: number | undefined;
  /** IANA name of the zone that defines the days. */
  readonly timezone: string;
}

/**
 * Size, joins and leaves of an audience per interval, without gaps, oldest first. What happened is known by the hour, so days of
 * a zone whose offset from UTC is not a full number of hours begin at the hour before theirs.
 * @throws DomainError `invalid` for a range that is empty or of more than 1000 intervals
 */
export async function audienceTimeline(
  core: Operation<MembershipStorage>,
  audience: Audience,
  range: TimelineRange,
): Promise<TimelinePoint[]> {
  const now = core.now();
  const end = Math.min(range.end ?? now, now);
  const start = range.start ?? end - (range.interval === 'hour' ? 47 * HOUR_MS : 29 * DAY_MS);
  if (start > end) throw invalid('Query parameter rangeStart: must not be after rangeEnd or in the future');
  const intervals = intervalsOf(range, start, end);
  const first = intervals[0] ?? start;
  const { members, hours } = await core.storage.browse.listAudienceHours(audience.id, hourOf(first));
  return fillIntervals(intervals, intervalEnd(range, end), members, hours);
}

/**
 * The joins and leaves of each audience of an environment (undefined: of both) over the last hours, and its current
 * members; most moved first.
 */
export async function listMovers(
  core: Operation<DefinitionStorage & MembershipStorage>,
  options: { hours: number; environment: Environment | undefined; limit: number },
): Promise<{ audience: Audience; joins: number; leaves: number; members: number }[]> {
  const audiences = new Map<number, Audience>();
  for (const audience of (await core.storage.catalog()).audiences()) {
    if (options.environment === undefined || audience.environment === options.environment) {
      audiences.set(audience.id, audience);
    }
  }
  // From the first hour that began within the range until now.
  const from = Math.ceil((core.now() - options.hours * HOUR_MS) / HOUR_MS);
  const sums = await core.storage.browse.sumAudienceHours([...audiences.keys()], from);
  return sums
    .flatMap(({ audienceId, ...sum }) => {
      const audience = audiences.get(audienceId);
      return audience === undefined || sum.joins + sum.leaves === 0 ? [] : [{ audience, ...sum }];
    })
    .sort((a, b) => b.joins + b.leaves - (a.joins + a.leaves) || a.audience.id - b.audience.id)
    .slice(0, options.limit);
}

/** The starts of the intervals from `start` to `end`, ascending. */
function intervalsOf(range: TimelineRange, start: number, end: number): number[] {
  const intervalOf = intervalNames(range);
  let begin = hourOf(start) * HOUR_MS;
  while (intervalOf(begin - HOUR_MS) === intervalOf(begin)) begin -= HOUR_MS;
  if ((end - begin) / (range.interval === 'hour' ? HOUR_MS : DAY_MS) >= MAX_POINTS) {
    throw invalid(`Query parameter rangeStart: at most ${MAX_POINTS} ${range.interval}s per request`);
  }
  const starts: number[] = [];
  let last: unknown;
  for (let time = begin; time <= end; time += HOUR_MS) {
    const current = intervalOf(time);
    if (current !== last) starts.push(time);
    last = current;
  }
  return starts;
}

/** Names the interval that contains a time, so that times in one interval have the same name. */
function intervalNames({ interval, timezone }: TimelineRange): (time: number) => string | number {
  if (interval === 'hour') return hourOf;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  return (time) => format.format(time);
}

/** The end of the last interval: later changes count for its size, but not for its joins and leaves. */
function intervalEnd(range: TimelineRange, end: number): number {
  const intervalOf = intervalNames(range);
  let time = hourOf(end) * HOUR_MS;
  const last = intervalOf(time);
  while (intervalOf(time) === last) time += HOUR_MS;
  return time;
}

function fillIntervals(
  starts: readonly number[],
  end: number,
  membersNow: number,
  hours: readonly HourOfAudience[],
): TimelinePoint[] {
  const points: TimelinePoint[] = [];
  let members = membersNow;
  let index = hours.length - 1;
  /** Removes the hours from `time` on from the end of the list. */
  const take = (time: number): { joins: number; leaves: number } => {
    const sums = { joins: 0, leaves: 0 };
    let hour = hours[index];
    while (hour !== undefined && hour.hour * HOUR_MS >= time) {
      sums.joins += hour.joins;
      sums.leaves += hour.leaves;
      index -= 1;
      hour = hours[index];
    }
    return sums;
  };
  const later = take(end);
  members -= later.joins - later.leaves;
  for (const start of starts.toReversed()) {
    const { joins, leaves } = take(start);
    points.push({ time: start, joins, leaves, members });
    members -= joins - leaves;
  }
  return points.reverse();
}
