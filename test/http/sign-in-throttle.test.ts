/** How guesses are counted, by a clock the test holds. */

import { describe, expect, test } from 'vitest';
import { DomainError, unavailable } from '../../src/domain/errors.ts';
import { SignInThrottle } from '../../src/http/sign-in-throttle.ts';

const MINUTE_MS = 60_000;
const ADA = { address: '192.0.2.1', email: 'ada@example.com' };

function guessing() {
  let now = 1_800_000_000_000;
  const throttle = new SignInThrottle(() => now);
  const check = async (who: { address: string; email: string }, work: () => Promise<string>): Promise<string> => {
    try {
      return await throttle.run(who, work);
    } catch (error) {
      return (error as DomainError).code;
    }
  };
  return {
    wrong: async (who = ADA) =>
      check(who, async () => {
        throw new DomainError('unauthorized', 'wrong');
      }),
    right: async (who = ADA) => check(who, async () => 'in'),
    broken: async () =>
      check(ADA, async () => {
        throw unavailable('The store cannot be read');
      }),
    throttle,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('sign-ins', () => {
  test('are checked again five minutes after the first wrong one', async () => {
    const { wrong, right, pass } = guessing();
    for (let count = 0; count < 10; count += 1) {
      expect(await wrong()).toBe('unauthorized');
      pass(1000);
    }
    expect(await right()).toBe('too_many_requests');
    pass(5 * MINUTE_MS - 10_001);
    expect(await right()).toBe('too_many_requests');
    pass(1);
    expect(await right()).toBe('in');
  });

  test('say when to come back', async () => {
    const { wrong, throttle, pass } = guessing();
    for (let count = 0; count < 10; count += 1) await wrong();
    pass(MINUTE_MS);
    await expect(throttle.run(ADA, async () => 'in')).rejects.toMatchObject({ retryAfter: 240 });
  });

  test('that are right count for nothing, however many, and take nothing off the wrong ones', async () => {
    const { wrong, right } = guessing();
    for (let count = 0; count < 9; count += 1) await wrong();
    for (let count = 0; count < 100; count += 1) expect(await right()).toBe('in');
    expect(await wrong()).toBe('unauthorized');
    expect(await right()).toBe('too_many_requests');
  });

  test('that could not be checked are no guesses', async () => {
    const { broken, right } = guessing();
    for (let count = 0; count < 50; count += 1) expect(await broken()).toBe('unavailable');
    expect(await right()).toBe('in');
  });

  test('are counted per e-mail in any case, and per address or IPv6 network', async () => {
    const { wrong } = guessing();
    for (let count = 0; count < 10; count += 1) {
      expect(await wrong({ address: `192.0.2.${count}`, email: count % 2 ? ' ADA@example.com' : ADA.email })).toBe(
        'unauthorized',
      );
    }
    expect(await wrong()).toBe('too_many_requests');
    for (let count = 0; count < 30; count += 1) {
      expect(await wrong({ address: `2001:db8::${count}`, email: `${count}@example.com` })).toBe('unauthorized');
    }
    expect(await wrong({ address: '2001:db8:0:0:1::', email: 'other@example.com' })).toBe('too_many_requests');
    expect(await wrong({ address: '2001:db8:0:1::', email: 'other@example.com' })).toBe('unauthorized');
    expect(await wrong({ address: '::ffff:192.0.2.77', email: 'other@example.com' })).toBe('unauthorized');
  });

  test('are few at once: the rest is refused at once and counts for nothing', async () => {
    const { throttle, right } = guessing();
    let release: () => void = () => undefined;
    const held = new Promise<string>((resolve) => {
      release = () => resolve('in');
    });
    const running = Array.from({ length: 16 }, async (_, index) =>
      throttle.run({ address: `192.0.2.${index}`, email: `${index}@example.com` }, async () => held),
    );
    expect(await right()).toBe('too_many_requests');
    release();
    expect(await Promise.all(running)).toEqual(running.map(() => 'in'));
    expect(await right()).toBe('in');
  });

  test('are remembered for a bounded number of callers', async () => {
    const { wrong, right } = guessing();
    for (let count = 0; count < 10; count += 1) await wrong();
    for (let count = 0; count < 15_000; count += 1) {
      await wrong({
        address: `2001:db8:${(count >> 8).toString(16)}:${(count & 255).toString(16)}::1`,
        email: `${count}@x`,
      });
    }
    // The oldest made room.
    expect(await right()).toBe('in');
  });
});
