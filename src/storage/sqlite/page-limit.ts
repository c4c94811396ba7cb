/** Bounds a database's size, and keeps a little of it for the writes that make room. */

import type { Connection } from './database.ts';

// A deletion adds a few entries before its rows go: some hundred KB, less of a small database.
const RESERVED_PAGES = 64;
const RESERVED_SHARE = 16;

export class PageLimit {
  readonly #database: Connection;
  readonly #pages: number | undefined;

  /** @param maxBytes the size beyond which writes are refused like those on a full disk; undefined for no bound */
  constructor(database: Connection, maxBytes: number | undefined) {
    this.#database = database;
    if (maxBytes === undefined) return;
    const pageBytes = database.pragma('page_size', { simple: true }) as number;
    this.#pages = Math.max(1, Math.floor(maxBytes / pageBytes));
    this.#set(this.#unreserved);
  }

  /** Runs work that makes room: it may use what is kept from others. */
  lifted<T>(work: () => T): T {
    if (this.#pages === undefined) return work();
    this.#set(this.#pages);
    try {
      return work();
    } finally {
      this.#set(this.#unreserved);
    }
  }

  get #unreserved(): number {
    const pages = this.#pages ?? 0;
    return pages - Math.min(RESERVED_PAGES, Math.floor(pages / RESERVED_SHARE));
  }

  /** A database that is larger already stays as large as it is. */
  #set(pages: number): void {
    this.#database.pragma(`max_page_count = ${pages}`);
  }
}
