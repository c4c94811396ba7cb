/**
 * Keeps a `Catalog` in step with the database: one tiny read tells whether anything changed, and only changes are read.
 */

import { Catalog } from '../../domain/definitions/catalog.ts';
import { type AttributeJobRow, PENDING_ATTRIBUTE_JOBS } from '../sql/attribute-jobs.ts';
import { applyChanges, CATALOG_CHANGES, CATALOG_VERSION } from '../sql/catalog.ts';
import type { ApplicationRow, AttributeRow, AudienceRow } from '../sql/rows.ts';
import type { Connection } from './database.ts';

export class CatalogCache {
  #catalog = new Catalog();
  #version = -1;
  #epoch = '';
  readonly #database: Connection;
  readonly #readVersion;
  readonly #readState;
  readonly #readApplications;
  readonly #readAttributes;
  readonly #readAudiences;
  readonly #readAttributeJobs;

  constructor(database: Connection) {
    this.#database = database;
    this.#readVersion = database.prepare<[], number>('select version from catalog_version').pluck();
    this.#readState = database.prepare<[], { version: number; epoch: string }>(CATALOG_VERSION);
    this.#readApplications = database.prepare<[number], ApplicationRow>(CATALOG_CHANGES.applications);
    this.#readAttributes = database.prepare<[number], AttributeRow>(CATALOG_CHANGES.attributes);
    this.#readAudiences = database.prepare<[number], AudienceRow>(CATALOG_CHANGES.audiences);
    this.#readAttributeJobs = database.prepare<[], AttributeJobRow>(PENDING_ATTRIBUTE_JOBS);
  }

  /** The version the cached catalog has. */
  get version(): number {
    return this.#version;
  }

  /** The catalog as of the connection's current snapshot. */
  current(): Catalog {
    if (this.#versionNow() !== this.#version) this.#refresh();
    return this.#catalog;
  }

  /** Marks the cached catalog as equal to what was committed as `version`. */
  advanceTo(version: number): void {
    this.#version = version;
  }

  /** Discards the cache, after the rollback of a transaction whose changes were already made to it. */
  invalidate(): void {
    this.#version = -1;
    this.#epoch = '';
  }

  #versionNow(): number {
    const version = this.#readVersion.get();
    if (version === undefined) throw new Error('The database lacks its catalog version');
    return version;
  }

  /** Reads all changes from one snapshot. */
  #refresh(): void {
    if (this.#database.inTransaction) this.#readChanges();
    else {
      this.#database.exec('begin');
      try {
        this.#readChanges();
      } finally {
        this.#database.exec('rollback');
      }
    }
  }

  #readChanges(): void {
    const state = this.#readState.get();
    if (state === undefined) throw new Error('The database lacks its catalog version');
    if (state.epoch !== this.#epoch) {
      this.#catalog = new Catalog();
      this.#version = -1;
    }
    const since = this.#version;
    applyChanges(this.#catalog, {
      applications: this.#readApplications.iterate(since),
      attributes: this.#readAttributes.iterate(since),
      audiences: this.#readAudiences.iterate(since),
      attributeJobs: this.#readAttributeJobs.all(),
    });
    this.#version = state.version;
    this.#epoch = state.epoch;
  }
}
