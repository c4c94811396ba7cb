/**
 * The heart: given what a batch of writes needs to know, decides what each of them does. Pure: no I/O, no clock. Every
 * command is checked before it changes anything, so a refused command leaves no trace and needs no undoing.
 */

import { DomainError } from '../errors.ts';
import { bringCommandUpToDate } from './attribute-jobs.ts';
import { type BatchChanges, type BatchState, noChanges } from './batch.ts';
import type { DecidedOutcome, ReplayedArrival, WriteCommand, WriteOutcome, WriteResult } from './commands.ts';
import { setAudienceAttributes } from './decide/attribute-jobs.ts';
import { createAudience, deleteAudience, emptyAudience, updateAudience } from './decide/audiences.ts';
import { Decision } from './decide/decision.ts';
import { answerAgain, findKeptAnswer, keepAnswer } from './decide/idempotency.ts';
import { updateMemberships } from './decide/memberships.ts';
import { eraseProfile, updateProfile, updateProfiles } from './decide/profiles.ts';
import type { RowJudge } from './decide/rows.ts';
import { effectsOf, superseded } from './supersession/reduced.ts';
import { Supersession } from './supersession.ts';

/**
 * Applies the commands in order to `state`, and updates its catalog, profiles and sequences.
 * @returns what to save, and one outcome per command, in order; each shows a profile as it was right after that command
 */
export function decide(
  state: BatchState,
  commands: readonly WriteCommand[],
): { outcomes: WriteOutcome[]; changes: BatchChanges } {
  const changes = noChanges();
  const supersession = new Supersession(state, changes);
  const outcomes = commands.map((command): WriteOutcome => {
    const decision = new Decision(state, changes, command);
    const outcome = decideOne(decision, command, supersession);
    const { judge, leftOut } = decision;
    if (leftOut > 0) return { ...withVerdicts(outcome, judge), leftOut };
    return withVerdicts(outcome, judge);
  });
  return { outcomes, changes };
}

function withVerdicts(outcome: DecidedOutcome, judge: RowJudge | undefined): DecidedOutcome {
  if (judge === undefined || outcome.verdicts !== undefined) return outcome;
  return { ...outcome, verdicts: judge.verdicts };
}

function decideOne(decision: Decision, command: WriteCommand, supersession: Supersession): DecidedOutcome {
  const { state, changes, judge } = decision;
  try {
    bringCommandUpToDate(state, changes, command);
    const { replay } = command.caller;
    if (replay !== undefined) return decideReplay(decision, command, replay, supersession);
    const kept = findKeptAnswer(state, changes, command);
    if (kept !== undefined) return answerAgain(decision, command, kept);
    const result = apply(decision, command);
    keepAnswer(changes, command, { result, verdicts: judge?.verdicts }, state.now);
    return { result, changed: decision.changed };
  } catch (error) {
    if (error instanceof DomainError) return { error: error.toRecord() };
    throw error;
  }
}

/**
 * Applies the parts of a replayed command that newer writes have not superseded. Idempotency keys do not count here:
 * only the order of writes determines what an operator's replay may still change, and the client remains free to
 * correct its refused request and send it with the same key.
 * @throws DomainError as the command's checks do
 */
function decideReplay(
  decision: Decision,
  command: WriteCommand,
  replay: ReplayedArrival,
  supersession: Supersession,
): DecidedOutcome {
  const reduced = supersession.reduce(command, replay);
  if (reduced.isEmpty) return { error: superseded().toRecord(), effects: effectsOf([], reduced.skipped) };
  const result = apply(decision, reduced.command);
  supersession.note(reduced, replay, decision.judge?.verdicts);
  const effects = effectsOf([...reduced.effects, ...decision.membershipEffects], reduced.skipped);
  return { result, changed: decision.changed, effects };
}

function apply(decision: Decision, command: WriteCommand): WriteResult {
  switch (command.kind) {
    case 'updateProfile':
      return updateProfile(decision, command);
    case 'updateProfiles':
      return updateProfiles(decision, command);
    case 'updateMemberships':
      updateMemberships(decision, command);
      return null;
    case 'eraseProfile':
      return eraseProfile(decision, command);
    case 'createAudience':
      return createAudience(decision, command);
    case 'updateAudience':
      return updateAudience(decision, command);
    case 'emptyAudience':
      emptyAudience(decision, command);
      return null;
    case 'deleteAudience':
      deleteAudience(decision, command);
      return null;
    case 'setAudienceAttributes':
      setAudienceAttributes(decision, command);
      return null;
  }
}
