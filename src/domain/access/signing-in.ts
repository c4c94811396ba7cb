/** Signs users in, finds the session behind a token, and ends sessions. */

import { randomBytes } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { hashKey } from './api-keys.ts';
import { DAY_MS, DEFAULT_TOKEN_DAYS, isSessionLive, type Session, type SessionWithUser } from './sessions.ts';
import type { AccessStorage } from './storage.ts';
import { passwordMatches, type User } from './users.ts';

// A write per request would be waste; idle time is told in hours.
const TOUCH_EVERY_MS = 60_000;
const MAX_USER_AGENT = 300;

/**
 * Signs a user in.
 * @returns the session and its token, shown only once
 * @throws DomainError `unauthorized`, with one message whichever of the pair is wrong
 */
export async function signIn(
  core: Operation<AccessStorage>,
  input: {
    email: string;
    password: string;
    kind: Session['kind'];
    userAgent: string;
    address: string;
    /** How long a token of a script is valid. */
    tokenDays?: number;
  },
): Promise<{ token: string; session: Session; user: User }> {
  const found = await core.storage.accounts.findUserByEmail(input.email.trim());
  // An unknown user takes as long as a wrong password.
  const matches = await passwordMatches(input.password, found?.passwordHash);
  if (found === undefined || !matches || found.user.state === 'deactivated') {
    throw wrongPair();
  }
  const token = `rcs_${randomBytes(32).toString('base64url')}`;
  const { session, user } = await core.storage.accounts.createSession({
    userId: found.user.id,
    kind: input.kind,
    hash: hashKey(token),
    expires: core.now() + (input.kind === 'console' ? CONSOLE_MS : (input.tokenDays ?? DEFAULT_TOKEN_DAYS) * DAY_MS),
    userAgent: input.userAgent.slice(0, MAX_USER_AGENT),
    address: input.address,
  });
  return { token, session, user };
}

/** One message, whichever of the two is wrong, and for users who may not sign in. */
export function wrongPair(): DomainError {
  return new DomainError('unauthorized', 'The e-mail or the password is wrong');
}

/** The session a token belongs to, with its user; undefined for one that is unknown, over, or of a deactivated user. */
export async function findSession(core: Operation<AccessStorage>, token: string): Promise<SessionWithUser | undefined> {
  const found = await core.storage.findSession(hashKey(token));
  const now = core.now();
  if (found === undefined || !isSessionLive(found.session, now) || found.user.state === 'deactivated') return undefined;
  if (now - found.session.lastSeen > TOUCH_EVERY_MS) {
    await noteUse(async () => core.storage.accounts.touchSession(found.session.id, now));
  }
  return found;
}

/** Writes a last use down; a store that takes no writes now must not keep people from looking. */
export async function noteUse(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'unavailable')) throw error;
  }
}

/** Sessions of a user that can be used, newest first. */
export async function listLiveSessions(core: Operation<AccessStorage>, userId: number): Promise<Session[]> {
  const now = core.now();
  return (await core.storage.accounts.listSessions(userId)).filter((session) => isSessionLive(session, now));
}

/** Ends a session, of this user if one is named. @throws DomainError `not_found` */
export async function revokeSession(
  core: Operation<AccessStorage>,
  id: number,
  userId: number | undefined,
): Promise<void> {
  const found = await core.storage.accounts.revokeSession(core.actor, id, userId);
  if (!found) throw new DomainError('not_found', `Session ${id} not found`);
}
export const CONSOLE_MS = 7 * DAY_MS;
