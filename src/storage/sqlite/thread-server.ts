/** The far side of a `ThreadClient`: answers calls one after the other, in their order. */

import { parentPort } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { Methods, ThreadCall, ThreadReply } from './thread-client.ts';
import { clock, type WaitMeter } from './waits.ts';

/**
 * Serves `methods` to the thread's owner until told to close; then `close` releases what they work on.
 * @param meter told of each call when it was answered
 */
export function serveCalls(methods: Methods, close: () => void, meter?: WaitMeter): void {
  const port = parentPort;
  if (port === null) throw new Error('This module runs in a worker thread');
  port.on('message', (call: ThreadCall | 'close') => {
    if (call === 'close') {
      close();
      port.close();
      return;
    }
    const start = meter === undefined ? 0 : clock();
    port.postMessage(answer(methods, call));
    meter?.ran(call.method, call.sent, start, clock());
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
