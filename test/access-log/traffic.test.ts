/** The health of an Application, and the figures of every minute, including those without traffic. */

import { describe, expect, test } from 'vitest';
import type { Logged } from '../../src/access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { applicationHealth, trafficOf } from '../../src/access-log/traffic.ts';
import { MINUTE_MS, type TrafficMinute } from '../../src/access-log/traffic-meter.ts';
import type { Application } from '../../src/domain/definitions/applications.ts';

const SHOP = { id: 7, created: 1000 } as Application;

describe('the health of an Application', () => {
  test.each([
    [0, 0, 'NONE'],
    [3, 0, 'OK'],
    [3, 1, 'WARNING'],
    [4, 2, 'WARNING'],
    [5, 3, 'ERROR'],
    [3, 3, 'CRITICAL'],
  ])('of %d requests and %d refusals is %s', async (requests, errors, summary) => {
    const asked: number[][] = [];
    const use = async (...parameters: [number, number]) => {
      asked.push(parameters);
      return { lastRequest: 5000, requests, errors };
    };
    const core: Logged = { accessLog: { ...NO_ACCESS_LOG, use } };
    expect(await applicationHealth(core, SHOP)).toEqual({ summary, lastUsed: 5000 });
    expect(asked).toEqual([[7, 5]]);
  });

  test('of one that was never called dates from its creation', async () => {
    expect(await applicationHealth({ accessLog: NO_ACCESS_LOG }, SHOP)).toEqual({ summary: 'NONE', lastUsed: 1000 });
  });
});

describe('traffic', () => {
  const NOW = 100 * MINUTE_MS + 59_999;
  const of = (minute: number, applicationId: number, requests: number): TrafficMinute => ({
    applicationId,
    time: minute * MINUTE_MS,
    requests,
    errors: requests - 1,
    joins: requests + 1,
    leaves: requests + 2,
    lastRequest: 0,
  });
  const rates = { requests: 1, errors: 2, changes: 3 };

  test('comes minute by minute up to now, of all Applications together', async () => {
    const asked: unknown[] = [];
    const accessLog = {
      ...NO_ACCESS_LOG,
      minutes: async (...parameters: [number, number | undefined]) => {
        asked.push(parameters);
        // The last minute began after the question was asked.
        return [of(98, 1, 2), of(98, 2, 3), of(100, 1, 1), of(101, 1, 9)];
      },
      rates: (applicationId: number | undefined) => (applicationId === 4 ? rates : { ...rates, requests: 0 }),
    };
    const found = await trafficOf({ accessLog, now: () => NOW }, 3, 4);
    expect(asked).toEqual([[98 * MINUTE_MS, 4]]);
    expect(found).toEqual({
      now: rates,
      minutes: [
        { time: 98 * MINUTE_MS, requests: 5, errors: 3, joins: 7, leaves: 9 },
        { time: 99 * MINUTE_MS, requests: 0, errors: 0, joins: 0, leaves: 0 },
        { time: 100 * MINUTE_MS, requests: 1, errors: 0, joins: 2, leaves: 3 },
      ],
    });
  });
});
