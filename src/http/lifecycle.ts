/** Where a server is between its first start and its stop. */

/** Changed by the code that starts and stops the server. */
export interface Lifecycle {
  /** The first start has created everything; until then `/readyz` fails. */
  started: boolean;
  /** `/readyz` fails; requests are still served. */
  stopping: boolean;
  /** New requests are refused; accepted ones are finished. */
  refusing: boolean;
  /** Aborts when `refusing` becomes true: endless responses end now. */
  readonly ending: AbortSignal;
}
