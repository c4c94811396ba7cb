/** The delay of the event loop, as the metrics report it. */

import { expect, test } from 'vitest';
import { loopDelaySeconds } from '../../src/http/metrics.ts';

test.each([
  { what: 'a loop with nothing to do has none', interval: 10_000_000, seconds: 0 },
  { what: 'a timer that is early does not make it negative', interval: 9_300_000, seconds: 0 },
  { what: 'a loop that was blocked has the rest', interval: 35_000_000, seconds: 0.025 },
  { what: 'without any sample it is none', interval: Number.NaN, seconds: 0 },
])('$what', ({ interval, seconds }) => {
  expect(loopDelaySeconds(interval)).toBeCloseTo(seconds, 6);
});
