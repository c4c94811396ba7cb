/** Calls storage methods that run elsewhere: in their own thread, or in place for a store in memory. */

import { Worker } from 'node:worker_threads';
import { DomainError, type ErrorRecord, unavailable } from '../../domain/errors.ts';
import type { Turns } from './turns.ts';
import { clock } from './waits.ts';

/** A table of methods; their arguments and results, immediate or promised, must survive structured cloning. */
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
  /** Runs one method; calls are served in order. */
  call<Method extends keyof Table & string>(
    method: Method,
    ...parameters: Parameters<Table[Method]>
  ): Promise<Awaited<ReturnType<Table[Method]>>>;
  /** Why nothing can be called at the moment; undefined if it can. Looking starts no thread that nobody needed yet. */
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
  /** Its name for people: "the writer". */
  readonly title: string;
  readonly data: object;
  /** True to start it with the first call: most commands need none. */
  readonly lazy?: boolean;
  /** Called with each reply, before its caller learns of it. */
  readonly onReply?: (() => void) | undefined;
  /** Called with the reason whenever a call is refused because the store cannot work. */
  readonly onUnavailable?: ((reason: string) => void) | undefined;
  /** Called with the reason when a thread dies. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

// A thread that keeps dying at its start must not keep the machine busy.
const RESTART_AFTER_MS = 1000;

/** Methods in their own thread, so that storage never blocks the event loop. A thread that dies is replaced. */
export class ThreadClient<Table extends Methods> implements MethodsClient<Table> {
  readonly #options: ThreadOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  /** By a clock that starts with the process; initially long ago. */
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
    if (!this.used && !this.#closed) return this.#refusal;
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

  /** Refuses every call from now on; running ones are still answered. */
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
    const { module, title, data, onFailure } = this.#options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./${module}.${extension}`, import.meta.url), { name: title, workerData: data });
    this.#startedAt = performance.now();
    worker.on('message', (reply: ThreadReply) => {
      this.#options.onReply?.();
      this.#settle(reply);
    });
    worker.on('error', (error) => onFailure?.(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#ended());
    return worker;
  }

  /** @throws DomainError `unavailable` while a dead thread has not been replaced */
  #running(): Worker {
    const { title } = this.#options;
    if (this.#closed) throw new Error('The store is closed');
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#worker === undefined && performance.now() - this.#startedAt >= RESTART_AFTER_MS)
      this.#worker = this.#start();
    if (this.#worker === undefined) throw unavailable(`The ${title} is being restarted; try again in a moment`);
    return this.#worker;
  }

  /**
   * The calls in progress may or may not have been executed: as after a lost connection, they can safely be sent again.
   */
  #ended(): void {
    this.#worker = undefined;
    const reason = this.#closed
      ? new Error('The store is closed')
      : unavailable(`The ${this.#options.title} ended during this call; send it again`);
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

/** Methods of a store that was opened for reading: calling one is a mistake. */
export class ClosedClient<Table extends Methods> implements MethodsClient<Table> {
  readonly stopped = undefined;
  readonly used = false;

  async call(): Promise<never> {
    throw new Error('The store was opened for reading');
  }

  refuse(): void {}

  async close(): Promise<void> {}
}

/**
 * Methods on a connection of this thread, shared by all that take `turns` on it: for a store in memory, whose data no
 * other connection sees, and for programs that do one short thing.
 */
export class InPlaceClient<Table extends Methods> implements MethodsClient<Table> {
  readonly stopped = undefined;
  readonly used = true;
  readonly #methods: Methods;
  readonly #turns: Turns;
  readonly #release: () => void;

  /** @param release closes the connection, if this client is responsible for that */
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
