/** Records imports of whole lists within the writer's synchronous transactions. */

import type { Actor } from '../../domain/actor.ts';
import type { Import } from '../../domain/definitions/imports.ts';
import type { WarningCounts } from '../../domain/list-warnings.ts';
import { INSERT_IMPORT, importValues } from '../sql/imports.ts';
import type { SqliteWriter } from './writer.ts';

/** @param entityId the entity that the list belongs to, an audience */
export function recordImport(
  writer: SqliteWriter,
  { userId }: Actor,
  entity: Import['entity'],
  entityId: number,
  amount: number,
  warnings: WarningCounts,
): Import {
  const done = { created: writer.now(), userId, entity, amount, warnings };
  const insert = writer.database.prepare<unknown[], number>(INSERT_IMPORT).pluck();
  return { id: insert.get(...importValues({ entityId, ...done })) as number, ...done };
}
