/** A change in the form in which it is added to the audit log; every room that changes something writes one. */

import type { JsonValue } from './json-value.ts';

/** The state of an entity, as people may see it. */
export type AuditState = Readonly<Record<string, JsonValue>>;

/** One change to be recorded. `old` is absent on creation, `new` on deletion (Management API, `Change`). */
export interface AuditRecord {
  /** API path of the entity, e.g. `/v1/attributes/3`. */
  readonly entity: string;
  readonly applicationId?: number | undefined;
  readonly old?: AuditState | undefined;
  readonly new?: AuditState | undefined;
}

/** The record of a change from one state to another; `path` identifies the entity. */
export function auditRecord(
  path: string,
  states: { old?: AuditState | undefined; new?: AuditState | undefined },
  applicationId?: number,
): AuditRecord {
  return { entity: path, applicationId, old: states.old, new: states.new };
}

/** A time (ms since the epoch) in the form used by the audit log. */
export const auditTime = (ms: number): string => new Date(ms).toISOString();
