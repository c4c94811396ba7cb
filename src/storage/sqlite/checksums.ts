/**
 * Checksums of rows: they reveal damage that no counter, reference or chain would, such as another letter in a name or
 * another digit in a time. `verify` and `restore` compare them. A row without one was written before checksums existed,
 * and gets one when it changes.
 */

import { crc32 } from 'node:zlib';
import type { Connection } from './database.ts';

type Value = string | number | Buffer | null;

/**
 * The columns covered, the row's ID first. A migration that changes rows of these tables, or comes with a change to one
 * of these lists, removes their checksums.
 */
const COVERED: Readonly<Record<string, readonly string[]>> = {
  applications: list(
    'id name environment timezone currency description payload_logging staging created modified version',
  ),
  attributes: list(`id entity name title type description suggestions restricted_by_suggestions has_allowed_list
    allowed_list staged_list staged_at editable application_ids details created version`),
  audiences: list(`id environment name description integration integration_key integration_id created_in_third_party
    application_ids member_set staged_set staged_at created modified deleted version`),
  api_keys:
    list(`id application_id title platform type read_only rate_limit time_offset hash prefix suffix expires created
    created_by last_used_at deleted_at deleted_by lenient_rows row_reports skip_undefined_attributes`),
  users: list(`id email name password_hash is_admin state must_change_password created modified last_signed_in
    last_accessed unlocked_until`),
  sessions: list('id user_id kind hash created last_seen expires user_agent address'),
  management_keys: list(`id name hash prefix suffix endpoints application_ids expires created created_by disabled
    last_used_at deleted_at`),
  audit_entries: list('id created user_id management_key_id application_id entity old new'),
  imports: list('id created user_id entity entity_id amount'),
};

/**
 * Tables with the checksum in the row itself, because every request writes to them; computed by the code that writes
 * the row.
 */
const OWN_COLUMN: Readonly<Record<string, readonly string[]>> = {
  profiles: list(`id environment integration_id created sets last_change last_activity modified attributes_written
    attributes attribute_job`),
  requests: list('id uuid key_id user_id time first_change arrived arrived_place'),
};

function list(names: string): string[] {
  return names.split(/\s+/);
}

/** The checksum of a row, over the values of its covered columns in order. */
export function rowChecksum(values: readonly Value[]): number {
  let text = '';
  // A type and a length precede each value, so that moving content from one column to the next is damage too.
  for (const value of values) {
    if (typeof value === 'string') text += `s${value.length}:${value}`;
    else if (value === null) text += 'n';
    else if (typeof value === 'number') text += `i${value};`;
    else text += `b${value.toString('hex')};`;
  }
  return crc32(text);
}

/**
 * The checksum of a profile. Its last column was added later: older rows have 0 in it, and a checksum that does not
 * include it.
 */
export function profileChecksum(values: readonly Value[]): number {
  return rowChecksum(values.at(-1) === 0 ? values.slice(0, -1) : values);
}

/** Makes `row_checksum(…)` available to the connection's statements. */
export function defineRowChecksum(database: Connection): void {
  database.function('row_checksum', { varargs: true, deterministic: true }, (...values: unknown[]) =>
    rowChecksum(values as Value[]),
  );
}

/**
 * Keeps the checksums of the smaller tables in step with whatever this connection writes to them. The triggers belong
 * to the connection, not to the file: other programs can still read it, but an edit by hand looks like damage.
 */
export function keepChecksums(database: Connection): void {
  defineRowChecksum(database);
  for (const [table, columns] of Object.entries(COVERED)) {
    const values = columns.map((column) => `new.${column}`).join(', ');
    const store = `insert into row_checksums values ('${table}', new.id, row_checksum(${values}))
      on conflict do update set checksum = excluded.checksum`;
    const forget = `delete from row_checksums where table_name = '${table}' and row_id = old.id`;
    for (const [event, action] of [
      ['insert', store],
      ['update', store],
      ['delete', forget],
    ]) {
      database.exec(
        `create temp trigger if not exists checksum_${table}_${event} after ${event} on main.${table} begin ${action}; end`,
      );
    }
  }
}

/** Whether a database has checksums at all; backups of earlier versions have none. */
function hasChecksums(database: Connection): boolean {
  const found = database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'row_checksums'").get();
  return found !== undefined;
}

/**
 * Reads every row that has a checksum, and reports those that do not match. A row is reported by its table and ID: its
 * content cannot be trusted, and is personal.
 */
export function findDamagedRows(database: Connection, report: (message: string) => void): void {
  if (!hasChecksums(database)) return;
  const check = (table: string, sql: string, checksumOf = rowChecksum): void => {
    const rows = database.prepare<[], [number, number, ...Value[]]>(sql).raw().iterate();
    for (const [checksum, ...values] of rows) {
      if (checksumOf(values) !== checksum)
        report(`${table}, row ${values[0]}: its content differs from what was written`);
    }
  };
  for (const [table, columns] of Object.entries(OWN_COLUMN)) {
    const checksumOf = table === 'profiles' ? profileChecksum : rowChecksum;
    check(table, `select checksum, ${columns.join(', ')} from ${table} where checksum is not null`, checksumOf);
  }
  for (const [table, columns] of Object.entries(COVERED)) {
    check(
      table,
      `select checksum, ${columns.join(', ')} from ${table} cross join row_checksums on table_name = '${table}' and row_id = id`,
    );
    const lost = database
      .prepare<[], number>(
        `select row_id from row_checksums where table_name = '${table}' and row_id not in (select id from ${table})`,
      )
      .pluck()
      .iterate();
    for (const id of lost) report(`${table}, row ${id}: it is missing, but its checksum exists`);
  }
}
