/**
 * Writes that a client may repeat with a key of its choice. The first answer is stored for a day, in the transaction
 * that applies the write, and repeats get that answer. Only answers to applied writes are stored, so that a refused one
 * can be corrected and sent again.
 */

import { DomainError, type ErrorCode, type Problem } from '../errors.ts';
import type { Idempotency, RowVerdict, WriteCommand } from './commands.ts';

/** How long an answer is kept, in ms. */
export const ANSWERS_KEPT_MS = 24 * 60 * 60 * 1000;

/** The largest content of all profiles in an answer that is still kept, in bytes. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** The space for all kept answers, in bytes; the oldest are removed for new ones. */
export const MAX_ANSWERS_BYTES = 256 * 1024 * 1024;

/** One profile in a kept answer. */
export interface AnsweredProfile {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  /** ms since the epoch */
  readonly lastActivity: number;
  /** Its attributes and memberships as JSON text; undefined when the answer was too large, or the person has been erased since. */
  readonly content: string | undefined;
}

/** The answer to the first request with a key. */
export interface KeptAnswer {
  readonly fingerprint: string;
  /** When the request was applied, in ms since the epoch. */
  readonly time: number;
  /** The profiles in the answer, in its order; empty if it had no body. */
  readonly profiles: readonly AnsweredProfile[];
  /** Present if the rows of the request were judged one by one. */
  readonly verdicts?: KeptVerdicts | undefined;
}

/** The verdicts on the rows of a request, as JSON text. */
export interface KeptVerdicts {
  /** `[place, verdict, code]` of each. */
  readonly rows: string;
  /**
   * Why rows were refused, by their position. Undefined if it was too large, or if somebody has been erased since,
   * because it may quote values.
   */
  readonly reasons: string | undefined;
}

type KeptRow = readonly [place: number, verdict: RowVerdict['verdict'], code?: ErrorCode];

export function keptVerdicts(verdicts: readonly RowVerdict[], maxBytes: number): KeptVerdicts {
  const rows = verdicts.map(({ place, verdict, error }): KeptRow => {
    return error === undefined ? [place, verdict] : [place, verdict, error.code];
  });
  const reasons = JSON.stringify(verdicts.flatMap(({ error }) => (error === undefined ? [] : [error.problems])));
  return { rows: JSON.stringify(rows), reasons: Buffer.byteLength(reasons) <= maxBytes ? reasons : undefined };
}

/** The verdicts as they were returned. */
export function verdictsAgain({ rows, reasons }: KeptVerdicts): RowVerdict[] {
  const problems = reasons === undefined ? undefined : (JSON.parse(reasons) as Problem[][]);
  let refused = 0;
  return (JSON.parse(rows) as KeptRow[]).map(([place, verdict, code]) => {
    if (code === undefined) return { place, verdict };
    const error = { code, problems: problems?.[refused] ?? [{ title: code, message: 'The reason is no longer kept' }] };
    refused += 1;
    return { place, verdict, error };
  });
}

/** The key of a write, if it has one. */
export function idempotencyOf(command: WriteCommand): Idempotency | undefined {
  return command.kind === 'updateProfile' || command.kind === 'updateProfiles' ? command.idempotency : undefined;
}

/** The scopes of the keys of commands; a store loads the answers kept for them before it decides. */
export function* namedScopes(commands: readonly WriteCommand[]): Generator<string> {
  for (const command of commands) {
    const scope = idempotencyOf(command)?.scope;
    if (scope !== undefined) yield scope;
  }
}

/** The refusal of a write while another one with the same key is in progress. */
export function stillRunning(): DomainError {
  return new DomainError('conflict', 'A request with this Idempotency-Key is still running; send it again in a moment');
}

/** The answer without the content of a profile, and without the reasons of refusals, which may quote its values. */
export function withoutContentOf(profileId: number, answer: KeptAnswer): KeptAnswer {
  if (answer.verdicts?.reasons === undefined && !answer.profiles.some(({ id }) => id === profileId)) return answer;
  return {
    ...answer,
    verdicts: answer.verdicts && { ...answer.verdicts, reasons: undefined },
    profiles: answer.profiles.map((each) => (each.id === profileId ? { ...each, content: undefined } : each)),
  };
}
