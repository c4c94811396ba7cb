/**
 * Audit log entries for changes of users and keys: the path of the entity, and what may be shown of it, never a secret.
 */

import { type AuditRecord, type AuditState, auditRecord, auditTime } from '../audit-record.ts';
import type { ApiKey } from './api-keys.ts';
import type { ManagementKey } from './management-keys.ts';
import type { Session } from './sessions.ts';
import type { User } from './users.ts';

/** `old` is absent on creation, `new` on deletion. */
interface Change<Thing> {
  readonly old?: Thing;
  readonly new?: Thing;
}

export function userRecord(change: Change<User>): AuditRecord {
  return recordOf(change, ({ id }) => `/v1/users/${id}`, userState);
}

/** Records that the password was replaced, and by whom; nothing about the password itself. */
export function passwordRecord({ id, email, mustChangePassword }: User): AuditRecord {
  return auditRecord(`/v1/users/${id}/password`, { new: { id, email, mustChangePassword } });
}

export function unlockRecord(user: User): AuditRecord {
  return auditRecord(`/v1/users/${user.id}/unlock`, { new: userState(user) });
}

export function sessionRecord(change: Change<Session>): AuditRecord {
  return recordOf(change, ({ id }) => `/v1/sessions/${id}`, sessionState);
}

/** An entry that belongs to the key's Application, so that callers limited to some Applications see it too. */
export function apiKeyRecord(change: Change<ApiKey>): AuditRecord {
  const path = ({ applicationId, id }: ApiKey): string => `/v1/applications/${applicationId}/apikeys/${id}`;
  return recordOf(change, path, apiKeyState, ({ applicationId }) => applicationId);
}

/** An entry that belongs to no Application, even if the key is limited to some: it is about what a user was granted. */
export function managementKeyRecord(change: Change<ManagementKey>): AuditRecord {
  return recordOf(change, ({ id }) => `/v1/management_keys/${id}`, managementKeyState);
}

function recordOf<Thing>(
  change: Change<Thing>,
  pathOf: (thing: Thing) => string,
  stateOf: (thing: Thing) => AuditState,
  applicationOf?: (thing: Thing) => number,
): AuditRecord {
  const thing = change.new ?? change.old;
  if (thing === undefined) throw new Error('An audit record needs a state before or after the change');
  const states = {
    old: change.old === undefined ? undefined : stateOf(change.old),
    new: change.new === undefined ? undefined : stateOf(change.new),
  };
  return auditRecord(pathOf(thing), states, applicationOf?.(thing));
}

function userState({ id, email, name, isAdmin, state }: User): AuditState {
  return { id, email, name, isAdmin, state };
}

/** Where a user is signed in, and with which client; nothing about the token. */
function sessionState({ id, userId, kind, created, userAgent, address }: Session): AuditState {
  return { id, userId, kind, created: auditTime(created), userAgent, address };
}

/** Only what lists show of the key. */
function apiKeyState(key: ApiKey): AuditState {
  const { id, applicationId, title, platform, type, readOnly, expires } = key;
  return {
    id,
    applicationId,
    title,
    platform,
    type,
    readOnly,
    rateLimit: key.rateLimit ?? null,
    timeOffset: key.timeOffset ?? 0,
    lenientRows: key.lenientRows,
    rowReports: key.rowReports,
    skipUndefinedAttributes: key.skipUndefinedAttributes,
    maskedKey: maskedKey(key),
    expires: auditTime(expires),
  };
}

function managementKeyState(key: ManagementKey): AuditState {
  const { id, name, applicationIds, disabled, createdBy, expires } = key;
  const endpoints = key.endpoints.map(({ method, path }) => `${method} ${path}`);
  return {
    id,
    name,
    endpoints,
    applicationIds,
    disabled,
    createdBy,
    maskedKey: maskedKey(key),
    expires: auditTime(expires),
  };
}

function maskedKey({ prefix, suffix }: Pick<ApiKey, 'prefix' | 'suffix'>): string {
  return `${prefix}…${suffix}`;
}
