/** Audiences for people: sizes, movement, members, history. */

import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import { type AudienceWithSize, withSize } from '../../domain/definitions/audiences.ts';
import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';
import { nextRange } from '../../domain/memberships/history.ts';
import { idMatcher } from '../../domain/memberships/members.ts';
import type {
  AudienceSums,
  AudienceWithFeed,
  HourOfAudience,
  Member,
  RecordedChange,
  RequestReference,
  Slice,
} from '../../domain/memberships/storage.ts';
import { type AudienceRow, PROFILE_COLUMNS, type ProfileRow, toAudience, toProfileState } from '../sql/rows.ts';
import type { CatalogCache } from './catalog-cache.ts';
import { type Connection, readSnapshot } from './database.ts';
import {
  HISTORY_COLUMNS,
  HISTORY_JOINS,
  type HistoryRow,
  REQUEST_COLUMNS,
  REQUEST_JOINS,
  type RequestRow,
  toRecordedChange,
  toRequestReference,
} from './history-rows.ts';

// Ledger entries examined in one step: some milliseconds.
const LEDGER_STRETCH = 20_000;
// Members whose ID is compared with a query in one step.
const MEMBERS_STRETCH = 5000;

export class SqliteAudienceReader {
  readonly #database: Connection;
  readonly #catalog: CatalogCache;
  readonly #limits: AttributeLimits;
  readonly #statements;

  constructor(database: Connection, catalog: CatalogCache, limits: AttributeLimits) {
    this.#database = database;
    this.#catalog = catalog;
    this.#limits = limits;
    this.#statements = prepareStatements(database);
  }

  listAudiences(ids?: readonly number[]): AudienceWithSize[] {
    return readSnapshot(this.#database, () => this.#listAudiences(ids));
  }

  findLastFeed(audienceId: number): RequestReference | undefined {
    return readSnapshot(this.#database, () => this.#lastFeed(audienceId));
  }

  findAudienceWithFeed(audienceId: number): AudienceWithFeed | undefined {
    return readSnapshot(this.#database, () => {
      const [audience] = this.#listAudiences([audienceId]);
      return audience === undefined ? undefined : { audience, lastFeed: this.#lastFeed(audienceId) };
    });
  }

  #listAudiences(ids?: readonly number[]): AudienceWithSize[] {
    const { listAudiences, listSomeAudiences } = this.#statements;
    const rows = ids === undefined ? listAudiences.all() : listSomeAudiences.all(JSON.stringify(ids));
    return rows.map((row) => withSize(toAudience(row), row.members, row.last_change));
  }

  #lastFeed(audienceId: number): RequestReference | undefined {
    const row = this.#statements.findLastFeed.get(audienceId);
    return row === undefined ? undefined : toRequestReference(row);
  }

  listAudienceHours(audienceId: number, from: number): { members: number; hours: HourOfAudience[] } {
    return readSnapshot(this.#database, () => {
      const members = this.#statements.countMembers.get(audienceId) ?? 0;
      return { members, hours: this.#statements.listHours.all(audienceId, from) };
    });
  }

  sumAudienceHours(audienceIds: readonly number[], from: number): AudienceSums[] {
    return readSnapshot(this.#database, () =>
      audienceIds.flatMap((audienceId) => {
        const sums = this.#statements.sumHours.get(audienceId, from);
        if (sums === undefined || sums.joins === null) return [];
        const members = this.#statements.countMembers.get(audienceId) ?? 0;
        return [{ audienceId, joins: sums.joins, leaves: sums.leaves, members }];
      }),
    );
  }

  listAudienceChanges(audienceId: number, before: number | undefined, limit: number): Slice<RecordedChange> {
    return readSnapshot(this.#database, () => {
      const top = before ?? this.#statements.changesEnd.get(audienceId) ?? 0;
      const bottom = Math.max(top - LEDGER_STRETCH, 0);
      const rows = this.#statements.listChanges.all(top, bottom, audienceId, limit);
      const range = { bottom, prunedBefore: this.#statements.prunedBefore.get() ?? 0 };
      return { found: rows.map(toRecordedChange), next: nextRange(rows, limit, range) };
    });
  }

  listMemberProfiles(
    audienceId: number,
    { after, skip, limit, query }: { after: number; skip: number; limit: number; query: string | undefined },
  ): Slice<ProfileState> {
    return readSnapshot(this.#database, () => {
      const catalog = this.#catalog.current();
      const set = catalog.audience(audienceId)?.memberSet;
      if (set === undefined) return { found: [], next: undefined };
      if (query !== undefined) return this.#findMembers(catalog, set, after, limit, query);
      const rows = this.#statements.listMembers.all(set, after, limit, skip);
      const last = rows.at(-1);
      return {
        found: rows.map((row) => toProfileState(row, catalog, this.#limits)),
        next: rows.length === limit && last !== undefined ? last.id : undefined,
      };
    });
  }

  listMembers(audienceId: number, after: number, limit: number): Member[] {
    return readSnapshot(this.#database, () => {
      const set = this.#catalog.current().audience(audienceId)?.memberSet;
      const rows = set === undefined ? [] : this.#statements.listMemberIds.all(set, after, limit);
      return rows.map(({ id, integration_id: integrationId }) => ({ profileId: id, integrationId }));
    });
  }

  #findMembers(catalog: Catalog, set: number, after: number, limit: number, query: string): Slice<ProfileState> {
    const isWanted = idMatcher(query);
    const found: ProfileState[] = [];
    const rows = this.#statements.listMemberIds.all(set, after, MEMBERS_STRETCH);
    for (const { id, integration_id: integrationId } of rows) {
      if (!isWanted(integrationId)) continue;
      const row = this.#statements.findProfile.get(id);
      if (row !== undefined) found.push(toProfileState(row, catalog, this.#limits));
      if (found.length === limit) return { found, next: id };
    }
    return { found, next: rows.length === MEMBERS_STRETCH ? rows.at(-1)?.id : undefined };
  }
}

type SizedRow = AudienceRow & { members: number; last_change: number };

function prepareStatements(database: Connection) {
  const sized = (condition: string) => `
    select audiences.*, coalesce(sum(members), 0) as members, coalesce(max(last_change), 0) as last_change
    from audiences left join audience_counters on audience_id = audiences.id
    where deleted is null ${condition}
    group by audiences.id
    order by audiences.id`;
  return {
    listAudiences: database.prepare<[], SizedRow>(sized('')),
    listSomeAudiences: database.prepare<[string], SizedRow>(sized('and id in (select value from json_each(?))')),
    findLastFeed: database.prepare<[number], RequestRow>(`
      select ${REQUEST_COLUMNS}
      from requests ${REQUEST_JOINS}
      where requests.id = (select max(last_request) from audience_counters where audience_id = ?)`),
    countMembers: database
      .prepare<[number], number>('select coalesce(sum(members), 0) from audience_counters where audience_id = ?')
      .pluck(),
    listHours: database.prepare<[number, number], HourOfAudience>(`
      select hour, sum(joins) as joins, sum(leaves) as leaves
      from audience_hours
      where audience_id = ? and hour >= ?
      group by hour
      order by hour`),
    sumHours: database.prepare<[number, number], { joins: number | null; leaves: number }>(
      'select sum(joins) as joins, sum(leaves) as leaves from audience_hours where audience_id = ? and hour >= ?',
    ),
    // Where the ledger is past the audience's last change.
    changesEnd: database
      .prepare<[number], number>(`
      select coalesce(
        (select first_change from requests where id > last order by id limit 1),
        (select max(id) + 1 from membership_changes))
      from (select max(last_request) as last from audience_counters where audience_id = ?) where last > 0`)
      .pluck(),
    listChanges: database.prepare<[number, number, number, number], HistoryRow>(`
      select ${HISTORY_COLUMNS}
      from membership_changes ${HISTORY_JOINS}
      where membership_changes.id < ? and membership_changes.id >= ? and +membership_changes.audience_id = ?
      order by membership_changes.id desc
      limit ?`),
    prunedBefore: database.prepare<[], number>('select pruned_before from ledger_baseline').pluck(),
    listMembers: database.prepare<[number, number, number, number], ProfileRow>(`
      select ${PROFILE_COLUMNS}
      from (select profile_id from members where member_set = ? and profile_id > ? order by profile_id limit ? offset ?)
        join profiles on profiles.id = profile_id
      order by profiles.id`),
    listMemberIds: database.prepare<[number, number, number], { id: number; integration_id: string }>(`
      select id, integration_id
      from members join profiles on profiles.id = profile_id
      where member_set = ? and profile_id > ?
      order by profile_id
      limit ?`),
    findProfile: database.prepare<[number], ProfileRow>(`select ${PROFILE_COLUMNS} from profiles where id = ?`),
  };
}
