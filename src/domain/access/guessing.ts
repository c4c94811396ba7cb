/**
 * How many wrong passwords are allowed. They are counted per pair of e-mail and network, so that guesses from elsewhere
 * lock nobody out, and a known browser is let through even if it shares a network with somebody who guesses. Counting
 * and waiting are the caller's.
 */

import { DomainError } from '../errors.ts';

/** The time for which wrong passwords count, from the first one, in ms. */
export const GUESS_WINDOW_MS = 5 * 60_000;
const MAX_WRONG = 10;
// Larger, because an office may share a network.
const MAX_WRONG_PER_NETWORK = 30;
// Typing errors cost no wait; from here on each attempt waits twice as long as the one before.
const WRONG_BEFORE_DELAYS = 5;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 800;

/** Whose password is checked, and from where. */
export interface Guesser {
  readonly email: string;
  /** The network that the address belongs to. */
  readonly network: string;
  /** Identifies the browser if it is known as one of this user's. */
  readonly knownDevice?: string | undefined;
  /** Until when the operator lifted the throttle for this e-mail, in ms since the epoch. */
  readonly unlockedUntil?: number | undefined;
}

/** Guesses that are counted together. */
export interface GuessLimit {
  /** Names what they have in common. */
  readonly caller: string;
  /** The number of wrong guesses allowed within a window. */
  readonly max: number;
}

/** The limits on one check of a password. */
export interface GuessLimits {
  /** None of them may be used up. The first is the guesser's own; its count determines the delay. */
  readonly limits: readonly [GuessLimit, ...GuessLimit[]];
  /** True for somebody who must not wait behind a flood of strangers. */
  readonly isKnown: boolean;
}

/**
 * Decides which limits apply to a sign-in. A known browser has its own limit of a few guesses, because a stolen cookie
 * must not allow more; once they are used up, it counts as a stranger. If a limit for strangers is used up, an e-mail
 * that the operator unlocked has another one.
 * @param isUsedUp reports whether that many wrong guesses have already been counted
 * @param now ms since the epoch
 */
export function limitsOfSignIn(guesser: Guesser, isUsedUp: (limit: GuessLimit) => boolean, now: number): GuessLimits {
  const email = guesser.email.trim().toLowerCase();
  const { network, knownDevice, unlockedUntil = 0 } = guesser;
  const device = { caller: `device ${knownDevice ?? ''}`, max: MAX_WRONG };
  if (knownDevice !== undefined && !isUsedUp(device)) return { limits: [device], isKnown: true };
  // The key includes the time of the unlocking, so that each one starts afresh.
  const pair = { caller: `pair ${unlockedUntil} ${email} ${network}`, max: MAX_WRONG };
  const everybody = { caller: `network ${network}`, max: MAX_WRONG_PER_NETWORK };
  const unlocked = { caller: `unlocked ${unlockedUntil} ${email}`, max: MAX_WRONG };
  if ((isUsedUp(pair) || isUsedUp(everybody)) && now < unlockedUntil && !isUsedUp(unlocked)) {
    return { limits: [unlocked], isKnown: true };
  }
  return { limits: [pair, everybody], isKnown: false };
}

/** The limits for a signed-in user who enters the password again. Guesses of strangers do not count here. */
export function limitsOfConfirmation(userId: number): GuessLimits {
  return { limits: [{ caller: `user ${userId}`, max: MAX_WRONG }], isKnown: true };
}

/** The wait before a check after this many wrong ones, in ms. */
export function delayAfter(wrong: number): number {
  if (wrong < WRONG_BEFORE_DELAYS) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (wrong - WRONG_BEFORE_DELAYS));
}

/**
 * The refusal once a limit is used up, which is the same whether or not the user exists. @param waitMs until the window
 * ends
 */
export function tooManyGuesses(waitMs: number): DomainError {
  const remedy = 'try again later, or have whoever runs the server call: rollcall user unlock EMAIL';
  return new DomainError('too_many_requests', `Too many wrong passwords; ${remedy}`, {
    retryAfter: Math.ceil(waitMs / 1000),
  });
}
