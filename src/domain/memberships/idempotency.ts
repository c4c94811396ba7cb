/**
 * Writes that a client may repeat under a key of its own: the answer to the first is kept for a day, in the transaction that applies
 * it, and given again. Only answers to what was applied are kept, so that what was refused can be mended and sent again.
 */

import { DomainError } from '../errors.ts';
import type { Idempotency, WriteCommand } from './commands.ts';

/** How long an answer is kept, in ms. */
export const ANSWERS_KEPT_MS = 24 * 60 * 60 * 1000;

/** The most an answer may say of its profiles to be kept whole, in bytes. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** What all answers may take in the store, in bytes; the oldest make way for new ones. */
export const MAX_ANSWERS_BYTES = 256 * 1024 * 1024;

/** What an answer said of one profile. */
export interface AnsweredProfile {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  /** ms since the epoch */
  readonly lastActivity: number;
  /** Its attributes and memberships as JSON text; undefined when the answer was too large, or the person has been erased since. */
  readonly content: string | undefined;
}

/** The answer to the first request under a key. */
export interface KeptAnswer {
  readonly fingerprint: string;
  /** When the request was applied, in ms since the epoch. */
  readonly time: number;
  /** The profiles in the answer, in its order; none when it had no body. */
  readonly profiles: readonly AnsweredProfile[];
}

/** The key that a write came with, if any. */
export function idempotencyOf(command: WriteCommand): Idempotency | undefined {
  return command.kind === 'updateProfile' || command.kind === 'updateProfiles' ? command.idempotency : undefined;
}

/** The scopes of the keys that commands came with: a store loads the answers kept under them before it decides. */
export function* namedScopes(commands: readonly WriteCommand[]): Generator<string> {
  for (const command of commands) {
    const scope = idempotencyOf(command)?.scope;
    if (scope !== undefined) yield scope;
  }
}

/** The refusal of a write while another with the same key is under way. */
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
