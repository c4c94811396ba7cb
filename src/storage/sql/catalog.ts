/** The catalog's version: every change of a definition raises it, and the rows it changes carry it. */

import type { Queries } from './db.ts';

/** Raises the version and gives the new one as `version`. */
export const RAISE_CATALOG_VERSION = 'update catalog_version set version = version + 1 returning version';

/** Raises the catalog's version within the transaction that changes a definition. @returns the new version */
export async function raiseCatalogVersion(tx: Queries): Promise<number> {
  const row = await tx.get<{ version: number }>(RAISE_CATALOG_VERSION);
  if (row === undefined) throw new Error('The database lacks its catalog version');
  return row.version;
}
