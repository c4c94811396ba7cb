/** Erased people in a file: an erasure that a crash interrupts, what is left of an ID in the files, and the setting. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { WriteQueue } from '../../src/domain/memberships/queue.ts';
import { eraseProfile, finishErasures } from '../../src/domain/privacy/erasure.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { openAccessLog, openStorage } from '../../src/storage/index.ts';
import type { SqliteOptions } from '../../src/storage/sqlite/storage.ts';
import { ROOMY } from '../domain/open-core.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { codeOf, World } from './world.ts';

const ADA = 'ada.lovelace@example.com';
const FOREVER = { start: 0, end: Number.MAX_SAFE_INTEGER };

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'test.db');
});
afterEach(() => folder.remove());

const open = async (options: SqliteOptions = {}): Promise<Storage> =>
  openStorage(`sqlite:${file}`, { work: 'in place', ...options });

function coreOf(storage: Storage) {
  const log = openAccessLog(storage.file, {
    maxBytes: 1_000_000,
    maxRefusedBytes: 1_000_000,
    payloadBytes: 4096,
    retentionDays: 30,
    now: Date.now,
  });
  const queue = new WriteQueue(storage, ROOMY);
  return { log, core: { storage, queue, now: Date.now, actor: COMMAND_LINE, accessLog: log } };
}

function logUpdate(log: ReturnType<typeof coreOf>['log'], world: World, integrationId: string): void {
  const request = Buffer.from(JSON.stringify({ customerProfileId: integrationId }));
  const { id, environment } = world.live;
  log.record({
    uuid: crypto.randomUUID(),
    time: Date.now(),
    durationMs: 1,
    status: 200,
    method: 'PUT',
    uri: `/cdp/customer_profile/${encodeURIComponent(integrationId)}`,
    operation: 'updateCustomerProfile',
    application: { id, environment },
    key: undefined,
    keyPrefix: undefined,
    address: undefined,
    changed: undefined,
    cause: undefined,
    mend: undefined,
    marks: [],
    payloadLogging: 'full',
    request,
    response: '{}',
    requestUnread: false,
    requestBytes: request.length,
    responseBytes: 2,
    listed: true,
  });
}

/** Whether a file contains the text anywhere, once it is free of what SQLite only marked as unused. */
function contains(path: string, text: string): boolean {
  const database = new Database(path);
  const copy = `${path}.${crypto.randomUUID()}`;
  database.prepare('vacuum into ?').run(copy);
  database.close();
  const bytes = readFileSync(copy);
  return bytes.includes(text) || bytes.includes(encodeURIComponent(text));
}

test('an erasure that a crash interrupts is completed later, and only then forgets the ID', async () => {
  const world = await World.create(await open());
  await world.defineAttribute('Tier', 'string');
  const profile = await world.updateProfile(ADA, { attributes: { Tier: 'gold' } });
  await world.updateProfile('bob');
  const before = coreOf(world.storage);
  for (const id of [ADA, 'bob']) logUpdate(before.log, world, id);
  await world.write(world.erasure(ADA));
  // The process ends here: the profile is erased, the access log is not.
  await before.log.close();
  await world.storage.close();
  expect(contains(file, ADA)).toBe(true);

  const storage = await open();
  const { log, core } = coreOf(storage);
  const pages = async () =>
    (await log.walk({ filter: {}, range: FOREVER, newestFirst: false, after: undefined, limit: 9, payloads: true }))
      .items;
  expect((await pages()).map(({ uri }) => uri)).toContain(`/cdp/customer_profile/${encodeURIComponent(ADA)}`);
  expect(await finishErasures(core)).toBe(false);
  expect((await pages()).map(({ uri }) => uri)).toEqual(['(erased)', '/cdp/customer_profile/bob']);
  expect(await storage.listUnfinishedErasures(1)).toEqual([]);
  expect((await storage.browse.findProfileById(profile.id))?.isErased).toBe(true);
  expect(await world.in(storage).problems()).toEqual([]);
  const accessLog = storage.file?.accessLog ?? '';
  await log.close();
  await storage.close();
  for (const path of [file, accessLog]) expect(contains(path, ADA), path).toBe(false);
  expect(contains(file, 'bob')).toBe(true);
});

test('an access log that cannot be read leaves the erasure to be repeated', async () => {
  const world = await World.create(await open());
  await world.updateProfile(ADA);
  const { log, core } = coreOf(world.storage);
  const broken = { ...core, accessLog: { eraseProfile: async () => Promise.reject(new Error('it cannot be read')) } };
  await expect(eraseProfile(broken, world.caller(), ADA)).rejects.toThrow('it cannot be read');
  await expect(finishErasures(broken)).rejects.toThrow('it cannot be read');
  expect(await world.storage.listUnfinishedErasures(9)).toMatchObject([{ integrationId: ADA }]);
  await eraseProfile(core, world.caller(), ADA);
  expect(await world.storage.listUnfinishedErasures(9)).toEqual([]);
  await expect(eraseProfile(core, world.caller(), ADA)).rejects.toThrow(`Customer profile '${ADA}' not found`);
  await log.close();
  await world.storage.close();
});

test('environments keep erased people out if the server says so, for other programs on the file too', async () => {
  const world = await World.create(await open({ staysErased: ['live'] }));
  await world.createAudience('a');
  const outcomes = async (storage: Storage) => {
    const some = world.in(storage);
    const writes = [some.update(ADA), some.update(ADA, {}, 'sandbox'), some.update('new')];
    return (await storage.write(writes)).map((each) => ('result' in each ? 'done' : codeOf(each)));
  };
  for (const environment of ['live', 'sandbox'] as const) {
    await world.updateProfile(ADA, {}, environment);
    await world.write(world.erasure(ADA, environment));
  }
  expect(await outcomes(world.storage)).toEqual(['conflict', 'done', 'done']);
  // An import on the command line, which knows nothing of the setting.
  const command = await open();
  const set = await command.beginReplacement(1);
  await command.stageMembers(1, set, [ADA, 'bob']);
  expect(await command.finishReplacement(1, set, world.caller())).toMatchObject({ members: 1 });
  expect(await outcomes(command)).toEqual(['conflict', 'done', 'done']);
  await command.close();
  expect(await world.members(1)).toEqual(['bob']);
  await world.storage.close();

  const again = await open({ staysErased: [] });
  expect(await outcomes(again)).toEqual(['done', 'done', 'done']);
  expect(await world.in(again).problems()).toEqual([]);
  await again.close();
  const after = await open();
  expect(await outcomes(after)).toEqual(['done', 'done', 'done']);
  await after.close();
});
