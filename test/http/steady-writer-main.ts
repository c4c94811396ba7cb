/** Run by the test of hostile clients as a process of its own: writes one profile after the other and says how each write went. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sendJson } from './client.ts';

/** How a write went. */
export interface Write {
  /** Time until its answer was read, in ms. */
  readonly ms: number;
  /** What came in the place of 200. */
  readonly failure?: string;
}

const [url = '', key = ''] = process.argv.slice(2);
let going = true;
process.on('message', () => {
  going = false;
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit(1));

while (going) {
  const start = performance.now();
  const path = `/cdp/customer_profile/${randomUUID()}`;
  const answer = await sendJson(url, key, 'PUT', path, { attributes: { Tier: 'gold' } }).catch((error: unknown) => ({
    status: 0,
    text: String(error),
  }));
  const write: Write = {
    ms: performance.now() - start,
    ...(answer.status === 200 ? {} : { failure: `${answer.status} ${answer.text}` }),
  };
  process.send?.(write);
  await delay(2);
}
process.exit(0);
