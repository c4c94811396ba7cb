/**
 * Slows down whoever guesses passwords, and nobody else: wrong ones are counted by e-mail and network together, so that guesses
 * from elsewhere keep nobody out; and whoever shares a network with the one who guesses gets in from a known browser.
 */

import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';
import { networkOf } from './client-address.ts';
import { PasswordGate } from './password-gate.ts';
import { type Counted, WindowCounter } from './window-counter.ts';

const WINDOW_MS = 5 * 60_000;
const MAX_WRONG = 10;
// An office may share a network.
const MAX_WRONG_PER_NETWORK = 30;
// Typing errors wait for nothing; from here on each guess does, twice as long as the one before.
const WRONG_BEFORE_DELAYS = 5;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 800;
const MAX_TRACKED = 20_000;
const MAX_WAITING = 16;

/** Whose password is checked, and from where. */
export interface Guesser {
  readonly email: string;
  /** In canonical form. */
  readonly address: string;
  /** Names the browser when it is known as one of this user's. */
  readonly knownDevice?: string | undefined;
  /** Until when the operator lifted the throttle for this e-mail, in ms since the epoch. */
  readonly unlockedUntil?: number | undefined;
}

interface Limit {
  readonly caller: string;
  readonly max: number;
}

export interface ThrottleClocks {
  /** Time of day in ms since the epoch: for what is stored. */
  readonly now: () => number;
  /** ms from any origin, never set back: for what is counted. */
  readonly monotonic?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export class SignInThrottle {
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #wrong: WindowCounter;
  // Strangers get half of the machine at most, and no more than half of the pool that files are read by too.
  readonly #strangers = new PasswordGate(Math.min(2, Math.max(1, availableParallelism() >> 1)), MAX_WAITING);
  // A flood of theirs does not stand before people who are known.
  readonly #known = new PasswordGate(1, MAX_WAITING);

  constructor({ now, monotonic, sleep = delay }: ThrottleClocks) {
    this.#now = now;
    this.#sleep = sleep;
    this.#wrong = new WindowCounter(WINDOW_MS, MAX_TRACKED, monotonic);
  }

  /**
   * Checks the password of somebody who signs in, unless too many were wrong lately. Each counts as wrong from its start, so
   * that many at once are no way around it; one that succeeds is taken off again.
   * @param check rejects with `unauthorized` or `invalid` when the password is wrong
   * @throws DomainError `too_many_requests`, the same whether there is such a user or not
   */
  async signIn<T>(guesser: Guesser, check: () => Promise<T>): Promise<T> {
    const email = guesser.email.trim().toLowerCase();
    const { knownDevice, unlockedUntil = 0 } = guesser;
    // With few guesses of their own: a cookie that was stolen opens nothing more.
    const device = { caller: `device ${knownDevice ?? ''}`, max: MAX_WRONG };
    if (knownDevice !== undefined && !this.#isUsedUp(device)) return this.#run([device], this.#known, check);
    const network = networkOf(guesser.address);
    // Named after the unlocking, too: each one starts afresh.
    const pair = { caller: `pair ${unlockedUntil} ${email} ${network}`, max: MAX_WRONG };
    const limits = [pair, { caller: `network ${network}`, max: MAX_WRONG_PER_NETWORK }];
    const unlocked = { caller: `unlocked ${unlockedUntil} ${email}`, max: MAX_WRONG };
    if (limits.some((each) => this.#isUsedUp(each)) && this.#now() < unlockedUntil && !this.#isUsedUp(unlocked)) {
      return this.#run([unlocked], this.#known, check);
    }
    return this.#run(limits, this.#strangers, check);
  }

  /** The same for a user who is signed in and gives the password again; what strangers guess does not count here. */
  async confirm<T>(userId: number, check: () => Promise<T>): Promise<T> {
    return this.#run([{ caller: `user ${userId}`, max: MAX_WRONG }], this.#known, check);
  }

  /** @param limits the guesser's own first */
  async #run<T>(limits: readonly Limit[], gate: PasswordGate, check: () => Promise<T>): Promise<T> {
    const waits = limits.filter((each) => this.#isUsedUp(each)).map(({ caller }) => this.#wrong.look(caller).endsIn);
    if (waits.length > 0) throw tooMany(Math.max(...waits));
    if (gate.isFull) throw busy();
    const [own] = limits.map(({ caller }) => this.#wrong.add(caller)) as [Counted];
    const takeBack = (): void => limits.forEach(({ caller }) => this.#wrong.takeBack(caller));
    const wait = delayAfter(own.count - 1);
    if (wait > 0) await this.#sleep(wait);
    try {
      if (gate.isFull) throw busy();
      const result = await gate.run(check);
      takeBack();
      return result;
    } catch (error) {
      const isWrong = error instanceof DomainError && (error.code === 'unauthorized' || error.code === 'invalid');
      if (!isWrong) takeBack();
      throw error;
    }
  }

  #isUsedUp({ caller, max }: Limit): boolean {
    return this.#wrong.look(caller).count >= max;
  }
}

/** How long a check waits after so many wrong ones, in ms. */
function delayAfter(wrong: number): number {
  if (wrong < WRONG_BEFORE_DELAYS) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (wrong - WRONG_BEFORE_DELAYS));
}

function tooMany(waitMs: number): DomainError {
  const remedy = 'try again later, or have whoever runs the server call: rollcall user unlock EMAIL';
  return new DomainError('too_many_requests', `Too many wrong passwords; ${remedy}`, {
    retryAfter: Math.ceil(waitMs / 1000),
  });
}

function busy(): DomainError {
  return new DomainError('too_many_requests', 'Too many people sign in at this moment; try again', { retryAfter: 1 });
}
