/** The shared statements on both engines: SQLite in memory and a real PostgreSQL. */

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditFilter, AuditPage } from '../../src/domain/access/audit-log.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { NewApplication } from '../../src/domain/definitions/applications.ts';
import type { AttributeChange, NewAttribute } from '../../src/domain/definitions/attributes.ts';
import { Catalog } from '../../src/domain/definitions/catalog.ts';
import { PostgresDb } from '../../src/storage/postgres/db.ts';
import { allowedListMethods, type ListClaims } from '../../src/storage/sql/allowed-lists.ts';
import { applicationMethods } from '../../src/storage/sql/applications.ts';
import {
  type AttributeJobRow,
  attributeJobReadMethods,
  PENDING_ATTRIBUTE_JOBS,
} from '../../src/storage/sql/attribute-jobs.ts';
import { attributeMethods } from '../../src/storage/sql/attributes.ts';
import { auditEntryMethods } from '../../src/storage/sql/audit-entries.ts';
import { applyChanges, CATALOG_CHANGES, CATALOG_VERSION } from '../../src/storage/sql/catalog.ts';
import type { Db, Queries } from '../../src/storage/sql/db.ts';
import { type ApplicationRow, type AttributeRow, type AudienceRow, IS_ALLOWED } from '../../src/storage/sql/rows.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { SqliteDb } from '../../src/storage/sqlite/db.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { Turns } from '../../src/storage/sqlite/turns.ts';
import { type PostgresServer, postgresMissing, startPostgres } from './postgres-server.ts';
import { accessCases } from './sql-access.ts';
import { refusalOf } from './world.ts';

interface Engine {
  readonly db: Db;
  close(): Promise<void>;
}

const missing = postgresMissing();
if (missing !== undefined) process.stderr.write(`PostgreSQL is left out: ${missing}\n`);
let server: PostgresServer | undefined;
afterAll(async () => server?.stop());

const ENGINES: [string, () => Promise<Engine>][] = [['SQLite', openSqlite]];
if (missing === undefined) ENGINES.push(['PostgreSQL', openPostgres]);

async function openSqlite(): Promise<Engine> {
  const database = openConnection(':memory:');
  migrate(database, undefined);
  return { db: inTurns(new SqliteDb(database)), close: async () => void database.close() };
}

/** One connection serves all callers, which take turns as in a store. */
function inTurns(db: Db): Db {
  const turns = new Turns();
  return {
    all: async <Row>(...call: Parameters<Queries['all']>) => turns.take(async () => db.all<Row>(...call)),
    get: async <Row>(...call: Parameters<Queries['get']>) => turns.take(async () => db.get<Row>(...call)),
    run: async (...call) => turns.take(async () => db.run(...call)),
    transaction: async (work) => turns.take(async () => db.transaction(work)),
    snapshot: async (work) => turns.take(async () => db.snapshot(work)),
  };
}

async function openPostgres(): Promise<Engine> {
  server ??= await startPostgres();
  const db = new PostgresDb(await server.createDatabase(), () => undefined);
  const schema = readFileSync(new URL('postgres-schema.sql', import.meta.url), 'utf8').replaceAll(/--.*$/gm, '');
  for (const statement of schema.split(';')) if (statement.trim() !== '') await db.run(statement);
  return { db, close: async () => db.close() };
}

function named(name: string): NewApplication {
  const rest = { timezone: 'Europe/Berlin', currency: 'EUR', description: '', payloadLogging: 'full' } as const;
  return { name, environment: 'live', staging: false, ...rest };
}

function attributeNamed(name: string): NewAttribute {
  return {
    entity: 'CustomerProfile',
    name,
    title: `Title of ${name}`,
    type: 'string',
    description: '',
    suggestions: ['b', 'a'],
    restrictedBySuggestions: true,
    hasAllowedList: false,
    editable: true,
    applicationIds: [],
    details: { eventType: 'x' },
  };
}

function changeable(attribute: NewAttribute): AttributeChange {
  const { description, suggestions, restrictedBySuggestions, hasAllowedList, applicationIds, details } = attribute;
  return { description, suggestions, restrictedBySuggestions, hasAllowedList, applicationIds, details };
}

describe.each(ENGINES)('on %s', (_name, open) => {
  let engine: Engine;
  let db: Db;
  let time = 1_764_000_000_000;
  const now = (): number => time;

  beforeAll(async () => {
    engine = await open();
    db = engine.db;
  });
  afterAll(async () => engine.close());

  const version = async (): Promise<number | undefined> =>
    (await db.get<{ version: number }>('select version from catalog_version'))?.version;
  const list = async (filter: AuditFilter = {}, page: Partial<AuditPage> = {}) =>
    auditEntryMethods(db).listAuditEntries(filter, { limit: 100, skip: 0, descending: false, ...page });

  describe('Applications', () => {
    test('are created, changed by the rule, and audited; what changes nothing leaves nothing', async () => {
      const applications = applicationMethods({ db, now });
      const before = (await version()) ?? 0;
      const created = await applications.createApplication({ userId: 7 }, named('Shop'));
      expect(created).toEqual({ ...named('Shop'), id: created.id, created: time, modified: time });
      time += 1000;
      const changed = await applications.updateApplication(COMMAND_LINE, created.id, {
        staging: true,
        description: "it's ? \u{1F600}",
      });
      expect(changed).toEqual({ ...created, staging: true, description: "it's ? \u{1F600}", modified: time });
      expect(await applications.updateApplication(COMMAND_LINE, created.id, { staging: true })).toEqual(changed);
      expect(await applications.updateApplication(COMMAND_LINE, 999_999, { staging: true })).toBeUndefined();
      expect(await refusalOf(applications.updateApplication(COMMAND_LINE, created.id, { staging: false }))).toBe(
        'invalid',
      );
      expect(await version()).toBe(before + 2);
      const { entries } = await list({ applicationId: created.id });
      expect(entries).toMatchObject([
        { userId: 7, created: time - 1000, entity: `/v1/applications/${created.id}`, old: undefined },
        { userId: undefined, created: time, old: { staging: false }, new: { staging: true, environment: 'live' } },
      ]);
    });

    test('have names of their own, whatever the case; a refused one leaves nothing', async () => {
      const applications = applicationMethods({ db, now });
      const first = await applications.createApplication(COMMAND_LINE, named('Taken'));
      const other = await applications.createApplication(COMMAND_LINE, named('Other'));
      const before = await version();
      await expect(applications.createApplication(COMMAND_LINE, named('TAKEN'))).rejects.toMatchObject({
        code: 'conflict',
        message: "An Application named 'TAKEN' already exists",
      });
      expect(await refusalOf(applications.updateApplication(COMMAND_LINE, other.id, { name: 'taken' }))).toBe(
        'conflict',
      );
      expect(await version()).toBe(before);
      expect((await applications.updateApplication(COMMAND_LINE, first.id, { name: 'TAKEN' }))?.name).toBe('TAKEN');
    });

    test('changed by several at once lose no change', async () => {
      const applications = applicationMethods({ db, now });
      const { id } = await applications.createApplication(COMMAND_LINE, named('Contended'));
      const before = (await version()) ?? 0;
      const changes = [{ description: 'new' }, { currency: 'CHF' }, { timezone: 'UTC' }, { staging: true }];
      await Promise.all(changes.map(async (change) => applications.updateApplication(COMMAND_LINE, id, change)));
      const last = await applications.updateApplication(COMMAND_LINE, id, {});
      expect(last).toMatchObject({ description: 'new', currency: 'CHF', timezone: 'UTC', staging: true });
      expect(await version()).toBe(before + 4);
      expect((await list({ applicationId: id })).entries).toHaveLength(5);
    });
  });

  describe('attributes', () => {
    test('are defined once per entity, changed, and audited; what changes nothing leaves nothing', async () => {
      const attributes = attributeMethods({ db, now });
      const before = (await version()) ?? 0;
      const created = await attributes.createAttribute(COMMAND_LINE, attributeNamed('Tier'));
      const expected = { ...attributeNamed('Tier'), id: created.id, created: time, allowedList: undefined };
      expect(created).toEqual(expected);
      await expect(attributes.createAttribute(COMMAND_LINE, attributeNamed('Tier'))).rejects.toMatchObject({
        code: 'conflict',
        message: "An attribute with the name 'Tier' or the title 'Title of Tier' already exists",
      });
      const event = await attributes.createAttribute(COMMAND_LINE, { ...attributeNamed('Tier'), entity: 'Event' });
      expect(event.id).not.toBe(created.id);
      const change = { ...changeable(created), suggestions: ['gold'], applicationIds: [1, 2] };
      expect(await attributes.updateAttribute(COMMAND_LINE, created.id, change)).toEqual({ ...created, ...change });
      expect(await attributes.updateAttribute(COMMAND_LINE, created.id, change)).toEqual({ ...created, ...change });
      expect(await attributes.updateAttribute(COMMAND_LINE, 999_999, change)).toBeUndefined();
      expect(await version()).toBe(before + 3);
      const audited = await list({ entityPath: `/v1/attributes/${created.id}` });
      expect(audited.entries).toMatchObject([{ new: { name: 'Tier' } }, { new: { suggestions: ['gold'] } }]);
    });

    test('are loaded into a catalog, what changed since a version only', async () => {
      const before = (await version()) ?? 0;
      const attribute = await attributeMethods({ db, now }).createAttribute(COMMAND_LINE, attributeNamed('Loaded'));
      const application = await applicationMethods({ db, now }).createApplication(COMMAND_LINE, named('Loaded'));
      const since = async (last: number): Promise<Catalog> => {
        const catalog = new Catalog();
        const rows = async <Row>(sql: string) => db.all<Row>(sql, last);
        applyChanges(catalog, {
          applications: await rows<ApplicationRow>(CATALOG_CHANGES.applications),
          attributes: await rows<AttributeRow>(CATALOG_CHANGES.attributes),
          audiences: await rows<AudienceRow>(CATALOG_CHANGES.audiences),
          attributeJobs: await db.all<AttributeJobRow>(PENDING_ATTRIBUTE_JOBS),
        });
        return catalog;
      };
      const both = await since(before);
      expect(both.attribute(attribute.id)).toEqual(attribute);
      expect([...both.applications.values()]).toEqual([application]);
      expect([...(await since(before + 1)).allAttributes()]).toEqual([]);
      expect(await db.get(CATALOG_VERSION)).toMatchObject({ version: before + 2 });
    });
  });

  test('attribute jobs are listed newest first, of all audiences or one', async () => {
    const insert = `insert into attribute_jobs (id, audience_id, member_set, attributes, recorded, request_uuid, members, done, finished)
      values (?, ?, 5, ?, 1000, 'uuid', 9, ?, ?)`;
    await db.run(
      "insert into audiences (id, environment, name, description, created_in_third_party, application_ids, member_set, created, modified, version) values (7001, 0, 'One', '', 0, '[]', 5, 1, 1, 1), (7002, 1, 'Two', '', 0, '[]', 6, 1, 1, 1)",
    );
    await db.run(insert, 1, 7001, '{"Tier":null}', 9, 2000);
    await db.run(insert, 2, 7002, '{"Tier":"gold","Age":7}', 4, null);
    await db.run(insert, 3, 7001, '{"Tier":"gold"}', 0, null);
    const methods = attributeJobReadMethods(db);
    const second = {
      id: 2,
      audienceName: 'Two',
      environment: 'sandbox',
      attributes: ['Tier', 'Age'],
      members: 9,
      done: 4,
    };
    expect(await methods.listAttributeJobs(undefined, 2)).toMatchObject([{ id: 3, finished: undefined }, second]);
    expect(await methods.listAttributeJobs(7001, 10)).toMatchObject([
      { id: 3 },
      { id: 1, finished: 2000, keyId: undefined },
    ]);
    expect((await db.all<AttributeJobRow>(PENDING_ATTRIBUTE_JOBS)).map(({ id }) => id)).toEqual([2, 3]);
    await db.run('delete from attribute_jobs');
  });

  describe('allowed values', () => {
    /** Considers a list abandoned as soon as it has stopped growing. */
    const claims: ListClaims = {
      isUnderWay: (_kind, _list, movedAt, at) => movedAt === at,
      claim: () => undefined,
      release: () => undefined,
    };

    test('gather unseen, replace those before in one step, and are dropped with the wish for a list', async () => {
      const attributes = attributeMethods({ db, now });
      const lists = allowedListMethods({ db, now }, claims);
      const { id } = await attributes.createAttribute(COMMAND_LINE, attributeNamed('Country'));
      const dead = async () => (await db.all<{ allowed_list: number }>('select * from dead_allowed_lists')).length;
      const first = await lists.beginAllowedList(id);
      expect(await refusalOf(lists.beginAllowedList(id))).toBe('conflict');
      // More than one statement accepts, some of them twice.
      const values = Array.from({ length: 1200 }, (_, index) => `value ${index % 1100}`);
      await lists.addAllowedValues(id, first, values);
      const noticed = { entries: values.length, warnings: {} };
      const done = await lists.finishAllowedList({ userId: 3 }, id, first, noticed);
      expect(done).toEqual({
        id: done.id,
        created: time,
        userId: 3,
        entity: 'AttributeAllowedList',
        amount: 1100,
        warnings: { repeated: 100 },
      });
      const second = await lists.beginAllowedList(id);
      time += 1;
      const third = await lists.beginAllowedList(id);
      expect(await refusalOf(lists.addAllowedValues(id, second, ['late']))).toBe('conflict');
      expect(await dead()).toBe(1);
      await lists.finishAllowedList(COMMAND_LINE, id, third);
      expect(await dead()).toBe(2);
      const row = await db.get<AttributeRow>('select * from attributes where id = ?', id);
      expect(row).toMatchObject({ allowed_list: third, staged_list: null, has_allowed_list: 1 });
      const wish = { ...changeable(attributeNamed('Country')), hasAllowedList: false };
      expect((await attributes.updateAttribute(COMMAND_LINE, id, wish))?.allowedList).toBeUndefined();
      expect(await dead()).toBe(3);
      const fourth = await lists.beginAllowedList(id);
      await lists.abandonAllowedList(id, fourth);
      await lists.abandonAllowedList(id, fourth);
      expect(await dead()).toBe(4);
      expect(await refusalOf(lists.beginAllowedList(999_999))).toBe('not_found');
      expect(await db.all(IS_ALLOWED, first, 'value 1')).toHaveLength(1);
    });
  });

  accessCases(() => db, now);

  describe('audit entries', () => {
    const entities = ['/v1/a_1', '/v1/A%2', '/v1/a\\3', '/v1/b4', "/v1/'b'?5"];
    let first = 0;

    beforeAll(async () => {
      for (const [index, entity] of entities.entries()) {
        await db.run(
          'insert into audit_entries (created, user_id, application_id, entity) values (?, ?, ?, ?)',
          10 + index,
          index === 0 ? null : index,
          1000 + (index % 2),
          entity,
        );
      }
      const found = await db.get<{ id: number }>('select min(id) as id from audit_entries where created = 10');
      first = found?.id ?? 0;
    });

    const found = async (filter: AuditFilter, page: Partial<AuditPage> = {}): Promise<string[]> =>
      (await list({ createdBefore: 100, ...filter }, page)).entries.map(({ entity }) => entity);

    test('are found by part of the path, in any case, each character standing for itself', async () => {
      expect(await found({ entityPath: 'A_' })).toEqual(['/v1/a_1']);
      expect(await found({ entityPath: 'a%' })).toEqual(['/v1/A%2']);
      expect(await found({ entityPath: '\\' })).toEqual(['/v1/a\\3']);
      expect(await found({ entityPath: "'B'?" })).toEqual(["/v1/'b'?5"]);
      expect(await found({ entityPath: '' })).toEqual(entities);
    });

    test('are found by Applications that may be seen, users and times', async () => {
      expect(await found({ visibleApplicationIds: [] })).toEqual([]);
      expect(await found({ visibleApplicationIds: [1000] })).toEqual([entities[0], entities[2], entities[4]]);
      expect(await found({ visibleApplicationIds: [1000, 1001], applicationId: 1001 })).toEqual([
        entities[1],
        entities[3],
      ]);
      expect(await found({ userId: 0 })).toEqual([entities[0]]);
      expect(await found({ userId: 3 })).toEqual([entities[3]]);
      expect(await found({ createdAfter: 11, createdBefore: 14 })).toEqual([entities[2], entities[3]]);
      expect(await found({ managementKeyId: 1 })).toEqual([]);
    });

    test('are paged either way, and counted as of the same moment', async () => {
      expect(await found({}, { descending: true, limit: 2, skip: 1 })).toEqual([entities[3], entities[2]]);
      expect(await found({}, { after: first + 1, limit: 2 })).toEqual([entities[2], entities[3]]);
      expect(await found({}, { after: first + 1, descending: true })).toEqual([entities[0]]);
      const { total } = await list({ createdBefore: 100 }, { limit: 1, countAll: true, after: first + 3 });
      expect(total).toBe(5);
    });
  });

  describe('Db', () => {
    test('a transaction that fails leaves nothing; one after it works', async () => {
      const before = await version();
      const work = db.transaction(async (tx) => {
        expect(await tx.run('update catalog_version set version = version + 1')).toBe(1);
        throw new Error('on purpose');
      });
      await expect(work).rejects.toThrow('on purpose');
      expect(await version()).toBe(before);
    });

    test('numbers are numbers: large ones, counts and sums', async () => {
      const row = await db.get(
        'select count(*) as entries, sum(version) as total, max(version) + 9007199254740000 as large from catalog_version',
      );
      const at = await version();
      expect(row).toEqual({ entries: 1, total: at, large: (at ?? 0) + 9_007_199_254_740_000 });
    });

    test('a snapshot sees what was there when it began', async () => {
      const count = 'select count(*) as entries from audit_entries';
      let writing: Promise<number> | undefined;
      const seen = await db.snapshot(async (tx) => {
        const before = await tx.get(count);
        writing = db.run("insert into audit_entries (created, entity) values (999, '/v1/later')");
        // On SQLite the write waits for its turn; on PostgreSQL it is committed meanwhile.
        await Promise.race([writing, delay(100)]);
        return { before, after: await tx.get(count) };
      });
      expect(seen.after).toEqual(seen.before);
      expect(await writing).toBe(1);
    });
  });
});
