/** The part of these pages' state that is kept in the address. */

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
}

/** Leaves out absent parts, so that addresses stay short. */
function given<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search;
}

export interface UsersSearch {
  /** The drawer that creates a user is open. */
  create?: 1 | undefined;
  /** The user who is being edited or given a new password. */
  edit?: number | undefined;
  reset?: number | undefined;
}

export function usersSearch(search: Record<string, unknown>): UsersSearch {
  return given({
    create: search['create'] === 1 ? (1 as const) : undefined,
    edit: numberOf(search['edit']),
    reset: numberOf(search['reset']),
  });
}

export interface SessionsSearch {
  /** Whose sessions; the current user's when absent. */
  user?: number | undefined;
}

export function sessionsSearch(search: Record<string, unknown>): SessionsSearch {
  return given({ user: numberOf(search['user']) });
}

export interface ManagementKeysSearch {
  create?: 1 | undefined;
}

export function managementKeysSearch(search: Record<string, unknown>): ManagementKeysSearch {
  return given({ create: search['create'] === 1 ? (1 as const) : undefined });
}

export interface AuditLogSearch {
  /** Part of the path of the entity that changed. */
  path?: string | undefined;
  /** 0 means the command line. */
  user?: number | undefined;
  application?: number | undefined;
  key?: number | undefined;
  /** First and last day, in the viewer's time zone. */
  from?: string | undefined;
  until?: string | undefined;
  cursor?: string | undefined;
}

export function auditLogSearch(search: Record<string, unknown>): AuditLogSearch {
  return given({
    path: textOf(search['path']),
    user: numberOf(search['user']),
    application: numberOf(search['application']),
    key: numberOf(search['key']),
    from: dayOf(search['from']),
    until: dayOf(search['until']),
    cursor: textOf(search['cursor']),
  });
}
