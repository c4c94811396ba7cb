/** Keeps a `Catalog` in step with the database: one tiny read tells whether anything changed, and only what did is read. */

import { Catalog } from '../../domain/definitions/catalog.ts';
import {
  type ApplicationRow,
  type AttributeRow,
  type AudienceRow,
  toApplication,
  toAttribute,
  toAudience,
} from '../sql/rows.ts';
import type { Connection } from './database.ts';

export class CatalogCache {
  #catalog = new Catalog();
  #version = -1;
  #epoch = '';
  readonly #database: Connection;
  readonly #readVersion;
  readonly #readEpoch;
  readonly #readApplications;
  readonly #readAttributes;
  readonly #readAudiences;

  constructor(database: Connection) {
    this.#database = database;
    this.#readVersion = database.prepare<[], number>('select version from catalog_version').pluck();
    this.#readEpoch = database.prepare<[], string>('select epoch from catalog_version').pluck();
    this.#readApplications = database.prepare<[number], ApplicationRow>(
      'select * from applications where version > ? order by version, id',
    );
    this.#readAttributes = database.prepare<[number], AttributeRow>(
      'select * from attributes where version > ? order by version, id',
    );
    this.#readAudiences = database.prepare<[number], AudienceRow>(
      'select * from audiences where version > ? order by version, id',
    );
  }

  /** The version the cached catalog has. */
  get version(): number {
    return this.#version;
  }

  /** The catalog as of the connection's current snapshot. */
  current(): Catalog {
    return this.at(this.#versionNow());
  }

  /** The catalog, no older than a version read together with other rows. */
  at(version: number): Catalog {
    if (version !== this.#version) this.#refresh();
    return this.#catalog;
  }

  /** The cached catalog now equals what was committed as `version`. */
  advanceTo(version: number): void {
    this.#version = version;
  }

  /** Forgets everything, after a transaction whose changes were already made to the cached catalog was rolled back. */
  invalidate(): void {
    this.#version = -1;
    this.#epoch = '';
  }

  #versionNow(): number {
    const version = this.#readVersion.get();
    if (version === undefined) throw new Error('The database lacks its catalog version');
    return version;
  }

  /** Reads what changed, all of it from one snapshot. */
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
    const version = this.#versionNow();
    const epoch = this.#readEpoch.get() ?? '';
    if (epoch !== this.#epoch) {
      this.#catalog = new Catalog();
      this.#version = -1;
    }
    const since = this.#version;
    for (const row of this.#readApplications.iterate(since)) this.#catalog.putApplication(toApplication(row));
    for (const row of this.#readAttributes.iterate(since)) this.#catalog.putAttribute(toAttribute(row));
    for (const row of this.#readAudiences.iterate(since)) {
      if (row.deleted === null) this.#catalog.putAudience(toAudience(row));
      else this.#catalog.removeAudience(row.id);
    }
    this.#version = version;
    this.#epoch = epoch;
  }
}
