/** The thread that owns the writing connection. */

import { workerData } from 'node:worker_threads';
import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import type { Environment } from '../../domain/environment.ts';
import { openConnection } from './database.ts';
import { type FileIdentities, fileReplaced, findReplacedFile } from './open-files.ts';
import type { Methods } from './thread-client.ts';
import { serveCalls } from './thread-server.ts';
import { type SharedWaits, WaitMeter } from './waits.ts';
import { createWriterMethods, HOUSEKEEPING } from './writer-methods.ts';

export interface WriterThreadData {
  readonly path: string;
  readonly maxBytes: number | undefined;
  readonly attributeLimits: AttributeLimits;
  readonly staysErased: readonly Environment[] | undefined;
  readonly checkpoints: 'here' | 'elsewhere';
  readonly waits: SharedWaits;
  /** The files as they were when the store was opened, even in a thread that replaces another. */
  readonly files: FileIdentities;
}

const { path, maxBytes, attributeLimits, staysErased, checkpoints, waits, files } = workerData as WriterThreadData;
const database = openConnection(path, { checkpoints });
const meter = new WaitMeter(waits, HOUSEKEEPING);
const methods = createWriterMethods(database, { limits: attributeLimits, timer: meter, maxBytes, staysErased });
serveCalls(guarded(methods), () => database.close(), { meter });

/** Returns no answer from a file that was removed or replaced: what was committed to it is lost. */
function guarded(table: Methods): Methods {
  const checked = (result: unknown): unknown => {
    if (findReplacedFile(files) !== undefined) throw fileReplaced();
    return result;
  };
  const entries = Object.entries<Methods[string]>(table).map(([name, method]) => {
    const run = (...parameters: never[]): unknown => {
      const result = method(...parameters);
      return result instanceof Promise ? result.then(checked) : checked(result);
    };
    return [name, run] as const;
  });
  return Object.fromEntries(entries);
}
