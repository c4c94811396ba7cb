/** Timelines of audiences by the hour, and the audiences that changed most. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import type { Environment } from '../../../src/domain/environment.ts';
import { createAudienceByHand } from '../../../src/domain/memberships/audience-administration.ts';
import type { Caller } from '../../../src/domain/memberships/commands.ts';
import { audienceTimeline, hourOf, listMovers, type TimelineRange } from '../../../src/domain/memberships/movement.ts';
import { updateMemberships } from '../../../src/domain/memberships/profiles.ts';
import { openCore } from '../open-core.ts';
import { audience, catalogOf } from './batch-state.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(`2026-03-${text}:00Z`);

let now = at('27T00:00');
let core: Core;
let crowd: Audience;
let quiet: Audience;
let sandboxed: Audience;

function caller(environment: Environment): Caller {
  return { requestUuid: randomUUID(), keyId: undefined, applicationId: undefined, environment, bytes: 0 };
}

async function move(audience: Audience, time: string, { adds = '', deletes = '' }): Promise<void> {
  now = at(time);
  const items = [
    ...Array.from(adds).map((integrationId) => ({ integrationId, adds: [audience.id], deletes: [] })),
    ...Array.from(deletes).map((integrationId) => ({ integrationId, adds: [], deletes: [audience.id] })),
  ];
  await updateMemberships(core, caller(audience.environment), { integration: '', items });
}

beforeAll(async () => {
  core = await openCore(undefined, () => now);
  crowd = await createAudienceByHand(core, caller('live'), { name: 'crowd' });
  quiet = await createAudienceByHand(core, caller('live'), { name: 'quiet' });
  sandboxed = await createAudienceByHand(core, caller('sandbox'), { name: 'sandboxed' });
  await move(crowd, '27T10:59', { adds: 'abc' });
  await move(crowd, '27T11:00', { adds: 'de', deletes: 'a' });
  await move(sandboxed, '28T22:30', { adds: 'xyz' });
  await move(quiet, '28T22:59', { adds: 'a' });
  await move(crowd, '28T23:15', { deletes: 'bc' });
  await move(crowd, '29T12:30', { adds: 'f' });
});
afterAll(async () => core.storage.close());

/** The points as `time joins leaves members`. */
async function timeline(range: Partial<TimelineRange>, audience = crowd): Promise<string[]> {
  const points = await audienceTimeline(core, audience, {
    interval: 'hour',
    start: undefined,
    end: undefined,
    timezone: 'UTC',
    ...range,
  });
  return points.map(({ time, joins, leaves, members }) => {
    const text = new Date(time).toISOString();
    expect(text.slice(13)).toBe(':00:00.000Z');
    return `${text.slice(8, 13)} +${joins} -${leaves} =${members}`;
  });
}

describe('a timeline of hours', () => {
  test('has each hour from the one with the start to the one with the end', async () => {
    expect(await timeline({ start: at('27T09:59'), end: at('27T12:00') })).toEqual([
      '27T09 +0 -0 =0',
      '27T10 +3 -0 =3',
      '27T11 +2 -1 =4',
      '27T12 +0 -0 =4',
    ]);
    expect(await timeline({ start: at('27T11:00'), end: at('27T11:00') })).toEqual(['27T11 +2 -1 =4']);
    expect(await timeline({ start: at('28T23:59'), end: at('29T00:00') })).toEqual([
      '28T23 +0 -2 =2',
      '29T00 +0 -0 =2',
    ]);
  });

  test('ends now, where nothing or a later time is given, and has 48 points unless it is said where it starts', async () => {
    now = at('29T12:45');
    const points = await timeline({});
    expect(points).toHaveLength(48);
    expect([points[0], points.at(-1)]).toEqual(['27T13 +0 -0 =4', '29T12 +1 -0 =3']);
    expect(await timeline({ start: at('29T12:00'), end: at('31T00:00') })).toEqual(['29T12 +1 -0 =3']);
    expect(await timeline({ start: now, end: undefined })).toHaveLength(1);
  });

  test('neither starts after its end nor has more than 1,000 points', async () => {
    now = at('29T12:45');
    await expect(timeline({ start: now + 1 })).rejects.toMatchObject({ code: 'invalid' });
    await expect(timeline({ start: at('27T11:00'), end: at('27T10:00') })).rejects.toThrow('not be after rangeEnd');
    const thousandth = at('29T12:00') - 999 * HOUR;
    await expect(timeline({ start: thousandth - 1 })).rejects.toThrow('at most 1000 hours per request');
    expect(await timeline({ start: thousandth })).toHaveLength(1000);
    const whole = { start: at('29T12:00') - 1000 * HOUR, end: at('29T12:00') };
    await expect(timeline(whole)).rejects.toThrow('at most 1000 hours');
    expect(await timeline({ ...whole, start: whole.start + HOUR })).toHaveLength(1000);
    const firstDay = at('29T00:00') - 999 * DAY;
    await expect(timeline({ interval: 'day', start: firstDay - 1 })).rejects.toThrow('at most 1000 days');
    expect(
      await audienceTimeline(core, crowd, { interval: 'day', start: firstDay, end: now, timezone: 'UTC' }),
    ).toHaveLength(1000);
  });
});

describe('a timeline of days', () => {
  const days = async (range: Partial<TimelineRange>) => timeline({ interval: 'day', ...range });

  test('has days of the zone', async () => {
    const range = { start: at('27T09:00'), end: at('29T12:45') };
    expect(await days(range)).toEqual(['27T00 +5 -1 =4', '28T00 +0 -2 =2', '29T00 +1 -0 =3']);
    // In Berlin, 23:15 UTC is on the next day, whose night is an hour shorter.
    expect(await days({ ...range, timezone: 'Europe/Berlin' })).toEqual([
      '26T23 +5 -1 =4',
      '27T23 +0 -0 =4',
      '28T23 +1 -2 =3',
    ]);
  });

  test('counts for a day that is cut off what happened until its end', async () => {
    expect(await days({ start: at('27T23:30'), end: at('28T01:00') })).toEqual(['27T00 +5 -1 =4', '28T00 +0 -2 =2']);
  });

  test('has thirty points, unless it is said where it starts', async () => {
    now = at('29T12:45');
    const points = await days({});
    expect(points).toHaveLength(30);
    expect(points.at(-1)).toBe('29T00 +1 -0 =3');
  });
});

describe('the movers', () => {
  const movers = async (hours: number, environment?: Environment, limit = 10): Promise<string[]> =>
    (await listMovers(core, { hours, environment, limit })).map(
      ({ audience, joins, leaves, members }) => `${audience.name} +${joins} -${leaves} =${members}`,
    );

  test('come by their movement, the first in each hour that began within the range', async () => {
    now = at('29T12:45');
    expect(await movers(72)).toEqual(['crowd +6 -3 =3', 'sandboxed +3 -0 =3', 'quiet +1 -0 =1']);
    expect(await movers(72, 'live')).toEqual(['crowd +6 -3 =3', 'quiet +1 -0 =1']);
    expect(await movers(72, 'sandbox')).toEqual(['sandboxed +3 -0 =3']);
    expect(await movers(72, undefined, 2)).toHaveLength(2);
    expect(await movers(1)).toEqual(['crowd +1 -0 =3']);
    now = at('29T22:00');
    expect(await movers(24)).toEqual(['crowd +1 -2 =3', 'sandboxed +3 -0 =3', 'quiet +1 -0 =1']);
    now = at('29T22:01');
    expect(await movers(24)).toEqual(['crowd +1 -2 =3']);
    now = at('30T22:00');
    expect(await movers(1)).toEqual([]);
  });
});

test('movers are listed by the number of joins and leaves, then by number', async () => {
  const sums = [
    { audienceId: 1, joins: 1, leaves: 5, members: 10 },
    { audienceId: 2, joins: 4, leaves: 0, members: 10 },
    { audienceId: 4, joins: 3, leaves: 3, members: 10 },
    { audienceId: 3, joins: 6, leaves: 0, members: 10 },
    { audienceId: 5, joins: 0, leaves: 0, members: 10 },
    { audienceId: 6, joins: 9, leaves: 0, members: 10 },
  ];
  const catalog = catalogOf(...[4, 3, 2, 1, 5].map((id) => audience(id)));
  const browse = { sumAudienceHours: async () => sums };
  const moved = await listMovers({ now: () => 0, storage: { browse, catalog: async () => catalog } } as never, {
    hours: 1,
    environment: undefined,
    limit: 10,
  });
  expect(moved.map((each) => each.audience.id)).toEqual([1, 3, 4, 2]);
});

test('an hour is counted from the epoch', () => {
  expect([0, HOUR - 1, HOUR, -1].map(hourOf)).toEqual([0, 0, 1, -1]);
});
