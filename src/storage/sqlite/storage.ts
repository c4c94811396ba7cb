/** Opens the embedded store: reads on the main thread, writes in a thread of their own, one file. */

import { dirname } from 'node:path';
import { type AttributeLimits, DEFAULT_ATTRIBUTE_LIMITS } from '../../domain/definitions/attribute-sizes.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Storage } from '../../domain/storage.ts';
import { type CheckpointMethods, createCheckpointMethods } from './checkpoints.ts';
import { type Connection, createPrivateFile, MEMORY, openConnection } from './database.ts';
import {
  assertAdmitted,
  assertCurrent,
  migrate,
  openExisting,
  openToRead,
  pendingMigrations,
  schemaOf,
} from './migrate.ts';
import { identitiesOf } from './open-files.ts';
import { placeOf } from './place.ts';
import { type StorageParts, storageOf } from './port.ts';
import { SqliteReader } from './reader.ts';
import { createReaderMethods, type ReaderMethods } from './reader-methods.ts';
import type { ReaderThreadData } from './reader-thread.ts';
import type { HotReads } from './served-by.ts';
import { endDeadImports } from './staging-claims.ts';
import { ClosedClient, InPlaceClient, type Methods, ThreadClient, type ThreadOptions } from './thread-client.ts';
import { TurnSnapshot } from './turn-snapshot.ts';
import { Turns } from './turns.ts';
import { upgradeAlone } from './upgrade.ts';
import { createSharedWaits } from './waits.ts';
import { removeAbandoned } from './work-folder.ts';
import { createWriterMethods, type WriterMethods } from './writer-methods.ts';
import type { WriterThreadData } from './writer-thread.ts';

export interface SqliteOptions {
  /**
   * What the file is opened for. `upgrade` (the default) creates it and upgrades its schema, `write` may create it but
   * refuses an older schema, `read` changes nothing in the file and leaves nothing next to it.
   */
  readonly access?: 'upgrade' | 'write' | 'read';
  /**
   * Where calls that may take long run: in threads (the default), so that they do not block the main thread, or in
   * place, for a program that does one short thing. Starting a thread takes longer than most of these.
   */
  readonly work?: 'in threads' | 'in place';
  /** Largest size of the file in bytes. */
  readonly maxBytes?: number | undefined;
  readonly attributeLimits?: AttributeLimits;
  /** Environments that keep erased people out; undefined for those that the last opener of the file named. */
  readonly staysErased?: readonly Environment[];
  /** Called with the path of the copy made before a migration. */
  readonly onBackup?: (file: string) => void;
  /** Called with the reason whenever a write finds that the store cannot work. */
  readonly onUnavailable?: (reason: string) => void;
  /** Called with the reason when a thread of the store dies; it is replaced. */
  readonly onThreadFailure?: (error: Error) => void;
  /** Elsewhere: the opener of the store calls `checkpoint` all the time; only for files. */
  readonly checkpoints?: 'here' | 'elsewhere';
  /** Current time in ms since the epoch, only for a store in memory: it can play a past. Files use the real time. */
  readonly now?: () => number;
}

/**
 * Opens (and creates, and migrates) the database. @throws DomainError `conflict` for a schema that is too new or not
 * ours
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Storage {
  const { attributeLimits = DEFAULT_ATTRIBUTE_LIMITS } = options;
  if (path === MEMORY) return openInMemory(attributeLimits, options);
  return options.access === 'read' ? openFileToRead(path, options) : openFile(path, options);
}

/** All callers take turns on one connection. */
function openInMemory(attributeLimits: AttributeLimits, { now, staysErased }: SqliteOptions): Storage {
  const database = openConnection(MEMORY);
  migrate(database, undefined);
  const [waits, turns] = [createSharedWaits(), new Turns()];
  const clients = {
    main: new InPlaceClient<HotReads>(new SqliteReader(database, attributeLimits), turns),
    reader: new InPlaceClient(createReaderMethods(database, attributeLimits), turns),
    writer: new InPlaceClient(createWriterMethods(database, { limits: attributeLimits, now, staysErased }), turns),
    checkpointer: new InPlaceClient(createCheckpointMethods(database, waits), turns),
  };
  return storageOf({
    path: MEMORY,
    place: undefined,
    database,
    turns,
    clients,
    waits,
    files: {},
    attributeLimits,
    afterClose: () => undefined,
  });
}

function openFile(path: string, options: SqliteOptions): Storage {
  // Held until others have the file open: the last to close it would first move all of its write-ahead log into it.
  const held = openExisting(path);
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
      // For a new file, which several processes may fill at once.
      migrate(first, path);
      if (options.access !== 'write') endDeadImports(first, path);
      const database = openConnection(path, { readonly: true });
      // The first read opens the files next to it.
      database.pragma('schema_version');
      return withClients(path, database, options);
    } finally {
      first.close();
    }
  } finally {
    held?.close();
  }
}

function withClients(path: string, database: Connection, options: SqliteOptions): Storage {
  const { attributeLimits = DEFAULT_ATTRIBUTE_LIMITS } = options;
  const [waits, files, turns] = [createSharedWaits(), identitiesOf(path), new Turns()];
  const start = options.work === 'in place' ? clientsInPlace : clientsInThreads;
  const clients = start({ path, attributeLimits, waits, files }, options, { database, turns });
  const afterClose = (): void => (clients.writer.used ? undefined : emptyLog(path));
  return storageOf({ path, place: placeOf(path), database, turns, clients, waits, files, attributeLimits, afterClose });
}

/** @param main the main thread's connection, which only reads */
type ClientsOf = (
  file: Pick<WriterThreadData, 'path' | 'attributeLimits' | 'waits' | 'files'>,
  options: SqliteOptions,
  main: { readonly database: Connection; readonly turns: Turns },
) => StorageParts['clients'];

const clientsInThreads: ClientsOf = (file, options, { database, turns }) => {
  const { maxBytes, staysErased, checkpoints = 'here', onUnavailable } = options;
  const { path, waits } = file;
  const data = { ...file, maxBytes, staysErased, checkpoints } satisfies WriterThreadData;
  const snapshot = new TurnSnapshot(database);
  const onReply = (): void => snapshot.end();
  return {
    main: new InPlaceClient<HotReads>(new SqliteReader(database, file.attributeLimits, snapshot), turns),
    writer: threadOf<WriterMethods>(options, {
      module: 'writer-thread',
      title: 'writer',
      data,
      onUnavailable,
      onReply,
    }),
    reader: readerThread(path, options, onReply),
    checkpointer: threadOf<CheckpointMethods>(options, {
      module: 'checkpoint-thread',
      title: 'checkpoint thread',
      data: { path, waits },
    }),
  };
};

/** A short command uses only one connection. */
const clientsInPlace: ClientsOf = ({ path, attributeLimits, waits }, options, main) => {
  const database = openConnection(path, options);
  const turns = new Turns();
  const { maxBytes, staysErased } = options;
  const writing = createWriterMethods(database, { limits: attributeLimits, maxBytes, staysErased });
  return {
    main: new InPlaceClient<HotReads>(new SqliteReader(main.database, attributeLimits), main.turns),
    writer: new InPlaceClient(writing, turns, () => database.close()),
    reader: new InPlaceClient(createReaderMethods(database, attributeLimits), turns),
    checkpointer: new InPlaceClient(createCheckpointMethods(database, waits), turns),
  };
};

function openFileToRead(path: string, options: SqliteOptions): Storage {
  const { attributeLimits = DEFAULT_ATTRIBUTE_LIMITS } = options;
  const { database, schema, place } = openToRead(path);
  try {
    assertAdmitted(schema);
    assertCurrent(schema);
    const turns = new Turns();
    const clients = {
      main: new InPlaceClient<HotReads>(new SqliteReader(database, attributeLimits), turns),
      reader:
        options.work === 'in place'
          ? new InPlaceClient(createReaderMethods(database, attributeLimits), turns)
          : readerThread(place.path, options),
      writer: new ClosedClient<WriterMethods>(),
      checkpointer: new ClosedClient<CheckpointMethods>(),
    };
    const afterClose = (): void => place.close();
    const waits = createSharedWaits();
    return storageOf({
      path: place.path,
      place: placeOf(path),
      database,
      turns,
      clients,
      waits,
      files: {},
      attributeLimits,
      afterClose,
    });
  } catch (error) {
    database.close();
    place.close();
    throw error;
  }
}

function readerThread(path: string, options: SqliteOptions, onReply?: () => void): ThreadClient<ReaderMethods> {
  const { attributeLimits = DEFAULT_ATTRIBUTE_LIMITS } = options;
  const data = { path, attributeLimits } satisfies ReaderThreadData;
  return threadOf<ReaderMethods>(options, { module: 'reader-thread', title: 'reader', data, onReply });
}

/** A thread that starts with the first call to it, because most commands need none. */
function threadOf<Table extends Methods>(
  { onThreadFailure: onFailure }: SqliteOptions,
  thread: Pick<ThreadOptions, 'module' | 'title' | 'data' | 'onUnavailable' | 'onReply'>,
): ThreadClient<Table> {
  return new ThreadClient<Table>({ ...thread, lazy: true, onFailure });
}

/**
 * If nothing was written in this process, there was no writer to do it; a file that may not be written keeps its log.
 */
function emptyLog(path: string): void {
  try {
    openConnection(path).close();
  } catch {
    // Nothing is lost by this.
  }
}
