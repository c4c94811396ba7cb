/** A connection serves one call at a time, even if a transaction waits for promises. */

import { on } from 'node:events';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { SqliteDb } from '../../src/storage/sqlite/db.ts';
import type { ThreadReply } from '../../src/storage/sqlite/thread-client.ts';
import { serveCalls } from '../../src/storage/sqlite/thread-server.ts';
import { Turns } from '../../src/storage/sqlite/turns.ts';
import { createWriterMethods } from '../../src/storage/sqlite/writer-methods.ts';
import { temporaryFolder } from '../server-process.ts';
import { World } from './world.ts';

describe('turns', () => {
  it('run a synchronous call at once while nobody else has one', () => {
    expect(new Turns().take(() => 'done')).toBe('done');
  });

  it('are taken in the order of the calls, and end when a promise settles either way', async () => {
    const turns = new Turns();
    const events: string[] = [];
    const slow = async (name: string, fails: boolean): Promise<void> => {
      events.push(`${name} begins`);
      await nextTurn();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
    const first = turns.take(async () => slow('first', true));
    const second = turns.take(() => events.push('second'));
    const third = turns.take(async () => slow('third', false));
    const fourth = turns.take(() => {
      throw new Error('fourth');
    });
    await expect(first).rejects.toThrow('first');
    await expect(fourth).rejects.toThrow('fourth');
    await Promise.all([second, third]);
    expect(events).toEqual(['first begins', 'first ends', 'second', 'third begins', 'third ends']);
    expect(turns.take(() => 'free again')).toBe('free again');
  });
});

it('a hot write that comes while a transaction waits is kept, though that transaction is rolled back', async () => {
  const path = join(temporaryFolder(), 'test.db');
  const storage = await openStorage(`sqlite:${path}`);
  const world = await World.create(storage);
  await storage.close();

  const database = openConnection(path);
  const db = new SqliteDb(database);
  const methods = {
    ...createWriterMethods(database),
    async renameAndFail(): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.run("update applications set name = 'Renamed' where id = 1");
        await nextTurn();
        throw new DomainError('conflict', 'on purpose');
      });
    },
  };
  const { port1: caller, port2: port } = new MessageChannel();
  serveCalls(methods, () => database.close(), { port });
  const answers = on(caller, 'message', { close: ['close'] }) as AsyncIterable<[ThreadReply]>;
  caller.postMessage({ id: 1, method: 'renameAndFail', parameters: [], sent: 0 });
  caller.postMessage({ id: 2, method: 'write', parameters: [JSON.stringify([world.creation('a')])], sent: 0 });
  caller.postMessage({ id: 3, method: 'createApplication', parameters: [COMMAND_LINE, named('Third')], sent: 0 });
  caller.postMessage('close');
  const replies: ThreadReply[] = [];
  for await (const [reply] of answers) replies.push(reply);
  expect(replies).toMatchObject([
    { id: 1, error: { code: 'conflict' } },
    { id: 2, result: expect.stringContaining('"id":1') as string },
    { id: 3, result: { id: 3, name: 'Third' } },
  ]);

  const again = world.in(await openStorage(`sqlite:${path}`));
  expect(await again.size(1)).toBe(0);
  const names = [...(await again.storage.catalog()).applications.values()].map(({ name }) => name);
  expect(names).toEqual(['Live', 'Sandbox', 'Third']);
  await again.storage.close();
});

it('a store in memory, where all share one connection, shows nothing that is not committed', async () => {
  const storage = await openStorage(MEMORY_URL);
  const world = await World.create(storage);
  const creating = storage.createApplication(COMMAND_LINE, named('Third'));
  const refused = storage.updateApplication(COMMAND_LINE, 2, { name: 'live' });
  const reading = storage.catalog().then(({ applications }) => [...applications.values()].map(({ name }) => name));
  const writing = world.createAudience('a');
  const listing = storage.browse.listAudiences();
  await expect(refused).rejects.toMatchObject({ code: 'conflict' });
  expect((await creating).id).toBe(3);
  expect(await reading).toEqual(['Live', 'Sandbox', 'Third']);
  expect(await writing).toMatchObject({ id: 1 });
  expect(await listing).toHaveLength(1);
  expect(await world.problems()).toEqual([]);
  await storage.close();
});

it('a statement that bypasses the current transaction is refused', async () => {
  const db = new SqliteDb(openConnection(':memory:'));
  await db.run('create table numbers (n integer)');
  const work = db.transaction(async (tx) => {
    await tx.run('insert into numbers values (1)');
    await db.run('insert into numbers values (2)');
  });
  await expect(work).rejects.toThrow('use its own `tx`');
  expect(await db.all('select n from numbers')).toEqual([]);
});

function named(name: string) {
  const rest = { timezone: 'UTC', currency: 'EUR', description: '', payloadLogging: 'full', staging: false } as const;
  return { name, environment: 'live', ...rest } as const;
}
