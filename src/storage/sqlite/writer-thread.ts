/** The thread that owns the writing connection. */

import { workerData } from 'node:worker_threads';
import { openConnection } from './database.ts';
import { serveCalls } from './thread-server.ts';
import { createWriterMethods } from './writer-methods.ts';

const { path, maxBytes } = workerData as { path: string; maxBytes: number | undefined };
const database = openConnection(path, { maxBytes });
serveCalls(createWriterMethods(database), () => database.close());
