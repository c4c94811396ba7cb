/** Calls the writer: in its own thread, or in place for a store in memory. */

import { Worker } from 'node:worker_threads';
import { DomainError, unavailable } from '../../domain/errors.ts';
import type { WriteCommand, WriteOutcome } from '../../domain/write-commands.ts';
import type { Connection } from './database.ts';
import { createWriterMethods, type WriterMethod, type WriterMethods, type WriterReply } from './writer-methods.ts';

export interface WriterClient {
  /** Runs one method of the writer; calls are served in their order. */
  call<Method extends WriterMethod>(
    method: Method,
    ...parameters: Parameters<WriterMethods[Method]>
  ): Promise<ReturnType<WriterMethods[Method]>>;
  write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;
  /** Why the writer does not work now; undefined while it does. */
  readonly stopped: Error | undefined;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

// A thread that dies at its start again and again must not be all the machine does.
const RESTART_AFTER_MS = 1000;

/** A writer in a thread of its own, so that storage never blocks the event loop. A thread that dies is replaced. */
export class ThreadedWriter implements WriterClient {
  readonly #path: string;
  readonly #maxBytes: number | undefined;
  readonly #onFailure: (error: Error) => void;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #startedAt = 0;
  #lastId = 0;
  #closed = false;

  /** @param onFailure told why a thread died */
  constructor(path: string, maxBytes: number | undefined, onFailure: (error: Error) => void = () => {}) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
    this.#worker = this.#start();
  }

  get stopped(): Error | undefined {
    try {
      this.#running();
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  async call<Method extends WriterMethod>(
    method: Method,
    ...parameters: Parameters<WriterMethods[Method]>
  ): Promise<ReturnType<WriterMethods[Method]>> {
    const worker = this.#running();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, method, parameters });
    });
  }

  async write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]> {
    return JSON.parse(await this.call('writeJson', JSON.stringify(commands))) as WriteOutcome[];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    await ended;
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./writer-thread.${extension}`, import.meta.url), {
      workerData: { path: this.#path, maxBytes: this.#maxBytes },
    });
    this.#startedAt = Date.now();
    worker.on('message', (reply: WriterReply) => this.#settle(reply));
    worker.on('error', (error) => this.#onFailure(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#ended());
    return worker;
  }

  /** @throws DomainError `unavailable` while a thread that died is not replaced yet */
  #running(): Worker {
    if (this.#closed) throw new Error('The store is closed');
    if (this.#worker === undefined && Date.now() - this.#startedAt >= RESTART_AFTER_MS) this.#worker = this.#start();
    if (this.#worker === undefined) throw unavailable('The writer is being restarted; send this again in a moment');
    return this.#worker;
  }

  /** Whatever was under way may or may not be stored: as after a lost connection, it is safe to send it again. */
  #ended(): void {
    this.#worker = undefined;
    const reason = this.#closed
      ? new Error('The store is closed')
      : unavailable('The writer ended while this was under way; send it again');
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }

  #settle(reply: WriterReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (pending === undefined) return;
    if ('failure' in reply) pending.reject(new Error(reply.failure));
    else if ('error' in reply) pending.reject(DomainError.fromRecord(reply.error));
    else pending.resolve(reply.result);
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

  async write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]> {
    return this.call('write', commands);
  }

  async close(): Promise<void> {}
}
