/**
 * How long people stay signed in, with a clock the test controls: both sides of each limit, for browsers and for tokens
 * of scripts.
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashKey } from '../../../src/domain/access/api-keys.ts';
import {
  findSignInStanding,
  forgetDevice,
  rememberDevice,
  unlockUser,
} from '../../../src/domain/access/known-devices.ts';
import { resetPassword } from '../../../src/domain/access/password-changes.ts';
import { passwordMatches } from '../../../src/domain/access/passwords.ts';
import { isSessionLive, type Session } from '../../../src/domain/access/sessions.ts';
import { findSession, listLiveSessions, signIn } from '../../../src/domain/access/signing-in.ts';
import { createUser, deleteUser, updateUser } from '../../../src/domain/access/user-administration.ts';
import { findUser } from '../../../src/domain/access/user-lookups.ts';
import type { Core } from '../../../src/domain/core.ts';
import { openCore, ROOMY } from '../open-core.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 23, 9);
const CREDENTIALS = { email: 'ada@example.com', password: 'correct horse battery' };

let core: Core;
let now: number;
beforeEach(async () => {
  now = START;
  core = await openCore(ROOMY, () => now);
  await createUser(core, { ...CREDENTIALS, isAdmin: true, mustChangePassword: false });
});
afterEach(async () => core.storage.close());

const begin = async (kind: Session['kind'], tokenDays?: number) =>
  signIn(core, {
    ...CREDENTIALS,
    kind,
    userAgent: 'curl/8.9',
    address: '192.0.2.1',
    ...(tokenDays === undefined ? {} : { tokenDays }),
  });
/** Reports whether a session is valid this long after the start; looking it up does not extend it. */
const isLiveAt = async (token: string, after: number): Promise<boolean> => {
  now = START + after;
  const found = await core.storage.accounts.listSessions(1);
  const { session } = (await core.storage.findSession(hashKey(token))) ?? {};
  return found.some(({ id }) => id === session?.id) && session !== undefined && isSessionLive(session, now);
};
/** Uses a session this long after the start. @returns whether it was valid */
const use = async (token: string, after: number): Promise<boolean> => {
  now = START + after;
  const found = [await findSession(core, token, 'console'), await findSession(core, token, 'api')];
  return found.some((each) => each !== undefined);
};
const liveSessions = async (): Promise<Session[]> => listLiveSessions(core, 1, await findUser(core, 1));

describe('a console session', () => {
  test('ends after twelve hours without use, not a moment before', async () => {
    const { token, session } = await begin('console');
    expect(session).toMatchObject({ created: START, lastSeen: START, expires: START + 7 * DAY });
    expect(await isLiveAt(token, 12 * HOUR - 1)).toBe(true);
    expect(await isLiveAt(token, 12 * HOUR)).toBe(false);
    expect(await use(token, 12 * HOUR)).toBe(false);
    expect(await liveSessions()).toEqual([]);
    expect(await use(token, 12 * HOUR - 1)).toBe(true);
  });

  test('is renewed by use, and ends after seven days of it', async () => {
    const { token } = await begin('console');
    let after = 0;
    for (; after < 7 * DAY; after += 11 * HOUR) expect(await use(token, after)).toBe(true);
    expect(await use(token, 7 * DAY - 1)).toBe(true);
    expect((await liveSessions()).map(({ lastSeen }) => lastSeen)).toEqual([now]);
    expect(await use(token, 7 * DAY)).toBe(false);
    expect(await liveSessions()).toEqual([]);
  });

  test('has its use written down once a minute', async () => {
    const { token } = await begin('console');
    const lastSeen = async () => (await core.storage.accounts.listSessions(1))[0]?.lastSeen;
    await use(token, MINUTE);
    expect(await lastSeen()).toBe(START);
    await use(token, MINUTE + 1);
    expect(await lastSeen()).toBe(START + MINUTE + 1);
    await use(token, 2 * MINUTE + 1);
    expect(await lastSeen()).toBe(START + MINUTE + 1);
    // Look-ups do not count: the limit is measured from the last recorded use.
    expect(await isLiveAt(token, 12 * HOUR + MINUTE)).toBe(true);
    expect(await isLiveAt(token, 12 * HOUR + MINUTE + 1)).toBe(false);
  });
});

describe('a token of a script', () => {
  test('is valid for ninety days, used or not', async () => {
    const [idle, used] = [await begin('api'), await begin('api')];
    expect(idle.session.expires).toBe(START + 90 * DAY);
    expect(await use(idle.token, 13 * HOUR)).toBe(true);
    for (let day = 1; day < 90; day += 8) expect(await use(used.token, day * DAY)).toBe(true);
    expect(await isLiveAt(idle.token, 89 * DAY)).toBe(true);
    for (const { token } of [idle, used]) {
      expect(await use(token, 90 * DAY - 1)).toBe(true);
      expect(await use(token, 90 * DAY)).toBe(false);
    }
  });

  test('is valid for as long as the operator says, which is nothing to console sessions', async () => {
    const [script, browser] = [await begin('api', 3), await begin('console', 3)];
    expect(script.session.expires).toBe(START + 3 * DAY);
    expect(browser.session.expires).toBe(START + 7 * DAY);
    expect(await use(script.token, 3 * DAY - 1)).toBe(true);
    expect(await use(script.token, 3 * DAY)).toBe(false);
  });
});

describe('a failed sign-in', () => {
  test('says the same whatever is wrong, and computes a hash', async () => {
    await core.storage.accounts.createUser(core.actor, {
      email: 'invited@example.com',
      name: 'Invited',
      isAdmin: false,
      state: 'invited',
      mustChangePassword: true,
      passwordHash: '',
    });
    const left = await createUser(core, {
      ...CREDENTIALS,
      email: 'left@example.com',
      isAdmin: false,
      mustChangePassword: false,
    });
    await updateUser(core, left.id, { state: 'deactivated' });
    const tries = [
      { email: 'nobody@example.com', password: 'wrong' },
      { email: CREDENTIALS.email, password: 'wrong' },
      { email: 'invited@example.com', password: '' },
      { email: 'left@example.com', password: 'wrong' },
      { email: 'left@example.com', password: CREDENTIALS.password },
    ];
    const attempt = async (each: { email: string; password: string }) => {
      const cpu = process.cpuUsage();
      const error: unknown = await signIn(core, { ...each, kind: 'api', userAgent: '', address: '' }).catch(
        (caught: unknown) => caught,
      );
      const { user } = process.cpuUsage(cpu);
      return { error, user };
    };
    // The first attempt computes the hash that unknown users are compared with.
    await attempt({ email: 'nobody@example.com', password: 'wrong' });
    for (const each of tries) {
      const { error, user } = await attempt(each);
      expect(error).toMatchObject({ code: 'unauthorized', message: 'The e-mail or the password is wrong' });
      // In µs: a hash takes about 20,000, everything else together a few hundred.
      expect({ each, hashed: user > 5000 }).toEqual({ each, hashed: true });
    }
    expect(await passwordMatches('', '')).toBe(false);
  });
});

describe('a browser that was signed in', () => {
  const standing = async (token: string, email = CREDENTIALS.email) => findSignInStanding(core, email, [token]);

  test('is known for ninety days from the last sign-in, as its user’s only', async () => {
    await createUser(core, {
      ...CREDENTIALS,
      email: 'grace@example.com',
      isAdmin: false,
      mustChangePassword: false,
    });
    const { token, expires } = await rememberDevice(core, 1, undefined);
    expect(expires).toBe(START + 90 * DAY);
    expect((await standing(token, ' ADA@example.com')).knownDevice).toBeDefined();
    expect((await standing(token, 'grace@example.com')).knownDevice).toBeUndefined();
    expect((await standing(token, 'nobody@example.com')).knownDevice).toBeUndefined();
    expect((await standing(`${token}x`)).knownDevice).toBeUndefined();
    now = START + 90 * DAY - 1;
    expect((await standing(token)).knownDevice).toBeDefined();
    expect(await rememberDevice(core, 1, token)).toEqual({ token, expires: now + 90 * DAY });
    now = START + 90 * DAY;
    expect((await standing(token)).knownDevice).toBeDefined();
    // Another user's token is not taken over.
    const other = await rememberDevice(core, 2, token);
    expect(other.token).not.toBe(token);
    now += 90 * DAY - 1;
    expect((await standing(token)).knownDevice).toBeUndefined();
    expect((await rememberDevice(core, 1, token)).token).not.toBe(token);
  });

  test('is one of twenty; a new password does not make it a stranger, forgetting and the end of its user do', async () => {
    const tokens: string[] = [];
    for (let count = 0; count < 21; count += 1) {
      now += 1;
      tokens.push((await rememberDevice(core, 1, undefined)).token);
    }
    const known = await Promise.all(tokens.map(async (each) => (await standing(each)).knownDevice !== undefined));
    expect(known).toEqual([false, ...Array.from({ length: 20 }, () => true)]);
    await resetPassword(core, 1);
    expect((await standing(tokens[20] ?? '')).knownDevice).toBeDefined();
    await forgetDevice(core, tokens[20] ?? '');
    expect((await standing(tokens[20] ?? '')).knownDevice).toBeUndefined();
    // A link finds room among twenty browsers that expire later.
    const { user, device } = await unlockUser(core, CREDENTIALS.email);
    expect(user.id).toBe(1);
    expect(device.expires).toBe(now + 15 * MINUTE);
    const { knownDevice, unlockedUntil } = await standing(device.token);
    expect(knownDevice).toBeDefined();
    expect(unlockedUntil).toBe(device.expires);
    now += 15 * MINUTE;
    expect((await standing(device.token)).knownDevice).toBeUndefined();
    await createUser(core, { ...CREDENTIALS, email: 'last@example.com', isAdmin: true, mustChangePassword: false });
    await deleteUser(core, 1);
    expect((await standing(tokens[19] ?? '')).knownDevice).toBeUndefined();
    await expect(unlockUser(core, CREDENTIALS.email)).rejects.toMatchObject({ code: 'not_found' });
  });
});
