/** What of these pages is in their address. */

export type ActivitySearch = Record<string, never>;

export function activitySearch(_search: Record<string, unknown>): ActivitySearch {
  return {};
}
