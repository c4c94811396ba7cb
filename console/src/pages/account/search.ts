/** What of these pages is in their address. */

export type AuditLogSearch = Record<string, never>;

export function auditLogSearch(_search: Record<string, unknown>): AuditLogSearch {
  return {};
}
