/**
 * Shows what writes would do: gathers the commands of several requests, lets the store decide all of them in order in
 * one transaction that is rolled back, and gives each request its own answer.
 */

import type { Environment } from '../environment.ts';
import type { Operation } from '../operation.ts';
import type { WriteCommand, WriteOutcome } from './commands.ts';
import type { MembershipStorage } from './storage.ts';

/** The largest number of recently written profiles that are named. */
const MAX_NEWER = 10;

interface Waiting {
  readonly command: WriteCommand;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

export class PreviewBatch {
  readonly #storage: Pick<MembershipStorage, 'preview'>;
  readonly #waiting: Waiting[] = [];
  #onAdded: () => void = () => undefined;

  constructor({ storage }: Operation<Pick<MembershipStorage, 'preview'>>) {
    this.#storage = storage;
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

  /** Decides all commands, in the order they were added. */
  async decide(): Promise<void> {
    const waiting = [...this.#waiting];
    if (waiting.length === 0) return;
    try {
      const outcomes = await this.#storage.preview(waiting.map(({ command }) => command));
      for (const [index, each] of waiting.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) each.reject(new Error('The store returned no outcome for a command'));
        else each.resolve(outcome);
      }
    } catch (error) {
      for (const each of waiting) each.reject(error);
    }
  }
}

/** Lists some of the profiles that the commands touch and that a write changed after `time`, in ms since the epoch. */
export async function listWrittenSince(
  core: Operation<MembershipStorage>,
  environment: Environment,
  commands: readonly WriteCommand[],
  time: number,
): Promise<string[]> {
  const profiles = new Set<string>();
  for (const command of commands) {
    if (command.kind === 'updateProfile') profiles.add(command.integrationId);
    else if (command.kind === 'updateMemberships' || command.kind === 'updateProfiles')
      for (const item of command.items) profiles.add(item.integrationId);
  }
  if (profiles.size === 0) return [];
  return core.storage.browse.listWrittenSince(environment, [...profiles], time, MAX_NEWER);
}
