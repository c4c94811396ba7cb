/** The thread that reads for people: lists and searches take longer than the event loop may wait. */

import { workerData } from 'node:worker_threads';
import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import { openConnection } from './database.ts';
import { createReaderMethods } from './reader-methods.ts';
import { serveCalls } from './thread-server.ts';

export interface ReaderThreadData {
  readonly path: string;
  readonly attributeLimits: AttributeLimits;
}

const { path, attributeLimits } = workerData as ReaderThreadData;
const database = openConnection(path, { readonly: true });
serveCalls(createReaderMethods(database, attributeLimits), () => database.close());
