/**
 * The write-ahead log: moved into the file while writes continue, restarted in time, and nobody waits for it at a
 * start.
 */

import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { Checkpoints, createCheckpointMethods, finish } from '../../src/storage/sqlite/checkpoints.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { createSharedWaits, WaitMeter } from '../../src/storage/sqlite/waits.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { range, World } from './world.ts';

const MIB = 1024 * 1024;

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'test.db');
});
afterEach(() => folder.remove());

const logBytes = (): number => statSync(`${path}-wal`).size;

describe('under steady writes', () => {
  const ROWS = 20_000;
  let writer: Connection;
  let mover: Connection;
  let reader: Connection;
  let checkpoints: Checkpoints;

  beforeEach(() => {
    isBusy = true;
    writer = openConnection(path, { checkpoints: 'elsewhere' });
    // The time for syncing a disk does not matter here.
    writer.pragma('synchronous = off');
    writer.exec('create table filler (id integer primary key, bytes blob)');
    writer
      .prepare(`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
      insert into filler select n, zeroblob(1500) from numbers`)
      .run(ROWS);
    mover = openConnection(path, { checkpoints: 'elsewhere' });
    mover.pragma('synchronous = off');
    reader = openConnection(path, { readonly: true });
    const methods = createCheckpointMethods(mover, createSharedWaits());
    checkpoints = new Checkpoints({
      size: logBytes,
      look: async () => methods.look(),
      async move() {
        // Writes made during a checkpoint are not moved with the rest; here a reader that does not see them ensures
        // that.
        reader.exec('begin');
        reader.prepare('select 1 from filler limit 1').get();
        if (isBusy) write(20);
        const state = methods.move();
        reader.exec('rollback');
        return state;
      },
      finish: async () => finish(writer),
    });
  });
  afterEach(() => {
    reader.close();
    mover.close();
    writer.close();
  });

  let isBusy = true;
  let next = 0;
  /** Changes this many pages in one commit. */
  function write(pages: number): void {
    writer.exec('begin immediate');
    const change = writer.prepare('update filler set bytes = randomblob(1500) where id = ?');
    for (let page = 0; page < pages; page += 1) change.run(1 + ((next++ * 7919) % ROWS));
    writer.exec('commit');
  }

  test('the log begins anew although something is always left to move', async () => {
    let largest = 0;
    let smallest = Number.MAX_SAFE_INTEGER;
    for (let round = 0; round < 120; round += 1) {
      write(1000);
      const report = await checkpoints.step();
      largest = Math.max(largest, report.logBytes);
      if (largest > 32 * MIB) smallest = Math.min(smallest, report.logBytes);
    }
    // 240 MB were written.
    expect(largest).toBeLessThan(96 * MIB);
    expect(smallest).toBeLessThan(16 * MIB);
    expect(logBytes()).toBeLessThan(130 * MIB);
  });

  test('a long read delays it, which is reported; once the read ends, everything is moved', async () => {
    const other = openConnection(path, { readonly: true });
    other.exec('begin');
    other.prepare('select count(*) from filler').get();
    for (let round = 0; round < 40; round += 1) {
      write(1000);
      await checkpoints.step();
    }
    expect(await checkpoints.step()).toMatchObject({ more: false });
    expect((await checkpoints.step()).waitingBytes).toBeGreaterThan(64 * MIB);
    other.close();
    isBusy = false;
    // There are no more writes, and the second check finds the same state as the first.
    for (let step = 0; step < 4; step += 1) await checkpoints.step();
    write(1);
    expect((await checkpoints.step()).logBytes).toBeLessThan(MIB);
  });
});

test('a short log stays as it is until it has been long once', async () => {
  const storage = await openStorage(`sqlite:${path}`, { checkpoints: 'elsewhere' });
  const step = async () => storage.file?.checkpoint();
  const world = await World.create(storage);
  await world.createAudience('a');
  for (const _round of range(3)) await step();
  expect(await step()).toEqual({ logBytes: logBytes(), waitingBytes: logBytes(), more: false });
  expect(logBytes()).toBeGreaterThan(0);
  const other = openConnection(path, { checkpoints: 'elsewhere' });
  other.exec('create table filler (bytes blob); insert into filler values (zeroblob(9000000)); drop table filler');
  other.close();
  for (const _round of range(3)) await step();
  expect(await step()).toMatchObject({ waitingBytes: 0 });
  await world.add('a', range(10));
  for (const _round of range(3)) await step();
  expect(await step()).toMatchObject({ waitingBytes: 0 });
  await storage.close();
});

describe('a start with a long log', () => {
  const LOG = 40 * MIB;

  /** A database as a killed server leaves it, with much of it in the log. */
  async function killed(): Promise<World> {
    const live = join(folder.path, 'live.db');
    const storage = await openStorage(`sqlite:${live}`);
    const world = await World.create(storage);
    await world.createAudience('a');
    await world.add('a', range(1000));
    const writer = openConnection(live, { checkpoints: 'elsewhere' });
    writer.pragma('synchronous = off');
    const change = writer.prepare('update profiles set attributes = ? where id = ?');
    for (let round = 0; statSync(`${live}-wal`).size < LOG; round += 1) {
      writer.exec('begin immediate');
      for (let id = 1; id <= 1000; id += 1) change.run(JSON.stringify({ filler: `${round}`.padEnd(1500) }), id);
      writer.exec('commit');
    }
    for (const suffix of ['', '-wal']) copyFileSync(`${live}${suffix}`, `${path}${suffix}`);
    writer.close();
    await storage.close();
    return world;
  }

  test('moves nothing before it is open, and no write waits for it afterwards', async () => {
    const before = await killed();
    const storage = await openStorage(`sqlite:${path}`, { checkpoints: 'elsewhere' });
    // Opening moved nothing, which would have taken a second per 100 MB during which nobody gets an answer.
    expect(logBytes()).toBeGreaterThanOrEqual(LOG);
    expect(await storage.file?.checkpoint()).toMatchObject({ logBytes: expect.closeTo(LOG, -7) as number });
    const world = before.in(storage);
    for (let round = 0; round < 50; round += 1) {
      await Promise.all([world.add('a', [`new-${round}`]), storage.file?.checkpoint()]);
    }
    await storage.file?.checkpoint();
    expect((await storage.file?.checkpoint())?.waitingBytes).toBe(0);
    // On an idle machine these are some ms; without a separate thread, one write waited for the whole log.
    const waits = storage.longestWaits();
    expect(waits['checkpoint']).toBeLessThan(500);
    expect(waits['commit beside a checkpoint']).toBeLessThan(1000);
    expect(await world.size(1)).toBe(1050);
    await storage.close();
  });

  test('of a command: the log is moved by it, and its end leaves none', async () => {
    const before = await killed();
    const storage = await openStorage(`sqlite:${path}`);
    await before.in(storage).add('a', ['new']);
    await storage.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })).toBeUndefined();
    const again = await openStorage(`sqlite:${path}`);
    expect(await before.in(again).size(1)).toBe(1001);
    await again.close();
  });
});

describe('the longest waits', () => {
  const meterOf = () => {
    const shared = createSharedWaits();
    const meter = new WaitMeter(shared, { purge: 'purge', finishCheckpoint: 'checkpoint' });
    const longest = (index: number) => shared.longest[index];
    return { shared, meter, checkpoint: () => longest(0), beside: () => longest(1), purge: () => longest(2) };
  };

  test('of a write count what ran between its sending and its turn, by what it was', () => {
    const { meter, purge, checkpoint } = meterOf();
    meter.ran('purge', 100, 100, 110);
    meter.ran('finishCheckpoint', 105, 110, 140);
    meter.ran('purge', 106, 140, 145);
    meter.ran('write', 107, 145, 147);
    expect([purge(), checkpoint()]).toEqual([3 + 5, 30]);
    // Work that ended before the write was sent does not delay it, and neither does another write.
    meter.ran('purge', 200, 200, 250);
    meter.ran('write', 260, 260, 300);
    meter.ran('write', 261, 300, 310);
    expect([purge(), checkpoint()]).toEqual([8, 30]);
    // Of several waits, the longest is kept.
    meter.ran('purge', 400, 400, 403);
    meter.ran('write', 400, 403, 404);
    expect([purge(), checkpoint()]).toEqual([8, 30]);
  });

  test('count a commit completely if a checkpoint ran at the same time', () => {
    const { shared, meter, beside } = meterOf();
    meter.committed(100, 150);
    expect(beside()).toBe(0);
    // It has begun and not ended.
    shared.checkpoint.set([160, 0]);
    meter.committed(170, 190);
    expect(beside()).toBe(20);
    shared.checkpoint.set([160, 200]);
    meter.committed(201, 400);
    expect(beside()).toBe(20);
    meter.committed(199, 400);
    expect(beside()).toBe(201);
  });

  test('tell of a write lock that another process held', async () => {
    const storage = await openStorage(`sqlite:${path}`);
    const world = await World.create(storage);
    await world.createAudience('a');
    expect(storage.longestWaits()['another process']).toBeLessThan(300);
    const other = openConnection(path);
    other.exec('begin immediate');
    const adding = world.add('a', ['p']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    other.exec('rollback');
    other.close();
    await adding;
    expect(storage.longestWaits()['another process']).toBeGreaterThan(300);
    await storage.close();
  });
});
