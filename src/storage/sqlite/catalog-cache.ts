/** Keeps a `Catalog` in step with the database: one tiny read tells whether anything changed, and only what did is read. */

import { Catalog } from '../../domain/catalog.ts';
import type { Connection } from './database.ts';
import {
  type ApplicationRow,
  type AttributeRow,
  type AudienceRow,
  toApplication,
  toAttribute,
  toAudience,
} from './rows.ts';

export interface CatalogVersion {
  readonly version: number;
  readonly epoch: string;
}

export class CatalogCache {
  #catalog = new Catalog();
  #version = -1;
  #epoch = '';
  readonly #readVersion;
  readonly #readApplications;
  readonly #readAttributes;
  readonly #readAudiences;

  constructor(database: Connection) {
    this.#readVersion = database.prepare<[], CatalogVersion>('select version, epoch from catalog_version');
    this.#readApplications = database.prepare<[number], ApplicationRow>('select * from applications where version > ? order by version, id');
    this.#readAttributes = database.prepare<[number], AttributeRow>('select * from attributes where version > ? order by version, id');
    this.#readAudiences = database.prepare<[number], AudienceRow>('select * from audiences where version > ? order by version, id');
  }

  /** The version the cached catalog has. */
  get version(): number {
    return this.#version;
  }

  /** The catalog as of the connection's current snapshot. */
  current(): Catalog {
    const now = this.#readVersion.get();
    if (now === undefined) throw new Error('The database lacks its catalog version');
    return this.at(now);
  }

  /** The catalog, no older than a version read together with other rows. */
  at(known: CatalogVersion): Catalog {
    if (known.epoch !== this.#epoch) {
      this.#catalog = new Catalog();
      this.#version = -1;
    }
    if (known.version !== this.#version) this.#refresh(known);
    return this.#catalog;
  }

  /** The cached catalog now equals what was committed as `version`. */
  advanceTo(version: number): void {
    this.#version = version;
  }

  /** Forgets everything, after a transaction whose changes were already made to the cached catalog was rolled back. */
  invalidate(): void {
    this.#epoch = '';
  }

  #refresh(known: CatalogVersion): void {
    const since = this.#version;
    for (const row of this.#readApplications.iterate(since)) this.#catalog.putApplication(toApplication(row));
    for (const row of this.#readAttributes.iterate(since)) this.#catalog.putAttribute(toAttribute(row));
    for (const row of this.#readAudiences.iterate(since)) {
      if (row.deleted === null) this.#catalog.putAudience(toAudience(row));
      else this.#catalog.removeAudience(row.id);
    }
    this.#version = known.version;
    this.#epoch = known.epoch;
  }
}
