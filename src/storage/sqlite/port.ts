/**
 * The port over the threads of a store: most methods are forwarded to their thread, the others are implemented here.
 */

import { statSync } from 'node:fs';
import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import type { WriteOutcome } from '../../domain/memberships/commands.ts';
import type { Storage, StorageMemory, StoragePlace } from '../../domain/storage.ts';
import { copyDatabase, copySnapshot } from './backup.ts';
import { type CheckpointMethods, Checkpoints } from './checkpoints.ts';
import { type Connection, MEMORY, openConnection } from './database.ts';
import { type FileIdentities, fileReplaced, findReplacedFile } from './open-files.ts';
import { Rewind } from './rewind.ts';
import { type ServingClients, servedMethods } from './served-by.ts';
import type { MethodsClient } from './thread-client.ts';
import type { Turns } from './turns.ts';
import { verifyDatabase } from './verify.ts';
import { longestWaits, type SharedWaits } from './waits.ts';

// Of one minute's uses, this many are written per transaction: other writes wait a few ms for them.
const KEY_USES_PER_CALL = 250;

/** The parts of an open store. */
export interface StorageParts {
  /** The open file, or `MEMORY`. */
  readonly path: string;
  /** Undefined in memory. If a copy is open, it names the original file. */
  readonly place: StoragePlace | undefined;
  /** The main thread's connection, which is the only one if the store is in memory. */
  readonly database: Connection;
  /** The turns of that connection. */
  readonly turns: Turns;
  readonly clients: ServingClients & { readonly checkpointer: MethodsClient<CheckpointMethods> };
  readonly waits: SharedWaits;
  /** The files as they were when the store was opened; empty if they are not watched. */
  readonly files: FileIdentities;
  readonly attributeLimits: AttributeLimits;
  /** Called when everything is closed, unless the files were removed or replaced. */
  readonly afterClose: () => void;
}

export function storageOf({ path, place, database, turns, clients, waits, files, ...parts }: StorageParts): Storage {
  const { reader, writer, checkpointer } = clients;
  const served = servedMethods(clients);
  const checkpoints = new Checkpoints({
    size: () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    look: async () => checkpointer.call('look'),
    move: async () => checkpointer.call('move'),
    finish: async () => writer.call('finishCheckpoint'),
  });
  let isReplaced = false;
  const check = (): string | undefined => {
    const missing = findReplacedFile(files);
    if (missing === undefined && !isReplaced) return undefined;
    // This is permanent: what was committed to the open files is in no other, even if a file with that name is back.
    isReplaced = true;
    writer.refuse(fileReplaced());
    return missing ?? path;
  };
  return {
    ...served,
    accounts: served,
    browse: served,
    attributeLimits: parts.attributeLimits,

    async write(commands) {
      return JSON.parse(await served.write(JSON.stringify(commands))) as WriteOutcome[];
    },

    async preview(commands) {
      return JSON.parse(await served.preview(JSON.stringify(commands))) as WriteOutcome[];
    },

    async recordKeyUse(uses) {
      const entries = [...uses];
      for (let start = 0; start < entries.length; start += KEY_USES_PER_CALL) {
        await served.recordKeyUse(new Map(entries.slice(start, start + KEY_USES_PER_CALL)));
      }
    },

    async ping() {
      await served.catalog();
      const stopped = writer.stopped ?? reader.stopped;
      if (stopped !== undefined) throw stopped;
    },

    file: place === undefined ? undefined : { ...place, check, checkpoint: async () => checkpoints.step() },

    memory: path === MEMORY ? memoryOf(database, turns) : undefined,

    longestWaits: () => longestWaits(waits),

    async verify(report, progress) {
      if (path === MEMORY) {
        await turns.take(() => verifyDatabase(database, report, progress));
        return;
      }
      // A separate connection: its snapshot must not hold back the reads of others.
      const own = openConnection(path, { readonly: true });
      try {
        verifyDatabase(own, report, progress);
      } finally {
        own.close();
      }
    },

    async backup(file) {
      if (path === MEMORY) await turns.take(async () => copyDatabase(database, file));
      else await copySnapshot(path, file);
    },

    async close() {
      // The writer last: the last to close empties the write-ahead log, and a read-only connection cannot.
      await reader.close();
      await turns.take(() => database.close());
      await checkpointer.close();
      await writer.close();
      if (!isReplaced) parts.afterClose();
    },
  };
}

function memoryOf(database: Connection, turns: Turns): StorageMemory {
  const rewind = new Rewind(database);
  return {
    remember: async () => turns.take(() => rewind.remember()),
    rewind: async () => turns.take(() => rewind.rewind()),
  };
}
