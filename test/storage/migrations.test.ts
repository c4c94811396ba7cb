/** Opening a database file: what is created, upgraded, copied and refused, and who may read it. */

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { Caller } from '../../src/domain/memberships/commands.ts';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';
import { rowChecksum } from '../../src/storage/sqlite/checksums.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { listMigrations, migrate, schemaOf } from '../../src/storage/sqlite/migrate.ts';
import { under } from './conformance/idempotency.ts';
import { OtherProcess } from './other-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemsOf, World } from './world.ts';

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('opening a database', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'test.db');
  });
  afterEach(() => folder.remove());

  async function create(): Promise<void> {
    const storage = await openStorage(`sqlite:${file}`);
    await World.create(storage);
    await storage.close();
  }

  /** The program's migrations, followed by these. */
  function withLater(...later: string[]): ReturnType<typeof listMigrations> {
    const path = join(folder.path, 'migrations');
    mkdirSync(path, { recursive: true });
    const own = listMigrations();
    for (const each of own) writeFileSync(join(path, `${each.name}.sql`), each.sql);
    for (const [index, sql] of later.entries()) {
      writeFileSync(join(path, `${String(own.length + index + 1).padStart(4, '0')}_later.sql`), sql);
    }
    return listMigrations(pathToFileURL(`${path}/`));
  }

  async function refusal(): Promise<DomainError> {
    try {
      const storage = await openStorage(`sqlite:${file}`);
      await storage.close();
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
    throw new Error('The file was opened');
  }

  function edit(sql: string): void {
    const database = new Database(file);
    database.exec(sql);
    database.close();
  }

  test('a new file gets the complete schema, and has no log after it is closed', async () => {
    await create();
    expect(readdirSync(folder.path)).toEqual(['test.db']);
    const database = new Database(file, { readonly: true });
    expect(database.prepare('select number, name from schema_migrations order by number').raw().all()).toEqual(
      listMigrations().map(({ number, name }) => [number, name]),
    );
    database.close();
    const storage = await openStorage(`sqlite:${file}`);
    expect((await storage.catalog()).applications.size).toBe(2);
    expect(await problemsOf(storage)).toEqual([]);
    await storage.close();
  });

  test('the file and a new folder are private to their owner, whatever the mask', async () => {
    const mask = process.umask(0);
    try {
      file = join(folder.path, 'new', 'folder', 'test.db');
      const storage = await openStorage(`sqlite:${file}`);
      await World.create(storage);
      expect(mode(join(folder.path, 'new'))).toBe('700');
      expect(mode(join(folder.path, 'new', 'folder'))).toBe('700');
      for (const each of readdirSync(join(folder.path, 'new', 'folder'))) {
        expect([each, mode(join(folder.path, 'new', 'folder', each))]).toEqual([each, '600']);
      }
      await storage.close();
    } finally {
      process.umask(mask);
    }
  });

  test('a schema that excludes this program is refused in one line that names both', async () => {
    await create();
    edit("insert into schema_migrations values (99, 'later', 98, 1)");
    const error = await refusal();
    expect(error.code).toBe('conflict');
    expect(error.message).toMatch(/^The database has schema 99; this program knows up to \d+: .*restore a backup.*$/);
    expect(error.message).not.toContain('\n');
  });

  test('a newer schema that still admits this program is used as it is', async () => {
    await create();
    edit("insert into schema_migrations values (99, 'later', 1, 1); alter table profiles add column later text");
    const storage = await openStorage(`sqlite:${file}`);
    expect((await storage.catalog()).applications.size).toBe(2);
    await storage.close();
    expect(readdirSync(folder.path)).toEqual(['test.db']);
  });

  test('a database that holds data is copied before it is changed', async () => {
    await create();
    const later = withLater('-- oldest-program: 1\ncreate table later (id integer primary key) strict;');
    const newest = later.length;
    const database = openConnection(file);
    const copy = migrate(database, file, later);
    expect(copy).toBe(`${file}.before-${newest}`);
    expect(mode(copy ?? '')).toBe('600');
    const oldestProgram = Math.max(...later.map((each) => each.oldestProgram));
    expect(schemaOf(database)).toEqual({ applied: newest, oldestProgram });
    expect(migrate(database, file, later)).toBeUndefined();
    database.close();
    const old = new Database(copy, { readonly: true });
    expect(schemaOf(old)?.applied).toBe(newest - 1);
    expect(old.prepare('select count(*) from applications').pluck().get()).toBe(2);
    expect(old.prepare("select count(*) from sqlite_schema where name = 'later'").pluck().get()).toBe(0);
    old.close();
    expect(readdirSync(folder.path).filter((each) => each.includes('partial'))).toEqual([]);
  });

  test('an earlier copy is never written over', async () => {
    await create();
    const later = withLater('-- oldest-program: 1\ncreate table later (id integer primary key) strict;');
    writeFileSync(`${file}.before-${later.length}`, 'precious');
    const database = openConnection(file);
    expect(migrate(database, file, later)).toBe(`${file}.before-${later.length}.2`);
    database.close();
    expect(readFileSync(`${file}.before-${later.length}`, 'utf8')).toBe('precious');
  });

  test('a fresh database and one in memory are not copied', () => {
    const later = withLater('-- oldest-program: 1\ncreate table later (id integer primary key) strict;');
    const database = openConnection(file);
    expect(migrate(database, file, later)).toBeUndefined();
    database.close();
    const memory = openConnection(':memory:');
    migrate(memory, undefined, listMigrations());
    expect(migrate(memory, undefined, later)).toBeUndefined();
    expect(schemaOf(memory)?.applied).toBe(later.length);
    memory.close();
  });

  test('a migration that fails leaves the file as it was, and can be tried again', async () => {
    await create();
    const broken = withLater(
      '-- oldest-program: 1\ncreate table later (id integer); insert into applications select * from nowhere;',
    );
    const database = openConnection(file);
    const dump = (): unknown => [
      database.prepare('select * from sqlite_schema').all(),
      database.prepare('select * from schema_migrations').all(),
      database.prepare('select * from applications').all(),
    ];
    const before = dump();
    expect(() => migrate(database, file, broken)).toThrow(/nowhere/);
    expect(dump()).toEqual(before);
    expect(existsSync(`${file}.before-${broken.length}`)).toBe(true);
    migrate(database, file, withLater('-- oldest-program: 1\ncreate table later (id integer) strict;'));
    expect(schemaOf(database)?.applied).toBe(broken.length);
    database.close();
  });

  test('a migration may raise the oldest program', async () => {
    await create();
    const database = openConnection(file);
    const later = withLater(
      `-- oldest-program: ${listMigrations().length + 1}\nalter table profiles rename to people;`,
    );
    migrate(database, file, later);
    database.close();
    expect((await refusal()).code).toBe('conflict');
  });

  test('a migration that does not say its oldest program is an error', () => {
    expect(() => withLater('create table later (id integer);')).toThrow(/does not name its oldest program/);
  });

  test.each([
    [
      'a database of another program',
      (path: string) => new Database(path).exec('create table things (id integer)').close(),
    ],
    [
      'one that records its migrations, too',
      (path: string) => new Database(path).exec('create table schema_migrations (version text primary key)').close(),
    ],
    [
      'one in the journal mode of ours',
      (path: string) => new Database(path).exec('pragma journal_mode = wal; create table t (x)').close(),
    ],
    [
      'a file that is no database',
      (path: string) => writeFileSync(path, 'Dear diary, this is more than a header of SQLite would be long'),
    ],
  ])('%s is refused and left untouched', async (_title, make) => {
    make(file);
    const before = { bytes: readFileSync(file), mode: mode(file) };
    const error = await refusal();
    expect(error.code).toBe('conflict');
    expect(error.message).not.toContain('\n');
    expect({ bytes: readFileSync(file), mode: mode(file) }).toEqual(before);
    expect(readdirSync(folder.path)).toEqual(['test.db']);
  });

  test('an empty file, as a first start that was cut off leaves it, is used', async () => {
    writeFileSync(file, '');
    await create();
    expect(mode(file)).toBe('600');
  });

  test('a database of the first version is searched by what its profiles hold', async () => {
    const first = openConnection(file);
    migrate(first, file, listMigrations().slice(0, 1));
    const names = ['Tier', 'Since', 'Tags', 'constructor'];
    const types = ['string', 'time', '(list number)', 'boolean'];
    for (const [index, name] of names.entries()) {
      first
        .prepare("insert into attributes values (null, 'CustomerProfile', ?, ?, ?, '', '[]', 0, 1, '[]', 1, 1)")
        .run(name, name, types[index]);
    }
    const attributes = {
      Tier: 'gold "é"',
      Since: '2026-01-31T10:30:00.50+01:00',
      Tags: [1, 2.5],
      constructor: true,
    };
    first.exec(`
      insert into applications values (1, 'Live', 0, 'UTC', 'EUR', '', 1, 1, 1);
      update catalog_version set version = 1;
      update sequences set next = 4 where name = 'profile';
      insert into application_profiles values (1, 1)`);
    const insert = first.prepare("insert into profiles values (?, ?, ?, '[]', 0, 1, 1, ?)");
    insert.run(1, 0, 'p', JSON.stringify(attributes));
    insert.run(2, 0, 'q', JSON.stringify({ Tier: 'tin' }));
    insert.run(3, 1, 's', '{}');
    first.close();
    const world = (await World.create(await openStorage(MEMORY_URL))).in(await openStorage(`sqlite:${file}`));
    expect(existsSync(`${file}.before-${listMigrations().length}`)).toBe(true);
    expect(await world.problems()).toEqual([]);
    expect(await world.search({ ...attributes, Since: '2026-01-31T09:30:00.5Z' })).toEqual(['p']);
    expect(await world.search({ Tier: 'tin' })).toEqual(['q']);
    expect(await world.storage.browse.countApplicationProfiles(1)).toBe(1);
    await world.storage.close();
  });

  test('in a database of the second version, the last change of a profile stands for that of its attributes', async () => {
    const second = openConnection(file);
    migrate(second, file, listMigrations().slice(0, 2));
    second.exec(`
      insert into applications (id, name, environment, timezone, currency, description, created, modified, version)
      values (1, 'Live', 0, 'UTC', 'EUR', '', 1, 1, 1);
      insert into attributes (
        entity, name, title, type, description, suggestions, restricted_by_suggestions, editable, application_ids, created,
        version)
      values ('CustomerProfile', 'Tier', 'Tier', 'string', '', '[]', 0, 1, '[]', 1, 1);
      update catalog_version set version = 1;
      update sequences set next = 2 where name = 'profile';
      insert into profiles (id, environment, integration_id, sets, last_change, last_activity, created, attributes, modified)
      values (1, 0, 'p', '[]', 0, 1, 1, '{}', 5000)`);
    second.close();
    const storage = await openStorage(`sqlite:${file}`);
    const replay = async (time: number): Promise<string | undefined> => {
      const caller: Caller = {
        requestUuid: crypto.randomUUID(),
        keyId: 1,
        applicationId: 1,
        environment: 'live',
        bytes: 1,
        replay: { time, place: 1, override: false },
      };
      const base = {
        kind: 'updateProfile',
        integration: '',
        skipUndefinedAttributes: false,
        adds: [],
        deletes: [],
      } as const;
      const attributes = { Tier: String(time) };
      const [outcome] = await storage.write([
        { ...base, caller, integrationId: 'p', attributes, runRuleEngine: false },
      ]);
      return outcome !== undefined && 'error' in outcome ? outcome.error.problems[0]?.title : undefined;
    };
    expect(await replay(5000)).toBe('superseded');
    expect(await replay(5001)).toBeUndefined();
    expect(await replay(5002)).toBeUndefined();
    expect((await storage.findProfile('live', 'p'))?.attributes).toEqual({ Tier: '5002' });
    expect(await problemsOf(storage)).toEqual([]);
    await storage.close();
  });

  test('rows of the fifth version keep their checksums, and take part in attribute jobs', async () => {
    const fifth = openConnection(file);
    migrate(fifth, file, listMigrations().slice(0, 5));
    const row = [1, 0, 'p', 1, '[1]', 1, 1, 1, 0, '{}'] as const;
    fifth.exec(`
      insert into applications (id, name, environment, timezone, currency, description, created, modified, version)
      values (1, 'Live', 0, 'UTC', 'EUR', '', 1, 1, 1);
      insert into attributes (
        entity, name, title, type, description, suggestions, restricted_by_suggestions, editable, application_ids, created,
        version)
      values ('CustomerProfile', 'Tier', 'Tier', 'string', '', '[]', 0, 1, '[]', 1, 1);
      insert into audiences (
        id, environment, name, description, created_in_third_party, application_ids, member_set, created, modified, version)
      values (1, 0, 'A', '', 0, '[]', 1, 1, 1, 1);
      insert into requests (id, uuid, time, first_change) values (1, 'u', 1, 1);
      insert into membership_changes values (1, 1, 1, 1, 1, 1, 0);
      insert into audience_counters values (1, 0, 1, 1, 1);
      insert into audience_hours values (1, 0, 0, 1, 0);
      insert into members values (1, 1);
      update catalog_version set version = 1;
      update sequences set next = 2`);
    fifth
      .prepare(`insert into profiles (id, environment, integration_id, created, sets, last_change, last_activity, modified,
        attributes_written, attributes, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(...row, rowChecksum(row));
    fifth.close();
    const world = (await World.create(await openStorage(MEMORY_URL))).in(await openStorage(`sqlite:${file}`));
    expect(await world.problems()).toEqual([]);
    await world.write(world.attributesOfAll({ audienceId: 1 }, { Tier: 'gold' }));
    expect((await world.storage.findProfile('live', 'p'))?.attributes).toEqual({ Tier: 'gold' });
    while ((await world.storage.applyAttributeJobs()).more);
    expect(await world.search({ Tier: 'gold' })).toEqual(['p']);
    expect(await world.problems()).toEqual([]);
    await world.storage.close();
  });

  test('users of an older database go on signing in, and can be let in again', async () => {
    const older = openConnection(file);
    migrate(older, file, listMigrations().slice(0, 3));
    older.exec(`
      insert into users (email, name, password_hash, is_admin, state, must_change_password, created, modified)
        values ('ada@example.com', 'Ada', 'hash', 1, 'active', 0, 1, 1);
      insert into sessions values (1, 1, 'api', x'01', 1, 1, ${Number.MAX_SAFE_INTEGER}, '', '')`);
    older.close();
    const storage = await openStorage(`sqlite:${file}`);
    expect(await problemsOf(storage)).toEqual([]);
    expect(await storage.accounts.findUserByEmail('ada@example.com')).toMatchObject({
      passwordHash: 'hash',
      unlockedUntil: undefined,
    });
    expect((await storage.findSession(Buffer.from([1])))?.user.email).toBe('ada@example.com');
    const device = { hash: Buffer.from([2]), userId: 1, expires: 5 };
    const unlocked = await storage.accounts.changeUsers(COMMAND_LINE, { kind: 'unlock', device });
    expect(unlocked[0]?.email).toBe('ada@example.com');
    expect((await storage.accounts.findUserByEmail('ada@example.com'))?.unlockedUntil).toBe(5);
    await storage.close();
  });

  test('profiles of a database of the fifth version are written under idempotency keys, and erased', async () => {
    const fifth = openConnection(file);
    migrate(fifth, file, listMigrations().slice(0, 5));
    fifth.exec(`
      insert into applications (id, name, environment, timezone, currency, description, created, modified, version)
        values (1, 'Live', 0, 'UTC', 'EUR', '', 1, 1, 1);
      update catalog_version set version = 1;
      update sequences set next = 2 where name = 'profile';
      insert into profiles (id, environment, integration_id, sets, last_change, last_activity, created, attributes, modified)
        values (1, 0, 'p', '[]', 0, 1, 1, '{}', 1)`);
    fifth.close();
    const storage = await openStorage(`sqlite:${file}`);
    expect(existsSync(`${file}.before-${listMigrations().length}`)).toBe(true);
    const world = (await World.create(await openStorage(MEMORY_URL))).in(storage);
    const keyed = { ...world.update('p', { runRuleEngine: true }), idempotency: under('k') };
    const [first] = await storage.write([keyed]);
    expect(first).toMatchObject({ result: { id: 1 } });
    await world.write(world.erasure('p'));
    expect(await storage.write([keyed])).toMatchObject([{ isRepeat: true, result: { id: 1 } }]);
    expect(await problemsOf(storage)).toEqual([]);
    await storage.close();
  });

  test('profiles that an older program erased in the console lose their ID, unless they were written since', async () => {
    const eighth = openConnection(file);
    migrate(eighth, file, listMigrations().slice(0, 8));
    eighth.exec(`
      insert into applications (id, name, environment, timezone, currency, description, created, modified, version)
        values (1, 'Live', 0, 'UTC', 'EUR', '', 1, 1, 1), (2, 'Sandbox', 1, 'UTC', 'EUR', '', 1, 1, 1);
      update catalog_version set version = 1;
      update sequences set next = 9 where name = 'profile';
      insert into attributes (
        entity, name, title, type, description, suggestions, restricted_by_suggestions, editable, application_ids, created,
        version)
      values ('CustomerProfile', 'Tier', 'Tier', 'string', '', '[]', 0, 1, '[]', 1, 1);
      insert into application_profiles select 1, value from json_each('[1, 3, 4, 5, 6]');
      insert into application_profiles values (2, 2);
      insert into application_profile_counts values (1, 5), (2, 1);
      insert into audit_entries (created, user_id, entity) values
        (5, 1, '/v1/customers/1/data'), (9, 1, '/v1/customers/1/data'), (9, 1, '/v1/customers/2/data'),
        (9, 1, '/v1/customers/3/data'), (9, 1, '/v1/customers/4/data'), (9, 1, '/v1/customers/50/data'),
        (9, 1, '/v1/customers/5'), (9, 1, '/v1/customers/6/datab'), (9, 1, '/v1/customers/x/data')`);
    const insert = eighth.prepare(`
      insert into profiles (id, environment, integration_id, sets, last_change, last_activity, created, attributes, modified,
        checksum)
      values (?, ?, ?, '[]', 0, 1, 1, ?, ?, ?)`);
    for (const [id, environment, name, attributes, modified] of [
      [1, 0, 'erased twice', '{}', 8],
      [2, 1, 'erased in sandbox', '{}', 9],
      [3, 0, 'written since', '{}', 10],
      [4, 0, 'with values', '{}', 7],
      [5, 0, 'never erased', '{}', 1],
      [6, 0, 'nor this one', '{}', 1],
    ] as const) {
      const row = [id, environment, name, 1, '[]', 0, 1, modified, null, attributes];
      insert.run(id, environment, name, attributes, modified, rowChecksum(row));
    }
    eighth.exec(`update profiles set attributes = '{"Tier":"x"}', checksum = null where id = 4`);
    eighth.close();
    const storage = await openStorage(`sqlite:${file}`);
    const { browse } = storage;
    const states = await Promise.all([1, 2, 3, 4, 5, 6].map(async (id) => browse.findProfileById(id)));
    expect(states.map((each) => each?.isErased)).toEqual([true, true, ...Array<undefined>(4).fill(undefined)]);
    expect(states.slice(0, 2).map((each) => [each?.environment, each?.integrationId.slice(0, 7)])).toEqual([
      ['live', 'erased:'],
      ['sandbox', 'erased:'],
    ]);
    expect(states[2]?.integrationId).toBe('written since');
    expect([await browse.countApplicationProfiles(1), await browse.countApplicationProfiles(2)]).toEqual([4, 0]);
    const world = (await World.create(await openStorage(MEMORY_URL))).in(storage);
    expect((await world.updateProfile('erased twice')).id).toBe(9);
    await world.updateProfile('with values', { attributes: { Tier: null } });
    expect(await problemsOf(storage)).toEqual([]);
    await storage.close();
  });

  test('several processes may open the same fresh file at once', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 3; round += 1) {
      file = join(folder.path, `round-${round}.db`);
      const processes = Array.from({ length: 4 }, () => new OtherProcess(`sqlite:${file}`));
      try {
        await Promise.all(processes.map(async (each) => each.opened));
        await Promise.all(
          processes.map(async (each, index) =>
            each.call('createApplication', COMMAND_LINE, {
              name: `App ${index}`,
              environment: 'live',
              timezone: 'UTC',
              currency: 'EUR',
              payloadLogging: 'full',
              staging: false,
              description: '',
            }),
          ),
        );
        await Promise.all(processes.map(async (each) => each.close()));
      } finally {
        await Promise.all(processes.map(async (each) => each.kill()));
      }
      const storage = await openStorage(`sqlite:${file}`);
      expect((await storage.catalog()).applications.size).toBe(4);
      expect(await problemsOf(storage)).toEqual([]);
      await storage.close();
    }
  });
});
