/** Definitions, keys and users: stored as given, conflicts refused, visible at once. */

import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { ApiKey, NewApiKey } from '../../../src/domain/access/api-keys.ts';
import type { NewUser } from '../../../src/domain/access/users.ts';
import { COMMAND_LINE } from '../../../src/domain/actor.ts';
import type { NewAttribute } from '../../../src/domain/definitions/attributes.ts';
import type { DeclareCase } from '../conformance.ts';
import { refusalOf, type World } from '../world.ts';

function newKey(world: World, change: Partial<NewApiKey> = {}): NewApiKey {
  return {
    applicationId: world.live.id,
    title: 'Key',
    platform: 'customer_data',
    type: '',
    readOnly: false,
    rateLimit: undefined,
    timeOffset: undefined,
    lenientRows: true,
    rowReports: false,
    skipUndefinedAttributes: true,
    prefix: 'rck_',
    suffix: 'abcd',
    expires: 253_402_300_799_999,
    createdBy: undefined,
    hash: randomBytes(32),
    ...change,
  };
}

const ATTRIBUTE: NewAttribute = {
  entity: 'CustomerProfile',
  name: 'Tier',
  title: 'Tier of the customer',
  type: 'string',
  description: 'Loyalty "tier" é😀',
  suggestions: ['gold', 'sil,ver', '"', ''],
  restrictedBySuggestions: true,
  hasAllowedList: false,
  details: {},
  editable: false,
  applicationIds: [],
};

const USER: NewUser = {
  email: 'Ada@Example.com',
  name: 'Ada',
  isAdmin: true,
  state: 'active',
  mustChangePassword: true,
  passwordHash: 'hash',
};

export function backOfficeCases(test: DeclareCase): void {
  test('an Application is catalogued as given; a name is taken once, whatever its case', async (world) => {
    const input = {
      name: 'Büro 1',
      environment: 'sandbox',
      timezone: 'Europe/Berlin',
      currency: 'CHF',
      description: 'd',
      payloadLogging: 'full',
      staging: false,
    } as const;
    const before = Date.now();
    const created = await world.storage.createApplication(COMMAND_LINE, input);
    expect(created).toEqual({ id: created.id, ...input, created: created.created, modified: created.created });
    expect(created.created).toBeGreaterThanOrEqual(before);
    expect((await world.storage.catalog()).applications.get(created.id)).toEqual(created);
    for (const name of ['Büro 1', 'büro 1']) {
      expect(
        await refusalOf(world.storage.createApplication(COMMAND_LINE, { ...input, name, environment: 'live' })),
      ).toBe('conflict');
    }
    const next = await world.storage.createApplication(COMMAND_LINE, { ...input, name: 'Büro 2' });
    expect(next.id).toBeGreaterThan(created.id);
  });

  test('an attribute is catalogued as given; name and title are taken once', async (world) => {
    const created = await world.storage.createAttribute(COMMAND_LINE, {
      ...ATTRIBUTE,
      applicationIds: [world.sandbox.id, world.live.id],
    });
    expect(created).toEqual({
      ...ATTRIBUTE,
      id: created.id,
      created: created.created,
      applicationIds: [world.sandbox.id, world.live.id],
    });
    expect((await world.storage.catalog()).attributes.get('Tier')).toEqual(created);
    expect(await refusalOf(world.storage.createAttribute(COMMAND_LINE, { ...ATTRIBUTE, title: 'Other' }))).toBe(
      'conflict',
    );
    expect(await refusalOf(world.storage.createAttribute(COMMAND_LINE, { ...ATTRIBUTE, name: 'Other' }))).toBe(
      'conflict',
    );
    const lower = await world.storage.createAttribute(COMMAND_LINE, {
      ...ATTRIBUTE,
      name: 'tier',
      title: 'tier of the customer',
    });
    expect((await world.storage.catalog()).attributes.get('tier')).toEqual(lower);
    expect((await world.storage.catalog()).attributes.get('Tier')).toEqual(created);
  });

  test('a key is found by its hash alone, with its Application', async (world) => {
    const input = newKey(world, {
      rateLimit: 7,
      readOnly: true,
      platform: 'none',
      createdBy: 3,
      expires: 1_893_456_000_123,
    });
    const { hash, ...rest } = input;
    const created = await world.storage.createApiKey(COMMAND_LINE, input);
    expect(created).toEqual({
      id: created.id,
      ...rest,
      created: created.created,
      lastUsedAt: undefined,
      deletedAt: undefined,
    });
    expect(await world.storage.findApiKey(hash)).toEqual({ key: created, application: world.live });
    const near = Buffer.from(hash);
    near[31] = (near[31] ?? 0) ^ 1;
    for (const other of [near, randomBytes(32), hash.subarray(0, 31), Buffer.alloc(0), Buffer.concat([hash, hash])]) {
      expect(await world.storage.findApiKey(other)).toBeUndefined();
    }
    expect(await refusalOf(world.storage.createApiKey(COMMAND_LINE, { ...newKey(world), hash }))).toBe('conflict');
  });

  test('keys are listed newest first; deleted ones are not, but are still found', async (world) => {
    const hash = randomBytes(32);
    const keys: ApiKey[] = [];
    for (let index = 0; index < 5; index += 1) {
      keys.push(
        await world.storage.createApiKey(
          COMMAND_LINE,
          newKey(world, { title: `Key ${index}`, expires: index, ...(index === 2 ? { hash } : {}) }),
        ),
      );
    }
    expect((await world.storage.listApiKeys()).map((each) => each.title)).toEqual([
      'Key 4',
      'Key 3',
      'Key 2',
      'Key 1',
      'Key 0',
    ]);
    const before = Date.now();
    const deleted = await world.storage.deleteApiKey(COMMAND_LINE, keys[2]?.id ?? 0);
    expect(deleted.deletedAt).toBeGreaterThanOrEqual(before);
    expect((await world.storage.listApiKeys()).map((each) => each.title)).toEqual(['Key 4', 'Key 3', 'Key 1', 'Key 0']);
    expect((await world.storage.findApiKey(hash))?.key).toEqual(deleted);
    for (const [id, applicationId] of [[deleted.id], [999], [keys[1]?.id ?? 0, world.sandbox.id]] as const) {
      expect(await refusalOf(world.storage.deleteApiKey(COMMAND_LINE, id, applicationId))).toBe('not_found');
    }
    expect((await world.storage.createApiKey(COMMAND_LINE, newKey(world))).id).toBeGreaterThan(keys[4]?.id ?? 0);
  });

  test('options of a key change one by one, and at once', async (world) => {
    const hash = randomBytes(32);
    const { id, ...rest } = await world.storage.createApiKey(COMMAND_LINE, newKey(world, { hash, rowReports: true }));
    const changed = { id, ...rest, lenientRows: true };
    expect(await world.storage.changeApiKey(COMMAND_LINE, id, { lenientRows: true })).toEqual(changed);
    expect((await world.storage.findApiKey(hash))?.key).toEqual(changed);
    const others = { rowReports: false, skipUndefinedAttributes: true };
    const both = await world.storage.changeApiKey(COMMAND_LINE, id, others, world.live.id);
    expect(both).toEqual({ ...changed, ...others });
    expect(await world.storage.changeApiKey(COMMAND_LINE, id, {})).toEqual(both);
    expect(await world.storage.listApiKeys()).toEqual([both]);
    const elsewhere = world.storage.changeApiKey(COMMAND_LINE, id, { lenientRows: false }, world.sandbox.id);
    expect(await refusalOf(elsewhere)).toBe('not_found');
    expect((await world.storage.findApiKey(hash))?.key).toEqual(both);
  });

  test('the last use of a key never moves back', async (world) => {
    const first = await world.storage.createApiKey(COMMAND_LINE, newKey(world));
    const second = await world.storage.createApiKey(COMMAND_LINE, newKey(world));
    const uses = async (): Promise<(number | undefined)[]> =>
      [...(await world.storage.listApiKeys())].reverse().map((each) => each.lastUsedAt);
    expect(await uses()).toEqual([undefined, undefined]);
    await world.storage.recordKeyUse(new Map([[first.id, 1_700_000_000_123]]));
    await world.storage.recordKeyUse(
      new Map([
        [first.id, 1_600_000_000_000],
        [second.id, 5],
        [999, 7],
      ]),
    );
    expect(await uses()).toEqual([1_700_000_000_123, 5]);
    await world.storage.recordKeyUse(new Map([[second.id, 253_402_300_799_999]]));
    await world.storage.recordKeyUse(new Map());
    expect(await uses()).toEqual([1_700_000_000_123, 253_402_300_799_999]);
  });

  test('a user is listed without the password; an e-mail is taken once, whatever its case', async (world) => {
    const { passwordHash: _, ...rest } = USER;
    const created = await world.storage.accounts.createUser(COMMAND_LINE, USER);
    expect(created).toEqual({ id: created.id, ...rest, created: created.created, modified: created.created });
    expect(
      await refusalOf(world.storage.accounts.createUser(COMMAND_LINE, { ...USER, email: 'ada@example.COM' })),
    ).toBe('conflict');
    const second = await world.storage.accounts.createUser(COMMAND_LINE, {
      ...USER,
      email: 'b@example.com',
      isAdmin: false,
      mustChangePassword: false,
    });
    expect(await world.storage.accounts.listUsers()).toEqual([created, second]);
  });

  test('the catalog shows each change at once, and is not kept across them', async (world) => {
    expect((await world.storage.catalog()).attributes.size).toBe(0);
    await world.storage.createAttribute(COMMAND_LINE, ATTRIBUTE);
    expect((await world.storage.catalog()).attributes.size).toBe(1);
    await world.createAudience('a');
    expect((await world.storage.catalog()).audienceCount).toBe(1);
    await world.write(world.deletion('a'));
    expect((await world.storage.catalog()).audienceCount).toBe(0);
  });

  test('a refused definition changes nothing', async (world) => {
    await world.storage.createAttribute(COMMAND_LINE, ATTRIBUTE);
    await world.createAudience('a');
    const before = await world.storage.catalog();
    const [attributes, applications] = [[...before.attributes.values()], [...before.applications.values()]];
    expect(await refusalOf(world.storage.createAttribute(COMMAND_LINE, ATTRIBUTE))).toBe('conflict');
    const { id: _id, created: _created, modified: _modified, ...rest } = world.live;
    expect(await refusalOf(world.storage.createApplication(COMMAND_LINE, rest))).toBe('conflict');
    const after = await world.storage.catalog();
    expect([[...after.attributes.values()], [...after.applications.values()]]).toEqual([attributes, applications]);
    await world.updateProfile('p', { adds: ['a'] });
    expect(await world.audiencesOf('p')).toEqual(['a']);
  });

  test('statistics and ping tell of a store that works', async (world) => {
    expect(await world.storage.statistics()).toEqual({ audiences: 0, members: 0 });
    await world.storage.ping();
  });
}
