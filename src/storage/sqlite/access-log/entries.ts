/** Reads entries, in walks of bounded slices along an index, and by UUID. */

import type { LoggedDetail, LoggedExchange, LogPosition, LogSlice, LogWalk } from '../../../access-log/access-log.ts';
import { type PathPattern, pathOf } from '../../../access-log/path-pattern.ts';
import type { StatementCache } from '../statement-cache.ts';
import {
  COLUMNS,
  type EntryDetails,
  type EntryRow,
  NAMES,
  readMarks,
  toDetail,
  toExchange,
  unpackDetails,
  uriIn,
} from './entry-rows.ts';
import type { Bindings, FilterPlanner } from './filter-plan.ts';
import type { PayloadBlocks } from './payload-blocks.ts';
import type { RefusedWrites } from './refused-writes.ts';
import type { RowReports } from './row-reports.ts';
import type { UuidGroups } from './uuid-groups.ts';
import { uuidToBytes } from './uuids.ts';

/** Entries that one slice examines, whatever its filter. */
const SLICE_ENTRIES = 10_000;
// Patterns are matched here, not in the database: a slice ends when its time is up.
const SLICE_MS = 15;

export class LogEntries {
  readonly #statements: StatementCache;
  readonly #planner: FilterPlanner;
  readonly #blocks: PayloadBlocks;
  readonly #uuids: UuidGroups;
  readonly #refused: RefusedWrites;
  readonly #reports: RowReports;

  constructor(
    statements: StatementCache,
    planner: FilterPlanner,
    parts: { blocks: PayloadBlocks; uuids: UuidGroups; refused: RefusedWrites; reports: RowReports },
  ) {
    this.#statements = statements;
    this.#planner = planner;
    this.#blocks = parts.blocks;
    this.#uuids = parts.uuids;
    this.#refused = parts.refused;
    this.#reports = parts.reports;
  }

  /** @throws DomainError `invalid` for an invalid path pattern */
  walk(walk: LogWalk): LogSlice<LoggedExchange> {
    const pattern = this.#planner.pattern(walk.filter);
    const plan = this.#planner.plan(walk.filter);
    if (plan === undefined) return { items: [], next: undefined };
    const range = remainingRange(walk);
    const indexed = [...plan.indexed, 'entries.time >= $first', 'entries.time <= $last'];
    if (walk.after !== undefined) indexed.push(beyond(walk.newestFirst ? '<' : '>', '$afterTime', '$afterId'));
    const bindings: Bindings = {
      ...plan.bindings,
      first: range.start,
      last: range.end,
      ...(walk.after === undefined ? {} : { afterTime: walk.after.time, afterId: walk.after.id }),
    };
    const order = walk.newestFirst ? 'desc' : 'asc';
    const from = `from entries indexed by ${plan.index}`;
    const ordered = `order by entries.time ${order}, entries.id ${order}`;
    const all = { ...walk, pattern, from, ordered, conditions: [...indexed, ...plan.others], bindings };
    // Every entry in the range is examined, which bounds their number.
    if (plan.others.length === 0) return this.#collect(all, undefined);
    // The last entry this slice may examine, whatever it finds; undefined when the range ends before it.
    const boundary = this.#statements
      .get<LogPosition>(
        `select entries.time, entries.id ${from} where ${indexed.join(' and ')} ${ordered} limit 1 offset ${SLICE_ENTRIES - 1}`,
      )
      .get(bindings);
    if (boundary !== undefined) {
      all.conditions.push(`not ${beyond(walk.newestFirst ? '<' : '>', '$lastTime', '$lastId')}`);
      Object.assign(all.bindings, { lastTime: boundary.time, lastId: boundary.id });
      Object.assign(all.bindings, walk.newestFirst ? { first: boundary.time } : { last: boundary.time });
    }
    return this.#collect(all, boundary);
  }

  find(uuid: string): LoggedDetail | undefined {
    const id = uuidToBytes(uuid) === undefined ? undefined : this.#uuids.find(uuid.toLowerCase());
    if (id === undefined) return undefined;
    const row = this.#row(id);
    if (row === undefined) return undefined;
    const details = unpackDetails(row.details);
    const extras = { ...this.#blocks.read(details), replayed: this.#replayed(row, details) };
    return toDetail(row, details, extras, this.#reports.has(details.uuid));
  }

  /** An entry without its payloads. */
  toItem(row: EntryRow): LoggedExchange {
    const details = unpackDetails(row.details);
    return toExchange(row, details, { request: '', response: '', replayed: this.#replayed(row, details) });
  }

  #collect(slice: Slice, boundary: LogPosition | undefined): LogSlice<LoggedExchange> {
    const { pattern, payloads } = slice;
    const found = pattern === undefined ? this.#first(slice, boundary) : this.#matching(slice, pattern, boundary);
    const items = found.rows.map((row) => {
      const details = unpackDetails(row.details);
      return toExchange(row, details, {
        ...(payloads ? this.#blocks.read(details) : { request: '', response: '' }),
        replayed: this.#replayed(row, details),
      });
    });
    return { items, next: found.next };
  }

  /** Every entry that meets the conditions. */
  #first({ limit, from, conditions, ordered, bindings }: Slice, boundary: LogPosition | undefined): Found {
    const sql = `select ${COLUMNS} ${from} ${NAMES} where ${conditions.join(' and ')} ${ordered} limit $limit`;
    const rows = this.#statements.get<EntryRow>(sql).all({ ...bindings, limit });
    const last = rows[limit - 1];
    return { rows, next: last === undefined ? boundary : { time: last.time, id: last.id } };
  }

  /** Most entries are only skipped: it reads nothing of them but what the pattern needs. */
  #matching(
    { limit, from, conditions, ordered, bindings }: Slice,
    pattern: PathPattern,
    boundary: LogPosition | undefined,
  ): Found {
    const entries = this.#statements
      .get<Pick<EntryRow, 'id' | 'time' | 'details'>>(
        `select entries.id, entries.time, entries.details ${from} where ${conditions.join(' and ')} ${ordered} limit $limit`,
      )
      .iterate({ ...bindings, limit: SLICE_ENTRIES });
    const until = performance.now() + SLICE_MS;
    const ids: number[] = [];
    let next = boundary;
    let seen = 0;
    for (const { id, time, details } of entries) {
      seen += 1;
      if (pattern(pathOf(uriIn(details)))) ids.push(id);
      if (ids.length < limit && seen < SLICE_ENTRIES && performance.now() < until) continue;
      next = { time, id };
      break;
    }
    return { rows: ids.map((id) => this.#row(id)).filter((row) => row !== undefined), next };
  }

  #row(id: number): EntryRow | undefined {
    return this.#statements.get<EntryRow>(`select ${COLUMNS} from entries ${NAMES} where entries.id = ?`).get(id);
  }

  #replayed(row: EntryRow, { uuid, marks }: EntryDetails): number | null | undefined {
    // Some rows of an applied request may have been refused.
    const isKept = row.cause !== null || readMarks(marks).some(({ kind }) => kind === 'refused rows');
    return isKept ? this.#refused.replayed(uuid) : undefined;
  }
}

interface Found {
  readonly rows: readonly EntryRow[];
  /** Where the next slice continues. */
  readonly next: LogPosition | undefined;
}

interface Slice extends LogWalk {
  readonly pattern: PathPattern | undefined;
  readonly from: string;
  readonly ordered: string;
  readonly conditions: string[];
  readonly bindings: Bindings;
}

/** Entries strictly after a position, in the order of time and number. */
function beyond(comparison: '<' | '>', time: string, id: string): string {
  return `(entries.time ${comparison} ${time} or entries.time = ${time} and entries.id ${comparison} ${id})`;
}

/** The range of a walk without the part already covered. */
function remainingRange({ range, after, newestFirst }: LogWalk): { start: number; end: number } {
  if (after === undefined) return range;
  if (newestFirst) return { start: range.start, end: Math.min(range.end, after.time) };
  return { start: Math.max(range.start, after.time), end: range.end };
}
