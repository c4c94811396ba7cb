/** The thread that reads for people: lists and searches take longer than the event loop may wait. */

import { workerData } from 'node:worker_threads';
import { openConnection } from './database.ts';
import { createReaderMethods } from './reader-methods.ts';
import { serveCalls } from './thread-server.ts';

const { path } = workerData as { path: string };
const database = openConnection(path, { readonly: true });
serveCalls(createReaderMethods(database), () => database.close());
