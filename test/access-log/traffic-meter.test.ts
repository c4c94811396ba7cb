/** Requests counted per minute, and as rates of the last ten seconds. */

import { describe, expect, test } from 'vitest';
import { MINUTE_MS, TrafficMeter } from '../../src/access-log/traffic-meter.ts';

const START = 20 * MINUTE_MS;
const answered = (status = 200, changed?: { joins: number; leaves: number; profiles: number }, time = START) => ({
  time,
  status,
  changed,
});
const minuteOf = (more: object) => ({
  applicationId: 1,
  time: START,
  requests: 0,
  errors: 0,
  joins: 0,
  leaves: 0,
  lastRequest: START,
  ...more,
});

describe('per minute', () => {
  test('requests count under the minute of their answer, refusals from 400 on as errors', () => {
    const meter = new TrafficMeter();
    for (const status of [200, 399, 400, 503]) meter.count(1, answered(status), START + MINUTE_MS - 1);
    meter.count(1, answered(200, { joins: 2, leaves: 3, profiles: 1 }), START);
    meter.count(1, answered(), START + MINUTE_MS);
    meter.count(0, answered(), START);
    expect(meter.take()).toEqual([
      minuteOf({ requests: 5, errors: 2, joins: 2, leaves: 3 }),
      minuteOf({ time: START + MINUTE_MS, requests: 1 }),
      minuteOf({ applicationId: 0, requests: 1 }),
    ]);
  });

  test('the last request is the latest to arrive, whenever it was answered', () => {
    const meter = new TrafficMeter();
    meter.count(1, answered(200, undefined, START + 5), START + 10);
    meter.count(1, answered(200, undefined, START + 2), START + 20);
    expect(meter.take()[0]?.lastRequest).toBe(START + 5);
  });

  test('what was taken is gone, what is given back comes again', () => {
    const meter = new TrafficMeter();
    meter.count(1, answered(), START);
    const taken = meter.take();
    expect(meter.take()).toEqual([]);
    meter.giveBack(taken);
    meter.count(1, answered(), START);
    expect(meter.take()).toEqual([minuteOf({ requests: 2 })]);
  });
});

describe('rates', () => {
  const NOW = START + 30_000;

  test('cover ten full seconds, without the current one', () => {
    const meter = new TrafficMeter();
    meter.count(1, answered(), NOW - 10_001);
    for (let count = 0; count < 3; count += 1) meter.count(1, answered(500), NOW - 10_000);
    meter.count(1, answered(200, { joins: 4, leaves: 1, profiles: 1 }), NOW - 1);
    meter.count(1, answered(), NOW);
    expect(meter.rates(1, NOW)).toEqual({ requests: 0.4, errors: 0.3, changes: 0.5 });
    expect(meter.rates(1, NOW + 999)).toEqual({ requests: 0.4, errors: 0.3, changes: 0.5 });
    // A second later, the first minute has left the window, and the current second has entered it.
    expect(meter.rates(1, NOW + 1000)).toEqual({ requests: 0.2, errors: 0, changes: 0.5 });
  });

  test('are of one Application, or of all', () => {
    const meter = new TrafficMeter();
    meter.count(1, answered(), NOW - 1000);
    meter.count(2, answered(404), NOW - 1000);
    expect(meter.rates(1, NOW)).toEqual({ requests: 0.1, errors: 0, changes: 0 });
    expect(meter.rates(undefined, NOW)).toEqual({ requests: 0.2, errors: 0.1, changes: 0 });
    expect(meter.rates(3, NOW)).toEqual({ requests: 0, errors: 0, changes: 0 });
  });

  test('forget a second when its place is needed again', () => {
    const meter = new TrafficMeter();
    meter.count(1, answered(400, { joins: 1, leaves: 1, profiles: 1 }), NOW - 12_000);
    meter.count(1, answered(), NOW - 1000);
    expect(meter.rates(1, NOW)).toEqual({ requests: 0.1, errors: 0, changes: 0 });
  });
});
