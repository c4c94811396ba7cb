/**
 * Sessions of the back office: what is stored of each, how long they last, and when one can be used. Only a hash of a
 * token is stored.
 */

import { DomainError } from '../errors.ts';
import type { User } from './users.ts';

/** A cookie of the console, or a bearer token of the Management API. */
export type SessionKind = 'console' | 'api';

export interface Session {
  readonly id: number;
  readonly userId: number;
  readonly kind: SessionKind;
  /** ms since the epoch, each */
  readonly created: number;
  readonly lastSeen: number;
  readonly expires: number;
  readonly userAgent: string;
  readonly address: string;
}

export type NewSession = Omit<Session, 'id' | 'created' | 'lastSeen'> & { readonly hash: Buffer };

export interface SessionWithUser {
  readonly session: Session;
  readonly user: User;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Three months (Management API, createSession). */
export const DEFAULT_TOKEN_DAYS = 90;
const CONSOLE_MS = 7 * DAY_MS;
const CONSOLE_IDLE_MS = 12 * HOUR_MS;

/**
 * When a session that begins at `now` expires, even if it is used all the time; both in ms since the epoch.
 * @param tokenDays how many days the operator lets the tokens of scripts be valid
 */
export function sessionExpiry(kind: SessionKind, now: number, tokenDays: number = DEFAULT_TOKEN_DAYS): number {
  return now + (kind === 'console' ? CONSOLE_MS : tokenDays * DAY_MS);
}

/**
 * Reports whether a session has neither expired at `now` (ms since the epoch) nor, in the console, been idle for too
 * long.
 */
export function isSessionLive(session: Session, now: number): boolean {
  if (now >= session.expires) return false;
  return session.kind === 'api' || now - session.lastSeen < CONSOLE_IDLE_MS;
}

/**
 * Reports whether a token can be used at `now`: only for the purpose it was issued for, and only for an active user.
 */
export function isSessionUsable({ session, user }: SessionWithUser, kind: SessionKind, now: number): boolean {
  return session.kind === kind && isSessionLive(session, now) && user.state !== 'deactivated';
}

/** The same message whichever of the two is wrong, and for users who may not sign in, so that it reveals no e-mail. */
export function wrongPair(): DomainError {
  return new DomainError('unauthorized', 'The e-mail or the password is wrong');
}

export function sessionNotFound(id: number): DomainError {
  return new DomainError('not_found', `Session ${id} not found`);
}
