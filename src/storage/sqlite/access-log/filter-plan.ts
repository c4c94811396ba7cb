/** Turns a filter into the conditions of a query, and chooses an index for it: no query may read the whole log. */

import type { AccessLogFilter } from '../../../access-log/access-log.ts';
import { compilePathPattern, type PathPattern } from '../../../access-log/path-pattern.ts';
import type { StatementCache } from '../statement-cache.ts';
import type { LogDictionary } from './dictionary.ts';
import { MARKED } from './entry-rows.ts';

const MAX_PATTERNS = 16;

export type Bindings = Record<string, number | string | null>;

/** How the database is queried for a filter. */
export interface Plan {
  readonly index: string;
  /** Conditions that the index covers; each is an equality, or lets a partial index apply. */
  readonly indexed: readonly string[];
  /** Conditions checked entry by entry. */
  readonly others: readonly string[];
  readonly bindings: Bindings;
}

export class FilterPlanner {
  readonly #statements: StatementCache;
  readonly #dictionary: LogDictionary;
  readonly #patterns = new Map<string, PathPattern>();

  constructor(statements: StatementCache, dictionary: LogDictionary) {
    this.#statements = statements;
    this.#dictionary = dictionary;
  }

  /** @throws DomainError `invalid` */
  pattern({ path }: AccessLogFilter): PathPattern | undefined {
    if (path === undefined) return undefined;
    let pattern = this.#patterns.get(path);
    if (pattern === undefined) {
      pattern = compilePathPattern(path);
      const [oldest] = this.#patterns.keys();
      if (this.#patterns.size >= MAX_PATTERNS && oldest !== undefined) this.#patterns.delete(oldest);
      this.#patterns.set(path, pattern);
    }
    return pattern;
  }

  /** Chooses the index; undefined when nothing can match the filter. */
  plan(filter: AccessLogFilter): Plan | undefined {
    const indexed: string[] = [];
    const others: string[] = [];
    const bindings: Bindings = {};
    const key = filter.keyId === undefined ? undefined : this.#keyRow(filter.keyId);
    if (filter.keyId !== undefined && key === undefined) return undefined;
    // All requests with a key belong to its Application, which has an index.
    const applicationId = filter.applicationId ?? key?.application_id;
    if (filter.keyId !== undefined) {
      if (filter.applicationId !== undefined && key?.application_id !== filter.applicationId) return undefined;
      others.push('entries.key_id = $keyId');
      bindings['keyId'] = filter.keyId;
    }
    if (filter.operation !== undefined) {
      const operationId = this.#dictionary.knownOperation(filter.operation);
      if (operationId === undefined) return undefined;
      others.push('entries.operation_id = $operationId');
      bindings['operationId'] = operationId;
    }
    if (filter.method !== undefined) {
      others.push('entries.method = $method');
      bindings['method'] = filter.method;
    }
    if (filter.statusCode !== undefined) {
      others.push('entries.status = $statusCode');
      bindings['statusCode'] = filter.statusCode;
    }
    const causes = filter.cause === undefined ? undefined : this.#causes(filter.cause);
    if (causes?.length === 0) return undefined;
    const mark = causes?.[0]?.mark;
    if (typeof mark === 'string') {
      indexed.push(`entries.state >= ${MARKED}`);
      others.push('instr(entries.details, $mark) > 0');
      bindings['mark'] = mark;
      if (filter.status === 'success') others.push('entries.status < 400');
      if (filter.status === 'error') others.push('entries.status >= 400');
      if (applicationId !== undefined) {
        others.push('entries.application_id = $applicationId');
        bindings['applicationId'] = applicationId;
      }
      return { index: 'entries_marked', indexed, others, bindings };
    }
    const causeIds = causes?.map(({ id }) => id);
    const failed = filter.status === 'error' || causeIds !== undefined || (filter.statusCode ?? 0) >= 400;
    if (filter.status === 'success') others.push('entries.status < 400');
    if (causeIds?.length === 1) {
      indexed.push('entries.cause_id = $causeId');
      bindings['causeId'] = causeIds[0] ?? 0;
      if (applicationId !== undefined) {
        others.push('entries.application_id = $applicationId');
        bindings['applicationId'] = applicationId;
      }
      return { index: 'entries_causes', indexed, others, bindings };
    }
    if (causeIds !== undefined) {
      others.push('entries.cause_id in (select value from json_each($causeIds))');
      bindings['causeIds'] = JSON.stringify(causeIds);
    }
    if (failed) indexed.push('entries.status >= 400');
    if (applicationId === undefined) {
      return { index: failed ? 'entries_errors' : 'entries_time', indexed, others, bindings };
    }
    indexed.push('entries.application_id = $applicationId');
    bindings['applicationId'] = applicationId;
    return { index: failed ? 'entries_application_errors' : 'entries_application', indexed, others, bindings };
  }

  #keyRow(keyId: number): { application_id: number } | undefined {
    return this.#statements.get<{ application_id: number }>('select application_id from keys where id = ?').get(keyId);
  }

  #causes(text: string): { id: number; mark: string | null }[] {
    return this.#statements
      .get<{ id: number; mark: string | null }>('select id, mark from causes where text = ?')
      .all(text);
  }
}
