/** The demo's story, played into the real application in memory: its data must be as sound as any other. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStory } from '../../src/cli/demo.ts';
import { livePast } from '../../src/cli/live-past.ts';
import { type Closers, type ServerParts, wireParts } from '../../src/cli/running.ts';
import { readConfig } from '../../src/config.ts';
import type { Stage } from '../../src/demo/stage.ts';
import { StoryClock } from '../../src/demo/story-clock.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { MEMORY_URL } from '../../src/storage/index.ts';
import { temporaryFolder } from '../server-process.ts';
import { backUp, problemsOf } from '../storage/world.ts';
import { captured } from './command.ts';
import { requestsServed } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
// The story ends in the past, so that times from the real clock stand out.
const END = Date.UTC(2024, 4, 17, 10, 20);
const START = END - 30 * DAY_MS;

describe('thirty days of a retailer', () => {
  const closers: Closers = [];
  const days: number[] = [];
  let parts: ServerParts;
  let stage: Stage;
  let storage: Storage;
  let copy: Database.Database;

  beforeAll(async () => {
    const clock = new StoryClock(START);
    parts = await wireParts(readConfig({ port: '0' }, {}), MEMORY_URL, pino({ level: 'silent' }), closers, clock.now);
    stage = await livePast(parts, clock, { end: END, seed: 7, onDay: (day) => days.push(day) });
    storage = parts.core.storage;
    const file = join(temporaryFolder(), 'demo.db');
    await backUp(storage, file);
    copy = new Database(file, { readonly: true });
  }, 240_000);
  afterAll(async () => {
    copy.close();
    for (const close of closers.reverse()) await close();
  });

  it('tells each of its days', () => {
    expect(days).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('breaks no promise of the store', async () => {
    expect(await problemsOf(storage)).toEqual([]);
  });

  it('is written by the clock of the story alone', () => {
    const times = [
      ['requests', 'time'],
      ['audiences', 'created'],
      ['audiences', 'modified'],
      ['profiles', 'created'],
      ['profiles', 'modified'],
      ['profiles', 'last_activity'],
      ['api_keys', 'created'],
      ['api_keys', 'last_used_at'],
      ['audit_entries', 'created'],
      ['users', 'created'],
      ['users', 'last_signed_in'],
      ['sessions', 'created'],
      ['audience_counters', 'last_change'],
    ].map(([table, column]) => {
      const range = copy.prepare(`select min(${column}) as least, max(${column}) as most from ${table}`).get();
      return { column: `${table}.${column}`, ...(range as { least: number; most: number }) };
    });
    expect(times.filter(({ least, most }) => !(least >= START && most <= END))).toEqual([]);
  });

  it('has joins and leaves on every single day, and they add up to the members there are', () => {
    const perDay = copy
      .prepare('select hour / 24 as day, sum(joins) as joins, sum(leaves) as leaves from audience_hours group by day')
      .all() as { joins: number; leaves: number }[];
    expect(perDay.length).toBeGreaterThanOrEqual(30);
    expect(perDay.filter(({ joins, leaves }) => joins + leaves < 20)).toEqual([]);
  });

  it('has an audience that grew, one that shrank, one that was replaced, and one that is gone', async () => {
    const net = copy.prepare(`
      select a.integration_id as id, a.deleted is not null as deleted,
        sum(case when hour < $middle then joins - leaves else 0 end) as middle, sum(joins - leaves) as now
      from audiences a join audience_hours on audience_id = a.id group by a.id`);
    const rows = net.all({ middle: Math.floor((START + 3 * DAY_MS) / 3_600_000) }) as {
      id: string;
      deleted: number;
      middle: number;
      now: number;
    }[];
    const of = (id: string) => rows.find((each) => each.id === id) ?? { deleted: 0, middle: 0, now: 0 };
    expect(of('newsletter').now).toBeGreaterThan(of('newsletter').middle * 1.2);
    expect(of('winback-eu').now).toBeLessThan(of('winback-eu').middle / 2);
    expect(of('summer-clearance').deleted).toBe(1);
    expect(copy.prepare('select count(*) from replacements').pluck().get()).toBe(1);
    expect(copy.prepare('select count(*) from audiences where deleted is null').pluck().get()).toBeGreaterThan(15);
  });

  it('gets no request but ours once it is served standing still', async () => {
    const { stdout } = await captured(async () => serveStory(parts, stage, { still: true, json: true }, closers));
    const { url } = JSON.parse(stdout) as { url: string };
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const before = await requestsServed(url);
    // Otherwise the next request comes within two seconds.
    await delay(3000);
    expect(await requestsServed(url)).toBe(before);
  });
});
