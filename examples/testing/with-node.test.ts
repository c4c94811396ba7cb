/** Tests of a client against a Rollcall of their own, with `node --test`. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Rollcall, startRollcall } from 'rollcall';
import { pushTier } from './push-tier.ts';

let rollcall: Rollcall;

before(async () => {
  rollcall = await startRollcall({ seed: { attributes: { Tier: 'string' } } });
});
after(async () => rollcall.close());
beforeEach(async () => rollcall.reset());

void test('pushes the tier', async () => {
  const destination = { baseUrl: rollcall.url, apiKey: rollcall.keys.customerData };
  await pushTier(destination, 'ada', 'gold');
  assert.deepEqual((await rollcall.profile('ada'))?.attributes, { Tier: 'gold' });
});

void test('sends again when an answer takes too long, though the request was applied', async () => {
  const destination = { baseUrl: rollcall.url, apiKey: rollcall.keys.customerData, timeoutMs: 3000 };
  await rollcall.faults.add({ answerAfterMs: 60_000 });
  const pushed = pushTier(destination, 'ada', 'gold');
  await rollcall.received.waitFor(({ fault, status }) => fault === null && status === 200, 30_000);
  await pushed;
  assert.deepEqual((await rollcall.profile('ada'))?.attributes, { Tier: 'gold' });
});
