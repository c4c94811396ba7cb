/** How many wrong passwords are allowed, and to whom. */

import { describe, expect, it } from 'vitest';
import {
  delayAfter,
  type Guesser,
  type GuessLimit,
  limitsOfConfirmation,
  limitsOfSignIn,
  tooManyGuesses,
} from '../../../src/domain/access/guessing.ts';

const NOW = 1_800_000_000_000;
const ADA: Guesser = { email: 'ada@example.com', network: '192.0.2.1' };

/** The limits that apply to a sign-in while those whose names begin with one of these are used up. */
function held(guesser: Guesser, ...usedUp: readonly string[]): { limits: string[]; isKnown: boolean } {
  const isUsedUp = ({ caller }: GuessLimit): boolean => usedUp.some((each) => caller.startsWith(each));
  const { limits, isKnown } = limitsOfSignIn(guesser, isUsedUp, NOW);
  return { limits: limits.map(({ caller, max }) => `${caller}: ${max}`), isKnown };
}

const STRANGER = { limits: ['pair 0 ada@example.com 192.0.2.1: 10', 'network 192.0.2.1: 30'], isKnown: false };

describe('a sign-in', () => {
  it('counts by e-mail and network together, and by network; spelling makes nobody new', () => {
    expect(held(ADA)).toEqual(STRANGER);
    expect(held({ ...ADA, email: ' ADA@Example.com ' })).toEqual(STRANGER);
    expect(held(ADA, 'pair', 'network')).toEqual(STRANGER);
  });

  it('from a known browser counts by itself, until its few guesses are used up', () => {
    const known = { ...ADA, knownDevice: 'hash' };
    expect(held(known, 'pair', 'network')).toEqual({ limits: ['device hash: 10'], isKnown: true });
    expect(held(known, 'device')).toEqual(STRANGER);
  });

  it('of an unlocked e-mail has guesses of its own where those of strangers are used up', () => {
    const unlocked = { ...ADA, unlockedUntil: NOW + 1 };
    const own = { limits: [`unlocked ${NOW + 1} ada@example.com: 10`], isKnown: true };
    const afresh = { ...STRANGER, limits: [`pair ${NOW + 1} ada@example.com 192.0.2.1: 10`, 'network 192.0.2.1: 30'] };
    expect(held(unlocked)).toEqual(afresh);
    expect(held(unlocked, 'pair')).toEqual(own);
    expect(held(unlocked, 'network')).toEqual(own);
    expect(held(unlocked, 'network', 'unlocked')).toEqual(afresh);
    expect(held({ ...ADA, unlockedUntil: NOW }, 'network').isKnown).toBe(false);
  });
});

it('a password that is given again counts by user', () => {
  expect(limitsOfConfirmation(7)).toEqual({ limits: [{ caller: 'user 7', max: 10 }], isKnown: true });
});

it('from the sixth wrong one on each waits twice as long as the one before, up to 800 ms', () => {
  expect([0, 4, 5, 6, 7, 8, 9, 1000].map(delayAfter)).toEqual([0, 0, 100, 200, 400, 800, 800, 800]);
});

it('the refusal says when to try again, in whole seconds', () => {
  expect(tooManyGuesses(1001)).toMatchObject({ code: 'too_many_requests', retryAfter: 2 });
  expect(tooManyGuesses(1000).retryAfter).toBe(1);
});
