/** What replays are judged by, and the arrivals they record; read and written inside the writer's transaction. */

import { integrationKey } from '../../domain/definitions/audiences.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Arrival } from '../../domain/memberships/commands.ts';
import {
  changesSince,
  type DefinitionNote,
  liveArrival,
  type MembershipEvent,
  type OwnEntry,
  type ReplayHistory,
  type ReplayNotes,
} from '../../domain/memberships/replay-history.ts';
import { ACTION_NUMBERS, environmentToNumber } from '../sql/rows.ts';
import type { Connection } from './database.ts';

interface NoteRow {
  arrived: number;
  place: number;
}

/** For `requests`: `arrived` and `place` are null for live ones. */
interface RequestRow {
  time: number;
  arrived: number | null;
  place: number | null;
}

interface ChangeRow extends RequestRow {
  audience_id: number;
  previous: number;
}

export class SqliteReplayHistory implements ReplayHistory {
  readonly #statements;

  constructor(database: Connection) {
    this.#statements = prepareStatements(database);
  }

  valueNote(profileId: number, attributeId: number): Arrival | undefined {
    return toArrival(this.#statements.valueNote.get(profileId, attributeId));
  }

  anyValueNote(attributeId: number, time: number): Arrival | undefined {
    return toArrival(this.#statements.anyValueNote.get(time, attributeId));
  }

  membershipNote(profileId: number, audienceId: number): Arrival | undefined {
    return toArrival(this.#statements.membershipNote.get(profileId, audienceId));
  }

  definitionNote(audienceId: number): DefinitionNote | undefined {
    const row = this.#statements.definitionNote.get(audienceId);
    const arrival = toArrival(row);
    return row === undefined || arrival === undefined ? undefined : { arrival, written: row.written };
  }

  membershipChanges(lastChange: number, time: number): { events: MembershipEvent[]; isWhole: boolean } {
    const find = (id: number): OwnEntry | undefined => {
      const row = this.#statements.findChange.get(id);
      if (row === undefined) return undefined;
      return { audienceId: row.audience_id, arrival: arrivalOf(row), time: row.time, previous: row.previous };
    };
    return changesSince(find, () => this.#statements.prunedUntil.get() ?? undefined, lastChange, time);
  }

  lastReplacement(audienceId: number): Arrival | undefined {
    const row = this.#statements.lastReplacement.get(audienceId);
    return row === undefined ? undefined : arrivalOf(row);
  }

  lastMemberChange(audienceId: number): Arrival | undefined {
    const row = this.#statements.lastMemberChange.get(audienceId);
    return row === undefined ? undefined : arrivalOf(row);
  }

  lastDeleted(
    environment: Environment,
    integration: string,
    integrationId: string,
  ): { audienceId: number; deleted: number } | undefined {
    return this.#statements.lastDeleted.get(
      environmentToNumber(environment),
      integrationKey(integration),
      integrationId,
    );
  }

  /** Stores what was recorded; of two arrivals, the newer one. */
  save({ values, memberships, definitions }: ReplayNotes): void {
    for (const [profileId, notes] of values) {
      for (const [attributeId, { time, place }] of notes) {
        this.#statements.noteValue.run(profileId, attributeId, time, place);
      }
    }
    for (const [profileId, notes] of memberships) {
      for (const [audienceId, { time, place }] of notes) {
        this.#statements.noteMembership.run(profileId, audienceId, time, place);
      }
    }
    for (const [audienceId, { arrival, written }] of definitions) {
      this.#statements.noteDefinition.run(audienceId, arrival.time, arrival.place, written);
    }
  }
}

function toArrival(row: NoteRow | undefined): Arrival | undefined {
  return row === undefined ? undefined : { time: row.arrived, place: row.place };
}

function arrivalOf({ time, arrived, place }: RequestRow): Arrival {
  return arrived === null ? liveArrival(time) : { time: arrived, place: place ?? 0 };
}

const NEWER = '(excluded.arrived, excluded.place) > (arrived, place)';

function prepareStatements(database: Connection) {
  return {
    valueNote: database.prepare<[number, number], NoteRow>(
      'select arrived, place from replayed_values where profile_id = ? and attribute_id = ?',
    ),
    anyValueNote: database.prepare<[number, number], NoteRow>(`
      select arrived, place from replayed_values where arrived >= ? and attribute_id = ?
      order by arrived desc, place desc limit 1`),
    membershipNote: database.prepare<[number, number], NoteRow>(
      'select arrived, place from replayed_memberships where profile_id = ? and audience_id = ?',
    ),
    definitionNote: database.prepare<[number], NoteRow & { written: number }>(
      'select arrived, place, written from replayed_definitions where audience_id = ?',
    ),
    findChange: database.prepare<[number], ChangeRow>(`
      select audience_id, previous, time, arrived, arrived_place as place
      from membership_changes join requests on requests.id = request_id where membership_changes.id = ?`),
    prunedUntil: database
      .prepare<[], number | null>(
        'select coalesce(pruned_until, (select time from requests order by id limit 1)) from ledger_baseline',
      )
      .pluck(),
    lastReplacement: database.prepare<[number], RequestRow>(`
      select time, arrived, arrived_place as place
      from membership_changes join requests on requests.id = request_id
      where audience_id = ? and profile_id is null and action in (${ACTION_NUMBERS.replaced}, ${ACTION_NUMBERS.emptied})
      order by membership_changes.id desc limit 1`),
    lastMemberChange: database.prepare<[number], RequestRow>(`
      select last_change as time, arrived, arrived_place as place
      from audience_counters left join requests on requests.id = last_request
      where audience_id = ? order by last_change desc limit 1`),
    lastDeleted: database.prepare<[number, string, string], { audienceId: number; deleted: number }>(`
      select id as audienceId, deleted from audiences
      where deleted is not null and environment = ? and integration_key = ? and integration_id = ?
      order by id desc limit 1`),
    noteValue: database.prepare<[number, number, number, number]>(`
      insert into replayed_values values (?, ?, ?, ?)
      on conflict do update set arrived = excluded.arrived, place = excluded.place where ${NEWER}`),
    noteMembership: database.prepare<[number, number, number, number]>(`
      insert into replayed_memberships values (?, ?, ?, ?)
      on conflict do update set arrived = excluded.arrived, place = excluded.place where ${NEWER}`),
    noteDefinition: database.prepare<[number, number, number, number]>(`
      insert into replayed_definitions values (?, ?, ?, ?)
      on conflict do update set arrived = excluded.arrived, place = excluded.place, written = excluded.written`),
  };
}
