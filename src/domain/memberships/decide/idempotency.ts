/**
 * Decides writes with an idempotency key: whether a write is a repeat, the answer to a repeat, and what is kept of a
 * first answer.
 */

import type { ChangeCounts } from '../../change-counts.ts';
import { invalid } from '../../errors.ts';
import type { BatchChanges, BatchState } from '../batch.ts';
import type { DecidedOutcome, ProfileState, RowVerdict, WriteCommand, WriteResult } from '../commands.ts';
import {
  ANSWERS_KEPT_MS,
  type AnsweredProfile,
  idempotencyOf,
  type KeptAnswer,
  keptVerdicts,
  MAX_ANSWER_BYTES,
  verdictsAgain,
} from '../idempotency.ts';
import type { Decision } from './decision.ts';
import { currentState } from './profiles.ts';

const NOTHING: ChangeCounts = { joins: 0, leaves: 0, profiles: 0 };

/**
 * The kept answer to the first request with the command's key; undefined if this is the first one, or has no key.
 * @throws DomainError `invalid` when the first was another request
 */
export function findKeptAnswer(
  { answers, now }: Pick<BatchState, 'answers' | 'now'>,
  changes: Pick<BatchChanges, 'answers'>,
  command: WriteCommand,
): KeptAnswer | undefined {
  const idempotency = idempotencyOf(command);
  if (idempotency === undefined) return undefined;
  const { scope, fingerprint } = idempotency;
  const kept = changes.answers.get(scope) ?? answers.get(scope);
  if (kept === undefined || now - kept.time >= ANSWERS_KEPT_MS) return undefined;
  if (kept.fingerprint !== fingerprint) {
    throw invalid(
      'Idempotency-Key: another request was sent with it in the last 24 hours; give each request a key of its own',
      { parameter: 'Idempotency-Key' },
    );
  }
  return kept;
}

/**
 * Returns the first answer again. Nothing is applied. Profiles whose content was not kept are returned as they are now.
 */
export function answerAgain(decision: Decision, command: WriteCommand, kept: KeptAnswer): DecidedOutcome {
  const { profiles } = kept;
  const verdicts = kept.verdicts && verdictsAgain(kept.verdicts);
  const answered = (integrationId: string, profile: AnsweredProfile | undefined): ProfileState =>
    stateAgain(decision, integrationId, profile);
  let result: WriteResult = null;
  if (command.kind === 'updateProfile') result = answered(command.integrationId, profiles[0]);
  if (command.kind === 'updateProfiles' && command.isAnswered) {
    const refused = new Set(verdicts?.flatMap(({ place, verdict }) => (verdict === 'refused' ? [place] : [])));
    const accepted = command.items.filter((_, index) => !refused.has(command.rows?.places[index] ?? index));
    result = accepted.map(({ integrationId }, place) => answered(integrationId, profiles[place]));
  }
  return { result, changed: NOTHING, isRepeat: true, ...(verdicts && { verdicts }) };
}

function stateAgain(decision: Decision, integrationId: string, profile: AnsweredProfile | undefined): ProfileState {
  if (profile === undefined) throw new Error('A kept answer lacks a profile of its request');
  const { id, created, lastActivity, content } = profile;
  const { environment } = decision.caller;
  const shown = (state: Pick<ProfileState, 'attributes' | 'memberships'>): ProfileState => {
    const { attributes, memberships } = state;
    return { id, environment, integrationId, attributes, memberships, created, lastActivity };
  };
  if (content !== undefined) return shown(JSON.parse(content) as ProfileState);
  const known = decision.knownProfile(integrationId);
  // After an erasure, another profile may have this ID; the answer was not about that one.
  return known?.id === id ? currentState(decision, known) : shown({ attributes: {}, memberships: [] });
}

/** Keeps the answer to a write with a key that was applied. */
export function keepAnswer(
  changes: BatchChanges,
  command: WriteCommand,
  { result, verdicts }: { readonly result: WriteResult; readonly verdicts: readonly RowVerdict[] | undefined },
  now: number,
): void {
  const idempotency = idempotencyOf(command);
  if (idempotency === undefined) return;
  const { scope, fingerprint } = idempotency;
  let bytes = 0;
  const whole = statesIn(command, result).map(({ id, created, lastActivity, attributes, memberships }) => {
    const content = JSON.stringify({ attributes, memberships });
    bytes += Buffer.byteLength(content);
    return { id, created, lastActivity, content };
  });
  const profiles = bytes <= MAX_ANSWER_BYTES ? whole : whole.map((each) => ({ ...each, content: undefined }));
  const answer: KeptAnswer = { fingerprint, time: now, profiles };
  changes.answers.set(
    scope,
    verdicts === undefined ? answer : { ...answer, verdicts: keptVerdicts(verdicts, MAX_ANSWER_BYTES) },
  );
}

function statesIn(command: WriteCommand, result: WriteResult): readonly ProfileState[] {
  if (command.kind === 'updateProfile') return [result as ProfileState];
  return command.kind === 'updateProfiles' ? ((result ?? []) as readonly ProfileState[]) : [];
}
