/**
 * Shows what writes would do: gathers the commands of several requests, has the store decide all of them in their order, in one
 * transaction that is rolled back, and gives each request its own answer.
 */

import type { WriteCommand, WriteOutcome } from './commands.ts';

interface Waiting {
  readonly command: WriteCommand;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

export class PreviewBatch {
  readonly #preview: (commands: readonly WriteCommand[]) => Promise<WriteOutcome[]>;
  readonly #waiting: Waiting[] = [];
  #onAdded: () => void = () => undefined;

  /** @param preview decides the commands and keeps nothing; see `Storage.preview` */
  constructor(preview: (commands: readonly WriteCommand[]) => Promise<WriteOutcome[]>) {
    this.#preview = preview;
  }

  /** Adds a command; resolves with its outcome once `decide` ran. */
  async add(command: WriteCommand): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#onAdded();
    });
  }

  /** Resolves when the next command was added. */
  async nextAdded(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAdded = resolve;
    });
  }

  /** The commands added so far, in order. */
  get commands(): readonly WriteCommand[] {
    return this.#waiting.map(({ command }) => command);
  }

  /** Has all commands decided, in the order they were added. */
  async decide(): Promise<void> {
    const waiting = [...this.#waiting];
    if (waiting.length === 0) return;
    try {
      const outcomes = await this.#preview(waiting.map(({ command }) => command));
      for (const [index, each] of waiting.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) each.reject(new Error('The store gave no outcome for a command'));
        else each.resolve(outcome);
      }
    } catch (error) {
      for (const each of waiting) each.reject(error);
    }
  }
}
