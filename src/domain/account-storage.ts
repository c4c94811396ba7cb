/** The part of the port that keeps who may use the back office, and what they did. */

import type { Actor } from './audit-log.ts';
import type { NewSession, SessionWithUser } from './sessions.ts';
import type { NewUser, User } from './users.ts';

export interface AccountStorage {
  /** @throws DomainError `conflict` when the e-mail is taken (compared without case) */
  createUser(actor: Actor, user: NewUser): Promise<User>;
  listUsers(): Promise<User[]>;
  /** The user of that e-mail, compared without case, whatever the state. */
  findUserByEmail(email: string): Promise<{ user: User; passwordHash: string } | undefined>;

  /** Also notes that the user signed in; one who was invited is active from then on. */
  createSession(session: NewSession): Promise<SessionWithUser>;
  /** Notes a use, at `time` in ms since the epoch; never moves it back. */
  touchSession(id: number, time: number): Promise<void>;
  /** Ends sessions of a user: one, or all but one. @returns how many */
  deleteSessions(userId: number, which: { readonly only: number } | { readonly except?: number }): Promise<number>;
}
