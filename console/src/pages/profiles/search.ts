/** The part of these pages' state that is kept in the address. */

import { given, oneOf, textOf } from '../../parts/search-params.ts';

export interface ProfilesSearch {
  /** Exact integration ID. */
  id?: string | undefined;
  /** The attribute to search by, and the value it must have, as typed. */
  attribute?: string | undefined;
  value?: string | undefined;
  cursor?: string | undefined;
}

export function profilesSearch(search: Record<string, unknown>): ProfilesSearch {
  const attribute = textOf(search['attribute']);
  return given({
    id: textOf(search['id']),
    attribute,
    value: attribute === undefined ? undefined : textOf(search['value']),
    cursor: textOf(search['cursor']),
  });
}

export const PROFILE_TABS = ['attributes', 'audiences', 'timeline'] as const;

export interface ProfileSearch {
  /** The timeline when absent. */
  tab?: Exclude<(typeof PROFILE_TABS)[number], 'timeline'> | undefined;
  /** Cursor of the timeline's page. */
  cursor?: string | undefined;
}

export function profileSearch(search: Record<string, unknown>): ProfileSearch {
  return given({ tab: oneOf(search['tab'], ['attributes', 'audiences']), cursor: textOf(search['cursor']) });
}
