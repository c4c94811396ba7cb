/** The rest of a replayed write that newer writes have not superseded, and the report about it. */

import { DomainError } from '../../errors.ts';
import type { ReplayEffect, ReplayEffects, WriteCommand } from '../commands.ts';

/** The most effects listed per request; the others are only counted. */
const MAX_EFFECTS = 20;

/** A replayed command without what is superseded. */
export interface Reduced<Command extends WriteCommand = WriteCommand> {
  readonly command: Command;
  /** Changed attributes, and changes of an audience itself; the ledger shows joins and leaves. */
  readonly effects: readonly ReplayEffect[];
  readonly skipped: readonly ReplayEffect[];
  /** Whether nothing is left that would change anything. */
  readonly isEmpty: boolean;
}

export function effectsOf(applied: readonly ReplayEffect[], skipped: readonly ReplayEffect[]): ReplayEffects {
  return {
    applied: applied.slice(0, MAX_EFFECTS),
    appliedCount: applied.length,
    skipped: skipped.slice(0, MAX_EFFECTS),
    skippedCount: skipped.length,
  };
}

/** The refusal of a replay of which newer writes have left nothing. */
export function superseded(): DomainError {
  const message = 'Newer writes superseded all of it, so nothing was applied';
  return new DomainError('conflict', [{ title: 'superseded', message, cause: 'newer writes superseded it' }]);
}
