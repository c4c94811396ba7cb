/** The only error type of the product: a closed list of codes, and the problems a caller can fix. */

export type ErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'too_large'
  | 'too_many_requests'
  | 'timeout'
  | 'headers_too_large'
  | 'unavailable';

/**
 * Where in the request a problem is: a JSON Pointer into the body, a query parameter or header, or a line of an upload.
 */
export type ProblemSource = { readonly pointer: string } | { readonly parameter: string } | { readonly line: string };

export interface Problem {
  /** Short class, e.g. `Unknown`, `Invalid type`, `required`. */
  readonly title: string;
  /** One line for people that names the field and, where possible, the remedy. */
  readonly message: string;
  readonly source?: ProblemSource;
  /** The same without values, IDs and positions, for grouping; only if it cannot be derived from the message. */
  readonly cause?: string;
  /** The first few rows of a multi-profile request that have the problem, counted from 0. */
  readonly rows?: readonly number[];
  /** The unknown audience, as the request names it. */
  readonly audience?: number | string;
  /** The remedy that would let such requests succeed. */
  readonly mend?: Mend;
}

/** A remedy that can be offered as one action. */
export interface Mend {
  readonly kind: 'createAttribute';
  readonly name: string;
}

/** Plain form of a `DomainError`; survives structured cloning between threads. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  /** Seconds after which the same request may be sent again. */
  readonly retryAfter?: number;
}

/** The most problems that one response reports: more would only bury the first. */
export const MAX_PROBLEMS = 10;

export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, problems: readonly Problem[] | string, options: { retryAfter?: number } = {}) {
    const list = typeof problems === 'string' ? [{ title: code, message: problems }] : problems.slice(0, MAX_PROBLEMS);
    super(list.map((problem) => problem.message).join('; '));
    this.name = 'DomainError';
    this.code = code;
    this.problems = list;
    this.retryAfter = options.retryAfter;
  }

  /** The plain form, for crossing a thread boundary. */
  toRecord(): ErrorRecord {
    const { code, problems, retryAfter } = this;
    return retryAfter === undefined ? { code, problems } : { code, problems, retryAfter };
  }

  static fromRecord(record: ErrorRecord): DomainError {
    return new DomainError(
      record.code,
      record.problems,
      record.retryAfter === undefined ? {} : { retryAfter: record.retryAfter },
    );
  }
}

/** One problem that the caller caused. */
export function invalid(message: string, source?: ProblemSource, title = 'Invalid value'): DomainError {
  return new DomainError('invalid', [source ? { title, message, source } : { title, message }]);
}

/** The server cannot accept this write at the moment; nothing was applied. `retryAfter` is in seconds. */
export function unavailable(message: string, retryAfter = 1): DomainError {
  return new DomainError('unavailable', [{ title: 'unavailable', message }], { retryAfter });
}

export function profileNotFound(integrationId: string): DomainError {
  const message = `Customer profile '${integrationId}' not found`;
  return new DomainError('not_found', [{ title: 'not found', message, cause: 'there is no such customer profile' }]);
}
