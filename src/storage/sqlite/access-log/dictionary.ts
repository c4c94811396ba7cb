/** Words that many entries share, stored once: operations, keys, causes. */

import type { Connection } from '../database.ts';

// Senders influence the text of causes; beyond this many the cache starts anew.
const MAX_CACHED = 5000;

export class LogDictionary {
  readonly #operations = new Map<string, number>();
  readonly #titles = new Map<number, string>();
  readonly #causes = new Map<string, number>();
  readonly #addOperation;
  readonly #findOperation;
  readonly #saveKey;
  readonly #addCause;
  readonly #findCause;

  constructor(database: Connection) {
    this.#addOperation = database
      .prepare<[string], number>('insert into operations (name) values (?) on conflict do nothing returning id')
      .pluck();
    this.#findOperation = database.prepare<[string], number>('select id from operations where name = ?').pluck();
    this.#saveKey = database.prepare<[number, string, number]>(
      'insert into keys values (?, ?, ?) on conflict do update set title = excluded.title',
    );
    this.#addCause = database
      .prepare<[number, number, string, string | null, string | null], number>(`
        insert into causes (status, operation_id, text, mend_attribute, mark) values (?, ?, ?, ?, ?)
        on conflict do nothing returning id`)
      .pluck();
    this.#findCause = database
      .prepare<[number, number, string], number>(
        'select id from causes where status = ? and operation_id = ? and text = ?',
      )
      .pluck();
  }

  /** Clears the cache after a transaction was rolled back. */
  clear(): void {
    this.#operations.clear();
    this.#titles.clear();
    this.#causes.clear();
  }

  /** The number of an operation, assigned if necessary. */
  operation(name: string): number {
    let id = this.#operations.get(name);
    if (id === undefined) {
      id = this.#addOperation.get(name) ?? this.knownOperation(name) ?? 0;
      this.#operations.set(name, id);
    }
    return id;
  }

  /** The number of an operation that was logged before. */
  knownOperation(name: string): number | undefined {
    return this.#findOperation.get(name);
  }

  /** Stores a key's name; the latest one counts. */
  key(id: number, title: string, applicationId: number): void {
    if (this.#titles.get(id) === title) return;
    this.#saveKey.run(id, title, applicationId);
    this.#titles.set(id, title);
  }

  /** The number of a cause or, with its JSON, of a mark. */
  cause(status: number, operationId: number, text: string, mend: string, mark?: string): number {
    const cacheKey = `${status} ${operationId} ${text}`;
    let id = this.#causes.get(cacheKey);
    if (id === undefined) {
      const added = this.#addCause.get(status, operationId, text, mend === '' ? null : mend, mark ?? null);
      id = added ?? this.#findCause.get(status, operationId, text) ?? 0;
      if (this.#causes.size >= MAX_CACHED) this.#causes.clear();
      this.#causes.set(cacheKey, id);
    }
    return id;
  }

  knownCause(status: number, operationId: number, text: string): number | undefined {
    return this.#findCause.get(status, operationId, text);
  }
}
