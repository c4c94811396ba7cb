/** A change as the audit log is asked to keep it; every room that changes something writes one. */

import type { JsonValue } from './json-value.ts';

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

/** The record of a change from one state to another; `path` names the thing. */
export function auditRecord(
  path: string,
  states: { old?: AuditState | undefined; new?: AuditState | undefined },
  applicationId?: number,
): AuditRecord {
  return { entity: path, applicationId, old: states.old, new: states.new };
}

/** A time (ms since the epoch) as the audit log shows it. */
export const auditTime = (ms: number): string => new Date(ms).toISOString();
