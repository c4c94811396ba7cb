/**
 * How the writer adds to the ledger: requests and their entries, and the figures per audience that follow from them.
 */

import { type BatchChanges, entryNumber } from '../../domain/memberships/batch.ts';
import { hourOf } from '../../domain/memberships/movement.ts';
import { ACTION_NUMBERS } from '../sql/rows.ts';
import { rowChecksum } from './checksums.ts';
import type { Connection } from './database.ts';

/** The one writer lane of an embedded store; counters of other lanes would carry other slots. */
const SLOT = 0;

/** Numbers of the first request and the first ledger entry of a batch. */
export interface LedgerBase {
  readonly firstRequest: number;
  readonly firstEntry: number;
}

export class SqliteLedgerRows {
  readonly #statements;

  constructor(database: Connection) {
    this.#statements = prepareStatements(database);
  }

  /** @param now ms since the epoch */
  save({ requests, ledger, counters }: BatchChanges, base: LedgerBase, now: number): void {
    const { insertRequest, insertChange, saveCounter, saveHour } = this.#statements;
    for (const [place, { uuid, keyId, userId, firstPlace, arrival }] of requests.entries()) {
      const { time = null, place: arrivalPlace = null } = arrival ?? {};
      const first = base.firstEntry + firstPlace;
      const row = [base.firstRequest + place, uuid, keyId ?? null, userId ?? null, now, first, time, arrivalPlace];
      insertRequest.run(...row, rowChecksum(row));
    }
    for (const [place, entry] of ledger.entries()) {
      const { request, audienceId, profileId = null, action, count } = entry;
      const previous = entryNumber(entry.previous, entry.previousPlace, base.firstEntry);
      const actionNumber = ACTION_NUMBERS[action];
      insertChange.run(
        base.firstEntry + place,
        base.firstRequest + request,
        audienceId,
        profileId,
        actionNumber,
        count,
        previous,
      );
    }
    const hour = hourOf(now);
    for (const [audienceId, { joins, leaves, lastRequest }] of counters) {
      if (joins === 0 && leaves === 0) continue;
      saveCounter.run(audienceId, SLOT, joins - leaves, now, base.firstRequest + lastRequest);
      saveHour.run(audienceId, hour, SLOT, joins, leaves);
    }
  }

  /** The number of members of an audience, according to its counters. */
  countMembers(audienceId: number): number {
    return this.#statements.countMembers.get(audienceId) ?? 0;
  }
}

function prepareStatements(database: Connection) {
  return {
    insertRequest: database.prepare(
      'insert into requests (id, uuid, key_id, user_id, time, first_change, arrived, arrived_place, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    insertChange: database.prepare('insert into membership_changes values (?, ?, ?, ?, ?, ?, ?)'),
    countMembers: database
      .prepare<[number], number>('select coalesce(sum(members), 0) from audience_counters where audience_id = ?')
      .pluck(),
    saveCounter: database.prepare(`
      insert into audience_counters (audience_id, slot, members, last_change, last_request) values (?, ?, ?, ?, ?)
      on conflict do update set members = members + excluded.members, last_change = excluded.last_change,
        last_request = excluded.last_request`),
    saveHour: database.prepare(`
      insert into audience_hours (audience_id, hour, slot, joins, leaves) values (?, ?, ?, ?, ?)
      on conflict do update set joins = joins + excluded.joins, leaves = leaves + excluded.leaves`),
  };
}
