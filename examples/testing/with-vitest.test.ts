/** Tests of a client against a Rollcall of their own, with vitest. */

import { type Rollcall, startRollcall } from 'rollcall';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Destination, pushTier } from './push-tier.ts';

let rollcall: Rollcall;
let destination: Destination;

beforeAll(async () => {
  rollcall = await startRollcall({
    seed: {
      keys: { tealium: { platform: 'customer_data', expires: '2030-06-30T12:00:00Z' } },
      attributes: { Tier: { type: 'string', suggestions: ['silver', 'gold'], restrictedBySuggestions: true } },
    },
  });
  destination = { baseUrl: rollcall.url, apiKey: rollcall.keys['tealium'] ?? '' };
});
afterAll(async () => rollcall.close());
beforeEach(async () => {
  await rollcall.reset();
  await rollcall.clock.set('2030-06-01T12:00:00Z');
});

test('pushes the tier', async () => {
  await pushTier(destination, 'ada', 'gold');
  expect(await rollcall.profile('ada')).toMatchObject({ attributes: { Tier: 'gold' } });
  expect(await rollcall.received.list()).toMatchObject([
    {
      method: 'PUT',
      path: '/cdp/customer_profile/ada',
      headers: { 'customer-data-platform-name': 'Tealium' },
      marks: [],
    },
  ]);
});

test('sends again when the server is overloaded', async () => {
  await rollcall.faults.add({ answer: 503, retryAfter: 0, times: 2 });
  await pushTier(destination, 'ada', 'gold');
  expect((await rollcall.received.list()).map(({ status }) => status)).toEqual([503, 503, 200]);
});

test('sends again when an answer gets lost, which changes nothing more', async () => {
  await rollcall.faults.add({ drop: 'after' });
  await pushTier(destination, 'ada', 'gold');
  expect((await rollcall.received.list()).map(({ status, fault }) => [status, fault !== null])).toEqual([
    [200, true],
    [200, false],
  ]);
  expect((await rollcall.profile('ada'))?.attributes).toEqual({ Tier: 'gold' });
});

test('says why a tier is refused, at once', async () => {
  await expect(pushTier(destination, 'ada', 'platinum')).rejects.toThrow(/was not accepted: 400 .*Tier/);
  expect((await rollcall.received.list()).length).toBe(1);
});

test('says so when its key has expired', async () => {
  await rollcall.clock.set('2030-06-30T12:00:00Z');
  await expect(pushTier(destination, 'ada', 'gold')).rejects.toThrow('401');
});
