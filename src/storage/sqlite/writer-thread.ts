/** The thread that owns the writing connection: answers calls one after the other, in their order. */

import { parentPort, workerData } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import { openConnection } from './database.ts';
import { createWriterMethods, type WriterCall, type WriterReply } from './writer-methods.ts';

const { path, maxBytes } = workerData as { path: string; maxBytes: number | undefined };
const port = parentPort;
if (port === null) throw new Error('This module runs in a worker thread');

const database = openConnection(path, { maxBytes });
const methods = createWriterMethods(database) as Record<string, (...parameters: never[]) => unknown>;

function answer({ id, method, parameters }: WriterCall): WriterReply {
  try {
    return { id, result: methods[method]?.(...(parameters as never[])) };
  } catch (error) {
    if (error instanceof DomainError) return { id, error: error.toRecord() };
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

port.on('message', (call: WriterCall | 'close') => {
  if (call === 'close') {
    database.close();
    port.close();
    return;
  }
  port.postMessage(answer(call));
});
