/** Reads, on the main thread: each is a few microseconds on a connection of its own, or is cut into slices. */

import { timingSafeEqual } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApiKey, KeyWithApplication } from '../../domain/api-keys.ts';
import type { AllowedEntry, JsonValue } from '../../domain/attributes.ts';
import type { AudienceReference } from '../../domain/audiences.ts';
import type { Catalog } from '../../domain/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import type { ManagementKeyWithCreator } from '../../domain/management-keys.ts';
import type { SessionWithUser } from '../../domain/sessions.ts';
import type { StorageStatistics } from '../../domain/storage.ts';
import type { ProfileState } from '../../domain/write-commands.ts';
import { CatalogCache } from './catalog-cache.ts';
import { type Connection, translateErrors } from './database.ts';
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
} from './rows.ts';

/** The version travels with the row, so that names are never older than the memberships they name. */
interface ProfileRow {
  id: number;
  sets: string;
  attributes: string;
  created: number;
  last_activity: number;
  version: number;
}

// Profiles looked up between two turns of the event loop: some 0.2 ms of work.
const LOOKUP_SLICE = 64;

export class SqliteReader {
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
    this.#catalog = new CatalogCache(database);
    // As a sub-select: a join with parameters is planned anew each time they are bound, which takes thrice as long as the read.
    const version = '(select version from catalog_version) as version';
    this.#findApiKey = database.prepare<[Buffer], ApiKeyRow & { version: number }>(
      `select *, ${version} from api_keys where hash = ?`,
    );
    this.#findSession = database.prepare<[Buffer], SessionRow>('select * from sessions where hash = ?');
    this.#findUser = database.prepare<[number], UserRow>('select * from users where id = ?');
    this.#findManagementKey = database.prepare<[Buffer], ManagementKeyRow>(
      'select * from management_keys where hash = ? and deleted_at is null',
    );
    this.#findProfile = database.prepare<[number, string], ProfileRow>(`
      select id, sets, attributes, created, last_activity, ${version}
      from profiles where environment = ? and integration_id = ?`);
    this.#findSets = database.prepare<[number, string], { sets: string; version: number }>(
      `select sets, ${version} from profiles where environment = ? and integration_id = ?`,
    );
    this.#listApiKeys = database.prepare<[], ApiKeyRow>(
      'select * from api_keys where deleted_at is null order by created desc, id desc',
    );
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
    return translateErrors(() => {
      const row = this.#findApiKey.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const application = this.#catalog.at(row.version).applications.get(row.application_id);
      return application === undefined ? undefined : { key: toApiKey(row), application };
    });
  }

  findSession(hash: Buffer): SessionWithUser | undefined {
    return translateErrors(() => {
      const row = this.#findSession.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const user = this.#findUser.get(row.user_id);
      return user === undefined ? undefined : { session: toSession(row), user: toUser(user) };
    });
  }

  findManagementKey(hash: Buffer): ManagementKeyWithCreator | undefined {
    return translateErrors(() => {
      const row = this.#findManagementKey.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const creator = this.#findUser.get(row.created_by);
      return { key: toManagementKey(row), creator: creator === undefined ? undefined : toUser(creator) };
    });
  }

  findProfile(environment: Environment, integrationId: string): ProfileState | undefined {
    return translateErrors(() => {
      const row = this.#findProfile.get(environmentToNumber(environment), integrationId);
      if (row === undefined) return undefined;
      return {
        id: row.id,
        environment,
        integrationId,
        attributes: JSON.parse(row.attributes) as Record<string, JsonValue>,
        memberships: this.#catalog
          .at(row.version)
          .audiencesOfSets(parseNumbers(row.sets))
          .map(({ id, name }) => ({ id, name })),
        created: row.created,
        lastActivity: row.last_activity,
      };
    });
  }

  async findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]> {
    const found: AudienceReference[][] = [];
    for (const [index, integrationId] of integrationIds.entries()) {
      if (index > 0 && index % LOOKUP_SLICE === 0) await nextTurn();
      found.push(translateErrors(() => this.#audiencesOf(environment, integrationId)));
    }
    return found;
  }

  findAllowed(entries: readonly AllowedEntry[]): boolean[] {
    return translateErrors(() => entries.map(({ list, value }) => this.#isAllowed.get(list, value) !== undefined));
  }

  #audiencesOf(environment: Environment, integrationId: string): AudienceReference[] {
    const row = this.#findSets.get(environmentToNumber(environment), integrationId);
    return row === undefined ? [] : this.#catalog.at(row.version).audiencesOfSets(parseNumbers(row.sets));
  }

  listApiKeys(): ApiKey[] {
    return translateErrors(() => this.#listApiKeys.all().map(toApiKey));
  }

  statistics(): StorageStatistics {
    return translateErrors(() => ({
      audiences: this.#catalog.current().audienceCount,
      members: this.#countMembers.get() ?? 0,
    }));
  }
}
