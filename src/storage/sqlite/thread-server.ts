/** The far side of a `ThreadClient`: answers calls one after the other, in their order. */

import { parentPort } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { Methods, ThreadCall, ThreadReply } from './thread-client.ts';

/** Serves `methods` to the thread's owner until told to close; then `close` releases what they work on. */
export function serveCalls(methods: Methods, close: () => void): void {
  const port = parentPort;
  if (port === null) throw new Error('This module runs in a worker thread');
  port.on('message', (call: ThreadCall | 'close') => {
    if (call === 'close') {
      close();
      port.close();
      return;
    }
    port.postMessage(answer(methods, call));
  });
}

function answer(methods: Methods, { id, method, parameters }: ThreadCall): ThreadReply {
  try {
    return { id, result: methods[method]?.(...(parameters as never[])) };
  } catch (error) {
    if (error instanceof DomainError) return { id, error: error.toRecord() };
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
