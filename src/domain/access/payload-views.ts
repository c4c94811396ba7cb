/**
 * Records who viewed payloads or exported lists of members: both contain personal data, so each view is in the audit
 * log.
 */

import { auditRecord } from '../audit-record.ts';
import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';

/** Records that payloads were shown. @param path API path of what was viewed */
export async function recordPayloadView(
  core: Operation<AccessStorage>,
  path: string,
  applicationId: number | undefined,
  entries: number,
): Promise<void> {
  if (entries === 0) return;
  await core.storage.accounts.recordAudit(
    core.actor,
    auditRecord(path, { new: { payloadsViewed: entries } }, applicationId),
  );
}

/** Records that all members of an audience were exported. */
export async function recordMemberExport(core: Operation<AccessStorage>, audienceId: number): Promise<void> {
  const record = auditRecord(`/v1/audiences/${audienceId}/memberships/export`, { new: {} });
  await core.storage.accounts.recordAudit(core.actor, record);
}
