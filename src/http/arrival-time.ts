/** Which requests are exempt from the time limit on a request's arrival. */

import type { IncomingMessage } from 'node:http';

const unhurried = new WeakSet<IncomingMessage>();

/** Exempts a request from the time limit on arrival. The caller reads the body, and must watch its pace. */
export function allowSlowArrival(request: IncomingMessage): void {
  unhurried.add(request);
}

/** Reports whether a request may take longer to arrive than others. */
export function mayArriveSlowly(request: IncomingMessage): boolean {
  return unhurried.has(request);
}
