// Owns the rules for sending a call again: which answers ask for it, and how long to wait.

/** Why a call was sent again. */
export const RETRY_CAUSES = ['rateLimited', 'unavailable', 'serverError', 'timeout', 'connection'] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];

export interface RetryPolicy {
  /** Times a call is sent before it is given up. A wait the server has asked for does not count as a failed try. */
  tries: number;
  /** First back-off; it doubles with each try up to the cap. */
  baseMs: number;
  capMs: number;
  /** How long one call may wait in total because the server asks for it. */
  patienceMs: number;
  /** How long to wait for the complete answer to one request. */
  timeoutMs: number;
}

/** What connectors in the field do: eight tries within about half a minute, ten seconds for an answer. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  tries: 8,
  baseMs: 200,
  capMs: 10_000,
  patienceMs: 300_000,
  timeoutMs: 10_000,
};

/** The cause for a retry that an HTTP status stands for, or undefined when the answer is final. */
export function retryCauseOf(status: number): RetryCause | undefined {
  if (status === 429) return 'rateLimited';
  if (status === 503) return 'unavailable';
  if (status === 408) return 'timeout';
  // 501 says that the server will never do it.
  if (status >= 500 && status !== 501) return 'serverError';
  return undefined;
}

/** Milliseconds until the time a `Retry-After` header names (whole seconds or an HTTP date); undefined if unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse accepts a lot, "-1" among it; an HTTP date always starts with the name of a day.
  const time = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/** The wait before try number `failed` + 1; `chance` in 0..1 spreads callers over the upper half of the delay. */
export function backoffMs(policy: RetryPolicy, failed: number, chance: number): number {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** (failed - 1));
  return full * (0.5 + chance / 2);
}
