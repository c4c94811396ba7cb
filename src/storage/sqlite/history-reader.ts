/** Reads the ledger for people: the membership changes of one profile, newest first. */

import { type HistoryEvent, ProfileHistoryPage } from '../../domain/memberships/history.ts';
import type { HistoryPosition, HistoryStep, RecordedChange } from '../../domain/memberships/storage.ts';
import { ACTION_NUMBERS } from '../sql/rows.ts';
import { type Connection, readSnapshot } from './database.ts';
import { REQUEST_COLUMNS, REQUEST_JOINS, type RequestRow, toRequestReference, UNERASED_ID } from './history-rows.ts';

interface EntryRow {
  id: number;
  request_id: number;
  audienceId: number;
  action: number;
  count: number;
  previous: number;
}

interface DescriptionRow extends RequestRow {
  audience_name: string;
}

// Entries examined in one step: about 50 ms.
const VISITS = 20_000;

type Event = HistoryEvent<EntryRow>;

export class SqliteHistoryReader {
  readonly #database: Connection;
  readonly #findProfile;
  readonly #findEntry;
  readonly #wholeBefore;
  readonly #replacedAction;
  readonly #describe;

  constructor(database: Connection) {
    this.#database = database;
    this.#findProfile = database.prepare<[number], { integration_id: string | null; last_change: number }>(
      `select ${UNERASED_ID}, last_change from profiles where id = ?`,
    );
    const columns = 'id, request_id, audience_id as audienceId, action, count, previous';
    this.#findEntry = database.prepare<[number], EntryRow>(`select ${columns} from membership_changes where id = ?`);
    this.#wholeBefore = database.prepare<[number], EntryRow>(`
      select ${columns} from membership_changes indexed by membership_changes_whole
      where profile_id is null and id < ? order by id desc`);
    this.#replacedAction = database
      .prepare<[number, number], number>(`
        select action from replacement_changes
        where member_set = (select member_set from replacements where change_id = ?) and profile_id = ?`)
      .pluck();
    this.#describe = database.prepare<[number, number], DescriptionRow>(`
      select ${REQUEST_COLUMNS}, audiences.name as audience_name
      from requests join audiences on audiences.id = ? ${REQUEST_JOINS}
      where requests.id = ?`);
  }

  ofProfile(profileId: number, position: HistoryPosition | undefined, limit: number): HistoryStep | undefined {
    return readSnapshot(this.#database, () => {
      const profile = this.#findProfile.get(profileId);
      if (profile === undefined) return undefined;
      const start = position ?? { before: Number.MAX_SAFE_INTEGER, own: profile.last_change };
      const { events, next } = this.#collect(profileId, start, limit);
      return {
        changes: events.map((each) => this.#toChange(each, profileId, profile.integration_id ?? undefined)),
        next,
      };
    });
  }

  /** Reads two lists at once, newest first: the profile's own entries along their chain, and audience-level ones. */
  #collect(
    profileId: number,
    start: HistoryPosition,
    limit: number,
  ): { events: Event[]; next: HistoryPosition | undefined } {
    const page = new ProfileHistoryPage<EntryRow>(limit);
    const whole = this.#wholeBefore.iterate(start.before);
    let own = this.#findEntry.get(start.own);
    let other = nextOf(whole);
    let visits = 0;
    try {
      while ((own !== undefined || other !== undefined) && visits < VISITS && !page.isComplete) {
        visits += 1;
        if (own !== undefined && own.id > (other?.id ?? 0)) {
          page.add(own, moveOf(own.action), true);
          own = this.#findEntry.get(own.previous);
        } else if (other !== undefined) {
          if (other.action === ACTION_NUMBERS.replaced) {
            const action = this.#replacedAction.get(other.id, profileId);
            if (action !== undefined) page.add(other, moveOf(action), false);
          } else page.addEnd(other, other.action === ACTION_NUMBERS.deleted ? 'deleted' : 'emptied');
          other = nextOf(whole);
        }
      }
    } finally {
      whole.return?.();
    }
    const ended = own === undefined && other === undefined;
    const before = Math.max(own?.id ?? 0, other?.id ?? 0) + 1;
    return page.cut(ended ? undefined : { before, own: own?.id ?? 0 });
  }

  #toChange({ entry: row, action }: Event, profileId: number, integrationId: string | undefined): RecordedChange {
    const about = this.#describe.get(row.audienceId, row.request_id);
    if (about === undefined) throw new Error(`Ledger entry ${row.id} lacks its request or its audience`);
    return {
      ...toRequestReference(about),
      id: row.id,
      action,
      audienceId: row.audienceId,
      audienceName: about.audience_name,
      profileId,
      integrationId,
      count: action === 'joined' || action === 'left' ? 1 : row.count,
    };
  }
}

function moveOf(action: number): 'joined' | 'left' {
  return action === ACTION_NUMBERS.joined ? 'joined' : 'left';
}

function nextOf(rows: IterableIterator<EntryRow>): EntryRow | undefined {
  const step = rows.next();
  return step.done === true ? undefined : step.value;
}
