/** The part of the port that keeps who may do what, and what they did. */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { ApiKey, KeyWithApplication, NewApiKey } from './api-keys.ts';
import type { AuditFilter, AuditPage, AuditSlice } from './audit-log.ts';
import type { Device } from './devices.ts';
import type { ManagementKey, ManagementKeyWithCreator, NewManagementKey } from './management-keys.ts';
import type { NewSession, Session, SessionWithUser } from './sessions.ts';
import type { NewUser, PasswordChange, User, UserChange } from './users.ts';

/** What signing in asks of a user. */
export interface UserCredentials {
  readonly user: User;
  readonly passwordHash: string;
  /** Until when the throttle is lifted for the user, in ms since the epoch; undefined when it never was. */
  readonly unlockedUntil: number | undefined;
}

/** Users, their sessions, management keys, and the audit log. */
export interface AccountStorage {
  /** @throws DomainError `conflict` when the e-mail is taken (compared without case) */
  createUser(actor: Actor, user: NewUser): Promise<User>;
  listUsers(): Promise<User[]>;
  /** The user of that e-mail, compared without case, whatever the state. */
  findUserByEmail(email: string): Promise<UserCredentials | undefined>;
  /**
   * Changes what is given; what is as it was is no change. Ends the sessions of a user who is deactivated. Undefined when there
   * is no such user. @throws DomainError `conflict` as `checkAdminsLeft` finds inside the transaction
   */
  updateUser(actor: Actor, id: number, change: UserChange): Promise<User | undefined>;
  /** Undefined when there is no such user. @throws DomainError `conflict` as `checkAdminsLeft` finds inside the transaction */
  deleteUser(actor: Actor, id: number): Promise<User | undefined>;
  /** Undefined when there is no such user. @throws DomainError `conflict` when the stored hash is not the one expected */
  setPassword(actor: Actor, id: number, change: PasswordChange): Promise<User | undefined>;
  /**
   * Lets a user sign in, until the device expires, where too many wrong passwords were counted; and keeps the device. Undefined
   * when there is no such user.
   */
  unlockUser(actor: Actor, device: Device): Promise<User | undefined>;
  /** @throws DomainError `not_found`, or `conflict` as `checkAdminsLeft` finds inside the transaction */
  setAdmins(actor: Actor, ids: readonly number[]): Promise<void>;

  /**
   * Also notes that the user signed in; one who was invited is active from then on. Keeps a bounded number of sessions per
   * user, the newest. @throws DomainError `unauthorized` when the user is gone or deactivated
   */
  createSession(session: NewSession): Promise<SessionWithUser>;
  /** Notes a use, at `time` in ms since the epoch; never moves it back. */
  touchSession(id: number, time: number): Promise<void>;
  /** Sessions of a user, newest first, those included that are over and still kept. */
  listSessions(userId: number): Promise<Session[]>;
  /** Ends a session, of this user if one is named, and says so in the audit log; false when there is none. */
  revokeSession(actor: Actor, id: number, userId: number | undefined): Promise<boolean>;
  /** A browser by the hash of its token, expired ones included. */
  findDevice(hash: Buffer): Promise<Omit<Device, 'hash'> | undefined>;
  /** Keeps a browser, or keeps it until another time; those beyond `MAX_DEVICES_PER_USER` go, as do expired ones. */
  saveDevice(device: Device): Promise<void>;
  deleteDevice(hash: Buffer): Promise<void>;

  /** Ends sessions of a user: one, or all but one. @returns how many */
  deleteSessions(userId: number, which: { readonly only: number } | { readonly except?: number }): Promise<number>;

  /** @throws DomainError `conflict` as `checkRoomForManagementKey` finds inside the transaction */
  createManagementKey(actor: Actor, key: NewManagementKey): Promise<ManagementKey>;
  /** Expired and disabled ones included, deleted ones not; newest first. */
  listManagementKeys(): Promise<ManagementKey[]>;
  /** Undefined when there is no such key. */
  disableManagementKey(actor: Actor, id: number, disabled: boolean): Promise<ManagementKey | undefined>;
  /** Undefined when there is no such key. */
  deleteManagementKey(actor: Actor, id: number): Promise<ManagementKey | undefined>;
  /** Notes a use, at `time` in ms since the epoch; never moves it back. */
  touchManagementKey(id: number, time: number): Promise<void>;

  /** Writes down that somebody looked at or took away what tells of persons; nothing else changes. */
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
  /** @throws DomainError `conflict` as `checkRoomForKey` finds inside the transaction */
  createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey>;
  /** Live and expired keys, newest first; deleted ones are left out. */
  listApiKeys(): Promise<ApiKey[]>;
  /** Marks a key deleted; undefined when there is no such live or expired key, or it is of another Application than that given. */
  deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey | undefined>;
  /** Records last uses, as `key ID → time`; never moves one back. */
  recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void>;
}
