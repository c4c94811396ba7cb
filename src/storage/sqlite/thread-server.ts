/** The far side of a `ThreadClient`: answers calls one after the other, in order. */

import { type MessagePort, parentPort } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { Methods, ThreadCall, ThreadReply } from './thread-client.ts';
import { Turns } from './turns.ts';
import { clock, type WaitMeter } from './waits.ts';

export interface Service {
  /** Called after each call has been answered. */
  readonly meter?: WaitMeter;
  /** Where calls come from: the thread's owner by default. */
  readonly port?: MessagePort | null;
}

/**
 * Serves `methods` until told to close; then `close` releases their resources. A method that returns a promise keeps
 * later calls waiting until it settles.
 */
export function serveCalls(methods: Methods, close: () => void, { meter, port = parentPort }: Service = {}): void {
  if (port === null) throw new Error('This module runs in a worker thread');
  const turns = new Turns();
  port.on('message', (call: ThreadCall | 'close') => {
    void turns.take(() => {
      if (call === 'close') {
        close();
        port.close();
        return undefined;
      }
      const start = meter === undefined ? 0 : clock();
      const send = (reply: ThreadReply): void => {
        port.postMessage(reply);
        meter?.ran(call.method, call.sent, start, clock());
      };
      const reply = answer(methods, call);
      return reply instanceof Promise ? reply.then(send) : send(reply);
    });
  });
}

function answer(methods: Methods, { id, method, parameters }: ThreadCall): ThreadReply | Promise<ThreadReply> {
  try {
    const result = methods[method]?.(...(parameters as never[]));
    if (!(result instanceof Promise)) return { id, result };
    return result.then(
      (value: unknown) => ({ id, result: value }),
      (error: unknown) => refusal(id, error),
    );
  } catch (error) {
    return refusal(id, error);
  }
}

function refusal(id: number, error: unknown): ThreadReply {
  if (error instanceof DomainError) return { id, error: error.toRecord() };
  return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
