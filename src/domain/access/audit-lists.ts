/** Reads the audit log, for callers with the right to. */

import type { Operation } from '../operation.ts';
import type { AuditFilter, AuditPage, AuditSlice } from './audit-log.ts';
import type { AccessStorage } from './storage.ts';
import { userEmails } from './user-lookups.ts';

/** A part of the audit log, and the users it mentions. */
export interface NamedAuditSlice extends AuditSlice {
  /** The e-mail of every user by ID; deleted users are missing. */
  readonly emails: ReadonlyMap<number, string>;
}

/** Lists entries of the audit log. */
export async function listAuditEntries(
  core: Operation<AccessStorage>,
  filter: AuditFilter,
  page: AuditPage,
): Promise<NamedAuditSlice> {
  const [slice, emails] = await Promise.all([core.storage.accounts.listAuditEntries(filter, page), userEmails(core)]);
  return { ...slice, emails };
}
