/**
 * Reads on the main thread: each takes microseconds on its own connection, and sees one snapshot. The cached catalog is
 * updated at the beginning of a snapshot, so names are never older than the memberships they belong to.
 */

import { timingSafeEqual } from 'node:crypto';
import type { ApiKey, KeyWithApplication } from '../../domain/access/api-keys.ts';
import type { ManagementKeyWithCreator } from '../../domain/access/management-keys.ts';
import type { SessionWithUser } from '../../domain/access/sessions.ts';
import { type AttributeLimits, DEFAULT_ATTRIBUTE_LIMITS } from '../../domain/definitions/attribute-sizes.ts';
import type { AllowedEntry } from '../../domain/definitions/attributes.ts';
import type { AudienceReference } from '../../domain/definitions/audiences.ts';
import { Catalog } from '../../domain/definitions/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';
import type { StorageStatistics } from '../../domain/storage.ts';
import { LIST_API_KEYS } from '../sql/api-keys.ts';
import { FIND_MANAGEMENT_KEY } from '../sql/management-keys.ts';
import {
  type ApiKeyRow,
  attributesOf,
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
import type { Connection } from './database.ts';
import { type Snapshots, snapshotPerRead } from './turn-snapshot.ts';

interface ProfileRow {
  id: number;
  sets: string;
  attributes: string;
  attributes_written: number;
  attribute_job: number;
  created: number;
  last_activity: number;
}

export class SqliteReader {
  readonly #limits: AttributeLimits;
  readonly #snapshots: Snapshots;
  readonly #catalogs: CatalogCache;
  /** The catalog as of the snapshot. */
  #catalog = new Catalog();
  /** Keys found in the snapshot, by hash, because many requests in a turn have the same key. */
  readonly #keys = new Map<string, KeyWithApplication | undefined>();
  readonly #findApiKey;
  readonly #findSession;
  readonly #findUser;
  readonly #findManagementKey;
  readonly #findProfile;
  readonly #findSets;
  readonly #listApiKeys;
  readonly #countMembers;
  readonly #hasUsers;
  readonly #isAllowed;

  /** @param snapshots determines which reads of the connection share a snapshot */
  constructor(
    database: Connection,
    limits: AttributeLimits = DEFAULT_ATTRIBUTE_LIMITS,
    snapshots: Snapshots = snapshotPerRead(database),
  ) {
    this.#limits = limits;
    this.#snapshots = snapshots;
    this.#catalogs = new CatalogCache(database);
    this.#findApiKey = database.prepare<[Buffer], ApiKeyRow>('select * from api_keys where hash = ?');
    this.#findSession = database.prepare<[Buffer], SessionRow>(FIND_SESSION);
    this.#findUser = database.prepare<[number], UserRow>('select * from users where id = ?');
    this.#findManagementKey = database.prepare<[Buffer], ManagementKeyRow>(FIND_MANAGEMENT_KEY);
    this.#findProfile = database.prepare<[number, string], ProfileRow>(`
      select id, sets, attributes, coalesce(attributes_written, modified) as attributes_written, attribute_job, created,
        last_activity
      from profiles where environment = ? and integration_id = ?`);
    this.#findSets = database
      .prepare<[number, string], string>('select sets from profiles where environment = ? and integration_id = ?')
      .pluck();
    this.#listApiKeys = database.prepare<[], ApiKeyRow>(LIST_API_KEYS);
    this.#isAllowed = database.prepare<[number, string]>(IS_ALLOWED);
    this.#hasUsers = database.prepare<[], number>('select exists (select 1 from users)').pluck();
    this.#countMembers = database
      .prepare<[], number>(`
      select coalesce(sum(members), 0)
      from audience_counters join audiences on audiences.id = audience_id
      where deleted is null`)
      .pluck();
  }

  catalog(): Catalog {
    return this.#read(() => this.#catalog);
  }

  findApiKey(hash: Buffer): KeyWithApplication | undefined {
    return this.#read(() => {
      const name = hash.toString('latin1');
      if (!this.#keys.has(name)) this.#keys.set(name, this.#apiKey(hash));
      return this.#keys.get(name);
    });
  }

  findSession(hash: Buffer): SessionWithUser | undefined {
    return this.#read(() => {
      const row = this.#findSession.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const user = this.#findUser.get(row.user_id);
      return user === undefined ? undefined : { session: toSession(row), user: toUser(user) };
    });
  }

  findManagementKey(hash: Buffer): ManagementKeyWithCreator | undefined {
    return this.#read(() => {
      const row = this.#findManagementKey.get(hash);
      if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
      const creator = this.#findUser.get(row.created_by);
      return { key: toManagementKey(row), creator: creator === undefined ? undefined : toUser(creator) };
    });
  }

  findProfile(environment: Environment, integrationId: string): ProfileState | undefined {
    return this.#read(() => {
      const row = this.#findProfile.get(environmentToNumber(environment), integrationId);
      if (row === undefined) return undefined;
      const sets = parseNumbers(row.sets);
      return {
        id: row.id,
        environment,
        integrationId,
        attributes: attributesOf(row, sets, this.#catalog, this.#limits),
        memberships: this.#catalog.audiencesOfSets(sets).map(({ id, name }) => ({ id, name })),
        created: row.created,
        lastActivity: row.last_activity,
      };
    });
  }

  /** A thousand profiles, the most that one lookup may name, take about 5 ms. */
  findAudiencesOf(environment: Environment, integrationIds: readonly string[]): AudienceReference[][] {
    const number = environmentToNumber(environment);
    return this.#read(() =>
      integrationIds.map((each) => {
        const sets = this.#findSets.get(number, each);
        return sets === undefined ? [] : this.#catalog.audiencesOfSets(parseNumbers(sets));
      }),
    );
  }

  findAllowed(entries: readonly AllowedEntry[]): boolean[] {
    return this.#read(() => entries.map(({ list, value }) => this.#isAllowed.get(list, value) !== undefined));
  }

  /** Asked at each start, which would otherwise wait for the reader's thread. */
  hasUsers(): boolean {
    return this.#read(() => this.#hasUsers.get() === 1);
  }

  listApiKeys(): ApiKey[] {
    return this.#read(() => this.#listApiKeys.all().map(toApiKey));
  }

  statistics(): StorageStatistics {
    return this.#read(() => ({
      audiences: this.#catalog.audienceCount,
      members: this.#countMembers.get() ?? 0,
    }));
  }

  #read<T>(work: () => T): T {
    return this.#snapshots.read(this.#beginSnapshot, work);
  }

  readonly #beginSnapshot = (): void => {
    this.#catalog = this.#catalogs.current();
    this.#keys.clear();
  };

  #apiKey(hash: Buffer): KeyWithApplication | undefined {
    const row = this.#findApiKey.get(hash);
    if (row === undefined || !timingSafeEqual(row.hash, hash)) return undefined;
    const application = this.#catalog.applications.get(row.application_id);
    return application === undefined ? undefined : { key: toApiKey(row), application };
  }
}
