/** Keeps reports of the rows of requests, up to a total size. */

import type { RowReport } from '../../../access-log/row-reports.ts';
import { environmentFromNumber, environmentToNumber } from '../../sql/rows.ts';
import { type Connection, inTransaction } from '../database.ts';
import type { StatementCache } from '../statement-cache.ts';
import { uuidFromBytes, uuidToBytes } from './uuids.ts';

interface ReportRow {
  id: number;
  uuid: Buffer;
  time: number;
  application_id: number;
  environment: number;
  bytes: number;
  report: string;
}

/** The part of a report that is stored as text; the rest has columns. */
type ReportText = Omit<RowReport, 'uuid' | 'time' | 'application'>;

/** The size of a row without its text. */
const ROW_BYTES = 128;

export class RowReports {
  readonly #database: Connection;
  readonly #statements: StatementCache;
  readonly #maxBytes: number;

  constructor(database: Connection, statements: StatementCache, maxBytes: number) {
    this.#database = database;
    this.#statements = statements;
    this.#maxBytes = maxBytes;
  }

  /** The total size of the kept reports, in bytes. */
  get bytes(): number {
    return this.#statements.get<{ bytes: number }>('select bytes from row_reports_size').get()?.bytes ?? 0;
  }

  /** Keeps a report, removing the oldest to make room. A report larger than the total limit is not kept. */
  keep({ uuid, time, application, ...text }: RowReport): void {
    const key = uuidToBytes(uuid);
    const report = JSON.stringify(text satisfies ReportText);
    const bytes = Buffer.byteLength(report) + ROW_BYTES;
    if (key === undefined || bytes > this.#maxBytes) return;
    inTransaction(this.#database, () => {
      for (let used = this.bytes; used + bytes > this.#maxBytes; used = this.bytes) {
        const oldest = this.#oldest();
        if (oldest === undefined) break;
        this.#remove(oldest);
      }
      const inserted = this.#statements
        .get(`
          insert into row_reports (uuid, time, application_id, environment, bytes, report)
          values (?, ?, ?, ?, ?, ?) on conflict do nothing`)
        .run(key, time, application.id, environmentToNumber(application.environment), bytes, report);
      if (inserted.changes > 0) this.#resize(bytes);
    });
  }

  has(uuid: string): boolean {
    return this.#statements.get('select 1 from row_reports where uuid = ?').get(uuidToBytes(uuid)) !== undefined;
  }

  find(uuid: string): RowReport | undefined {
    const key = uuidToBytes(uuid);
    if (key === undefined) return undefined;
    const row = this.#statements.get<ReportRow>('select * from row_reports where uuid = ?').get(key);
    return row === undefined ? undefined : toReport(row);
  }

  /** Some of the reports after `after`. */
  next(after: number, limit: number): { id: number; report: RowReport }[] {
    return this.#statements
      .get<ReportRow>('select * from row_reports where id > ? order by id limit ?')
      .all(after, limit)
      .map((row) => ({ id: row.id, report: toReport(row) }));
  }

  /** Replaces the text of a report by a smaller one. */
  replace(id: number, { uuid: _uuid, time: _time, application: _application, ...text }: RowReport): void {
    inTransaction(this.#database, () => {
      const report = JSON.stringify(text satisfies ReportText);
      const before = this.#statements.get<{ bytes: number }>('select bytes from row_reports where id = ?').get(id);
      const bytes = Buffer.byteLength(report) + ROW_BYTES;
      this.#statements.get('update row_reports set report = ?, bytes = ? where id = ?').run(report, bytes, id);
      this.#resize(bytes - (before?.bytes ?? bytes));
    });
  }

  /** Removes some of the reports that arrived before a time. @returns true if there may be more */
  prune(before: number): boolean {
    const oldest = this.#oldest();
    if (oldest === undefined || oldest.time >= before) return false;
    inTransaction(this.#database, () => this.#remove(oldest));
    return true;
  }

  #oldest(): { id: number; time: number; bytes: number } | undefined {
    return this.#statements
      .get<{ id: number; time: number; bytes: number }>('select id, time, bytes from row_reports order by id limit 1')
      .get();
  }

  #remove({ id, bytes }: { id: number; bytes: number }): void {
    this.#statements.get('delete from row_reports where id = ?').run(id);
    this.#resize(-bytes);
  }

  #resize(bytes: number): void {
    this.#statements.get('update row_reports_size set bytes = bytes + ?').run(bytes);
  }
}

function toReport(row: ReportRow): RowReport {
  const application = { id: row.application_id, environment: environmentFromNumber(row.environment) };
  return { uuid: uuidFromBytes(row.uuid), time: row.time, application, ...(JSON.parse(row.report) as ReportText) };
}
