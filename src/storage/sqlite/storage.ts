/** The embedded store: reads on the main thread, writes in their own, one file. */

import type { ApiKey, KeyWithApplication, NewApiKey } from '../../domain/api-keys.ts';
import type { Application, NewApplication } from '../../domain/applications.ts';
import type { Attribute, NewAttribute } from '../../domain/attributes.ts';
import type { AudienceReference, AudienceWithSize } from '../../domain/audiences.ts';
import type { Catalog } from '../../domain/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Member, Replacement, Storage, StorageStatistics, VerifyProblem } from '../../domain/storage.ts';
import type { NewUser, User } from '../../domain/users.ts';
import type { Caller, ProfileState, WriteCommand, WriteOutcome } from '../../domain/write-commands.ts';
import { copyDatabase, copySnapshot } from './backup.ts';
import { type Connection, createPrivateFile, MEMORY, openConnection } from './database.ts';
import { assertOurs, migrate } from './migrate.ts';
import { SqliteReader } from './reader.ts';
import { verifyDatabase } from './verify.ts';
import { InPlaceWriter, ThreadedWriter, type WriterClient } from './writer-client.ts';

export interface SqliteOptions {
  /** Upper bound of the file in bytes. */
  readonly maxBytes?: number | undefined;
  /** Told where the copy is that was made before a migration. */
  readonly onBackup?: (file: string) => void;
  /** Told why the writer's thread died; another takes its place. */
  readonly onWriterFailure?: (error: Error) => void;
}

export class SqliteStorage implements Storage {
  readonly #database: Connection;
  readonly #path: string;
  readonly #reader: SqliteReader;
  readonly #writer: WriterClient;

  private constructor(database: Connection, path: string, writer: WriterClient) {
    this.#database = database;
    this.#path = path;
    this.#reader = new SqliteReader(database);
    this.#writer = writer;
  }

  /** Opens (and creates, and migrates) the database. @throws DomainError `conflict` for a schema too new or not ours */
  static open(path: string, options: SqliteOptions = {}): SqliteStorage {
    if (path === MEMORY) {
      const database = openConnection(MEMORY);
      migrate(database, undefined);
      return new SqliteStorage(database, path, new InPlaceWriter(database));
    }
    assertOurs(path);
    createPrivateFile(path);
    const first = openConnection(path, options);
    try {
      const copy = migrate(first, path);
      if (copy !== undefined) options.onBackup?.(copy);
    } finally {
      first.close();
    }
    return new SqliteStorage(
      openConnection(path, { readonly: true }),
      path,
      new ThreadedWriter(path, options.maxBytes, options.onWriterFailure),
    );
  }

  async write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]> {
    return this.#writer.write(commands);
  }

  async catalog(): Promise<Catalog> {
    return this.#reader.catalog();
  }

  async findApiKey(hash: Buffer): Promise<KeyWithApplication | undefined> {
    return this.#reader.findApiKey(hash);
  }

  async findProfile(environment: Environment, integrationId: string): Promise<ProfileState | undefined> {
    return this.#reader.findProfile(environment, integrationId);
  }

  async findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]> {
    return this.#reader.findAudiencesOf(environment, integrationIds);
  }

  async createApplication(application: NewApplication): Promise<Application> {
    return this.#writer.call('createApplication', application);
  }

  async createAttribute(attribute: NewAttribute): Promise<Attribute> {
    return this.#writer.call('createAttribute', attribute);
  }

  async createApiKey(key: NewApiKey): Promise<ApiKey> {
    return this.#writer.call('createApiKey', key);
  }

  async listApiKeys(): Promise<ApiKey[]> {
    return this.#reader.listApiKeys();
  }

  async deleteApiKey(id: number): Promise<ApiKey | undefined> {
    return this.#writer.call('deleteApiKey', id);
  }

  async recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void> {
    return this.#writer.call('recordKeyUse', uses);
  }

  async createUser(user: NewUser): Promise<User> {
    return this.#writer.call('createUser', user);
  }

  async listUsers(): Promise<User[]> {
    return this.#reader.listUsers();
  }

  async listAudiences(): Promise<AudienceWithSize[]> {
    return this.#reader.listAudiences();
  }

  async listMembers(audienceId: number, after: number, limit: number): Promise<Member[]> {
    return this.#reader.listMembers(audienceId, after, limit);
  }

  async statistics(): Promise<StorageStatistics> {
    return this.#reader.statistics();
  }

  async ping(): Promise<void> {
    this.#reader.catalog();
    if (this.#writer.stopped !== undefined) throw this.#writer.stopped;
  }

  async beginReplacement(audienceId: number): Promise<number> {
    return this.#writer.call('beginReplacement', audienceId);
  }

  async stageMembers(audienceId: number, set: number, integrationIds: readonly string[]): Promise<void> {
    return this.#writer.call('stageMembers', audienceId, set, integrationIds);
  }

  async finishReplacement(audienceId: number, set: number, caller: Caller): Promise<Replacement> {
    return this.#writer.call('finishReplacement', audienceId, set, caller);
  }

  async abandonReplacement(audienceId: number, set: number): Promise<void> {
    return this.#writer.call('abandonReplacement', audienceId, set);
  }

  async purge(): Promise<boolean> {
    return this.#writer.call('purge');
  }

  async pruneLedger(before: number): Promise<boolean> {
    return this.#writer.call('pruneLedger', before);
  }

  async verify(report: (problem: VerifyProblem) => void, progress: (check: string) => void): Promise<void> {
    if (this.#path === MEMORY) {
      verifyDatabase(this.#database, report, progress);
      return;
    }
    // A connection of its own: its snapshot must not hold back the reads of others.
    const database = openConnection(this.#path, { readonly: true });
    try {
      verifyDatabase(database, report, progress);
    } finally {
      database.close();
    }
  }

  async backup(file: string): Promise<void> {
    if (this.#path === MEMORY) await copyDatabase(this.#database, file);
    else await copySnapshot(this.#path, file);
  }

  async close(): Promise<void> {
    // The writer last: whoever closes last empties the write-ahead log, and a connection that only reads cannot.
    this.#database.close();
    await this.#writer.close();
  }
}
