/** The audit log entry of a replayed write, in addition to those of its changes. */

import { auditRecord } from '../audit-record.ts';
import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';

export interface ReplayRecord {
  /** The request that was refused. */
  readonly uuid: string;
  readonly applicationId: number;
  /** The HTTP status of the replay. */
  readonly status: number;
  readonly joins: number;
  readonly leaves: number;
  /** The number of its effects that newer writes have superseded. */
  readonly skipped: number;
  readonly override: boolean;
}

export async function recordReplay(
  core: Operation<AccessStorage>,
  { uuid, applicationId, ...state }: ReplayRecord,
): Promise<void> {
  const record = auditRecord(`/v1/refused_writes/${uuid}`, { new: state }, applicationId);
  await core.storage.accounts.recordAudit(core.actor, record);
}
