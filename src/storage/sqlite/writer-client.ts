/** Calls the writer: in its own thread, or in place for a store in memory. */

import { Worker } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { Connection } from './database.ts';
import { createWriterMethods, type WriterMethod, type WriterMethods, type WriterReply } from './writer-methods.ts';

export interface WriterClient {
  /** Runs one method of the writer; calls are served in their order. */
  call<Method extends WriterMethod>(
    method: Method,
    ...parameters: Parameters<WriterMethods[Method]>
  ): Promise<ReturnType<WriterMethods[Method]>>;
  /** Why the writer works no more; undefined while it does. */
  readonly stopped: Error | undefined;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** A writer in a thread of its own, so that storage never blocks the event loop. */
export class ThreadedWriter implements WriterClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #stopped: Error | undefined;
  #closing = false;

  constructor(path: string, maxBytes: number | undefined) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./writer-thread.${extension}`, import.meta.url), {
      workerData: { path, maxBytes },
    });
    this.#worker.on('message', (reply: WriterReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#stop(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => {
      if (!this.#closing) this.#stop(new Error('The writer thread ended'));
    });
  }

  get stopped(): Error | undefined {
    return this.#stopped;
  }

  async call<Method extends WriterMethod>(
    method: Method,
    ...parameters: Parameters<WriterMethods[Method]>
  ): Promise<ReturnType<WriterMethods[Method]>> {
    if (this.#stopped !== undefined) throw this.#stopped;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, method, parameters });
    });
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // A thread that died on its own sends no second `exit`.
    if (this.#stopped !== undefined) {
      await this.#worker.terminate();
      return;
    }
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage('close');
    await ended;
    this.#stop(new Error('The store is closed'));
  }

  #settle(reply: WriterReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (pending === undefined) return;
    if ('failure' in reply) pending.reject(new Error(reply.failure));
    else if ('error' in reply) pending.reject(DomainError.fromRecord(reply.error));
    else pending.resolve(reply.result);
  }

  #stop(reason: Error): void {
    this.#stopped ??= reason;
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }
}

/** A writer on the caller's own connection: what lives in memory is seen by no other. */
export class InPlaceWriter implements WriterClient {
  readonly stopped = undefined;
  readonly #methods: Record<string, (...parameters: never[]) => unknown>;

  constructor(database: Connection) {
    this.#methods = createWriterMethods(database);
  }

  async call<Method extends WriterMethod>(
    method: Method,
    ...parameters: Parameters<WriterMethods[Method]>
  ): Promise<ReturnType<WriterMethods[Method]>> {
    return this.#methods[method]?.(...(parameters as never[])) as ReturnType<WriterMethods[Method]>;
  }

  async close(): Promise<void> {}
}
