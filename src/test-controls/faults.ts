/** Faults that a test prepares for coming requests: what each does, to which requests, and how often it has. */

import { DomainError, invalid } from '../domain/errors.ts';

/** Statuses that a fault may answer with. */
export const FAULT_STATUSES = [429, 500, 502, 503, 504] as const;
export type FaultStatus = (typeof FAULT_STATUSES)[number];

/** A fault: its effects, at least one of which must be given, the requests it applies to, and how often. */
export interface FaultInput {
  /** The method of the requests; any if absent. */
  readonly method?: string | undefined;
  /** Their path as sent, without the query; `*` stands for any text. Any path if absent. */
  readonly path?: string | undefined;
  /** The number of requests it applies to (1). */
  readonly times?: number | undefined;
  /** Effect: the request is refused with this status, and changes nothing. */
  readonly answer?: FaultStatus | undefined;
  /** The `Retry-After` of a 429 or 503, in seconds (1). */
  readonly retryAfter?: number | undefined;
  /** Effect: the request waits this long, in ms, before it is processed. */
  readonly delayMs?: number | undefined;
  /** Effect: the request is applied at once, and its answer waits this long, in ms. */
  readonly answerAfterMs?: number | undefined;
  /** Effect: the connection is closed before the request is processed or after it was applied. */
  readonly drop?: 'before' | 'after' | undefined;
}

export interface Fault extends FaultInput {
  readonly id: number;
  /** The number of requests it still applies to. */
  readonly left: number;
  /** The number of requests it has been applied to. */
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

  /** All faults, including those that are used up, oldest first. */
  list(): Fault[] {
    return [...this.#kept.values()].map(shown);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** Takes and counts the fault of a request: the oldest that applies to it. @param path without the query */
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

/** Does not use a regular expression, which many stars could make slow. */
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
