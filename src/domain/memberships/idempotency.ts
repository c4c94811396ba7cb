/**
 * Writes that a client may repeat with a key of its choice. The first answer is stored for a day, in the transaction
 * that applies the write, and repeats get that answer. Only answers to applied writes are stored, so that a refused one
 * can be corrected and sent again.
 */

import { DomainError } from '../errors.ts';
import type { Idempotency, WriteCommand } from './commands.ts';

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

/** The answer without the content of a profile. */
export function withoutContentOf(profileId: number, answer: KeptAnswer): KeptAnswer {
  if (!answer.profiles.some(({ id }) => id === profileId)) return answer;
  return {
    ...answer,
    profiles: answer.profiles.map((each) => (each.id === profileId ? { ...each, content: undefined } : each)),
  };
}
