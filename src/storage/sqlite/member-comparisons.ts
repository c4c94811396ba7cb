/**
 * Compares uploaded lists of IDs with the members of an audience. Unknown IDs are recorded in a scratch file that
 * SQLite deletes by itself, so that memory use is constant and the database is not written to.
 */

import Database from 'better-sqlite3';
import { DomainError, unavailable } from '../../domain/errors.ts';
import { ListComparison } from '../../domain/memberships/list-comparison.ts';
import type { MemberComparison } from '../../domain/memberships/storage.ts';
import { environmentToNumber } from '../sql/rows.ts';
import type { CatalogCache } from './catalog-cache.ts';
import { type Connection, readSnapshot } from './database.ts';

const MAX_OPEN = 8;
const SCRATCH_CACHE_KIB = 32 * 1024;

interface Comparison {
  readonly audienceId: number;
  readonly list: ListComparison;
  readonly scratch: Connection;
}

export class SqliteMemberComparisons {
  readonly #database: Connection;
  readonly #catalog: CatalogCache;
  readonly #findProfile;
  readonly #isMember;
  readonly #open = new Map<number, Comparison>();
  #last = 0;

  constructor(database: Connection, catalog: CatalogCache) {
    this.#database = database;
    this.#catalog = catalog;
    this.#findProfile = database
      .prepare<[number, string], number>('select id from profiles where environment = ? and integration_id = ?')
      .pluck();
    this.#isMember = database.prepare<[number, number]>(
      'select 1 from members where member_set = ? and profile_id = ?',
    );
  }

  open(audienceId: number): number {
    readSnapshot(this.#database, () => this.#audience(audienceId));
    if (this.#open.size >= MAX_OPEN) {
      throw unavailable('The server is comparing too many lists; try again in a moment', 5);
    }
    // Without a name: a private file that is removed as soon as it is closed.
    const scratch = new Database('');
    scratch.pragma('temp_store = file');
    scratch.pragma('journal_mode = off');
    scratch.pragma('synchronous = off');
    scratch.pragma(`cache_size = -${SCRATCH_CACHE_KIB}`);
    scratch.exec('create table met (integration_id text primary key) strict, without rowid');
    const meet = scratch.prepare<[string]>('insert into met values (?) on conflict do nothing');
    // Never committed: pages are written only when the cache is full.
    scratch.exec('begin');
    this.#last += 1;
    const list = new ListComparison({ add: (integrationId) => meet.run(integrationId).changes > 0 });
    this.#open.set(this.#last, { audienceId, list, scratch });
    return this.#last;
  }

  compare(comparison: number, integrationIds: readonly string[]): MemberComparison {
    const open = this.#open.get(comparison);
    if (open === undefined) throw unavailable('The comparison was aborted; send the list again');
    const { audienceId, list } = open;
    return readSnapshot(this.#database, () => {
      const { memberSet, environment } = this.#audience(audienceId);
      return list.compare(integrationIds, (integrationId) => {
        const profileId = this.#findProfile.get(environmentToNumber(environment), integrationId);
        if (profileId === undefined) return undefined;
        return { profileId, isMember: this.#isMember.get(memberSet, profileId) !== undefined };
      });
    });
  }

  close(comparison: number): void {
    this.#open.get(comparison)?.scratch.close();
    this.#open.delete(comparison);
  }

  #audience(id: number) {
    const audience = this.#catalog.current().audience(id);
    if (audience === undefined) throw new DomainError('not_found', `Audience ${id} not found`);
    return audience;
  }
}
