/**
 * The catalog in tables: every change of a definition increments one version, the changed rows carry it, and caches
 * read those.
 */

import type { Catalog } from '../../domain/definitions/catalog.ts';
import { type AttributeJobRow, toAttributeJob } from './attribute-jobs.ts';
import type { Queries } from './db.ts';
import {
  type ApplicationRow,
  type AttributeRow,
  type AudienceRow,
  toApplication,
  toAttribute,
  toAudience,
} from './rows.ts';

/** Increments the version and returns the new one as `version`. */
export const RAISE_CATALOG_VERSION = 'update catalog_version set version = version + 1 returning version';

/** Increments the catalog's version within the transaction that changes a definition. @returns the new version */
export async function raiseCatalogVersion(tx: Queries): Promise<number> {
  const row = await tx.get<{ version: number }>(RAISE_CATALOG_VERSION);
  if (row === undefined) throw new Error('The database lacks its catalog version');
  return row.version;
}

/** The version, and the epoch, which changes when a restore replaces all data under running readers. */
export const CATALOG_VERSION = 'select version, epoch from catalog_version';

/**
 * Statements that read what changed after a version, on one snapshot; each takes the version. Jobs are few and
 * short-lived, so after any change all pending ones are read (`PENDING_ATTRIBUTE_JOBS`).
 */
export const CATALOG_CHANGES = {
  applications: 'select * from applications where version > ? order by version, id',
  attributes: 'select * from attributes where version > ? order by version, id',
  audiences: 'select * from audiences where version > ? order by version, id',
};

export interface CatalogChanges {
  readonly applications: Iterable<ApplicationRow>;
  readonly attributes: Iterable<AttributeRow>;
  readonly audiences: Iterable<AudienceRow>;
  /** All that are pending. */
  readonly attributeJobs: readonly AttributeJobRow[];
}

/** Updates a catalog with changed rows. */
export function applyChanges(catalog: Catalog, changes: CatalogChanges): void {
  const { applications, attributes, audiences, attributeJobs } = changes;
  for (const row of applications) catalog.putApplication(toApplication(row));
  for (const row of attributes) catalog.putAttribute(toAttribute(row));
  for (const row of audiences) {
    if (row.deleted === null) catalog.putAudience(toAudience(row));
    else catalog.removeAudience(row.id);
  }
  catalog.putAttributeJobs(attributeJobs.map(toAttributeJob));
}
