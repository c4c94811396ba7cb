/** Which requests are exempt from the time limit on a request's arrival. */

import type { IncomingMessage } from 'node:http';

const slowArrivals = new WeakSet<IncomingMessage>();

/** Exempts a request from the time limit on arrival. The caller reads the body, and must watch its pace. */
export function allowSlowArrival(request: IncomingMessage): void {
  slowArrivals.add(request);
}

/** Reports whether a request may take longer to arrive than others. */
export function mayArriveSlowly(request: IncomingMessage): boolean {
  return slowArrivals.has(request);
}
