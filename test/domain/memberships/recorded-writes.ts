/** A core whose store applies nothing and records the commands it is given, for tests of operations that write. */

import { COMMAND_LINE } from '../../../src/domain/actor.ts';
import type { Catalog } from '../../../src/domain/definitions/catalog.ts';
import type { DomainError } from '../../../src/domain/errors.ts';
import type { WriteCommand, WriteOutcome } from '../../../src/domain/memberships/commands.ts';
import { type WriteOperation, WriteQueue } from '../../../src/domain/memberships/queue.ts';
import { ROOMY } from '../open-core.ts';
import { audience, catalogOf } from './batch-state.ts';

export const UNCHANGED = { joins: 0, leaves: 0, profiles: 0 };

/** @param answer the outcome of each command; without it, a result that shows the command's kind */
export function recordedWrites(
  answer: (command: WriteCommand) => WriteOutcome = ({ kind }) => ({ result: kind as never, changed: UNCHANGED }),
  catalog: Catalog = catalogOf(audience(1)),
) {
  const commands: WriteCommand[] = [];
  const decide = async (batch: readonly WriteCommand[]): Promise<WriteOutcome[]> => {
    commands.push(...batch);
    return batch.map(answer);
  };
  const storage = {
    write: decide,
    preview: decide,
    catalog: async () => catalog,
    attributeLimits: { valueBytes: 1000, profileBytes: 10_000 },
  };
  const core = { storage, queue: new WriteQueue(storage, ROOMY), actor: COMMAND_LINE, now: () => 0 };
  return { core: core as unknown as WriteOperation, commands };
}

/** The outcome of a refused command. */
export function refused(error: DomainError): WriteOutcome {
  return { error: error.toRecord() };
}
