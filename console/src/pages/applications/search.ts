/** What of these pages is in their address. */

export interface ApiKeysSearch {
  /** The drawer is open. */
  create?: 1;
}

export function apiKeysSearch(search: Record<string, unknown>): ApiKeysSearch {
  return search['create'] === 1 ? { create: 1 } : {};
}
