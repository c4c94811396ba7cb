/** The thread that owns the writing connection. */

import { workerData } from 'node:worker_threads';
import type { AttributeLimits } from '../../domain/attribute-sizes.ts';
import { openConnection } from './database.ts';
import { serveCalls } from './thread-server.ts';
import { createWriterMethods } from './writer-methods.ts';

const { path, maxBytes, attributeLimits } = workerData as {
  path: string;
  maxBytes: number | undefined;
  attributeLimits: AttributeLimits;
};
const database = openConnection(path, { maxBytes });
serveCalls(createWriterMethods(database, attributeLimits), () => database.close());
