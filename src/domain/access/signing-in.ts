/** Signs users in, finds the session behind a token, and ends sessions. */

import { randomBytes } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { hashKey } from './api-keys.ts';
import { isUseDue, noteUse } from './last-use.ts';
import { passwordMatches } from './passwords.ts';
import {
  isSessionLive,
  isSessionUsable,
  type Session,
  type SessionKind,
  type SessionWithUser,
  sessionExpiry,
  wrongPair,
} from './sessions.ts';
import type { AccessStorage } from './storage.ts';
import { maySeeUser } from './user-lookups.ts';
import type { User } from './users.ts';

const MAX_USER_AGENT = 300;

/**
 * Signs a user in.
 * @returns the session and its token, which is shown only once
 * @throws DomainError `unauthorized`, with the same message whichever of the pair is wrong
 */
export async function signIn(
  core: Operation<AccessStorage>,
  input: {
    email: string;
    password: string;
    kind: SessionKind;
    userAgent: string;
    address: string;
    /** How long a script's token is valid. */
    tokenDays?: number;
  },
): Promise<{ token: string; session: Session; user: User }> {
  const found = await core.storage.accounts.findUserByEmail(input.email.trim());
  // An unknown user takes as long as a wrong password.
  const matches = await passwordMatches(input.password, found?.passwordHash);
  if (found === undefined || !matches || found.user.state === 'deactivated') throw wrongPair();
  const token = `rcs_${randomBytes(32).toString('base64url')}`;
  const { session, user } = await core.storage.accounts.createSession({
    userId: found.user.id,
    kind: input.kind,
    hash: hashKey(token),
    expires: sessionExpiry(input.kind, core.now(), input.tokenDays),
    userAgent: input.userAgent.slice(0, MAX_USER_AGENT),
    address: input.address,
  });
  return { token, session, user };
}

/** Finds the usable session of a kind that a token belongs to, and its user. */
export async function findSession(
  core: Operation<AccessStorage>,
  token: string,
  kind: SessionKind,
): Promise<SessionWithUser | undefined> {
  const found = await core.storage.findSession(hashKey(token));
  const now = core.now();
  if (found === undefined || !isSessionUsable(found, kind, now)) return undefined;
  if (isUseDue(found.session.lastSeen, now)) {
    await noteUse(async () => core.storage.accounts.touchSession(found.session.id, now));
  }
  return found;
}

/**
 * Lists the live sessions of a user, newest first.
 * @param viewer the caller; admins may see those of others
 * @throws DomainError `forbidden`
 */
export async function listLiveSessions(
  core: Operation<AccessStorage>,
  userId: number,
  viewer: User,
): Promise<Session[]> {
  if (!maySeeUser(viewer, userId)) {
    throw new DomainError('forbidden', 'Only admins may see sessions of others; your role is read-only');
  }
  const now = core.now();
  return (await core.storage.accounts.listSessions(userId)).filter((session) => isSessionLive(session, now));
}

/** Signs out: ends the current session. */
export async function signOut(core: Operation<AccessStorage>, session: Session): Promise<void> {
  await core.storage.accounts.deleteSession(session.id);
}

/**
 * Ends a session from elsewhere, and records that in the audit log.
 * @param viewer the caller; admins may end those of others
 * @throws DomainError `not_found`, also for somebody else's session
 */
export async function revokeSession(
  core: Operation<AccessStorage>,
  id: number,
  viewer: Pick<User, 'id' | 'isAdmin'>,
): Promise<void> {
  await core.storage.accounts.revokeSession(core.actor, id, viewer.isAdmin ? undefined : viewer.id);
}
