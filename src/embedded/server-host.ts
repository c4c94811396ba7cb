/** Starts the thread of a server, and ends it. The thread never keeps the process alive by itself. */

import { Worker } from 'node:worker_threads';
import { RollcallError, type Seed, type StartOptions } from './api.ts';

/** What the thread is started with; plain data. */
export interface ThreadData {
  readonly seed: Seed | undefined;
  readonly port: number;
  readonly strict: boolean;
  readonly settings: Readonly<Record<string, string>>;
}

/** What the thread says once. */
export type ThreadMessage = { readonly url: string; readonly token: string } | { readonly failure: string };

export interface RunningThread {
  readonly url: string;
  readonly token: string;
  stop(this: void): Promise<void>;
}

/** @throws RollcallError when the server cannot start */
export async function startThread(options: StartOptions): Promise<RunningThread> {
  const { seed, port = 0, strict = false, settings = {} } = options;
  const workerData: ThreadData = { seed, port, strict, settings };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  // Without the options of the test runner, whose loaders the server does not need.
  const worker = new Worker(new URL(`./server-thread.${extension}`, import.meta.url), {
    workerData,
    name: 'rollcall',
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const message = await new Promise<ThreadMessage>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error: unknown) => resolve({ failure: textOf(error) }));
    worker.once('exit', () => resolve({ failure: 'The server ended before it was ready' }));
  });
  if ('failure' in message) {
    await worker.terminate();
    throw new RollcallError(message.failure);
  }
  // An error that nobody listens to would end the process of the test; a server that is gone shows in the next request.
  worker.on('error', (error: unknown) => process.emitWarning(`Rollcall ended: ${textOf(error)}`));
  worker.unref();
  let stopping: Promise<void> | undefined;
  return {
    ...message,
    async stop() {
      stopping ??= (async () => {
        worker.ref();
        worker.postMessage('stop');
        await ended;
      })();
      await stopping;
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
