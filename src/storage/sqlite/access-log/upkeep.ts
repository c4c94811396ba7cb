/** Removes entries beyond the retention or the size limit, and traces of an erased profile, in small steps. */

import { ERASED_URI } from '../../../access-log/access-log.ts';
import { ProfileTraces } from '../../../access-log/profile-traces.ts';
import { withoutPeople } from '../../../access-log/row-reports.ts';
import { environmentToNumber } from '../../sql/rows.ts';
import { type Connection, inTransaction } from '../database.ts';
import type { LogDictionary } from './dictionary.ts';
import { packDetails, packState, unpackDetails, unpackState } from './entry-rows.ts';
import type { ErasedPerson } from './erasures.ts';
import type { PayloadBlocks } from './payload-blocks.ts';
import type { RefusedWrites } from './refused-writes.ts';
import type { RowReports } from './row-reports.ts';
import type { UuidGroups } from './uuid-groups.ts';

// Entries removed or examined per call: a few ms.
const STEP = 500;
const REPORTS_STEP = 20;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface ScannedRow {
  id: number;
  state: number;
  details: string;
}

/** A person whose traces are searched for, ready to be compared with rows. */
interface Searched {
  readonly environment: number;
  readonly traces: ProfileTraces;
}

export interface UpkeepParts {
  readonly dictionary: LogDictionary;
  readonly refused: RefusedWrites;
  readonly reports: RowReports;
  readonly blocks: PayloadBlocks;
  readonly uuids: UuidGroups;
}

export class LogUpkeep {
  readonly #database: Connection;
  readonly #parts: UpkeepParts;
  readonly #maxBytes: number;
  readonly #pageBytes: number;
  readonly #statements;

  constructor(database: Connection, parts: UpkeepParts, maxBytes: number) {
    this.#database = database;
    this.#parts = parts;
    this.#maxBytes = maxBytes;
    this.#pageBytes = database.pragma('page_size', { simple: true }) as number;
    this.#statements = prepareStatements(database);
  }

  /** Bytes of the file in use; it keeps the unused ones for new entries. */
  get usedBytes(): number {
    const pages = this.#database.pragma('page_count', { simple: true }) as number;
    const free = this.#database.pragma('freelist_count', { simple: true }) as number;
    return (pages - free) * this.#pageBytes;
  }

  /**
   * Removes the oldest entries while there are too many bytes, for at most `milliseconds`. @returns true when there is
   * more to do
   */
  keepWithinBytes(milliseconds: number): boolean {
    const until = performance.now() + milliseconds;
    // Refused writes and reports have their own limits.
    const { refused, reports } = this.#parts;
    while (this.usedBytes - refused.bytes - reports.bytes > this.#maxBytes) {
      if (performance.now() > until) return true;
      const ids = this.#statements.oldest.all(STEP).map(({ id }) => id);
      if (ids.length === 0) return false;
      this.#remove(ids);
    }
    return false;
  }

  /** Removes some of what is older than a time. @returns true when there is more to do */
  prune(before: number): boolean {
    const ids = this.#statements.oldest.all(STEP).flatMap(({ id, time }) => (time < before ? [id] : []));
    if (ids.length > 0) this.#remove(ids);
    const { refused, reports } = this.#parts;
    if ([refused.prune(before), reports.prune(before), ids.length === STEP].includes(true)) return true;
    const { oldMinutes, oldCauses, unusedCauses } = this.#statements;
    return inTransaction(this.#database, () => {
      const hour = Math.floor(before / HOUR_MS);
      const removed = [
        oldMinutes.run(Math.floor(before / MINUTE_MS), STEP).changes,
        oldCauses.run(hour, STEP).changes,
        unusedCauses.run(STEP).changes,
      ];
      if ((removed[2] ?? 0) > 0) this.#parts.dictionary.clear();
      return removed.includes(STEP);
    });
  }

  /**
   * Searches some entries after `after` for traces of people and redacts them.
   * @returns where to continue; undefined at the end
   */
  eraseFromEntries(people: readonly ErasedPerson[], after: number): number | undefined {
    const searched = people.map(toSearched);
    // Searching an entry for one more person costs a quarter of reading it for the first.
    const step = Math.ceil((STEP * 4) / (3 + people.length));
    const rows = this.#statements.scan.all(after, step);
    inTransaction(this.#database, () => {
      for (const row of rows) this.#eraseOne(row, searched);
    });
    return rows.length < step ? undefined : rows.at(-1)?.id;
  }

  /** The same for refused writes, one at a time; one that names one of the people is removed completely. */
  eraseFromRefused(people: readonly ErasedPerson[], after: number): number | undefined {
    const next = this.#parts.refused.next(after);
    if (next === undefined) return undefined;
    const found = people
      .map(toSearched)
      .some(
        ({ environment, traces }) =>
          environment === next.environment && (traces.inUri(next.uri) || traces.inPayload(next.body)),
      );
    if (found) this.#parts.refused.remove(next.id);
    return next.id;
  }

  /** The same for some reports of rows: a row that names one of the people keeps only its verdict. */
  eraseFromReports(people: readonly ErasedPerson[], after: number): number | undefined {
    const searched = people.map(toSearched);
    const { reports } = this.#parts;
    const some = reports.next(after, REPORTS_STEP);
    for (const { id, report } of some) {
      const own = environmentToNumber(report.application.environment);
      const traces = searched.filter(({ environment }) => environment === own).map((each) => each.traces);
      const rows = withoutPeople(report.rows, traces);
      if (rows !== undefined) reports.replace(id, { ...report, rows });
    }
    return some.length < REPORTS_STEP ? undefined : some.at(-1)?.id;
  }

  #eraseOne(row: ScannedRow, searched: readonly Searched[]): void {
    const state = unpackState(row.state);
    // The environment may be unknown: the entry may then belong to either.
    const own = searched.filter(({ environment }) => state.environment === null || state.environment === environment);
    if (own.length === 0) return;
    const details = unpackDetails(row.details);
    const { request, response } = this.#parts.blocks.read(details);
    const inUri = own.some(({ traces }) => traces.inUri(details.uri));
    const inMarks = own.some(({ traces }) => traces.inPayload(details.marks));
    const inPayloads = ({ traces }: Searched): boolean => traces.inPayload(request) || traces.inPayload(response);
    if (!inUri && !inMarks && !own.some(inPayloads)) return;
    this.#parts.blocks.blank(details);
    const uri = inUri ? ERASED_URI : details.uri;
    this.#statements.redact.run(
      packDetails(
        { ...details, marks: inMarks ? '' : details.marks },
        { ...details, uri, requestLength: 0, responseLength: 0 },
      ),
      packState({
        ...state,
        payloads: 'erased',
        requestCut: state.requestCut && details.requestLength === 0,
        responseCut: false,
        isMarked: state.isMarked && !inMarks,
      }),
      row.id,
    );
  }

  #remove(ids: readonly number[]): void {
    inTransaction(this.#database, () => {
      for (const id of ids) this.#statements.removeEntry.run(id);
      const first = this.#statements.oldest.get(1)?.id ?? Number.MAX_SAFE_INTEGER;
      this.#parts.blocks.removeBefore(first);
      this.#parts.uuids.removeBefore(first);
    });
  }
}

function toSearched({ environment, integrationId }: ErasedPerson): Searched {
  return { environment: environmentToNumber(environment), traces: new ProfileTraces(integrationId) };
}

function prepareStatements(database: Connection) {
  return {
    oldest: database.prepare<[number], { id: number; time: number }>(
      'select id, time from entries order by id limit ?',
    ),
    removeEntry: database.prepare<[number]>('delete from entries where id = ?'),
    redact: database.prepare<[string, number, number]>('update entries set details = ?, state = ? where id = ?'),
    scan: database.prepare<[number, number], ScannedRow>(
      'select id, state, details from entries where id > ? order by id limit ?',
    ),
    oldMinutes: database.prepare<[number, number]>(`
      delete from minutes where (minute, application_id) in (
        select minute, application_id from minutes where minute < ? limit ?)`),
    oldCauses: database.prepare<[number, number]>(`
      delete from cause_hours where (hour, application_id, cause_id) in (
        select hour, application_id, cause_id from cause_hours where hour < ? limit ?)`),
    // Words no longer in use; an hour of the log has a bounded number of them.
    unusedCauses: database.prepare<[number]>(`
      delete from causes where id in (
        select id from causes
        where not exists (select 1 from entries indexed by entries_causes where cause_id = causes.id)
          and not exists (select 1 from refused_writes where cause_id = causes.id)
          and id not in (select cause_id from cause_hours)
        limit ?)`),
  };
}
