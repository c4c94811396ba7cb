/** The part of these pages' state that is kept in the address. */

export interface CreateSearch {
  /** The drawer is open. */
  create?: 1 | undefined;
}

export function applicationsSearch(search: Record<string, unknown>): CreateSearch {
  return search['create'] === 1 ? { create: 1 } : {};
}

export interface ApiKeysSearch extends CreateSearch {
  /** ID of the key whose options are shown in a drawer. */
  options?: number | undefined;
}

export function apiKeysSearch(search: Record<string, unknown>): ApiKeysSearch {
  const { create, options } = search;
  if (create === 1) return { create };
  return typeof options === 'number' ? { options } : {};
}
