/** Who looked at payloads: they may tell of people, so each look is in the audit log. */

import { auditRecord } from '../audit-record.ts';
import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';

/** Writes down that payloads were shown. @param path API path of what was looked at */
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
