/** A store opened by another process and called from this one. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Storage } from '../../src/domain/storage.ts';
import { forkModule } from '../fork-module.ts';

/** The port, including what only some engines have, as the embedded store provides it. */
type Full = { [Name in keyof Storage]: NonNullable<Storage[Name]> };

/** The methods of the port itself, without its groups. */
export type StorageMethod = {
  [Name in keyof Full]: Full[Name] extends (...parameters: never[]) => unknown ? Name : never;
}[keyof Full];

export interface Call {
  readonly method: StorageMethod;
  readonly parameters: unknown[];
}

export type Answer = { readonly result: unknown } | { readonly error: string };

export class OtherProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (result: unknown) => void; reject: (error: Error) => void }[] = [];
  /** Resolves once the other process has opened the store. */
  readonly opened: Promise<void>;

  constructor(url: string) {
    this.#child = forkModule(new URL('./other-process-main.ts', import.meta.url), [url], 'advanced');
    this.#child.on('message', (answer: Answer) => {
      const next = this.#waiting.shift();
      if ('error' in answer) next?.reject(new Error(answer.error));
      else next?.resolve(answer.result);
    });
    this.#child.on('exit', (code, signal) => {
      for (const each of this.#waiting) each.reject(new Error(`The process ended with ${code ?? signal}`));
    });
    this.opened = new Promise((resolve, reject) => {
      this.#waiting.push({ resolve: () => resolve(), reject });
    });
  }

  /** Calls one method. Calls are answered in order if each waits for the previous one. */
  async call<Method extends StorageMethod>(
    method: Method,
    ...parameters: Parameters<Full[Method]>
  ): Promise<Awaited<ReturnType<Full[Method]>>> {
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    this.#child.send({ method, parameters } satisfies Call);
    return (await answer) as Awaited<ReturnType<Full[Method]>>;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    await this.call('close');
    await ended;
  }

  /** Kills it, like a crash. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
