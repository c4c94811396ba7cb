/** The part of these pages' state that is kept in the address. */

export interface CreateSearch {
  /** The drawer is open. */
  create?: 1 | undefined;
}

export function applicationsSearch(search: Record<string, unknown>): CreateSearch {
  return search['create'] === 1 ? { create: 1 } : {};
}

export function apiKeysSearch(search: Record<string, unknown>): CreateSearch {
  return search['create'] === 1 ? { create: 1 } : {};
}
