/** Keeps refused writes in full, up to a total size, until they are replayed or space runs out. */

import type {
  KeptRefusal,
  KeptRefusalWithBody,
  RefusedRequest,
  ReplayHeaders,
} from '../../../access-log/access-log.ts';
import { environmentFromNumber, environmentToNumber } from '../../sql/rows.ts';
import { type Connection, inTransaction } from '../database.ts';
import type { StatementCache } from '../statement-cache.ts';
import type { LogDictionary } from './dictionary.ts';
import { uuidFromBytes, uuidToBytes } from './uuids.ts';

interface RefusedRow {
  id: number;
  uuid: Buffer;
  time: number;
  method: string;
  uri: string;
  operation: string;
  status: number;
  cause: string;
  mend_attribute: string | null;
  application_id: number;
  environment: number;
  key_id: number;
  key_name: string | null;
  bytes: number;
  replayed: number | null;
}

interface BodyRow extends RefusedRow {
  headers: string;
  body: Buffer;
}

const COLUMNS = `refused_writes.id, uuid, time, method, uri, operations.name as operation, causes.status,
  causes.text as cause, causes.mend_attribute, refused_writes.application_id, environment, key_id, keys.title as key_name,
  bytes, replayed`;
const FROM = `from refused_writes join causes on causes.id = refused_writes.cause_id
  left join operations on operations.id = causes.operation_id left join keys on keys.id = refused_writes.key_id`;

/** What a row takes besides its body. */
const ROW_BYTES = 512;

export class RefusedWrites {
  readonly #database: Connection;
  readonly #dictionary: LogDictionary;
  readonly #statements: StatementCache;
  readonly #maxBytes: number;

  constructor(database: Connection, dictionary: LogDictionary, statements: StatementCache, maxBytes: number) {
    this.#database = database;
    this.#dictionary = dictionary;
    this.#statements = statements;
    this.#maxBytes = maxBytes;
  }

  /** Total bytes of what is kept. */
  get bytes(): number {
    return this.#statements.get<{ bytes: number }>('select bytes from refused_bytes').get()?.bytes ?? 0;
  }

  /** Keeps the write, removing the oldest to make room. A write larger than the total limit is not kept. */
  keep(refused: RefusedRequest): void {
    const uuid = uuidToBytes(refused.uuid);
    const bytes = refused.body.length + ROW_BYTES;
    if (uuid === undefined || bytes > this.#maxBytes) return;
    const { application, key, status, cause = 'refused', mend } = refused;
    inTransaction(this.#database, () => {
      this.#makeRoom(bytes);
      const causeId = this.#dictionary.cause(
        status,
        this.#dictionary.operation(refused.operation),
        cause,
        mend?.name ?? '',
      );
      this.#dictionary.key(key.id, key.title, application.id);
      const inserted = this.#statements
        .get(`
          insert into refused_writes (uuid, time, method, uri, application_id, environment, key_id, cause_id, headers, bytes,
            body)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`)
        .run(
          uuid,
          refused.time,
          refused.method,
          refused.uri,
          application.id,
          environmentToNumber(application.environment),
          key.id,
          causeId,
          JSON.stringify(refused.headers),
          refused.body.length,
          Buffer.from(refused.body),
        );
      if (inserted.changes > 0) this.#addBytes(bytes);
    });
  }

  /** Latest first. */
  list(
    filter: { readonly applicationId?: number | undefined; readonly cause?: string | undefined },
    after: number | undefined,
    limit: number,
  ): KeptRefusal[] {
    const conditions = [
      ...(after === undefined ? [] : ['refused_writes.id < $after']),
      ...(filter.applicationId === undefined ? [] : ['refused_writes.application_id = $applicationId']),
      ...(filter.cause === undefined ? [] : ['cause_id in (select id from causes where text = $cause)']),
    ];
    return this.#statements
      .get<RefusedRow>(
        `select ${COLUMNS} ${FROM} ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
         order by refused_writes.id desc limit $limit`,
      )
      .all({
        limit,
        ...(after === undefined ? {} : { after }),
        ...(filter.applicationId === undefined ? {} : { applicationId: filter.applicationId }),
        ...(filter.cause === undefined ? {} : { cause: filter.cause }),
      })
      .map(toRefusal);
  }

  /** Those of them that are kept, in order of arrival. */
  find(uuids: readonly string[]): KeptRefusal[] {
    return uuids
      .flatMap((uuid) => this.#row(uuid) ?? [])
      .sort((a, b) => a.time - b.time || a.id - b.id)
      .map(toRefusal);
  }

  /**
   * When it was replayed, 0 while a replay is in progress, null if it was not replayed; undefined if it is not kept.
   */
  replayed(uuid: string): number | null | undefined {
    return this.#statements
      .get<{ replayed: number | null }>('select replayed from refused_writes where uuid = ?')
      .get(uuidToBytes(uuid))?.replayed;
  }

  read(uuid: string): KeptRefusalWithBody | undefined {
    const bytes = uuidToBytes(uuid);
    const row =
      bytes === undefined
        ? undefined
        : this.#statements.get<BodyRow>(`select ${COLUMNS}, headers, body ${FROM} where uuid = ?`).get(bytes);
    if (row === undefined) return undefined;
    return { ...toRefusal(row), headers: JSON.parse(row.headers) as ReplayHeaders, body: row.body };
  }

  /** Returns it for a replay, to only one caller. */
  take(uuid: string): KeptRefusalWithBody | undefined {
    const taken = this.#statements
      .get('update refused_writes set replayed = 0 where uuid = ? and replayed is null')
      .run(uuidToBytes(uuid) ?? Buffer.alloc(0));
    return taken.changes === 0 ? undefined : this.read(uuid);
  }

  settle(uuid: string, replayed: number | undefined): void {
    this.#statements
      .get('update refused_writes set replayed = ? where uuid = ? and replayed = 0')
      .run(replayed ?? null, uuidToBytes(uuid) ?? Buffer.alloc(0));
  }

  /** The next one after `after` as text to be searched; undefined at the end. */
  next(after: number): { id: number; environment: number; uri: string; body: string } | undefined {
    const row = this.#statements
      .get<{ id: number; environment: number; uri: string; body: Buffer }>(
        'select id, environment, uri, body from refused_writes where id > ? order by id limit 1',
      )
      .get(after);
    return row === undefined ? undefined : { ...row, body: row.body.toString('utf8') };
  }

  remove(id: number): void {
    inTransaction(this.#database, () => this.#remove(id));
  }

  /** Removes some of those that arrived before a time. @returns true when there may be more */
  prune(before: number): boolean {
    const [oldest] = this.#oldest(1);
    if (oldest === undefined || oldest.time >= before) return false;
    this.remove(oldest.id);
    return true;
  }

  #makeRoom(bytes: number): void {
    for (let used = this.bytes; used + bytes > this.#maxBytes; used = this.bytes) {
      const [oldest] = this.#oldest(1);
      if (oldest === undefined) return;
      this.#remove(oldest.id);
    }
  }

  #oldest(limit: number): { id: number; time: number }[] {
    return this.#statements
      .get<{ id: number; time: number }>('select id, time from refused_writes order by id limit ?')
      .all(limit);
  }

  #remove(id: number): void {
    const removed = this.#statements
      .get<{ bytes: number }>('delete from refused_writes where id = ? returning bytes')
      .get(id);
    if (removed !== undefined) this.#addBytes(-removed.bytes - ROW_BYTES);
  }

  #addBytes(bytes: number): void {
    this.#statements.get('update refused_bytes set bytes = bytes + ?').run(bytes);
  }

  #row(uuid: string): RefusedRow | undefined {
    const bytes = uuidToBytes(uuid);
    if (bytes === undefined) return undefined;
    return this.#statements.get<RefusedRow>(`select ${COLUMNS} ${FROM} where uuid = ?`).get(bytes);
  }
}

function toRefusal(row: RefusedRow): KeptRefusal {
  const { mend_attribute: name, replayed } = row;
  return {
    id: row.id,
    uuid: uuidFromBytes(row.uuid),
    time: row.time,
    method: row.method,
    uri: row.uri,
    operation: row.operation,
    status: row.status,
    cause: row.cause,
    mend: name === null ? undefined : { kind: 'createAttribute', name },
    applicationId: row.application_id,
    environment: environmentFromNumber(row.environment),
    keyId: row.key_id,
    keyName: row.key_name ?? '',
    bytes: row.bytes,
    replayed: replayed === null || replayed === 0 ? undefined : replayed,
  };
}
