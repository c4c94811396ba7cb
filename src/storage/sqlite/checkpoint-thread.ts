/** The thread that moves the write-ahead log into the file, on its own connection, so that no write waits for it. */

import { workerData } from 'node:worker_threads';
import { createCheckpointMethods } from './checkpoints.ts';
import { openConnection } from './database.ts';
import { serveCalls } from './thread-server.ts';
import type { SharedWaits } from './waits.ts';

const { path, waits } = workerData as { path: string; waits: SharedWaits };
const database = openConnection(path, { checkpoints: 'elsewhere' });
serveCalls(createCheckpointMethods(database, waits), () => database.close());
