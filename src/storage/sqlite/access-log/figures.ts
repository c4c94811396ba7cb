/** Reads the roll-ups: causes by the hour, traffic by the minute, usage of Applications. */

import type { LoggedCause } from '../../../access-log/access-log.ts';
import type { Mark } from '../../../access-log/marks.ts';
import { type ApplicationUse, MINUTE_MS, type TrafficMinute } from '../../../access-log/traffic-meter.ts';
import type { Connection } from '../database.ts';
import { uuidFromBytes } from './uuids.ts';

interface CauseRow {
  application_id: number;
  status: number;
  operation: string;
  text: string;
  mend_attribute: string | null;
  mark: string | null;
  count: number;
  last_time: number;
  last_uuid: Buffer;
}

interface MinuteRow {
  minute: number;
  application_id: number;
  requests: number;
  errors: number;
  joins: number;
  leaves: number;
}

const CAUSES = `
  select application_id, status, operations.name as operation, text, mend_attribute, mark, sum(count) as count,
    max(last_time) as last_time, last_uuid
  from cause_hours join causes on causes.id = cause_id left join operations on operations.id = operation_id
  where hour >= ? and hour <= ?`;

export class LogFiguresReader {
  readonly #causes;
  readonly #causesOfApplication;
  readonly #minutes;
  readonly #lastRequest;
  readonly #use;

  constructor(database: Connection) {
    // With max(), bare columns take their values from the row that has the maximum.
    this.#causes = database.prepare<[number, number], CauseRow>(`${CAUSES} group by application_id, cause_id`);
    this.#causesOfApplication = database.prepare<[number, number, number], CauseRow>(
      `${CAUSES} and application_id = ? group by application_id, cause_id`,
    );
    this.#minutes = database.prepare<[number, number], MinuteRow>(
      'select * from minutes where minute >= ? order by minute, application_id limit ?',
    );
    this.#lastRequest = database
      .prepare<[number], number>('select last_request from application_use where application_id = ?')
      .pluck();
    this.#use = database.prepare<[number, number], { requests: number; errors: number }>(`
      select coalesce(sum(requests), 0) as requests, coalesce(sum(errors), 0) as errors
      from minutes where minute >= ? and application_id = ?`);
  }

  /** @param first and last hour since the epoch: at most a day per call, which bounds it */
  causes(first: number, last: number, applicationId: number | undefined): LoggedCause[] {
    const rows =
      applicationId === undefined
        ? this.#causes.all(first, last)
        : this.#causesOfApplication.all(first, last, applicationId);
    return rows.map((row) => ({
      applicationId: row.application_id === 0 ? undefined : row.application_id,
      cause: row.text,
      mark: row.mark === null ? undefined : (JSON.parse(row.mark) as Mark),
      status: row.status,
      operation: row.operation,
      count: row.count,
      lastTime: row.last_time,
      lastUuid: uuidFromBytes(row.last_uuid),
      mend: row.mend_attribute === null ? undefined : { kind: 'createAttribute', name: row.mend_attribute },
    }));
  }

  minutes(from: number, limit: number): TrafficMinute[] {
    return this.#minutes.all(Math.floor(from / MINUTE_MS), limit).map((row) => ({
      applicationId: row.application_id,
      time: row.minute * MINUTE_MS,
      requests: row.requests,
      errors: row.errors,
      joins: row.joins,
      leaves: row.leaves,
      lastRequest: 0,
    }));
  }

  use(applicationId: number, from: number): ApplicationUse {
    const counted = this.#use.get(Math.floor(from / MINUTE_MS), applicationId) ?? { requests: 0, errors: 0 };
    return { lastRequest: this.#lastRequest.get(applicationId), ...counted };
  }
}
