/**
 * Reads on the main thread: each takes microseconds on its own connection, and sees one snapshot. A single statement
 * has one by itself; several statements, or reading more of the catalog than is cached, are wrapped in a transaction.
 */

import { timingSafeEqual } from 'node:crypto';
import type { ApiKey, KeyWithApplication } from '../../domain/access/api-keys.ts';
import type { ManagementKeyWithCreator } from '../../domain/access/management-keys.ts';
import type { SessionWithUser } from '../../domain/access/sessions.ts';
import type { AllowedEntry } from '../../domain/definitions/attributes.ts';
import type { AudienceReference } from '../../domain/definitions/audiences.ts';
import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';
import type { StorageStatistics } from '../../domain/storage.ts';
import { LIST_API_KEYS } from '../sql/api-keys.ts';
import { FIND_MANAGEMENT_KEY } from '../sql/management-keys.ts';
import {
  type ApiKeyRow,
  environmentToNumber,
  IS_ALLOWED,
  type ManagementKeyRow,
  parseNumbers,
  type SessionRow,
  toApiKey,
  toManagementKey,
  toSession,
  toUser,
  type UserRow,
} from '../sql/rows.ts';
import { FIND_SESSION } from '../sql/sessions.ts';
import { CatalogCache } from './catalog-cache.ts';
import { type Connection, readOnce, translateErrors } from './database.ts';

/** The version is read with the row, so that names are never older than the memberships they name. */
interface ProfileRow {
  id: number;
  sets: string;
  attributes: string;
  created: number;
  last_activity: number;
  version: number;
}

export class SqliteReader {
  readonly #database: Connection;
  readonly #catalog: CatalogCache;
  readonly #findApiKey;
  readonly #findSession;
  readonly #findUser;
  readonly #findManagementKey;
  readonly #findProfile;
  readonly #findSets;
  readonly #listApiKeys;
  readonly #countMembers;
  readonly #isAllowed;

  constructor(database: Connection) {
    this.#database = database;
    this.#catalog = new CatalogCache(database);
    // As a subselect: a join with parameters is planned anew each time they are bound, which takes three times as long
    // as the read.
    const version = '(select version from catalog_version) as version';
    this.#findApiKey = database.prepare<[Buffer], ApiKeyRow & { version: number }>(
      `select *, ${version} from api_keys where hash = ?`,
    );
    this.#findSession = database.prepare<[Buffer], SessionRow>(FIND_SESSION);
    this.#findUser = database.prepare<[number], UserRow>('select * from users where id = ?');
    this.#findManagementKey = database.prepare<[Buffer], ManagementKeyRow>(FIND_MANAGEMENT_KEY);
    this.#findProfile = database.prepare<[number, string], ProfileRow>(`
      select id, sets, attributes, created, last_activity, ${version}
      from profiles where environment = ? and integration_id = ?`);
    this.#findSets = database.prepare<[number, string], { sets: string; version: number }>(
      `select sets, ${version} from profiles where environment = ? and integration_id = ?`,
    );
    this.#listApiKeys = database.prepare<[], ApiKeyRow>(LIST_API_KEYS);
    this.#isAllowed = database.prepare<[number, string]>(IS_ALLOWED);
    this.#countMembers = database
      .prepare<[], number>(`
      select coalesce(sum(members), 0)
      from audience_counters join audiences on audiences.id = audience_id
      where deleted is null`)
      .pluck();
  }

  catalog(): Catalog {
    return translateErrors(() => this.#catalog.current());
  }

  findApiKey(hash: Buffer): KeyWithApplication | undefined {
    return this.#withCatalog(
      () => this.#findApiKey.get(hash),
      (row, catalog) => {
        if (!timingSafeEqual(row.hash, hash)) return undefined;
        const application = catalog.applications.get(row.application_id);
        return application === undefined ? undefined : { key: toApiKey(row), application };
      },
    );
  }

  findSession(hash: Buffer): SessionWithUser | undefined {
    return readOnce(this.#database, () => {
      const row = this.#findSession.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const user = this.#findUser.get(row.user_id);
      return user === undefined ? undefined : { session: toSession(row), user: toUser(user) };
    });
  }

  findManagementKey(hash: Buffer): ManagementKeyWithCreator | undefined {
    return readOnce(this.#database, () => {
      const row = this.#findManagementKey.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const creator = this.#findUser.get(row.created_by);
      return { key: toManagementKey(row), creator: creator === undefined ? undefined : toUser(creator) };
    });
  }

  findProfile(environment: Environment, integrationId: string): ProfileState | undefined {
    return this.#withCatalog(
      () => this.#findProfile.get(environmentToNumber(environment), integrationId),
      (row, catalog) => ({
        id: row.id,
        environment,
        integrationId,
        attributes: JSON.parse(row.attributes) as Record<string, JsonValue>,
        memberships: catalog.audiencesOfSets(parseNumbers(row.sets)).map(({ id, name }) => ({ id, name })),
        created: row.created,
        lastActivity: row.last_activity,
      }),
    );
  }

  /**
   * A thousand profiles, the most that one lookup may name, take about 5 ms: one turn of the event loop, and one
   * snapshot.
   */
  findAudiencesOf(environment: Environment, integrationIds: readonly string[]): AudienceReference[][] {
    const number = environmentToNumber(environment);
    const find = (integrationId: string) =>
      this.#withCatalog(() => this.#findSets.get(number, integrationId), audiencesOf);
    if (integrationIds.length === 1) return integrationIds.map((each) => find(each) ?? []);
    return readOnce(this.#database, () => integrationIds.map((each) => find(each) ?? []));
  }

  findAllowed(entries: readonly AllowedEntry[]): boolean[] {
    return readOnce(this.#database, () =>
      entries.map(({ list, value }) => this.#isAllowed.get(list, value) !== undefined),
    );
  }

  /**
   * Reads a row, and what it names in the catalog, as of the same moment. The row carries the catalog's version: if
   * that is the cached one, nothing more is read; if not, the row is read again together with the changes.
   */
  #withCatalog<Row extends { readonly version: number }, T>(
    find: () => Row | undefined,
    make: (row: Row, catalog: Catalog) => T | undefined,
  ): T | undefined {
    const row = translateErrors(find);
    if (row === undefined) return undefined;
    if (row.version === this.#catalog.version) return make(row, this.#catalog.at(row.version));
    const readAgain = (): T | undefined => {
      const again = find();
      return again === undefined ? undefined : make(again, this.#catalog.at(again.version));
    };
    return this.#database.inTransaction ? readAgain() : readOnce(this.#database, readAgain);
  }

  listApiKeys(): ApiKey[] {
    return translateErrors(() => this.#listApiKeys.all().map(toApiKey));
  }

  statistics(): StorageStatistics {
    return readOnce(this.#database, () => ({
      audiences: this.#catalog.current().audienceCount,
      members: this.#countMembers.get() ?? 0,
    }));
  }
}

function audiencesOf({ sets }: { readonly sets: string }, catalog: Catalog): AudienceReference[] {
  return catalog.audiencesOfSets(parseNumbers(sets));
}
