/**
 * A pool for vitest whose only thread outlives a run: starting one for each of some thousand mutants would take most of
 * the time.
 */

import type { Plugin } from 'vite';
import { ThreadsPoolWorker, type WorkerRequest } from 'vitest/node';

type Options = ConstructorParameters<typeof ThreadsPoolWorker>[0];
type Listener = Parameters<ThreadsPoolWorker['on']>[1];

/**
 * The thread stays as it is between runs. Modules do not: vitest reloads them for each run, because its tests are
 * isolated.
 */
class KeptThread extends ThreadsPoolWorker {
  override readonly name = 'kept';
  readonly #listeners = new Set<Listener>();
  #isStarted = false;

  override async start(): Promise<void> {
    if (!this.#isStarted) await super.start();
    this.#isStarted = true;
  }

  override on(event: string, listener: Listener): void {
    if (event === 'message') this.#listeners.add(listener);
    super.on(event, listener);
  }

  override off(event: string, listener: Listener): void {
    if (event === 'message') this.#listeners.delete(listener);
    super.off(event, listener);
  }

  override send(message: WorkerRequest): void {
    if (message.type !== 'stop') super.send(message);
    else setImmediate(() => this.#answer({ type: 'stopped', __vitest_worker_response__: true }));
  }

  /** The thread ends with the process. */
  override async stop(): Promise<void> {}

  #answer(message: object): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** Replaces the pool that Stryker asks for. */
export function keepThread(): Plugin {
  let kept: KeptThread | undefined;
  const poolRunner = { name: 'kept', createPoolWorker: (options: Options) => (kept ??= new KeptThread(options)) };
  return {
    name: 'kept-thread',
    configureVitest: ({ project }) => {
      Object.assign(project.config, { pool: poolRunner.name, poolRunner });
    },
  };
}
