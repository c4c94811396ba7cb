/** The thread that owns the writing connection. */

import { workerData } from 'node:worker_threads';
import type { AttributeLimits } from '../../domain/attribute-sizes.ts';
import { openConnection } from './database.ts';
import { serveCalls } from './thread-server.ts';
import { type SharedWaits, WaitMeter } from './waits.ts';
import { createWriterMethods, HOUSEKEEPING } from './writer-methods.ts';

export interface WriterThreadData {
  readonly path: string;
  readonly maxBytes: number | undefined;
  readonly attributeLimits: AttributeLimits;
  readonly checkpoints: 'here' | 'elsewhere';
  readonly waits: SharedWaits;
}

const { path, maxBytes, attributeLimits, checkpoints, waits } = workerData as WriterThreadData;
const database = openConnection(path, { maxBytes, checkpoints });
const meter = new WaitMeter(waits, HOUSEKEEPING);
serveCalls(createWriterMethods(database, attributeLimits, undefined, meter), () => database.close(), meter);
