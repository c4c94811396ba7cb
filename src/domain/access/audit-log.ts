/** The audit log: who changed what in the back office, with the state before and after; never a secret. */

import type { Application } from '../definitions/applications.ts';
import type { Attribute, JsonValue } from '../definitions/attributes.ts';
import type { Audience } from '../definitions/audiences.ts';
import type { ApiKey } from './api-keys.ts';
import type { ManagementKey } from './management-keys.ts';
import type { Session } from './sessions.ts';
import type { User } from './users.ts';

/** Who changes something. Both undefined: the command line, or the product itself. */
export interface Actor {
  readonly userId?: number | undefined;
  /** The management key used; its creator is `userId`. */
  readonly managementKeyId?: number | undefined;
}

export const COMMAND_LINE: Actor = {};

/** A thing's state as people may see it. */
export type AuditState = Readonly<Record<string, JsonValue>>;

/** One change, as the store is asked to keep it. `old` is absent on creation, `new` on deletion (Management API, `Change`). */
export interface AuditRecord {
  /** API path of what changed, e.g. `/v1/attributes/3`. */
  readonly entity: string;
  readonly applicationId?: number | undefined;
  readonly old?: AuditState | undefined;
  readonly new?: AuditState | undefined;
}

/** One entry of the log. */
export interface AuditEntry extends AuditRecord {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  readonly userId: number | undefined;
  readonly managementKeyId: number | undefined;
}

/** The record of a change from one state to another; `path` names the thing. */
export function auditRecord(
  path: string,
  states: { old?: AuditState | undefined; new?: AuditState | undefined },
  applicationId?: number,
): AuditRecord {
  return { entity: path, applicationId, old: states.old, new: states.new };
}

const time = (ms: number): string => new Date(ms).toISOString();

export function applicationState(application: Application): AuditState {
  const { id, name, environment, timezone, currency, description, payloadLogging, staging } = application;
  return { id, name, environment, timezone, currency, description, payloadLogging, staging };
}

export function attributeState(attribute: Attribute): AuditState {
  const { created, allowedList, details, ...state } = attribute;
  return { ...state, ...details, allowedList: allowedList ?? null, created: time(created) };
}

export function audienceState(audience: Audience): AuditState {
  const { id, name, description, environment, applicationIds } = audience;
  const [integration, integrationId] = [audience.integration ?? null, audience.integrationId ?? null];
  return { id, name, description, environment, integration, integrationId, applicationIds };
}

export function userState(user: User): AuditState {
  const { id, email, name, isAdmin, state } = user;
  return { id, email, name, isAdmin, state };
}

/** Where and with what a user is signed in; of the token nothing. */
export function sessionState(session: Session): AuditState {
  const { id, userId, kind, created, userAgent, address } = session;
  return { id, userId, kind, created: time(created), userAgent, address };
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
    expires: time(expires),
  };
}

/** The same of a management key. */
export function managementKeyAuditState(key: ManagementKey): AuditState {
  const { id, name, applicationIds, disabled, createdBy, prefix, suffix, expires } = key;
  const endpoints = key.endpoints.map(({ method, path }) => `${method} ${path}`);
  const maskedKey = `${prefix}…${suffix}`;
  return { id, name, endpoints, applicationIds, disabled, createdBy, maskedKey, expires: time(expires) };
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
