/** Limits a database's size, with a small reserve for writes that free space. */

import type { Connection } from './database.ts';

// A deletion adds a few entries before its rows are removed: some hundred KB, less in a small database.
const RESERVED_PAGES = 64;
const RESERVED_SHARE = 16;

export class PageLimit {
  readonly #database: Connection;
  readonly #pages: number | undefined;

  /** @param maxBytes the size beyond which writes are refused as on a full disk; undefined for no limit */
  constructor(database: Connection, maxBytes: number | undefined) {
    this.#database = database;
    if (maxBytes === undefined) return;
    const pageBytes = database.pragma('page_size', { simple: true }) as number;
    this.#pages = Math.max(1, Math.floor(maxBytes / pageBytes));
    this.#set(this.#unreserved);
  }

  /** Runs work that frees space: it may use the reserve. */
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

  /** A larger database keeps its size. */
  #set(pages: number): void {
    this.#database.pragma(`max_page_count = ${pages}`);
  }
}
