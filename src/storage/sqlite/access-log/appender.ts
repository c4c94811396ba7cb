/** Moves what waits in the ring into the file: entries, the permitted part of their payloads, and the roll-ups. */

import { keptPayload } from '../../../access-log/kept-payload.ts';
import { type Mark, markText } from '../../../access-log/marks.ts';
import { uriWithoutSecrets, withoutSecrets } from '../../../access-log/payload-masking.ts';
import type { TrafficMinute } from '../../../access-log/traffic-meter.ts';
import { type Connection, inTransaction } from '../database.ts';
import type { LogDictionary } from './dictionary.ts';
import { packDetails, packState, readMarks } from './entry-rows.ts';
import type { PayloadBlocks } from './payload-blocks.ts';
import type { RingReader, RingRecord } from './ring.ts';
import type { UuidGroups } from './uuid-groups.ts';
import { uuidToBytes } from './uuids.ts';

// The most entries per transaction: the ring gets its space back soon, and a read never waits long.
const RECORDS_PER_COMMIT = 2000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Distinct causes per hour; senders influence the wording, so there is no natural limit. */
const MAX_CAUSES_PER_HOUR = 500;
const OTHER_CAUSES = 'other causes';
/** The same for marks: beyond this many, their names are left out. */
const MAX_MARKS_PER_HOUR = 200;
const EMPTY = Buffer.alloc(0);

interface CauseCount {
  readonly hour: number;
  readonly applicationId: number;
  readonly causeId: number;
  count: number;
  lastTime: number;
  lastUuid: Buffer;
  /** Whether `lastUuid` can be opened. */
  listed: boolean;
}

interface CausesOfHour {
  readonly hour: number;
  readonly ids: Set<number>;
  readonly marks: Set<number>;
}

function noCauses(hour: number): CausesOfHour {
  return { hour, ids: new Set(), marks: new Set() };
}

function hourOf({ time }: RingRecord): number {
  return Math.floor(time / HOUR_MS);
}

export class LogAppender {
  readonly #database: Connection;
  readonly #dictionary: LogDictionary;
  readonly #blocks: PayloadBlocks;
  readonly #uuids: UuidGroups;
  readonly #statements;
  /** Causes seen in the current hour. */
  #causesOfHour = noCauses(0);

  constructor(database: Connection, dictionary: LogDictionary, blocks: PayloadBlocks, uuids: UuidGroups) {
    this.#database = database;
    this.#dictionary = dictionary;
    this.#blocks = blocks;
    this.#uuids = uuids;
    this.#statements = prepareStatements(database);
  }

  /** Writes what is waiting, up to one transaction's worth. @returns the number of records read */
  append(ring: RingReader): number {
    ring.rewind();
    if (ring.isEmpty) return 0;
    let count = 0;
    try {
      inTransaction(this.#database, () => {
        const causes = new Map<string, CauseCount>();
        this.#blocks.begin();
        let id = this.#statements.nextId.get() ?? 1;
        const first = id;
        while (count < RECORDS_PER_COMMIT) {
          const record = ring.next();
          if (record === undefined) break;
          count += 1;
          const causeId = record.cause === '' ? null : this.#count(causes, record, this.#causeOf(record));
          for (const mark of readMarks(record.marks)) this.#count(causes, record, this.#markOf(record, mark));
          if (record.listed) {
            this.#insert(id, record, causeId);
            id += 1;
          }
        }
        this.#blocks.flush();
        if (id !== first) this.#statements.saveNextId.run(id);
        for (const each of causes.values()) {
          this.#statements.addCauses.run({ ...each, listed: each.listed ? 1 : 0 });
        }
      });
    } catch (error) {
      this.#dictionary.clear();
      this.#uuids.clear();
      this.#causesOfHour = noCauses(0);
      throw error;
    }
    return count;
  }

  /** Adds to the figures per minute. */
  addTraffic(minutes: readonly TrafficMinute[]): void {
    if (minutes.length === 0) return;
    inTransaction(this.#database, () => {
      for (const { applicationId, time, requests, errors, joins, leaves, lastRequest } of minutes) {
        this.#statements.addMinute.run(time / MINUTE_MS, applicationId, requests, errors, joins, leaves);
        if (applicationId > 0) this.#statements.saveUse.run(applicationId, lastRequest);
      }
    });
  }

  #insert(id: number, record: RingRecord, causeId: number | null): void {
    const { keyId, applicationId, logging, requestBytes, responseBytes } = record;
    if (keyId !== null) this.#dictionary.key(keyId, record.keyTitle, applicationId ?? 0);
    const request = keptPayload(record.request, logging, undefined, record.operation);
    const response = keptPayload(record.response, logging, record.cause === '' ? undefined : record.cause);
    const kept = request.length + response.length > 0;
    const { block, offset } = kept ? this.#blocks.add(id, request, response) : { block: 0, offset: 0 };
    this.#uuids.add(id, record.uuid);
    const state = packState({
      payloads: record.erased ? 'erased' : record.dropped ? 'dropped' : logging,
      requestCut: record.unread || (record.request.length > 0 && record.request.length < requestBytes),
      responseCut: record.response.length > 0 && record.response.length < responseBytes,
      environment: record.environment,
      isMarked: record.marks !== '',
    });
    const details = packDetails(record, {
      uri: uriWithoutSecrets(record.uri),
      block,
      offset,
      requestLength: request.length,
      responseLength: response.length,
    });
    const operationId = this.#dictionary.operation(record.operation);
    this.#statements.insertEntry.run(
      id,
      record.time,
      record.status,
      record.method,
      applicationId,
      keyId,
      operationId,
      causeId,
      state,
      details,
    );
  }

  /** Adds a record to the figures of a cause or mark. @returns its number */
  #count(counts: Map<string, CauseCount>, record: RingRecord, causeId: number): number {
    const uuid = uuidToBytes(record.uuid) ?? EMPTY;
    const hour = hourOf(record);
    const applicationId = record.applicationId ?? 0;
    const key = `${hour} ${applicationId} ${causeId}`;
    let count = counts.get(key);
    if (count === undefined) {
      count = { hour, applicationId, causeId, count: 0, lastTime: 0, lastUuid: uuid, listed: false };
      counts.set(key, count);
    }
    count.count += 1;
    if (record.time > count.lastTime) count.lastTime = record.time;
    if (record.listed) {
      count.lastUuid = uuid;
      count.listed = true;
    }
    return causeId;
  }

  #markOf(record: RingRecord, mark: Mark): number {
    const operationId = this.#dictionary.operation(record.operation);
    const { marks } = this.#ofHour(hourOf(record));
    const add = (each: Mark): number =>
      this.#dictionary.cause(record.status, operationId, markText(each), '', JSON.stringify(each));
    if (marks.size >= MAX_MARKS_PER_HOUR) {
      const known = this.#dictionary.knownCause(record.status, operationId, markText(mark));
      if (known === undefined || !marks.has(known)) return add('name' in mark ? { kind: mark.kind, name: '' } : mark);
      return known;
    }
    const id = add(mark);
    marks.add(id);
    return id;
  }

  /** The causes seen so far in the hour of the next records. */
  #ofHour(hour: number): CausesOfHour {
    if (this.#causesOfHour.hour !== hour) {
      this.#causesOfHour = noCauses(hour);
      for (const { id, isMark } of this.#statements.causesOfHour.all(hour)) {
        this.#causesOfHour[isMark === 1 ? 'marks' : 'ids'].add(id);
      }
    }
    return this.#causesOfHour;
  }

  #causeOf(record: RingRecord): number {
    const operationId = this.#dictionary.operation(record.operation);
    const cause = withoutSecrets(record.cause);
    const { ids } = this.#ofHour(hourOf(record));
    if (ids.size < MAX_CAUSES_PER_HOUR) {
      const id = this.#dictionary.cause(record.status, operationId, cause, record.mend);
      ids.add(id);
      return id;
    }
    const known = this.#dictionary.knownCause(record.status, operationId, cause);
    if (known !== undefined && ids.has(known)) return known;
    return this.#dictionary.cause(record.status, operationId, OTHER_CAUSES, '');
  }
}

function prepareStatements(database: Connection) {
  return {
    nextId: database.prepare<[], number>('select next_id from state').pluck(),
    saveNextId: database.prepare<[number]>('update state set next_id = ?'),
    insertEntry: database.prepare(`
      insert into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    causesOfHour: database.prepare<[number], { id: number; isMark: number }>(`
      select distinct cause_id as id, mark is not null as isMark
      from cause_hours join causes on causes.id = cause_id where hour = ?`),
    addCauses: database.prepare(`
      insert into cause_hours values ($hour, $applicationId, $causeId, $count, $lastTime, $lastUuid)
      on conflict do update set count = count + excluded.count, last_time = max(last_time, excluded.last_time),
        last_uuid = case when $listed then excluded.last_uuid else last_uuid end`),
    addMinute: database.prepare(`
      insert into minutes values (?, ?, ?, ?, ?, ?)
      on conflict do update set requests = requests + excluded.requests, errors = errors + excluded.errors,
        joins = joins + excluded.joins, leaves = leaves + excluded.leaves`),
    saveUse: database.prepare(`
      insert into application_use values (?, ?)
      on conflict do update set last_request = max(last_request, excluded.last_request)`),
  };
}
