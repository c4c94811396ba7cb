/** Notes imports of whole lists, within the transaction that makes them take effect. */

import type { Actor } from '../../domain/actor.ts';
import type { Import } from '../../domain/definitions/imports.ts';
import type { WarningCounts } from '../../domain/list-warnings.ts';
import type { SqliteWriter } from './writer.ts';

/** @param entityId what the list belongs to: an audience, an attribute */
export function recordImport(
  writer: SqliteWriter,
  actor: Actor,
  entity: Import['entity'],
  entityId: number,
  amount: number,
  warnings: WarningCounts,
): Import {
  const created = writer.now();
  const { lastInsertRowid } = writer.database
    .prepare('insert into imports (created, user_id, entity, entity_id, amount) values (?, ?, ?, ?, ?)')
    .run(created, actor.userId ?? null, entity, entityId, amount);
  return { id: Number(lastInsertRowid), created, userId: actor.userId, entity, amount, warnings };
}
