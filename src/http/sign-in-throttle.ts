/**
 * Slows down guessing of passwords: counts wrong ones, delays checks, and limits how many run concurrently.
 * `domain/access/guessing.ts` decides how many wrong ones are allowed.
 */

import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Guesser as DomainGuesser,
  delayAfter,
  GUESS_WINDOW_MS,
  type GuessLimit,
  type GuessLimits,
  limitsOfConfirmation,
  limitsOfSignIn,
  tooManyGuesses,
} from '../domain/access/guessing.ts';
import { DomainError } from '../domain/errors.ts';
import { networkOf } from './client-address.ts';
import { PasswordGate } from './password-gate.ts';
import { WindowCounter } from './window-counter.ts';

const MAX_TRACKED = 20_000;
const MAX_WAITING = 16;

/** Whose password is checked, and where the attempt comes from. */
export interface Guesser extends Omit<DomainGuesser, 'network'> {
  /** In canonical form. */
  readonly address: string;
}

export interface ThrottleClocks {
  /** Wall clock in ms since the epoch, for what is stored. */
  readonly now: () => number;
  /** Monotonic clock in ms, for what is counted. */
  readonly monotonic?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export class SignInThrottle {
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #wrong: WindowCounter;
  // Unknown callers get at most half of the machine, and at most half of the pool that also reads files.
  readonly #strangers = new PasswordGate(Math.min(2, Math.max(1, availableParallelism() >> 1)), MAX_WAITING);
  // A flood from unknown callers does not delay known ones.
  readonly #known = new PasswordGate(1, MAX_WAITING);

  constructor({ now, monotonic, sleep = delay }: ThrottleClocks) {
    this.#now = now;
    this.#sleep = sleep;
    this.#wrong = new WindowCounter(GUESS_WINDOW_MS, MAX_TRACKED, monotonic);
  }

  /**
   * Checks the password of a sign-in, unless too many were wrong lately. Each attempt counts as wrong from its start,
   * so that parallel attempts are no way around the limit; a successful one is deducted again.
   * @param check rejects with `unauthorized` or `invalid` when the password is wrong
   * @throws DomainError `too_many_requests`, whether or not the user exists
   */
  async signIn<T>({ address, ...guesser }: Guesser, check: () => Promise<T>): Promise<T> {
    const from = { ...guesser, network: networkOf(address) };
    return this.#run(
      limitsOfSignIn(from, (limit) => this.#isUsedUp(limit), this.#now()),
      check,
    );
  }

  /** The same for a signed-in user who enters the password again. */
  async confirm<T>(userId: number, check: () => Promise<T>): Promise<T> {
    return this.#run(limitsOfConfirmation(userId), check);
  }

  async #run<T>({ limits, isKnown }: GuessLimits, check: () => Promise<T>): Promise<T> {
    const waits = limits.filter((each) => this.#isUsedUp(each)).map(({ caller }) => this.#wrong.look(caller).endsIn);
    if (waits.length > 0) throw tooManyGuesses(Math.max(...waits));
    const gate = isKnown ? this.#known : this.#strangers;
    if (gate.isFull) throw busy();
    const [own, ...others] = limits;
    const { count } = this.#wrong.add(own.caller);
    for (const { caller } of others) this.#wrong.add(caller);
    const undo = (): void => limits.forEach(({ caller }) => this.#wrong.undo(caller));
    const wait = delayAfter(count - 1);
    if (wait > 0) await this.#sleep(wait);
    try {
      if (gate.isFull) throw busy();
      const result = await gate.run(check);
      undo();
      return result;
    } catch (error) {
      const isWrong = error instanceof DomainError && (error.code === 'unauthorized' || error.code === 'invalid');
      if (!isWrong) undo();
      throw error;
    }
  }

  #isUsedUp({ caller, max }: GuessLimit): boolean {
    return this.#wrong.look(caller).count >= max;
  }
}

function busy(): DomainError {
  return new DomainError('too_many_requests', 'Too many people are signing in at the moment; try again', {
    retryAfter: 1,
  });
}
