/** The audit log: who changed what in the back office, with the state before and after; never a secret. */

import { type AuditRecord, type AuditState, auditTime } from '../audit-record.ts';
import type { ApiKey } from './api-keys.ts';
import type { ManagementKey } from './management-keys.ts';
import type { Session } from './sessions.ts';
import type { User } from './users.ts';

/** One entry of the log. */
export interface AuditEntry extends AuditRecord {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  readonly userId: number | undefined;
  readonly managementKeyId: number | undefined;
}

export function userState(user: User): AuditState {
  const { id, email, name, isAdmin, state } = user;
  return { id, email, name, isAdmin, state };
}

/** Where and with what a user is signed in; of the token nothing. */
export function sessionState(session: Session): AuditState {
  const { id, userId, kind, created, userAgent, address } = session;
  return { id, userId, kind, created: auditTime(created), userAgent, address };
}

/** Of the key itself only what lists show of it. */
export function apiKeyState(key: ApiKey): AuditState {
  const { id, applicationId, title, platform, type, readOnly, prefix, suffix, expires } = key;
  const rateLimit = key.rateLimit ?? null;
  const timeOffset = key.timeOffset ?? 0;
  const maskedKey = `${prefix}…${suffix}`;
  return {
    id,
    applicationId,
    title,
    platform,
    type,
    readOnly,
    rateLimit,
    timeOffset,
    maskedKey,
    expires: auditTime(expires),
  };
}

/** The same of a management key. */
export function managementKeyAuditState(key: ManagementKey): AuditState {
  const { id, name, applicationIds, disabled, createdBy, prefix, suffix, expires } = key;
  const endpoints = key.endpoints.map(({ method, path }) => `${method} ${path}`);
  const maskedKey = `${prefix}…${suffix}`;
  return { id, name, endpoints, applicationIds, disabled, createdBy, maskedKey, expires: auditTime(expires) };
}

// ---- reading it

/** Which entries are asked for; absent: all. Times are ms since the epoch, and exclusive. */
export interface AuditFilter {
  readonly applicationId?: number | undefined;
  /** Only entries of these Applications: what the caller may see. */
  readonly visibleApplicationIds?: readonly number[] | undefined;
  /** Part of the entity's path, in any case. */
  readonly entityPath?: string | undefined;
  /** 0: the command line. */
  readonly userId?: number | undefined;
  readonly createdBefore?: number | undefined;
  readonly createdAfter?: number | undefined;
  readonly managementKeyId?: number | undefined;
}

/** A part of the log in the order of its numbers, which is that of time. */
export interface AuditPage {
  readonly limit: number;
  readonly skip: number;
  readonly descending: boolean;
  /** Number of the last entry of the page before. */
  readonly after?: number | undefined;
  /** True to count all entries that fit, as of the same moment. */
  readonly countAll?: boolean;
}

export interface AuditSlice {
  readonly entries: readonly AuditEntry[];
  /** Undefined unless `countAll`. */
  readonly total: number | undefined;
}
