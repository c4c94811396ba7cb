/** The part of the port that keeps who may do what, and what they did. */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { ApiKey, KeyWithApplication, NewApiKey } from './api-keys.ts';
import type { AuditFilter, AuditPage, AuditSlice } from './audit-log.ts';
import type { Device } from './devices.ts';
import type { ManagementKeyCommand } from './management-key-changes.ts';
import type { ManagementKey, ManagementKeyWithCreator, NewManagementKey } from './management-keys.ts';
import type { NewSession, Session, SessionWithUser } from './sessions.ts';
import type { UserCommand } from './user-changes.ts';
import type { NewUser, StoredUser, User } from './users.ts';

/**
 * Users, their sessions, management keys, and the audit log. A method that changes what is stored loads what its rule asks for,
 * lets the rule decide and writes what was decided, its audit entries included, all inside one transaction; what the rule throws is
 * thrown to the caller, and nothing is written then.
 */
export interface AccountStorage {
  /** @throws DomainError `emailTaken` (compared without case) */
  createUser(actor: Actor, user: NewUser): Promise<User>;
  /** All users, by ID. */
  listUsers(): Promise<User[]>;
  /** The user of that e-mail, compared without case, whatever the state. */
  findUserByEmail(email: string): Promise<StoredUser | undefined>;
  /** Loads all users, saves what `decideUsers` decides and returns the users it tells of. @throws DomainError as it does */
  changeUsers(actor: Actor, command: UserCommand): Promise<readonly User[]>;

  /** Loads the user and the user's sessions, saves what `decideSignIn` decides, and adds the session. @throws DomainError as it does */
  createSession(session: NewSession): Promise<SessionWithUser>;
  /** Notes a use of a session and its user, at `time` in ms since the epoch; never moves one back. */
  touchSession(id: number, time: number): Promise<void>;
  /** Sessions of a user, newest first, those included that are over and still kept. */
  listSessions(userId: number): Promise<Session[]>;
  /** Deletes a session as `decideRevocation` decides, of any user if none is named. @throws DomainError as it does */
  revokeSession(actor: Actor, id: number, userId: number | undefined): Promise<void>;
  /** Deletes a session, if it is there, without an audit entry. */
  deleteSession(id: number): Promise<void>;

  /** A browser by the hash of its token, expired ones included. */
  findDevice(hash: Buffer): Promise<Omit<Device, 'hash'> | undefined>;
  /**
   * Keeps a browser, or keeps it until another time, and deletes those that `devicesToForget` tells. Nothing happens when its user
   * is gone.
   */
  saveDevice(device: Device): Promise<void>;
  deleteDevice(hash: Buffer): Promise<void>;

  /** Adds a key when `checkRoomForManagementKey` finds room among those stored. @throws DomainError as it does */
  createManagementKey(actor: Actor, key: NewManagementKey): Promise<ManagementKey>;
  /** Expired and disabled ones included, deleted ones not; newest first. */
  listManagementKeys(): Promise<ManagementKey[]>;
  /** Saves what `decideManagementKey` decides, and returns the key. @throws DomainError as it does */
  changeManagementKey(actor: Actor, command: ManagementKeyCommand): Promise<ManagementKey>;
  /** Notes a use, at `time` in ms since the epoch; never moves it back. */
  touchManagementKey(id: number, time: number): Promise<void>;

  /** Writes an entry of the audit log for what changed nothing: somebody looked at or took away what tells of persons. */
  recordAudit(actor: Actor, record: AuditRecord): Promise<void>;
  /** Entries of the audit log that fit, in the order of their numbers. */
  listAuditEntries(filter: AuditFilter, page: AuditPage): Promise<AuditSlice>;
}

export interface AccessStorage {
  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  /** The key with that SHA-256, deleted and expired ones included; must compare in constant time. */
  findApiKey(hash: Buffer): Promise<KeyWithApplication | undefined>;
  /** The session whose token has that SHA-256, ended ones included while they are kept; must compare in constant time. */
  findSession(hash: Buffer): Promise<SessionWithUser | undefined>;
  /** The management key with that SHA-256, unless deleted; expired and disabled ones included; must compare in constant time. */
  findManagementKey(hash: Buffer): Promise<ManagementKeyWithCreator | undefined>;

  // ---- back office; every change writes its audit entry in the same transaction

  readonly accounts: AccountStorage;
  /** Adds a key when `checkRoomForKey` finds room among those of its Application. @throws DomainError as it does */
  createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey>;
  /** Live and expired keys, newest first; deleted ones are left out. */
  listApiKeys(): Promise<ApiKey[]>;
  /** Marks a key deleted as `decideKeyDeletion` decides, and returns it. @throws DomainError as it does */
  deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey>;
  /** Records last uses, as `key ID → time`; never moves one back. */
  recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void>;
}
