/** Records imports of whole lists, each in the transaction that puts it into effect. */

import type { Import } from '../../domain/definitions/imports.ts';
import type { Queries, SqlValue } from './db.ts';

/** @param entityId what the list belongs to: an audience or an attribute */
export type NewImport = Omit<Import, 'id'> & { readonly entityId: number };

/** Adds an import and returns its ID as `id`; its parameters are those of `importValues`. */
export const INSERT_IMPORT =
  'insert into imports (created, user_id, entity, entity_id, amount) values (?, ?, ?, ?, ?) returning id';

export function importValues({ created, userId, entity, entityId, amount }: NewImport): SqlValue[] {
  return [created, userId ?? null, entity, entityId, amount];
}

/** Records an import. @returns it, with its ID */
export async function recordImport(tx: Queries, { entityId, ...rest }: NewImport): Promise<Import> {
  const row = await tx.get<{ id: number }>(INSERT_IMPORT, ...importValues({ entityId, ...rest }));
  if (row === undefined) throw new Error('An import got no ID');
  return { id: row.id, ...rest };
}
