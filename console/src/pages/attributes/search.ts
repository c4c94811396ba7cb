/** The part of these pages' state that is kept in the address. */

import { given, idOf, oneOf, textOf } from '../../parts/search-params.ts';
import { ENTITIES, type Entity, TYPES, type ValueType } from './words.ts';

export const SORTS = ['name', '-created', 'type'] as const;

export interface AttributesSearch {
  /** The drawer that creates an attribute is open. */
  create?: 1 | undefined;
  /** The name the drawer starts with. */
  name?: string | undefined;
  /** ID of the attribute whose drawer is open. */
  edit?: number | undefined;
  q?: string | undefined;
  entity?: Entity | undefined;
  type?: ValueType | undefined;
  /** By name when absent. */
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
