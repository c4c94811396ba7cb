/** The index entries of a changed profile: under the sets it is a member of, and under its attribute values. */

import { valueKey } from '../definitions/attribute-values.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { ProfileDraft } from './batch.ts';

/** The sets in a profile's row, and the member rows to add and remove. */
export interface FiledSets {
  readonly sets: readonly number[];
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/** An attribute whose value changes in the index. */
export interface Refiling {
  readonly attributeId: number;
  /** The previous key; undefined if there was no value. */
  readonly before: number | undefined;
  /** The key it is now filed under; undefined if it has no value. */
  readonly after: number | undefined;
}

/**
 * Returns the sets that the profile is saved with. Dead sets are dropped; their member rows stay, since they are purged
 * set by set.
 */
export function filedSets({ sets, storedSets }: ProfileDraft, catalog: Catalog): FiledSets {
  const live = sets.filter((set) => catalog.isSetInUse(set));
  return {
    sets: live,
    added: live.filter((set) => !storedSets.includes(set)),
    removed: storedSets.filter((set) => !sets.includes(set)),
  };
}

/** Returns the changes in the index of attribute values: none where a value is equal. */
export function refilings({ valueChanges }: ProfileDraft, catalog: Catalog): Refiling[] {
  const refiled: Refiling[] = [];
  for (const [name, { before, after }] of valueChanges ?? []) {
    const attribute = catalog.attributes.get(name);
    if (attribute === undefined || before === after) continue;
    const { id: attributeId, type } = attribute;
    const old = before === undefined ? undefined : valueKey(type, before);
    const key = after === undefined ? undefined : valueKey(type, after);
    if (old !== key) refiled.push({ attributeId, before: old, after: key });
  }
  return refiled;
}
