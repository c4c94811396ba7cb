/**
 * Decides what changes when a user signs in or out. A store loads, asks here and saves the outcome, all in one
 * transaction.
 */

import type { AuditRecord } from '../audit-record.ts';
import { sessionRecord } from './audit-records.ts';
import { type Session, sessionNotFound, wrongPair } from './sessions.ts';
import type { StoredUser } from './users.ts';

// A script that signs in for every call must not fill the store.
const MAX_SESSIONS_PER_USER = 100;

export interface SignInOutcome {
  /** The user as it is to be stored. */
  readonly saved: StoredUser;
  /** IDs of the user's sessions that the new one replaces. */
  readonly ended: readonly number[];
}

/**
 * Decides what a sign-in changes for a user whose password was correct. An invited user becomes active. Expired
 * sessions are removed, and the oldest ones beyond a limit.
 * @param stored undefined for a user who has been deleted meanwhile
 * @param sessions the user's sessions so far
 * @param now ms since the epoch
 * @throws DomainError `unauthorized` for a user who is by now deleted or deactivated
 */
export function decideSignIn(stored: StoredUser | undefined, sessions: readonly Session[], now: number): SignInOutcome {
  if (stored === undefined || stored.user.state === 'deactivated') throw wrongPair();
  const user = { ...stored.user, state: 'active', lastSignedIn: now, lastAccessed: now } as const;
  const live = sessions.filter(({ expires }) => expires > now).sort((a, b) => b.id - a.id);
  const kept = new Set(live.slice(0, MAX_SESSIONS_PER_USER - 1).map(({ id }) => id));
  return { saved: { ...stored, user }, ended: sessions.filter(({ id }) => !kept.has(id)).map(({ id }) => id) };
}

/**
 * Decides whether a session may be ended from elsewhere.
 * @param session undefined when no session has that ID
 * @param userId the user it must belong to; any when undefined
 * @returns its entry in the audit log
 * @throws DomainError `not_found`, also for somebody else's session
 */
export function decideRevocation(id: number, session: Session | undefined, userId: number | undefined): AuditRecord {
  if (session === undefined || (userId !== undefined && session.userId !== userId)) throw sessionNotFound(id);
  return sessionRecord({ old: session });
}
