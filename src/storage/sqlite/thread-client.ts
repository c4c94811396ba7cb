/** Calls storage methods that run elsewhere: in a thread of their own, or in place for a store in memory. */

import { Worker } from 'node:worker_threads';
import { DomainError, type ErrorRecord, unavailable } from '../../domain/errors.ts';
import type { Turns } from './turns.ts';
import { clock } from './waits.ts';

/** A table of methods; what they take and give, at once or by a promise, must survive structured cloning. */
export type Methods = Readonly<Record<string, (...parameters: never[]) => unknown>>;

export interface ThreadCall {
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
  /** When it was sent, by `clock`. */
  readonly sent: number;
}

export type ThreadReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorRecord }
  | { readonly id: number; readonly failure: string };

export interface MethodsClient<Table extends Methods> {
  /** Runs one method; calls are served in their order. */
  call<Method extends keyof Table & string>(
    method: Method,
    ...parameters: Parameters<Table[Method]>
  ): Promise<Awaited<ReturnType<Table[Method]>>>;
  /** Why nothing can be called now; undefined while it can. */
  readonly stopped: Error | undefined;
  /** Whether anything was ever called. */
  readonly used: boolean;
  refuse(reason: DomainError): void;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export interface ThreadOptions {
  /** Name of the thread's module in this folder, without its ending. */
  readonly module: 'writer-thread' | 'reader-thread' | 'checkpoint-thread' | 'access-log/thread';
  /** What people call it: "the writer". */
  readonly title: string;
  readonly data: object;
  /** True to start it with the first call: most commands need none. */
  readonly lazy?: boolean;
  /** Told the reason whenever a call is refused because the store cannot work. */
  readonly onUnavailable?: ((reason: string) => void) | undefined;
  /** Told why a thread died. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

// A thread that dies at its start again and again must not be all the machine does.
const RESTART_AFTER_MS = 1000;

/** Methods in a thread of their own, so that storage never blocks the event loop. A thread that dies is replaced. */
export class ThreadClient<Table extends Methods> implements MethodsClient<Table> {
  readonly #options: ThreadOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  /** By a clock that begins with the process: before the first start, long ago. */
  #startedAt = Number.NEGATIVE_INFINITY;
  #lastId = 0;
  #closed = false;
  #refusal: DomainError | undefined;

  constructor(options: ThreadOptions) {
    this.#options = options;
    if (options.lazy !== true) this.#worker = this.#start();
  }

  get used(): boolean {
    return this.#startedAt !== Number.NEGATIVE_INFINITY;
  }

  get stopped(): Error | undefined {
    try {
      this.#running();
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  async call<Method extends keyof Table & string>(
    method: Method,
    ...parameters: Parameters<Table[Method]>
  ): Promise<Awaited<ReturnType<Table[Method]>>> {
    const worker = this.#running();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Awaited<ReturnType<Table[Method]>>>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, method, parameters, sent: clock() } satisfies ThreadCall);
    });
  }

  /** Refuses every call from now on; those under way are still answered. */
  refuse(reason: DomainError): void {
    this.#refusal = reason;
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
    const { module, data, onFailure } = this.#options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./${module}.${extension}`, import.meta.url), { workerData: data });
    this.#startedAt = performance.now();
    worker.on('message', (reply: ThreadReply) => this.#settle(reply));
    worker.on('error', (error) => onFailure?.(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#ended());
    return worker;
  }

  /** @throws DomainError `unavailable` while a thread that died is not replaced yet */
  #running(): Worker {
    const { title } = this.#options;
    if (this.#closed) throw new Error('The store is closed');
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#worker === undefined && performance.now() - this.#startedAt >= RESTART_AFTER_MS)
      this.#worker = this.#start();
    if (this.#worker === undefined) throw unavailable(`The ${title} is being restarted; send this again in a moment`);
    return this.#worker;
  }

  /** Whatever was under way may or may not be done: as after a lost connection, it is safe to send it again. */
  #ended(): void {
    this.#worker = undefined;
    const reason = this.#closed
      ? new Error('The store is closed')
      : unavailable(`The ${this.#options.title} ended while this was under way; send it again`);
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }

  #settle(reply: ThreadReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (pending === undefined) return;
    if ('failure' in reply) pending.reject(new Error(reply.failure));
    else if ('error' in reply) {
      const error = DomainError.fromRecord(reply.error);
      if (error.code === 'unavailable') this.#options.onUnavailable?.(error.message);
      pending.reject(error);
    } else pending.resolve(reply.result);
  }
}

/** Methods of a store that was opened to be read: who calls one is mistaken. */
export class ClosedClient<Table extends Methods> implements MethodsClient<Table> {
  readonly stopped = undefined;
  readonly used = false;

  async call(): Promise<never> {
    throw new Error('The store was opened to be read');
  }

  refuse(): void {}

  async close(): Promise<void> {}
}

/**
 * Methods on a connection of this thread, shared by all that take `turns` on it: for a store in memory, whose data no other
 * connection sees, and for programs that do one short thing.
 */
export class InPlaceClient<Table extends Methods> implements MethodsClient<Table> {
  readonly stopped = undefined;
  readonly used = true;
  readonly #methods: Methods;
  readonly #turns: Turns;
  readonly #release: () => void;

  /** @param release closes the connection, where this client is the one to do so */
  constructor(methods: Table, turns: Turns, release: () => void = () => undefined) {
    this.#methods = methods;
    this.#turns = turns;
    this.#release = release;
  }

  async call<Method extends keyof Table & string>(
    method: Method,
    ...parameters: Parameters<Table[Method]>
  ): Promise<Awaited<ReturnType<Table[Method]>>> {
    const result = this.#turns.take(() => this.#methods[method]?.(...(parameters as never[])));
    return result as Awaited<ReturnType<Table[Method]>>;
  }

  refuse(): void {
    throw new Error('A store that works in place cannot be taken away');
  }

  async close(): Promise<void> {
    await this.#turns.take(this.#release);
  }
}
