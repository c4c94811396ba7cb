/** Lets erasures requested at about the same time share one search of the log, which reads all of it. */

import type { Environment } from '../../../domain/environment.ts';

/** Whose traces are searched for. */
export interface ErasedPerson {
  readonly environment: Environment;
  readonly integrationId: string;
}

interface Waiting {
  readonly person: ErasedPerson;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

// Beyond this number, searching an entry for all of them costs more than reading it.
const TOGETHER = 100;

export class Erasures {
  readonly #erase: (people: readonly ErasedPerson[]) => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #isRunning = false;

  /** @param erase searches the log once for traces of all these people, and removes them */
  constructor(erase: (people: readonly ErasedPerson[]) => Promise<void>) {
    this.#erase = erase;
  }

  /** Resolves once a search that began after this call has ended. @throws the error that search failed with */
  async add(person: ErasedPerson): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ person, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const served = this.#waiting.splice(0, TOGETHER);
      try {
        await this.#erase(served.map(({ person }) => person));
        for (const { resolve } of served) resolve();
      } catch (error) {
        for (const { reject } of served) reject(error);
      }
    }
    this.#isRunning = false;
  }
}
