/** The part of the port that stores who may do what, and what they did. */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { ApiKey, KeySwitchChange, KeyWithApplication, NewApiKey } from './api-keys.ts';
import type { AuditFilter, AuditPage, AuditSlice } from './audit-log.ts';
import type { Device } from './devices.ts';
import type { ManagementKeyCommand } from './management-key-changes.ts';
import type { ManagementKey, ManagementKeyWithCreator, NewManagementKey } from './management-keys.ts';
import type { NewSession, Session, SessionWithUser } from './sessions.ts';
import type { UserCommand } from './user-changes.ts';
import type { NewUser, StoredUser, User } from './users.ts';

/**
 * Users, their sessions, management keys, and the audit log. A method that changes data loads what its rule needs, lets
 * the rule decide and writes the decision, including its audit entries, all inside one transaction. Whatever the rule
 * throws is thrown to the caller, and nothing is written then.
 */
export interface AccountStorage {
  /** @throws DomainError `emailTaken` (compared without case) */
  createUser(actor: Actor, user: NewUser): Promise<User>;
  /** Whether there is any user. */
  hasUsers(): Promise<boolean>;
  /** All users, by ID. */
  listUsers(): Promise<User[]>;
  /** The user with that e-mail, compared without case, in any state. */
  findUserByEmail(email: string): Promise<StoredUser | undefined>;
  /**
   * Loads all users, saves what `decideUsers` decides and returns the users concerned. @throws DomainError as it does
   */
  changeUsers(actor: Actor, command: UserCommand): Promise<readonly User[]>;

  /**
   * Saves the outcome of `decideSignIn` for the user and the user's sessions, and adds the session. @throws DomainError
   * as it does
   */
  createSession(session: NewSession): Promise<SessionWithUser>;
  /** Records a use of a session and its user, at `time` in ms since the epoch; never moves one back. */
  touchSession(id: number, time: number): Promise<void>;
  /** Sessions of a user, newest first, including those that have ended and are still stored. */
  listSessions(userId: number): Promise<Session[]>;
  /** Deletes a session as `decideRevocation` decides; without a user, of any user. @throws DomainError as it does */
  revokeSession(actor: Actor, id: number, userId: number | undefined): Promise<void>;
  /** Deletes a session if it exists, without an audit entry. */
  deleteSession(id: number): Promise<void>;

  /** A browser by the hash of its token, including expired ones. */
  findDevice(hash: Buffer): Promise<Omit<Device, 'hash'> | undefined>;
  /**
   * Adds a browser or extends its time, and deletes those that `devicesToForget` returns. Does nothing if its user is
   * gone.
   */
  saveDevice(device: Device): Promise<void>;
  deleteDevice(hash: Buffer): Promise<void>;

  /** Adds a key if `checkRoomForManagementKey` allows it. @throws DomainError as it does */
  createManagementKey(actor: Actor, key: NewManagementKey): Promise<ManagementKey>;
  /** Includes expired and disabled keys, but not deleted ones; newest first. */
  listManagementKeys(): Promise<ManagementKey[]>;
  /** Saves what `decideManagementKey` decides, and returns the key. @throws DomainError as it does */
  changeManagementKey(actor: Actor, command: ManagementKeyCommand): Promise<ManagementKey>;
  /** Records a use, at `time` in ms since the epoch; never moves it back. */
  touchManagementKey(id: number, time: number): Promise<void>;

  /** Writes an audit entry without a change: somebody viewed or exported personal data. */
  recordAudit(actor: Actor, record: AuditRecord): Promise<void>;
  /** Audit entries that match, in the order of their numbers. */
  listAuditEntries(filter: AuditFilter, page: AuditPage): Promise<AuditSlice>;
}

export interface AccessStorage {
  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  /** The key with that SHA-256, including deleted and expired ones; must compare in constant time. */
  findApiKey(hash: Buffer): Promise<KeyWithApplication | undefined>;
  /**
   * The session whose token has that SHA-256, including ended ones that are still stored; must compare in constant
   * time.
   */
  findSession(hash: Buffer): Promise<SessionWithUser | undefined>;
  /**
   * The management key with that SHA-256 unless it is deleted, including expired and disabled ones; must compare in
   * constant time.
   */
  findManagementKey(hash: Buffer): Promise<ManagementKeyWithCreator | undefined>;

  // ---- back office; every change writes its audit entry in the same transaction

  readonly accounts: AccountStorage;
  /** Adds a key if `checkRoomForKey` allows it among those of its Application. @throws DomainError as it does */
  createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey>;
  /** Live and expired keys, newest first, without deleted ones. */
  listApiKeys(): Promise<ApiKey[]>;
  /** Marks a key deleted as `decideKeyDeletion` decides, and returns it. @throws DomainError as it does */
  deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey>;
  /** Saves the options that `decideKeySwitches` decides, and returns the key. @throws DomainError as it does */
  changeApiKey(actor: Actor, id: number, change: KeySwitchChange, applicationId?: number): Promise<ApiKey>;
  /** Records last uses, as `key ID → time`; never moves one back. */
  recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void>;
}
