/** What replays are judged by, without a store: a history that holds only what a test names. */

import { type BatchChanges, noChanges } from '../../../../src/domain/memberships/batch.ts';
import type { Arrival, ReplayedArrival, WriteCommand } from '../../../../src/domain/memberships/commands.ts';
import type { ReplayHistory } from '../../../../src/domain/memberships/replay-history.ts';
import type { Reduced } from '../../../../src/domain/memberships/supersession/reduced.ts';
import { Supersession } from '../../../../src/domain/memberships/supersession.ts';
import { catalogOf, stateOf } from '../batch-state.ts';

export const REPLAY: ReplayedArrival = { time: 500, place: 3, override: false };
export const OLDER: Arrival = { time: 500, place: 2 };
export const NEWER: Arrival = { time: 500, place: 4 };

export function historyOf(more: Partial<ReplayHistory> = {}): ReplayHistory {
  return {
    valueNote: () => undefined,
    anyValueNote: () => undefined,
    membershipNote: () => undefined,
    definitionNote: () => undefined,
    membershipChanges: () => ({ events: [], isWhole: true }),
    lastReplacement: () => undefined,
    lastMemberChange: () => undefined,
    lastDeleted: () => undefined,
    ...more,
  };
}

/** What a replay meets. */
export interface Met {
  readonly catalog?: ReturnType<typeof catalogOf>;
  readonly profiles?: Parameters<typeof stateOf>[1];
  readonly history?: Partial<ReplayHistory>;
  readonly changes?: BatchChanges;
  readonly override?: boolean;
}

/** What is left of a command that is replayed. */
export function reduce<Command extends WriteCommand>(command: Command, met: Met = {}): Reduced<Command> {
  const { catalog = catalogOf(), profiles = [], history, changes = noChanges(), override = false } = met;
  const state = { ...stateOf(catalog, profiles), history: historyOf(history) };
  return new Supersession(state, changes).reduce(command, { ...REPLAY, override }) as Reduced<Command>;
}
