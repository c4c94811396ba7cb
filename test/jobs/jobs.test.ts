/** Background work: a disk that fills up and is freed, retentions to the millisecond, pauses while writes wait. */

import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { diskWatch } from '../../src/jobs/disk-watch.ts';
import { repeat } from '../../src/jobs/repeat.ts';
import { forgetAnswers, forgetReplays, pruneLedger } from '../../src/jobs/retention.ts';
import { writeProbe } from '../../src/jobs/write-probe.ts';
import { MEMORY_URL, openAccessLog, openStorage } from '../../src/storage/index.ts';
import { openCore } from '../domain/open-core.ts';
import { under } from '../storage/conformance/idempotency.ts';
import { problemsOf, World } from '../storage/world.ts';

const SILENT = pino({ level: 'silent' });
const DAY_MS = 24 * 60 * 60 * 1000;
const MIB = 1024 * 1024;
/** A file system that no other test writes to: the others use shared memory where there is room. */
const DISK = ['/tmp', '/dev/shm'].find((path) => existsSync(path) && !tmpdir().startsWith(path)) ?? tmpdir();

describe('the disk watch', () => {
  test('pauses writes that grow and the access log while there is no room, and finds the way back', async () => {
    const held: boolean[] = [];
    const core = await openCore();
    const watched = { ...core, accessLog: { ...core.accessLog, hold: (on: boolean) => held.push(on) } };
    const folder = mkdtempSync(join(DISK, 'rollcall-disk-'));
    try {
      const { bavail, bsize } = statfsSync(folder);
      const look = diskWatch(watched, folder, bavail * bsize - 32 * MIB, SILENT);
      await look();
      expect(core.queue.pausedBecause).toBeUndefined();
      writeFileSync(join(folder, 'filler'), Buffer.alloc(64 * MIB));
      await look();
      await look();
      expect(core.queue.pausedBecause).toMatch(/nearly full/);
      // It does not end another caller's pause.
      core.queue.pause('other', 'Something else', 'growing');
      rmSync(join(folder, 'filler'));
      await look();
      expect(core.queue.pausedBecause).toBe('Something else');
      core.queue.resume('other');
      expect(core.queue.pausedBecause).toBeUndefined();
      expect(held).toEqual([true, false]);
    } finally {
      rmSync(folder, { recursive: true });
      await core.storage.close();
    }
  });
});

describe('the write probe', () => {
  test('writes only after a failure, and accepts writes again once one is possible', async () => {
    const core = await openCore();
    let probes = 0;
    const probe = async (): Promise<void> => {
      probes += 1;
      await core.storage.probe();
    };
    const storage = Object.assign(Object.create(core.storage) as typeof core.storage, { probe });
    const look = writeProbe({ ...core, storage }, SILENT);
    const ledger = async () => core.storage.accounts.listAuditEntries({}, { limit: 9, skip: 0, descending: false });
    const before = await ledger();
    await look();
    expect(probes).toBe(0);
    core.queue.pause('store', 'The disk is full; nothing was stored', 'growing');
    await look();
    expect(probes).toBe(1);
    expect(core.queue.pausedBecause).toBeUndefined();
    expect(await ledger()).toEqual(before);
    expect(await problemsOf(core.storage)).toEqual([]);
    await core.storage.close();
  });
});

describe('retention counts in days', () => {
  const START = Date.UTC(2024, 0, 1);

  test.for([
    [7, 7 * DAY_MS - 1, 'kept'],
    [7, 7 * DAY_MS, 'kept'],
    [7, 7 * DAY_MS + 1, 'gone'],
    [1, DAY_MS, 'kept'],
    [1, DAY_MS + 1, 'gone'],
    [0, 4000 * DAY_MS, 'kept'],
  ] as const)('the ledger: of %d days, after %d ms it is %s', async ([ledgerRetentionDays, age, expected]) => {
    let now = START;
    const storage = await openStorage(MEMORY_URL, { now: () => now });
    const world = await World.create(storage);
    await world.createAudience('a');
    await world.add('a', ['p']);
    now += age;
    const core = { ...(await openCore(undefined, () => now)), storage };
    while (await pruneLedger(core, { ledgerRetentionDays }));
    const { found } = await storage.browse.listAudienceChanges(1, undefined, 10);
    expect(found.length === 1 ? 'kept' : 'gone').toBe(expected);
    await storage.close();
  });

  test('what replays did, as long as refused writes may be kept', async () => {
    const core = await openCore(undefined, () => START);
    const forgotten: number[] = [];
    const forget = async (before: number): Promise<boolean> => forgotten.push(before) < 1;
    const storage = Object.assign(Object.create(core.storage) as typeof core.storage, { forgetReplays: forget });
    expect(await forgetReplays({ ...core, storage }, { accessLogRetentionDays: 3 })).toBe(false);
    expect(forgotten).toEqual([START - 3 * DAY_MS]);
    await core.storage.close();
  });

  test.for([
    [DAY_MS, 'kept'],
    [DAY_MS + 1, 'gone'],
  ] as const)('answers under idempotency keys: after %d ms one is %s', async ([age, expected]) => {
    let now = START;
    const storage = await openStorage(MEMORY_URL, { now: () => now });
    const world = await World.create(storage);
    const keyed = { ...world.update('p'), idempotency: under('k') };
    await world.write(keyed);
    now += age;
    const core = { ...(await openCore(undefined, () => now)), storage };
    while (await forgetAnswers(core));
    // Shown by setting the clock back, because an answer of this age is no longer returned.
    now = START;
    const [again] = await storage.write([keyed]);
    expect(again !== undefined && 'isRepeat' in again ? 'kept' : 'gone').toBe(expected);
    await storage.close();
  });

  test.for([
    [2 * DAY_MS - 1, 1],
    [2 * DAY_MS, 1],
    [2 * DAY_MS + 1, 0],
  ])('the access log: of two days, after %d ms %d entries are left', async ([age = 0, left]) => {
    let now = START;
    const log = openAccessLog(undefined, {
      maxBytes: 100 * MIB,
      maxRefusedBytes: MIB,
      payloadBytes: 100,
      retentionDays: 2,
      now: () => now,
    });
    log.keep({
      uuid: '00000000-0000-4000-8000-000000000001',
      time: START,
      method: 'PUT',
      uri: '/cdp/customer_profile/p',
      operation: 'updateCustomerProfile',
      status: 400,
      cause: 'attribute is not defined',
      mend: undefined,
      application: { id: 1, environment: 'live' },
      key: { id: 1, title: 'Key' },
      headers: {},
      body: Buffer.from('{}'),
    });
    expect(await log.refusals({}, undefined, 10)).toHaveLength(1);
    now += age;
    while (await log.prune());
    expect(await log.refusals({}, undefined, 10)).toHaveLength(left ?? -1);
    await log.close();
  });
});

describe('a repeated step', () => {
  test('continues after a failure, at once while there is more to do, and ends when stopped', async () => {
    const stopping = new AbortController();
    let calls = 0;
    const step = async (): Promise<boolean> => {
      calls += 1;
      if (calls === 2) throw new Error('once');
      if (calls === 4) stopping.abort();
      return true;
    };
    await repeat({ name: 'test', everyMs: 1, step }, SILENT, stopping.signal);
    expect(calls).toBe(4);
  });

  test('leaves writes that wait most of the time', async () => {
    const stopping = new AbortController();
    const times: number[] = [];
    const step = async (): Promise<boolean> => {
      times.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 40));
      if (times.length === 3) stopping.abort();
      return true;
    };
    await repeat({ name: 'test', everyMs: 1, step, isBusy: () => true }, SILENT, stopping.signal);
    // Each step takes 40 ms, and is followed by a pause three times as long.
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(280);
  });
});
