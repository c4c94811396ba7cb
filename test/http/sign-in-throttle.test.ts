/** How guesses are counted, with clocks the test controls. */

import { describe, expect, test } from 'vitest';
import { DomainError, unavailable } from '../../src/domain/errors.ts';
import { type Guesser, SignInThrottle } from '../../src/http/sign-in-throttle.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ADA: Guesser = { address: '192.0.2.1', email: 'ada@example.com' };
const KNOWN: Guesser = { ...ADA, knownDevice: 'ada’s' };

function guessing() {
  let [now, monotonic] = [1_800_000_000_000, 17];
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  const throttle = new SignInThrottle({ now: () => now, monotonic: () => monotonic, sleep });
  const check = async (who: Guesser, work: () => Promise<string>): Promise<string> => {
    try {
      return await throttle.signIn(who, work);
    } catch (error) {
      return (error as DomainError).code;
    }
  };
  const wrong = async (who = ADA) =>
    check(who, async () => {
      throw new DomainError('unauthorized', 'wrong');
    });
  return {
    wrong,
    /** Makes this many wrong attempts, each of which is checked. */
    waste: async (count: number, who = ADA) => {
      for (let done = 0; done < count; done += 1) expect(await wrong(who)).toBe('unauthorized');
    },
    right: async (who = ADA) => check(who, async () => 'in'),
    broken: async () =>
      check(ADA, async () => {
        throw unavailable('The store cannot be read');
      }),
    throttle,
    slept,
    /** Advances the clock. */
    pass: (ms: number) => {
      now += ms;
      monotonic += ms;
    },
    setClock: (by: number) => {
      now += by;
    },
  };
}

describe('sign-ins', () => {
  test('are checked again five minutes after the first wrong one', async () => {
    const { waste, right, pass } = guessing();
    for (let count = 0; count < 10; count += 1) {
      await waste(1);
      pass(1000);
    }
    expect(await right()).toBe('too_many_requests');
    pass(5 * MINUTE_MS - 10_001);
    expect(await right()).toBe('too_many_requests');
    pass(1);
    expect(await right()).toBe('in');
  });

  test('say when to come back, whichever way the clock on the wall is set', async () => {
    const { waste, right, throttle, pass, setClock } = guessing();
    await waste(10);
    pass(MINUTE_MS);
    for (const by of [0, -2 * DAY_MS, 4 * DAY_MS]) {
      setClock(by);
      await expect(throttle.signIn(ADA, async () => 'in')).rejects.toMatchObject({ retryAfter: 240 });
    }
    pass(4 * MINUTE_MS);
    expect(await right()).toBe('in');
  });

  test('wait longer and longer before they are refused; the first few do not', async () => {
    const { waste, right, slept } = guessing();
    await waste(10);
    expect(slept).toEqual([100, 200, 400, 800, 800]);
    expect(await right()).toBe('too_many_requests');
    expect(slept).toHaveLength(5);
  });

  test('that are right count for nothing, however many, and take nothing off the wrong ones', async () => {
    const { waste, right } = guessing();
    await waste(9);
    for (let count = 0; count < 100; count += 1) expect(await right()).toBe('in');
    await waste(1);
    expect(await right()).toBe('too_many_requests');
  });

  test('that could not be checked are no guesses', async () => {
    const { broken, right } = guessing();
    for (let count = 0; count < 50; count += 1) expect(await broken()).toBe('unavailable');
    expect(await right()).toBe('in');
  });

  test('are counted by e-mail in any case and network together: guesses from elsewhere stop nobody', async () => {
    const { waste, wrong, right } = guessing();
    for (let count = 0; count < 500; count += 1) await waste(1, { ...ADA, address: `198.51.100.${count % 250}` });
    expect(await right()).toBe('in');
    await waste(9);
    await waste(1, { ...ADA, email: ' ADA@Example.com' });
    expect(await wrong()).toBe('too_many_requests');
    expect(await right({ ...ADA, email: 'grace@example.com' })).toBe('in');
  });

  test('of many e-mails from one network are stopped, whatever half of an IPv6 address is theirs', async () => {
    const { waste, wrong } = guessing();
    for (let count = 0; count < 30; count += 1) {
      await waste(1, { address: `2001:db8::${count}`, email: `${count}@example.com` });
    }
    expect(await wrong({ address: '2001:db8:0:0:1::', email: 'other@example.com' })).toBe('too_many_requests');
    expect(await wrong({ address: '2001:db8:0:1::', email: 'other@example.com' })).toBe('unauthorized');
  });

  test('from a known browser are let through where e-mail and network are stopped, with few guesses of their own', async () => {
    const { waste, wrong, right, pass } = guessing();
    await waste(10);
    for (let count = 0; count < 20; count += 1) await waste(1, { ...ADA, email: `${count}@example.com` });
    expect(await wrong()).toBe('too_many_requests');
    expect(await right(KNOWN)).toBe('in');
    await waste(10, KNOWN);
    // A stolen cookie allows no more than that: from now on its attempts count as a stranger's.
    expect(await wrong(KNOWN)).toBe('too_many_requests');
    expect(await right({ ...KNOWN, address: '192.0.2.99' })).toBe('in');
    pass(5 * MINUTE_MS);
    expect(await right(KNOWN)).toBe('in');
  });

  test('of whom the operator lets in start afresh, also where the whole network is stopped, and no more than ten', async () => {
    const { waste, wrong, right, pass, setClock } = guessing();
    const until = (minutes: number): Guesser => ({ ...ADA, unlockedUntil: 1_800_000_000_000 + minutes * MINUTE_MS });
    await waste(10);
    expect(await right(until(15))).toBe('in');
    for (let count = 0; count < 20; count += 1) await waste(1, { ...ADA, email: `${count}@example.com` });
    expect(await wrong({ ...ADA, email: 'other@example.com' })).toBe('too_many_requests');
    await waste(10, until(15));
    expect(await right(until(15))).toBe('too_many_requests');
    // Unlocked once more.
    expect(await right(until(16))).toBe('in');
    setClock(16 * MINUTE_MS);
    expect(await right(until(16))).toBe('too_many_requests');
    pass(5 * MINUTE_MS);
    expect(await right(until(16))).toBe('in');
  });

  test('of a user who is signed in already count apart from what strangers guess', async () => {
    const { waste, throttle } = guessing();
    await waste(10);
    const wrong = async () => {
      throw new DomainError('invalid', 'wrong');
    };
    expect(await throttle.confirm(1, async () => 'in')).toBe('in');
    for (let count = 0; count < 10; count += 1) {
      await expect(throttle.confirm(1, wrong)).rejects.toMatchObject({ code: 'invalid' });
    }
    await expect(throttle.confirm(1, async () => 'in')).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(await throttle.confirm(2, async () => 'in')).toBe('in');
  });

  test('are few at once: some wait, the rest is refused and counts for nothing; known browsers do not stand behind them', async () => {
    const { throttle, right } = guessing();
    let [release, running, most]: [() => void, number, number] = [() => undefined, 0, 0];
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const outcomes = Array.from({ length: 60 }, async (_, index) =>
      throttle
        .signIn({ address: `198.51.100.${index}`, email: `${index}@example.com` }, async () => {
          running += 1;
          most = Math.max(most, running);
          await held;
          running -= 1;
          return 'in';
        })
        .catch((error: unknown) => (error as DomainError).code),
    );
    for (let count = 0; count < 50; count += 1) expect(await right()).toBe('too_many_requests');
    expect(await right(KNOWN)).toBe('in');
    release();
    const counts = Object.groupBy(await Promise.all(outcomes), (each) => each);
    expect(most).toBeLessThanOrEqual(2);
    expect(counts['in']?.length).toBe(most + 16);
    expect(counts['too_many_requests']?.length).toBe(60 - most - 16);
    expect(await right()).toBe('in');
  });

  test('are remembered for a bounded number of callers', async () => {
    const { waste, wrong, right } = guessing();
    await waste(10);
    for (let count = 0; count < 11_000; count += 1) {
      const network = `2001:db8:${(count >> 8).toString(16)}:${(count & 255).toString(16)}`;
      await wrong({ address: `${network}::1`, email: `${count}@x` });
    }
    // The oldest one was dropped.
    expect(await right()).toBe('in');
  });
});
