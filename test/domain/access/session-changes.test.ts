/** Rules for signing in and out: who is let in, which session is ended for it, and until when a browser is known. */

import { describe, expect, it } from 'vitest';
import {
  type Device,
  deviceExpiry,
  devicesToForget,
  isKnownAs,
  unlockExpiry,
} from '../../../src/domain/access/devices.ts';
import { isUseDue } from '../../../src/domain/access/last-use.ts';
import { decideRevocation, decideSignIn } from '../../../src/domain/access/session-changes.ts';
import { isSessionLive, isSessionUsable, type Session, sessionExpiry } from '../../../src/domain/access/sessions.ts';
import type { StoredUser, User } from '../../../src/domain/access/users.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 23, 9);

function stored(state: User['state']): StoredUser {
  const times = { created: 1, modified: 2, lastSignedIn: 3, lastAccessed: 4 };
  const user = {
    id: 7,
    email: 'ada@example.com',
    name: 'Ada',
    isAdmin: false,
    state,
    mustChangePassword: true,
    ...times,
  };
  return { user, passwordHash: 'hash', unlockedUntil: 9 };
}

function session(id: number, change: Partial<Session> = {}): Session {
  const times = { created: NOW, lastSeen: NOW, expires: NOW + DAY };
  return { id, userId: 7, kind: 'api', userAgent: 'curl', address: '192.0.2.1', ...times, ...change };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a sign-in', () => {
  it.each(['invited', 'active'] as const)('leaves a user who was %s active, and notes the time', (state) => {
    const before = stored(state);
    const user = { ...before.user, state: 'active', lastSignedIn: NOW, lastAccessed: NOW };
    expect(decideSignIn(before, [], NOW)).toEqual({ saved: { ...before, user }, ended: [] });
  });

  it('is refused without a reason to a user who has been deactivated or deleted', () => {
    for (const before of [stored('deactivated'), undefined]) {
      expect(() => decideSignIn(before, [], NOW)).toThrow('The e-mail or the password is wrong');
    }
  });

  it('ends sessions that expired, and the oldest beyond ninety-nine others', () => {
    const ended = (sessions: readonly Session[]): number[] => [...decideSignIn(stored('active'), sessions, NOW).ended];
    expect(ended(range(1, 99).map((id) => session(id)))).toEqual([]);
    expect(
      ended(
        range(1, 102)
          .map((id) => session(id))
          .reverse(),
      ),
    ).toEqual([3, 2, 1]);
    expect(ended([session(1, { expires: NOW }), session(2, { expires: NOW + 1 })])).toEqual([1]);
    // An expired one needs no room.
    const sessions = range(1, 100).map((id) => session(id, id === 50 ? { expires: NOW } : {}));
    expect(ended(sessions)).toEqual([50]);
  });
});

describe('a session', () => {
  it('lasts seven days in the console, and for a script as long as the operator says', () => {
    expect(sessionExpiry('console', NOW, 3)).toBe(NOW + 7 * DAY);
    expect(sessionExpiry('api', NOW, 3)).toBe(NOW + 3 * DAY);
    expect(sessionExpiry('api', NOW)).toBe(NOW + 90 * DAY);
  });

  const moments: [Session['kind'], number, number, boolean][] = [
    ['console', 12 * HOUR - 1, DAY, true],
    ['console', 12 * HOUR, DAY, false],
    ['api', 12 * HOUR, DAY, true],
    ['console', HOUR, 1, true],
    ['console', HOUR, 0, false],
    ['api', HOUR, 0, false],
  ];
  it.each(moments)('%s, %i ms after its last use and %i ms before it expires: %s', (kind, idle, left, isLive) => {
    const one = session(1, { kind, lastSeen: NOW - idle, expires: NOW + left });
    expect(isSessionLive(one, NOW)).toBe(isLive);
    expect(isSessionUsable({ session: one, user: stored('active').user }, kind, NOW)).toBe(isLive);
  });

  it('opens nothing as another kind, nor for a user who is deactivated', () => {
    const one = session(1);
    expect(isSessionUsable({ session: one, user: stored('active').user }, 'api', NOW)).toBe(true);
    expect(isSessionUsable({ session: one, user: stored('active').user }, 'console', NOW)).toBe(false);
    expect(isSessionUsable({ session: one, user: stored('deactivated').user }, 'api', NOW)).toBe(false);
  });

  it('is ended from elsewhere by its user or by whoever need not be named, and the log tells nothing of the token', () => {
    expect(decideRevocation(1, session(1), undefined)).toEqual(decideRevocation(1, session(1), 7));
    expect(decideRevocation(1, session(1), 7)).toEqual({
      entity: '/v1/sessions/1',
      applicationId: undefined,
      old: {
        id: 1,
        userId: 7,
        kind: 'api',
        created: '2026-11-23T09:00:00.000Z',
        userAgent: 'curl',
        address: '192.0.2.1',
      },
      new: undefined,
    });
    for (const [found, userId] of [
      [session(1), 8],
      [undefined, 7],
      [undefined, undefined],
    ] as const) {
      expect(() => decideRevocation(1, found, userId)).toThrow('Session 1 not found');
    }
  });
});

describe('a last use', () => {
  it('is written once a minute', () => {
    expect(isUseDue(undefined, NOW)).toBe(true);
    expect(isUseDue(NOW - 60_000, NOW)).toBe(false);
    expect(isUseDue(NOW - 60_001, NOW)).toBe(true);
    expect(isUseDue(NOW + DAY, NOW)).toBe(false);
  });
});

describe('a known browser', () => {
  const device = (name: string, expires: number): Device => ({ hash: Buffer.from(name), userId: 7, expires });
  const forgotten = (devices: readonly Device[], kept: Device): string[] =>
    devicesToForget(devices, kept, NOW).map(({ hash }) => hash.toString());

  it('is known for ninety days, a link for a quarter of an hour', () => {
    expect(deviceExpiry(NOW)).toBe(NOW + 90 * DAY);
    expect(unlockExpiry(NOW)).toBe(NOW + HOUR / 4);
  });

  it('is known as one user’s, until it expires', () => {
    expect(isKnownAs({ userId: 7, expires: NOW + 1 }, 7, NOW)).toBe(true);
    expect(isKnownAs({ userId: 7, expires: NOW }, 7, NOW)).toBe(false);
    expect(isKnownAs({ userId: 7, expires: NOW + 1 }, 8, NOW)).toBe(false);
    expect(isKnownAs({ userId: 7, expires: NOW + 1 }, undefined, NOW)).toBe(false);
    expect(isKnownAs(undefined, undefined, NOW)).toBe(false);
  });

  it('is one of twenty: those that expire first give way, never the one that is kept', () => {
    const twenty = range(1, 20).map((minute) => device(`d${minute}`, NOW + minute));
    expect(forgotten(twenty.slice(1), device('new', NOW + DAY))).toEqual([]);
    expect(forgotten(twenty, device('new', NOW + DAY))).toEqual(['d1']);
    expect(forgotten(twenty, device('link', NOW + 0.5))).toEqual(['d1']);
    expect(forgotten(twenty, device('d1', NOW + DAY))).toEqual([]);
  });

  it('is forgotten once it expired, whatever the room', () => {
    expect(forgotten([device('a', NOW), device('b', NOW + 1), device('c', NOW - 1)], device('n', NOW + DAY))).toEqual([
      'a',
      'c',
    ]);
  });
});
