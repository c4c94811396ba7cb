/** Sessions of the back office: signing in, who a token belongs to, and when it stops. Only a hash of each token is stored. */

import type { User } from './users.ts';

export interface Session {
  readonly id: number;
  readonly userId: number;
  /** A cookie of the console, or a bearer token of the Management API. */
  readonly kind: 'console' | 'api';
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
export const DAY_MS = 24 * HOUR_MS;
/** Three months (Management API, createSession). */
export const DEFAULT_TOKEN_DAYS = 90;
const CONSOLE_IDLE_MS = 12 * HOUR_MS;

/** Whether a session can be used at `now` (ms since the epoch). */
export function isSessionLive(session: Session, now: number): boolean {
  if (now >= session.expires) return false;
  return session.kind === 'api' || now - session.lastSeen < CONSOLE_IDLE_MS;
}
