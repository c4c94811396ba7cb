/** What of these pages is in their address. */

import { given, idOf, oneOf, textOf } from '../../parts/search-params.ts';
import { ENTITIES, type Entity, TYPES, type ValueType } from './words.ts';

export const SORTS = ['name', '-created', 'type'] as const;

export interface AttributesSearch {
  /** The drawer that makes one is open. */
  create?: 1 | undefined;
  /** The name the drawer starts with. */
  name?: string | undefined;
  /** Number of the attribute whose drawer is open. */
  edit?: number | undefined;
  q?: string | undefined;
  entity?: Entity | undefined;
  type?: ValueType | undefined;
  /** Absent: by name. */
  sort?: (typeof SORTS)[number] | undefined;
}

export function attributesSearch(search: Record<string, unknown>): AttributesSearch {
  return given({
    create: search['create'] === 1 ? (1 as const) : undefined,
    name: textOf(search['name']),
    edit: idOf(search['edit']),
    q: textOf(search['q']),
    entity: oneOf(search['entity'], ENTITIES),
    type: oneOf(search['type'], TYPES),
    sort: oneOf(search['sort'], SORTS),
  });
}
