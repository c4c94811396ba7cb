/** The embedded store: reads on the main thread, writes in their own, one file. */

import { dirname } from 'node:path';
import type { ApiKey, KeyWithApplication, NewApiKey } from '../../domain/access/api-keys.ts';
import type { ManagementKeyWithCreator } from '../../domain/access/management-keys.ts';
import type { SessionWithUser } from '../../domain/access/sessions.ts';
import type { AccountStorage } from '../../domain/access/storage.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Application, ApplicationChange, NewApplication } from '../../domain/definitions/applications.ts';
import { type AttributeLimits, DEFAULT_ATTRIBUTE_LIMITS } from '../../domain/definitions/attribute-sizes.ts';
import type { AllowedEntry, Attribute, AttributeChange, NewAttribute } from '../../domain/definitions/attributes.ts';
import type { AudienceReference } from '../../domain/definitions/audiences.ts';
import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { Import } from '../../domain/definitions/imports.ts';
import type { Environment } from '../../domain/environment.ts';
import type { NoticedInList } from '../../domain/list-warnings.ts';
import type { Caller, ProfileState, WriteCommand, WriteOutcome } from '../../domain/memberships/commands.ts';
import type { BrowseStorage, Member, Replacement, ReplacementOptions } from '../../domain/memberships/storage.ts';
import type { CheckpointReport, Storage, StorageStatistics, VerifyProblem } from '../../domain/storage.ts';
import { accountStorage } from './account-storage.ts';
import { copyDatabase, copySnapshot } from './backup.ts';
import { browseStorage } from './browse-storage.ts';
import { type CheckpointMethods, Checkpoints, createCheckpointMethods } from './checkpoints.ts';
import { type Connection, createPrivateFile, MEMORY, openConnection } from './database.ts';
import {
  assertAdmitted,
  assertCurrent,
  migrate,
  openOurs,
  openToRead,
  pendingMigrations,
  schemaOf,
} from './migrate.ts';
import { type FileIdentities, findTakenAway, identitiesOf, takenAway } from './open-files.ts';
import { SqliteReader } from './reader.ts';
import { createReaderMethods, type ReaderMethods } from './reader-methods.ts';
import { endDeadImports } from './staging-claims.ts';
import {
  ClosedClient,
  InPlaceClient,
  type Methods,
  type MethodsClient,
  ThreadClient,
  type ThreadOptions,
} from './thread-client.ts';
import { Turns } from './turns.ts';
import { upgradeAlone } from './upgrade.ts';
import { verifyDatabase } from './verify.ts';
import { longestWaits, type SharedWaits, shareWaits } from './waits.ts';
import { removeAbandoned } from './work-folder.ts';
import { createWriterMethods, type WriterMethods } from './writer-methods.ts';
import type { WriterThreadData } from './writer-thread.ts';

// Of a minute's uses, so many are written in one transaction: other writes wait a few ms for them.
const KEY_USES_PER_CALL = 250;

export interface SqliteOptions {
  /**
   * What the file is opened for. `upgrade` (the default) creates it and brings its schema up to date, `write` may create it but
   * refuses an older schema, `read` changes nothing in the file and leaves nothing beside it.
   */
  readonly access?: 'upgrade' | 'write' | 'read';
  /**
   * Where calls that may take long run: in threads (the default), so that they do not hold up the main one, or in place, for a
   * program that does one short thing. Starting a thread takes longer than most of these.
   */
  readonly work?: 'in threads' | 'in place';
  /** Upper bound of the file in bytes. */
  readonly maxBytes?: number | undefined;
  readonly attributeLimits?: AttributeLimits;
  /** Told where the copy is that was made before a migration. */
  readonly onBackup?: (file: string) => void;
  /** Told the reason whenever a write finds that the store cannot work. */
  readonly onUnavailable?: (reason: string) => void;
  /** Told why a thread of the store died; another takes its place. */
  readonly onThreadFailure?: (error: Error) => void;
  /** Elsewhere: whoever opened the store calls `checkpoint` all the time; of files only. */
  readonly checkpoints?: 'here' | 'elsewhere';
  /** Current time in ms since the epoch, for a store in memory only: it can live through a past. Files go by the real time. */
  readonly now?: () => number;
}

/** What the threads of a store share. */
interface Shared {
  readonly waits: SharedWaits;
  readonly files: FileIdentities;
  /** Of the main thread's connection, which in memory is the only one. */
  readonly turns: Turns;
}

/** What works on the store beside the main thread's connection. */
interface StorageClients {
  readonly writer: MethodsClient<WriterMethods>;
  readonly slowReader: MethodsClient<ReaderMethods>;
  readonly checkpointer: MethodsClient<CheckpointMethods>;
}

export class SqliteStorage implements Storage {
  readonly #database: Connection;
  readonly #path: string;
  readonly #reader: SqliteReader;
  readonly #writer: MethodsClient<WriterMethods>;
  readonly #slowReader: MethodsClient<ReaderMethods>;
  readonly #checkpointer: MethodsClient<CheckpointMethods>;
  readonly #checkpoints: Checkpoints;
  readonly #waits: SharedWaits;
  readonly #files: FileIdentities;
  readonly #turns: Turns;
  #isTakenAway = false;
  readonly attributeLimits: AttributeLimits;
  readonly #afterClose: () => void;
  readonly accounts: AccountStorage;
  readonly browse: BrowseStorage;

  private constructor(
    database: Connection,
    path: string,
    clients: StorageClients,
    { waits, files, turns }: Shared,
    attributeLimits: AttributeLimits,
    afterClose?: () => void,
  ) {
    const { writer, slowReader, checkpointer } = clients;
    this.attributeLimits = attributeLimits;
    this.#afterClose = afterClose ?? ((): void => (writer.used ? undefined : emptyLog(path)));
    this.#database = database;
    this.#path = path;
    this.#waits = waits;
    this.#files = files;
    this.#turns = turns;
    this.#checkpointer = checkpointer;
    this.#checkpoints = new Checkpoints({
      look: async () => checkpointer.call('look'),
      move: async () => checkpointer.call('move'),
      finish: async () => writer.call('finishCheckpoint'),
    });
    this.#reader = new SqliteReader(database);
    this.#writer = writer;
    this.#slowReader = slowReader;
    this.accounts = accountStorage(writer, slowReader);
    this.browse = browseStorage(slowReader);
  }

  /** Opens (and creates, and migrates) the database. @throws DomainError `conflict` for a schema too new or not ours */
  static open(path: string, options: SqliteOptions = {}): SqliteStorage {
    const { attributeLimits = DEFAULT_ATTRIBUTE_LIMITS } = options;
    const waits = shareWaits();
    if (path === MEMORY) {
      const database = openConnection(MEMORY);
      migrate(database, undefined);
      const turns = new Turns();
      const clients = {
        writer: new InPlaceClient(createWriterMethods(database, { limits: attributeLimits, now: options.now }), turns),
        slowReader: new InPlaceClient(createReaderMethods(database), turns),
        checkpointer: new InPlaceClient(createCheckpointMethods(database, waits), turns),
      };
      return new SqliteStorage(database, path, clients, { waits, files: {}, turns }, attributeLimits);
    }
    if (options.access === 'read') return SqliteStorage.#openToRead(path, options, waits, attributeLimits);
    // Held until others have the file open: whoever closes it last first moves all of its write-ahead log into it.
    const held = openOurs(path);
    try {
      const schema = held === undefined ? undefined : schemaOf(held);
      assertAdmitted(schema);
      if (options.access === 'write' && schema !== undefined) assertCurrent(schema);
      createPrivateFile(path);
      if (options.access !== 'write') removeAbandoned(dirname(path));
      if (schema !== undefined && pendingMigrations(schema).length > 0) {
        held?.close();
        const copy = upgradeAlone(path, options);
        if (copy !== undefined) options.onBackup?.(copy);
      }
      const first = openConnection(path);
      try {
        // Of a fresh file, which several processes may fill at once.
        migrate(first, path);
        if (options.access !== 'write') endDeadImports(first, path);
        const database = openConnection(path, { readonly: true });
        // The first read is what opens the files beside it.
        database.pragma('schema_version');
        const shared = { waits, files: identitiesOf(path), turns: new Turns() };
        const clients = openClients(path, options, shared, attributeLimits);
        return new SqliteStorage(database, path, clients, shared, attributeLimits);
      } finally {
        first.close();
      }
    } finally {
      held?.close();
    }
  }

  static #openToRead(
    path: string,
    options: SqliteOptions,
    waits: SharedWaits,
    attributeLimits: AttributeLimits,
  ): SqliteStorage {
    const shared = { waits, files: {}, turns: new Turns() };
    const { database, schema, place } = openToRead(path);
    try {
      assertAdmitted(schema);
      assertCurrent(schema);
      const slowReader =
        options.work === 'in place'
          ? new InPlaceClient(createReaderMethods(database), shared.turns)
          : startThreads(place.path, options, shared, attributeLimits).slowReader;
      const writer = new ClosedClient<WriterMethods>();
      const checkpointer = new ClosedClient<CheckpointMethods>();
      return new SqliteStorage(
        database,
        place.path,
        { writer, slowReader, checkpointer },
        shared,
        attributeLimits,
        () => place.close(),
      );
    } catch (error) {
      database.close();
      place.close();
      throw error;
    }
  }

  async write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]> {
    return JSON.parse(await this.#writer.call('write', JSON.stringify(commands))) as WriteOutcome[];
  }

  async preview(commands: readonly WriteCommand[]): Promise<WriteOutcome[]> {
    return JSON.parse(await this.#writer.call('preview', JSON.stringify(commands))) as WriteOutcome[];
  }

  async catalog(): Promise<Catalog> {
    return this.#turns.take(() => this.#reader.catalog());
  }

  async findApiKey(hash: Buffer): Promise<KeyWithApplication | undefined> {
    return this.#turns.take(() => this.#reader.findApiKey(hash));
  }

  async findSession(hash: Buffer): Promise<SessionWithUser | undefined> {
    return this.#turns.take(() => this.#reader.findSession(hash));
  }

  async findManagementKey(hash: Buffer): Promise<ManagementKeyWithCreator | undefined> {
    return this.#turns.take(() => this.#reader.findManagementKey(hash));
  }

  async findProfile(environment: Environment, integrationId: string): Promise<ProfileState | undefined> {
    return this.#turns.take(() => this.#reader.findProfile(environment, integrationId));
  }

  async findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]> {
    return this.#turns.take(() => this.#reader.findAudiencesOf(environment, integrationIds));
  }

  async findAllowed(entries: readonly AllowedEntry[]): Promise<boolean[]> {
    return this.#turns.take(() => this.#reader.findAllowed(entries));
  }

  async createApplication(actor: Actor, application: NewApplication): Promise<Application> {
    return this.#writer.call('createApplication', actor, application);
  }

  async updateApplication(actor: Actor, id: number, change: ApplicationChange): Promise<Application | undefined> {
    return this.#writer.call('updateApplication', actor, id, change);
  }

  async createAttribute(actor: Actor, attribute: NewAttribute): Promise<Attribute> {
    return this.#writer.call('createAttribute', actor, attribute);
  }

  async updateAttribute(actor: Actor, id: number, change: AttributeChange): Promise<Attribute | undefined> {
    return this.#writer.call('updateAttribute', actor, id, change);
  }

  async createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey> {
    return this.#writer.call('createApiKey', actor, key);
  }

  async listApiKeys(): Promise<ApiKey[]> {
    return this.#turns.take(() => this.#reader.listApiKeys());
  }

  async deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey> {
    return this.#writer.call('deleteApiKey', actor, id, applicationId);
  }

  async recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void> {
    const entries = [...uses];
    for (let start = 0; start < entries.length; start += KEY_USES_PER_CALL) {
      await this.#writer.call('recordKeyUse', new Map(entries.slice(start, start + KEY_USES_PER_CALL)));
    }
  }

  async listMembers(audienceId: number, after: number, limit: number): Promise<Member[]> {
    return this.#slowReader.call('listMembers', audienceId, after, limit);
  }

  async statistics(): Promise<StorageStatistics> {
    return this.#turns.take(() => this.#reader.statistics());
  }

  async ping(): Promise<void> {
    await this.#turns.take(() => this.#reader.catalog());
    const stopped = this.#writer.stopped ?? this.#slowReader.stopped;
    if (stopped !== undefined) throw stopped;
  }

  async beginReplacement(audienceId: number): Promise<number> {
    return this.#writer.call('beginReplacement', audienceId);
  }

  async stageMembers(audienceId: number, set: number, integrationIds: readonly string[]): Promise<void> {
    return this.#writer.call('stageMembers', audienceId, set, integrationIds);
  }

  async finishReplacement(
    audienceId: number,
    set: number,
    caller: Caller,
    options: ReplacementOptions = {},
  ): Promise<Replacement> {
    return this.#writer.call('finishReplacement', audienceId, set, caller, options);
  }

  async abandonReplacement(audienceId: number, set: number): Promise<void> {
    return this.#writer.call('abandonReplacement', audienceId, set);
  }

  async beginAllowedList(attributeId: number): Promise<number> {
    return this.#writer.call('beginAllowedList', attributeId);
  }

  async addAllowedValues(attributeId: number, list: number, values: readonly string[]): Promise<void> {
    return this.#writer.call('addAllowedValues', attributeId, list, values);
  }

  async finishAllowedList(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Promise<Import> {
    return this.#writer.call('finishAllowedList', actor, attributeId, list, noticed);
  }

  async abandonAllowedList(attributeId: number, list: number): Promise<void> {
    return this.#writer.call('abandonAllowedList', attributeId, list);
  }

  async purge(): Promise<boolean> {
    return this.#writer.call('purge');
  }

  async forgetReplays(before: number): Promise<boolean> {
    return this.#writer.call('forgetReplays', before);
  }

  async pruneLedger(before: number): Promise<boolean> {
    return this.#writer.call('pruneLedger', before);
  }

  async checkpoint(): Promise<CheckpointReport> {
    if (this.#path === MEMORY) return { logBytes: 0, waitingBytes: 0, more: false };
    return this.#checkpoints.step();
  }

  checkFiles(): string | undefined {
    const path = findTakenAway(this.#files);
    if (path === undefined && !this.#isTakenAway) return undefined;
    // For good: what is committed to the open files is in no other, even where a file of that name is back.
    this.#isTakenAway = true;
    this.#writer.refuse(takenAway());
    return path ?? this.#path;
  }

  async probe(): Promise<void> {
    return this.#writer.call('probe');
  }

  longestWaits(): Readonly<Record<string, number>> {
    return longestWaits(this.#waits);
  }

  async verify(report: (problem: VerifyProblem) => void, progress: (check: string) => void): Promise<void> {
    if (this.#path === MEMORY) {
      await this.#turns.take(() => verifyDatabase(this.#database, report, progress));
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
    if (this.#path === MEMORY) await this.#turns.take(async () => copyDatabase(this.#database, file));
    else await copySnapshot(this.#path, file);
  }

  async close(): Promise<void> {
    // The writer last: whoever closes last empties the write-ahead log, and a connection that only reads cannot.
    await this.#slowReader.close();
    await this.#turns.take(() => this.#database.close());
    await this.#checkpointer.close();
    await this.#writer.close();
    if (!this.#isTakenAway) this.#afterClose();
  }
}

/** The clients of a file that may be written. */
function openClients(
  path: string,
  options: SqliteOptions,
  shared: Shared,
  attributeLimits: AttributeLimits,
): StorageClients {
  if (options.work !== 'in place') return startThreads(path, options, shared, attributeLimits);
  const database = openConnection(path, options);
  const turns = new Turns();
  const writing = createWriterMethods(database, { limits: attributeLimits, maxBytes: options.maxBytes });
  return {
    writer: new InPlaceClient(writing, turns, () => database.close()),
    slowReader: new InPlaceClient(createReaderMethods(database), turns),
    checkpointer: new InPlaceClient(createCheckpointMethods(database, shared.waits), turns),
  };
}

function startThreads(
  path: string,
  { maxBytes, checkpoints = 'here', onUnavailable, onThreadFailure }: SqliteOptions,
  shared: Shared,
  attributeLimits: AttributeLimits,
) {
  const start = <Table extends Methods>(options: Pick<ThreadOptions, 'module' | 'title' | 'data' | 'onUnavailable'>) =>
    new ThreadClient<Table>({ ...options, lazy: true, onFailure: onThreadFailure });
  const writer = {
    path,
    maxBytes,
    attributeLimits,
    checkpoints,
    waits: shared.waits,
    files: shared.files,
  } satisfies WriterThreadData;
  return {
    writer: start<WriterMethods>({ module: 'writer-thread', title: 'writer', data: writer, onUnavailable }),
    slowReader: start<ReaderMethods>({ module: 'reader-thread', title: 'reader', data: { path } }),
    checkpointer: start<CheckpointMethods>({
      module: 'checkpoint-thread',
      title: 'checkpoint thread',
      data: { path, waits: shared.waits },
    }),
  };
}

/** Where nothing was written in this process, there was no writer to do it; a file that may not be written keeps its log. */
function emptyLog(path: string): void {
  try {
    openConnection(path).close();
  } catch {
    // Nothing is lost by it.
  }
}
