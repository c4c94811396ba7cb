/**
 * The port: what the product asks of a store. The comments are the contract; every engine must pass the same conformance
 * suite. All methods may reject with `DomainError` `unavailable` when the store cannot work now (disk full, busy): then
 * nothing was applied. Times are ms since the epoch.
 */

import type { ApiKey, KeyWithApplication, NewApiKey } from './access/api-keys.ts';
import type { Actor } from './access/audit-log.ts';
import type { ManagementKeyWithCreator } from './access/management-keys.ts';
import type { SessionWithUser } from './access/sessions.ts';
import type { AccountStorage } from './access/storage.ts';
import type { Application, ApplicationChange, NewApplication } from './definitions/applications.ts';
import type { AttributeLimits } from './definitions/attribute-sizes.ts';
import type { AllowedEntry, Attribute, AttributeChange, NewAttribute } from './definitions/attributes.ts';
import type { AudienceReference } from './definitions/audiences.ts';
import type { Catalog } from './definitions/catalog.ts';
import type { Import } from './definitions/imports.ts';
import type { Environment } from './environment.ts';
import type { NoticedInList } from './list-warnings.ts';
import type { Caller, ProfileState, WriteCommand, WriteOutcome } from './memberships/commands.ts';
import type { BrowseStorage } from './memberships/storage.ts';

/** One member of an audience, for paging. */
export interface Member {
  readonly profileId: number;
  readonly integrationId: string;
}

/** What a replacement of an audience's members came to. */
export interface Replacement {
  /** The import it is recorded as. */
  readonly recorded: Import;
  readonly members: number;
  readonly joins: number;
  readonly leaves: number;
}

export interface ReplacementOptions {
  /** False: refuse a replacement that `isDrasticReplacement`, which nobody confirmed. */
  readonly isDrasticMeant?: boolean;
  readonly noticed?: NoticedInList;
}

export interface StorageStatistics {
  readonly audiences: number;
  /** Memberships of all audiences, by their counters. */
  readonly members: number;
}

/** How far the store's log of committed writes has been moved to where it stays. */
export interface CheckpointReport {
  /** Bytes of the log. */
  readonly logBytes: number;
  /** Of these, what is still to be moved. */
  readonly waitingBytes: number;
  /** True when the next part had better be moved at once. */
  readonly more: boolean;
}

/** One promise of the data that does not hold. */
export interface VerifyProblem {
  readonly check: string;
  readonly message: string;
}

export interface Storage {
  /** How large attributes may grow through this store; set when it is opened. */
  readonly attributeLimits: AttributeLimits;

  // ---- hot writes

  /**
   * Applies the commands in order in one durable transaction (promise 1): when it resolves, all that was acknowledged
   * survives a crash. Must decide each by `domain/memberships/decide.ts` on the state inside the transaction. An unexpected failure of
   * the batch must be retried one command at a time, so that one cannot spoil the others' answers.
   */
  write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  /** Decides the commands in order as `write` would, in one transaction, and keeps nothing of it. */
  preview(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  /** The catalog as it is now. Must not be modified; must not be kept across calls. */
  catalog(): Promise<Catalog>;
  /** The key with that SHA-256, deleted and expired ones included; must compare in constant time. */
  findApiKey(hash: Buffer): Promise<KeyWithApplication | undefined>;
  /** The session whose token has that SHA-256, ended ones included while they are kept; must compare in constant time. */
  findSession(hash: Buffer): Promise<SessionWithUser | undefined>;
  /** The management key with that SHA-256, unless deleted; expired and disabled ones included; must compare in constant time. */
  findManagementKey(hash: Buffer): Promise<ManagementKeyWithCreator | undefined>;
  findProfile(environment: Environment, integrationId: string): Promise<ProfileState | undefined>;
  /** Audiences of each profile in the order asked, ascending by ID, all as of one moment; empty for an unknown profile. */
  findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]>;
  /** Of each entry, whether the imported list of allowed values holds it. */
  findAllowed(entries: readonly AllowedEntry[]): Promise<boolean[]>;

  // ---- back office; every change writes its audit entry in the same transaction

  /** Users, their sessions, management keys, and the audit log. */
  readonly accounts: AccountStorage;
  /** What people look at: lists, histories, searches. */
  readonly browse: BrowseStorage;
  /** @throws DomainError `conflict` when the name is taken */
  createApplication(actor: Actor, application: NewApplication): Promise<Application>;
  /**
   * Changes what is given; what is as it was is no change. Undefined when there is no such Application.
   * @throws DomainError `conflict` when the name is taken
   */
  updateApplication(actor: Actor, id: number, change: ApplicationChange): Promise<Application | undefined>;
  /** @throws DomainError `conflict` when name or title is taken for the entity */
  createAttribute(actor: Actor, attribute: NewAttribute): Promise<Attribute>;
  /** Undefined when there is no such attribute. What is as it was already is no change, and no audit entry. */
  updateAttribute(actor: Actor, id: number, change: AttributeChange): Promise<Attribute | undefined>;
  /** @throws DomainError `conflict` as `checkRoomForKey` finds inside the transaction */
  createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey>;
  /** Live and expired keys, newest first; deleted ones are left out. */
  listApiKeys(): Promise<ApiKey[]>;
  /** Marks a key deleted; undefined when there is no such live or expired key, or it is of another Application than that given. */
  deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey | undefined>;
  /** Records last uses, as `key ID → time`; never moves one back. */
  recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void>;
  /** Up to `limit` members with a profile number above `after`, ascending; empty at the end. */
  listMembers(audienceId: number, after: number, limit: number): Promise<Member[]>;
  statistics(): Promise<StorageStatistics>;
  /** Resolves while the store can be read and its threads live. @throws DomainError `unavailable` */
  ping(): Promise<void>;

  // ---- replacing all members of an audience

  /**
   * Opens a hidden member set for the audience.
   * @returns the set's number, to be given to the next three
   * @throws DomainError `conflict` while another replacement of it is under way, `not_found`
   */
  beginReplacement(audienceId: number): Promise<number>;
  /** Adds profiles to the hidden set, creating unknown ones. @throws DomainError `conflict` when the replacement was taken over */
  stageMembers(audienceId: number, set: number, integrationIds: readonly string[]): Promise<void>;
  /**
   * Makes the hidden set the audience's members, in one transaction: one audience-level ledger entry with the net joins
   * and leaves kept beside it, an entry in the list of imports, and one in the audit log unless an API key asks.
   * @throws DomainError `conflict` when it was taken over, or is drastic and not meant to be; then nothing is changed
   */
  finishReplacement(
    audienceId: number,
    set: number,
    caller: Caller,
    options?: ReplacementOptions,
  ): Promise<Replacement>;
  /** Drops the hidden set; the audience stays as it is. */
  abandonReplacement(audienceId: number, set: number): Promise<void>;

  // ---- replacing the list of values an attribute allows

  /**
   * Opens a list that is not in effect yet.
   * @returns its number, to be given to the next three
   * @throws DomainError `conflict` while another import for the attribute is under way, `not_found`
   */
  beginAllowedList(attributeId: number): Promise<number>;
  /** Adds values; repeated ones collapse. @throws DomainError `conflict` when the import was taken over */
  addAllowedValues(attributeId: number, list: number, values: readonly string[]): Promise<void>;
  /** Puts the list in effect, in place of the one before, in one transaction with its audit entry. */
  finishAllowedList(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Promise<Import>;
  /** Drops the list; the attribute stays as it is. */
  abandonAllowedList(attributeId: number, list: number): Promise<void>;

  // ---- upkeep

  /** Removes a bounded part of what deleted sets and lists left behind. @returns true when there is more to do */
  purge(): Promise<boolean>;
  /**
   * Removes a bounded part of the arrivals noted of replays that arrived before `before`: no refused write that old is
   * kept, so nothing will be judged by them. @returns true when there is more to do
   */
  forgetReplays(before: number): Promise<boolean>;
  /** Removes a bounded part of the ledger older than `before`. @returns true when there is more to do */
  pruneLedger(before: number): Promise<boolean>;
  /**
   * Looks whether the files the store has open still lie where they were opened. Where they do not, every write is refused from
   * then on: what was committed to them would be found by nobody.
   * @returns the path that is gone or is another file now; undefined while all is well
   */
  checkFiles(): string | undefined;
  /** Writes something that needs room, durably, and leaves nothing of it. @throws DomainError `unavailable` */
  probe(): Promise<void>;
  /**
   * Moves a part of the log of committed writes to where it stays; must be called a few times a second while the store was opened
   * with `checkpoints: 'elsewhere'`. No write waits for it longer than for another write.
   */
  checkpoint(): Promise<CheckpointReport>;
  /** The longest time, in ms, that a write waited for something other than writes since the store was opened, by what it waited for. */
  longestWaits(): Readonly<Record<string, number>>;
  /** Checks every promise the data can show, on one snapshot; reports each problem (at most 100 per check). */
  verify(report: (problem: VerifyProblem) => void, progress: (check: string) => void): Promise<void>;
  /** Writes a consistent copy to a new file, private to its owner. @throws DomainError `conflict` when the file exists */
  backup(file: string): Promise<void>;
  /** Waits for what is under way and releases everything. */
  close(): Promise<void>;
}
