/** Faults that a test has in store for the next requests: what each does, to which requests, and how often it did. */

import { DomainError, invalid } from '../domain/errors.ts';

/** Statuses that a fault may answer with. */
export const FAULT_STATUSES = [429, 500, 502, 503, 504] as const;
export type FaultStatus = (typeof FAULT_STATUSES)[number];

/** What goes wrong, for which requests, and how often. At least one of the effects must be given. */
export interface FaultInput {
  /** The requests it is for; any when absent. */
  readonly method?: string | undefined;
  /** Their path, without the query, as they send it; `*` stands for any text. Any path when absent. */
  readonly path?: string | undefined;
  /** How many requests it is for (1). */
  readonly times?: number | undefined;
  /** Effect: the request is refused with this status, and changes nothing. */
  readonly answer?: FaultStatus | undefined;
  /** The `Retry-After` of a 429 or 503, in seconds (1). */
  readonly retryAfter?: number | undefined;
  /** Effect: the request waits this long, in ms, before anything is done about it. */
  readonly delayMs?: number | undefined;
  /** Effect: the request is applied at once, and its answer waits this long, in ms. */
  readonly answerAfterMs?: number | undefined;
  /** Effect: the connection is closed, before the request is looked at or after it was applied. */
  readonly drop?: 'before' | 'after' | undefined;
}

export interface Fault extends FaultInput {
  readonly id: number;
  /** How many more requests it is for. */
  readonly left: number;
  /** How many requests it happened to. */
  readonly happened: number;
}

interface Kept extends FaultInput {
  readonly id: number;
  readonly matches: (path: string) => boolean;
  left: number;
  happened: number;
}

const MAX_FAULTS = 100;
const MAX_TIMES = 1_000_000;
const MAX_DELAY_MS = 10 * 60_000;
const MAX_RETRY_AFTER = 24 * 60 * 60;

export class Faults {
  readonly #kept = new Map<number, Kept>();
  #lastId = 0;

  /** @throws DomainError `invalid` for a fault that does nothing or contradicts itself, `conflict` when there are 100 */
  add(input: FaultInput): Fault {
    check(input);
    const done = [...this.#kept.values()].find(({ left }) => left === 0);
    if (this.#kept.size >= MAX_FAULTS) {
      if (done === undefined)
        throw new DomainError('conflict', `There are ${MAX_FAULTS} faults already; clear them first`);
      this.#kept.delete(done.id);
    }
    this.#lastId += 1;
    const { times = 1, path, method } = input;
    const matches = path === undefined ? () => true : pathMatcher(path);
    const kept: Kept = { ...input, id: this.#lastId, matches, left: times, happened: 0 };
    if (method !== undefined) Object.assign(kept, { method: method.toUpperCase() });
    this.#kept.set(kept.id, kept);
    return shown(kept);
  }

  /** All faults, those that are over included, oldest first. */
  list(): Fault[] {
    return [...this.#kept.values()].map(shown);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** The fault that happens to a request: the oldest that is for it. It is counted. @param path without the query */
  take(method: string, path: string): Fault | undefined {
    for (const kept of this.#kept.values()) {
      if (kept.left === 0 || (kept.method !== undefined && kept.method !== method) || !kept.matches(path)) continue;
      kept.left -= 1;
      kept.happened += 1;
      return shown(kept);
    }
    return undefined;
  }
}

function shown({ matches: _matches, ...fault }: Kept): Fault {
  return fault;
}

function check({ times, answer, retryAfter, delayMs, answerAfterMs, drop }: FaultInput): void {
  requireWhole('times', times, 1, MAX_TIMES);
  requireWhole('delayMs', delayMs, 1, MAX_DELAY_MS);
  requireWhole('answerAfterMs', answerAfterMs, 1, MAX_DELAY_MS);
  requireWhole('retryAfter', retryAfter, 0, MAX_RETRY_AFTER);
  if (answer === undefined && delayMs === undefined && answerAfterMs === undefined && drop === undefined) {
    throw invalid('A fault needs at least one of answer, delayMs, answerAfterMs and drop');
  }
  if (answer !== undefined && drop !== undefined) {
    throw invalid('drop: cannot be combined with answer, since nothing can be sent', { pointer: '/drop' });
  }
  if (answerAfterMs !== undefined && (answer !== undefined || drop === 'before')) {
    const other = answer === undefined ? "drop 'before'" : 'answer';
    throw invalid(`answerAfterMs: cannot be combined with ${other}, since the request is not applied; use delayMs`, {
      pointer: '/answerAfterMs',
    });
  }
  if (retryAfter !== undefined && answer !== 429 && answer !== 503) {
    throw invalid('retryAfter: only an answer of 429 or 503 has one', { pointer: '/retryAfter' });
  }
}

function requireWhole(field: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return;
  throw invalid(`${field}: must be a whole number from ${min} to ${max}`, { pointer: `/${field}` });
}

/** Not by a regular expression, which many stars could make slow. */
function pathMatcher(pattern: string): (path: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (path) => path === pattern;
  return (path) => {
    if (!path.startsWith(first)) return false;
    let from = first.length;
    for (const part of rest) {
      const found = path.indexOf(part, from);
      if (found === -1) return false;
      from = found + part.length;
    }
    return path.length - last.length >= from && path.endsWith(last);
  };
}
