/** Gives followers of the log the entries added since they last asked. */

import type { AccessLogFilter, LogTail, TailPosition } from '../../../access-log/access-log.ts';
import { type PathPattern, pathOf } from '../../../access-log/path-pattern.ts';
import type { StatementCache } from '../statement-cache.ts';
import type { LogEntries } from './entries.ts';
import { COLUMNS, type EntryRow, NAMES, unpackDetails } from './entry-rows.ts';
import type { FilterPlanner } from './filter-plan.ts';

/** How many entries a follower may be behind; beyond that, the older ones are skipped. */
const TAIL_WINDOW = 10_000;
// The time for matching patterns, which is done here and not in the database.
const TAIL_MS = 15;

export class LogTailReader {
  readonly #statements: StatementCache;
  readonly #planner: FilterPlanner;
  readonly #entries: LogEntries;

  constructor(statements: StatementCache, planner: FilterPlanner, entries: LogEntries) {
    this.#statements = statements;
    this.#planner = planner;
    this.#entries = entries;
  }

  /** @throws DomainError `invalid` for an invalid path pattern */
  tail(filter: AccessLogFilter, after: TailPosition | undefined, limit: number): LogTail {
    const pattern = this.#planner.pattern(filter);
    const { epoch, next_id: nextId } = this.#statements
      .get<{ epoch: string; next_id: number }>('select epoch, next_id from state')
      .get() ?? { epoch: '', next_id: 1 };
    const position = { epoch, id: nextId - 1 };
    if (after === undefined) return { items: [], position, missed: 0 };
    // The position belongs to another file, whose numbers mean nothing here.
    const from = after.epoch === epoch ? Math.min(after.id, position.id) : 0;
    const start = Math.max(from, position.id - TAIL_WINDOW);
    const missed = start - from;
    const plan = this.#planner.plan(filter);
    if (plan === undefined || position.id === start) return { items: [], position, missed };
    const conditions = [...plan.indexed, ...plan.others].map((each) => `and ${each}`).join(' ');
    const bindings = { ...plan.bindings, start, end: position.id };
    const rows = this.#statements.get<EntryRow>(`
      select ${COLUMNS} from entries ${NAMES}
      where entries.id > $start and entries.id <= $end ${conditions}
      order by entries.id desc limit $limit`);
    if (pattern !== undefined)
      return this.#tailByPattern(rows.iterate({ ...bindings, limit: TAIL_WINDOW }), pattern, {
        limit,
        position,
        missed,
      });
    const items = rows
      .all({ ...bindings, limit })
      .map((row) => this.#entries.toItem(row))
      .reverse();
    if (items.length < limit) return { items, position, missed };
    const count = this.#statements
      .get<{ count: number }>(
        `select count(*) as count from entries where entries.id > $start and entries.id <= $end ${conditions}`,
      )
      .get(bindings);
    return { items, position, missed: missed + (count?.count ?? limit) - limit };
  }

  #tailByPattern(
    rows: Iterable<EntryRow>,
    pattern: PathPattern,
    { limit, position, missed }: { limit: number; position: TailPosition; missed: number },
  ): LogTail {
    const until = performance.now() + TAIL_MS;
    const found: EntryRow[] = [];
    let more = 0;
    for (const row of rows) {
      // When the time is up, the rest counts as skipped, whether it would have matched or not.
      if (performance.now() > until) more += 1;
      else if (pattern(pathOf(unpackDetails(row.details).uri))) {
        if (found.length < limit) found.push(row);
        else more += 1;
      }
    }
    const items = found.map((row) => this.#entries.toItem(row)).reverse();
    return { items, position, missed: missed + more };
  }
}
