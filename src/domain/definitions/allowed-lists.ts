/** Lists of the values an attribute allows: replacing a whole list. */

import { invalid } from '../errors.ts';
import type { WarningCounts } from '../list-warnings.ts';
import type { Operation } from '../operation.ts';
import { notEditable } from './attributes.ts';
import type { Import } from './imports.ts';
import { findAttribute } from './lookups.ts';
import type { DefinitionStorage } from './storage.ts';

/** The most items in a list (Management API). */
export const MAX_ALLOWED_VALUES = 500_000;

/**
 * Replaces the values an attribute allows. The new list is gathered out of sight and takes effect in one step; until
 * then, and when anything fails, the attribute is unchanged. Existing values of profiles are not checked again.
 * @param chunks the values in the form of `canonicalText`, at most some thousands at a time
 * @param warnings warnings about the list; stored with the import
 * @throws DomainError `not_found`; `conflict` (another import is in progress); `invalid` for an attribute that is not
 * editable or too many values; or whatever `chunks` throws
 */
export async function replaceAllowedList(
  core: Operation<DefinitionStorage>,
  attributeId: number,
  chunks: AsyncIterable<readonly string[]>,
  warnings: WarningCounts = {},
): Promise<Import> {
  const attribute = await findAttribute(core, attributeId);
  if (!attribute.editable) throw notEditable(attribute);
  const list = await core.storage.beginAllowedList(attributeId);
  try {
    let count = 0;
    for await (const chunk of chunks) {
      count += chunk.length;
      if (count > MAX_ALLOWED_VALUES) {
        throw invalid(`The list contains more than ${MAX_ALLOWED_VALUES} items`, { line: 'N/A' }, 'limit');
      }
      await core.storage.addAllowedValues(attributeId, list, chunk);
    }
    return await core.storage.finishAllowedList(core.actor, attributeId, list, { entries: count, warnings });
  } catch (error) {
    await core.storage.abandonAllowedList(attributeId, list);
    throw error;
  }
}
