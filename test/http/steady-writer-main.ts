/**
 * Run as a separate process by the test of hostile clients: writes one profile after the other and reports each
 * outcome.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sendJson } from './client.ts';

/** The outcome of a write. */
export interface Write {
  /** Time until its answer was read, in ms. */
  readonly ms: number;
  /** The answer, if it was not 200. */
  readonly failure?: string;
}

const [url = '', key = ''] = process.argv.slice(2);
let going = true;
process.on('message', () => {
  going = false;
});
// The parent process has ended.
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
