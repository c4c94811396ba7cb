/** Reading the audit log: who changed what in the back office, with the state before and after. */

import type { AuditRecord } from '../audit-record.ts';

/** One entry of the log. */
export interface AuditEntry extends AuditRecord {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  readonly userId: number | undefined;
  readonly managementKeyId: number | undefined;
}

/** Which entries are wanted; all when absent. Times are ms since the epoch, and exclusive. */
export interface AuditFilter {
  readonly applicationId?: number | undefined;
  /** Only entries of these Applications: those the caller may see. */
  readonly visibleApplicationIds?: readonly number[] | undefined;
  /** Part of the entity's path, in any case. */
  readonly entityPath?: string | undefined;
  /** 0 means the command line. */
  readonly userId?: number | undefined;
  readonly createdBefore?: number | undefined;
  readonly createdAfter?: number | undefined;
  readonly managementKeyId?: number | undefined;
}

/** A part of the log in the order of its numbers, which is the order of time. */
export interface AuditPage {
  readonly limit: number;
  readonly skip: number;
  readonly descending: boolean;
  /** Number of the last entry of the previous page. */
  readonly after?: number | undefined;
  /** True to count all matching entries, as of the same moment. */
  readonly countAll?: boolean;
}

export interface AuditSlice {
  readonly entries: readonly AuditEntry[];
  /** Undefined unless `countAll`. */
  readonly total: number | undefined;
}
