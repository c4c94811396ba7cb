/** The part of these pages' state that is kept in the address. */

export const SORTS = ['name', '-membersCount', 'membersCount', '-lastUpdate', 'lastUpdate', '-name'] as const;
export type AudienceSort = (typeof SORTS)[number];

export interface AudiencesSearch {
  /** Part of the name, the description or the platform's ID. */
  q?: string | undefined;
  platform?: string | undefined;
  /** Largest first when absent. */
  sort?: AudienceSort | undefined;
  /** The number of audiences to skip. */
  skip?: number | undefined;
  /** The drawer is open. */
  create?: 1 | undefined;
}

export function audiencesSearch(search: Record<string, unknown>): AudiencesSearch {
  const { q, platform, sort, skip, create } = search;
  const known = SORTS.find((each) => each === sort);
  return {
    ...(isText(q) ? { q: String(q) } : {}),
    ...(isText(platform) ? { platform: String(platform) } : {}),
    ...(known === undefined ? {} : { sort: known }),
    ...(typeof skip === 'number' && Number.isSafeInteger(skip) && skip > 0 ? { skip } : {}),
    ...(create === 1 ? { create: 1 as const } : {}),
  };
}

export const TABS = ['members', 'changes', 'attributes', 'import'] as const;
export type AudienceTab = (typeof TABS)[number];
export const RANGES = ['hours', 'month', 'quarter'] as const;
export type AudienceRange = (typeof RANGES)[number];

export interface AudienceSearch {
  /** Members when absent. */
  tab?: AudienceTab | undefined;
  /** The range of the charts; thirty days when absent. */
  range?: AudienceRange | undefined;
  /** Part of the integration ID of the members shown. */
  member?: string | undefined;
  /** Cursor of the page shown in the tab. */
  cursor?: string | undefined;
  /** The drawer is open. */
  edit?: 1 | undefined;
}

export function audienceSearch(search: Record<string, unknown>): AudienceSearch {
  const { tab, range, member, cursor, edit } = search;
  const knownTab = TABS.find((each) => each === tab);
  const knownRange = RANGES.find((each) => each === range);
  return {
    ...(knownTab === undefined ? {} : { tab: knownTab }),
    ...(knownRange === undefined ? {} : { range: knownRange }),
    ...(isText(member) ? { member: String(member) } : {}),
    ...(typeof cursor === 'string' && cursor !== '' ? { cursor } : {}),
    ...(edit === 1 ? { edit: 1 as const } : {}),
  };
}

/** The router parses what looks like a number. */
function isText(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
