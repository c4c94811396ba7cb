// Owns the retry rules: which answers call for a retry, and how long to wait.

/** Why a call was retried. */
export const RETRY_CAUSES = ['rateLimited', 'unavailable', 'serverError', 'timeout', 'connection'] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];

export interface RetryPolicy {
  /**
   * How often a call is sent before it is abandoned. A wait that the server asked for does not count as a failed
   * attempt.
   */
  tries: number;
  /** First back-off; it doubles with each attempt up to the cap. */
  baseMs: number;
  capMs: number;
  /** The total time one call may wait because the server asks for it. */
  patienceMs: number;
  /** The time to wait for the complete answer to one request. */
  timeoutMs: number;
}

/** The usual behaviour of real connectors: eight attempts within about half a minute, ten seconds for an answer. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  tries: 8,
  baseMs: 200,
  capMs: 10_000,
  patienceMs: 300_000,
  timeoutMs: 10_000,
};

/** The retry reason for an HTTP status, or undefined when the answer is final. */
export function retryCauseOf(status: number): RetryCause | undefined {
  if (status === 429) return 'rateLimited';
  if (status === 503) return 'unavailable';
  if (status === 408) return 'timeout';
  // 501 means that the server will never support the request.
  if (status >= 500 && status !== 501) return 'serverError';
  return undefined;
}

/** Milliseconds until the time in a `Retry-After` header (whole seconds or an HTTP date); undefined if unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse accepts too much, "-1" for example; an HTTP date always starts with the name of a day.
  const time = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/** The wait before attempt number `failed` + 1; `chance` in 0..1 spreads callers over the upper half of the delay. */
export function backoffMs(policy: RetryPolicy, failed: number, chance: number): number {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** (failed - 1));
  return full * (0.5 + chance / 2);
}
