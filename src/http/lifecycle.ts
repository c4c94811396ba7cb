/** Where a server stands between its first start and its stop. */

/** Changed by whoever starts and stops the server. */
export interface Lifecycle {
  /** The first start has created what it must; until then `/readyz` fails. */
  started: boolean;
  /** `/readyz` fails; requests are still served. */
  stopping: boolean;
  /** New requests are refused; accepted ones are finished. */
  refusing: boolean;
  /** Aborts when `refusing` becomes true: answers without an end of their own end now. */
  readonly ending: AbortSignal;
}
