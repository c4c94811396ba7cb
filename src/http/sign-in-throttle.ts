/** Slows down whoever guesses passwords: wrong ones are counted per address and per e-mail, and few are checked at once. */

import { DomainError } from '../domain/errors.ts';

const WINDOW_MS = 5 * 60_000;
const MAX_WRONG_PER_EMAIL = 10;
// An office may share an address.
const MAX_WRONG_PER_ADDRESS = 30;
// Checking one takes a thread and 19 MiB for some 20 ms; guesses must not take all of either.
const MAX_AT_ONCE = 16;
const MAX_TRACKED = 20_000;

interface Count {
  wrong: number;
  /** ms since the epoch, when counting starts anew. */
  readonly until: number;
}

export class SignInThrottle {
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();
  #running = 0;

  /** @param now current time in ms since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Runs a check of a password, unless too many failed lately. Each counts as wrong from its start, so that many at once are
   * no way around it; one that succeeds is taken off again.
   * @param check rejects with `unauthorized` or `invalid` when the password is wrong
   * @throws DomainError `too_many_requests`, the same whether there is such a user or not
   */
  async run<T>(who: { address: string; email: string }, check: () => Promise<T>): Promise<T> {
    const limits: [key: string, max: number][] = [
      [`email ${who.email.trim().toLowerCase()}`, MAX_WRONG_PER_EMAIL],
      [`address ${network(who.address)}`, MAX_WRONG_PER_ADDRESS],
    ];
    const waits = limits.map(([key, max]) => this.#wait(key, max));
    const wait = Math.max(...waits);
    if (wait > 0) throw tooMany('Too many wrong passwords; try again later', wait);
    if (this.#running >= MAX_AT_ONCE) throw tooMany('Too many people sign in at this moment; try again', 1000);
    const counts = limits.map(([key]) => this.#add(key));
    this.#running += 1;
    try {
      const result = await check();
      for (const count of counts) count.wrong -= 1;
      return result;
    } catch (error) {
      const isWrong = error instanceof DomainError && (error.code === 'unauthorized' || error.code === 'invalid');
      if (!isWrong) for (const count of counts) count.wrong -= 1;
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  /** How long nothing is checked for this key, in ms. */
  #wait(key: string, max: number): number {
    const count = this.#counts.get(key);
    return count === undefined || count.wrong < max ? 0 : Math.max(0, count.until - this.#now());
  }

  #add(key: string): Count {
    const now = this.#now();
    let count = this.#counts.get(key);
    if (count === undefined || now >= count.until) {
      this.#counts.delete(key);
      count = { wrong: 0, until: now + WINDOW_MS };
      this.#counts.set(key, count);
      this.#forget(now);
    }
    count.wrong += 1;
    return count;
  }

  /** The oldest come first: those whose time is over go, and when there are too many, others too. */
  #forget(now: number): void {
    for (const [key, { until }] of this.#counts) {
      if (until > now && this.#counts.size <= MAX_TRACKED) return;
      this.#counts.delete(key);
    }
  }
}

function tooMany(message: string, waitMs: number): DomainError {
  return new DomainError('too_many_requests', message, { retryAfter: Math.ceil(waitMs / 1000) });
}

/** What one party commands: an IPv4 address, or the /64 network of an IPv6 address. */
function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const filled = [
    ...groups,
    ...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0'),
    ...after,
  ];
  return filled.slice(0, 4).join(':');
}
