/** Creating and changing definitions: both sides of each limit, defaults, and what a change does not affect. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import { replaceAllowedList } from '../../../src/domain/definitions/allowed-lists.ts';
import { createApplication, updateApplication } from '../../../src/domain/definitions/application-administration.ts';
import {
  type AttributeInput,
  type AttributeUpdate,
  createAttribute,
  updateAttribute,
} from '../../../src/domain/definitions/attribute-administration.ts';
import type { Attribute } from '../../../src/domain/definitions/attributes.ts';
import {
  findApplication,
  findAttribute,
  findAudience,
  listApplications,
  listAttributes,
} from '../../../src/domain/definitions/lookups.ts';
import { openCore } from '../open-core.ts';

const THUMB = '👍';

let core: Core;
let shop: number;
beforeAll(async () => {
  core = await openCore();
  shop = (await createApplication(core, { name: ' Shop ' })).id;
});
afterAll(async () => core.storage.close());

let count = 0;
const unused = (): string => `Name${(count += 1)}`;
const create = async (more: Partial<AttributeInput> = {}): Promise<Attribute> =>
  createAttribute(core, { name: unused(), type: 'string', ...more });
const update = async ({ id, entity, name, title, type }: Attribute, more: Partial<AttributeUpdate>) =>
  updateAttribute(core, id, { entity, name, title, type, ...more });

async function* inChunks(...chunks: string[][]): AsyncGenerator<string[]> {
  yield* chunks;
}

describe('a new attribute', () => {
  test('has defaults', async () => {
    const name = unused();
    expect(await createAttribute(core, { name, type: 'number' })).toEqual({
      id: expect.any(Number) as number,
      created: expect.any(Number) as number,
      entity: 'CustomerProfile',
      name,
      title: name,
      type: 'number',
      description: '',
      suggestions: [],
      restrictedBySuggestions: false,
      hasAllowedList: false,
      allowedList: undefined,
      editable: true,
      applicationIds: [],
      details: {},
    });
  });

  test('keeps what it is given', async () => {
    const given = {
      entity: 'CartItem',
      title: unused(),
      description: 'd',
      suggestions: ['a'],
      restrictedBySuggestions: true,
      hasAllowedList: true,
      editable: false,
      applicationIds: [shop],
      details: { catalogIds: [1] },
    } as const;
    expect(await create(given)).toMatchObject(given);
  });

  test.each<[string, Partial<AttributeInput>]>([
    ['a title of 255 characters', { title: 't'.repeat(255) }],
    ['a name of 255 characters', { name: 'n'.repeat(255) }],
    ['a description of 10,000 characters', { description: THUMB.repeat(10_000) }],
    ['a suggestion of 1,000 characters', { suggestions: [THUMB.repeat(1000)] }],
    ['a closed list that is to be imported', { restrictedBySuggestions: true, hasAllowedList: true }],
    ['1,000 catalogs', { details: { catalogIds: Array.from({ length: 1000 }, (_, index) => index) } }],
  ])('may have %s', async (_, input) => expect(await create(input)).toMatchObject(input));

  test.each<[string, Partial<AttributeInput>, string]>([
    ['a name of 256 characters', { name: 'n'.repeat(256), title: 'Title' }, '/name'],
    ['a title of 256 characters', { title: 't'.repeat(256) }, '/title'],
    ['a title that starts with a digit', { title: '1' }, '/title'],
    ['a type of its own', { type: 'text' }, '/type'],
    ['a description of 10,001 characters', { description: 'd'.repeat(10_001) }, '/description'],
    ['a description with a NUL character', { description: '\0' }, '/description'],
    ['a suggestion of 1,001 characters', { suggestions: ['s'.repeat(1001)] }, '/suggestions'],
    ['a suggestion with a lone surrogate', { suggestions: ['\ud800'] }, '/suggestions'],
    ['an empty suggestion', { suggestions: [''] }, '/suggestions'],
    ['51 suggestions', { suggestions: Array.from({ length: 51 }, (_, index) => `${index}`) }, '/suggestions'],
    ['1,001 catalogs', { details: { catalogIds: Array<number>(1001).fill(1) } }, '/subscribedCatalogsIds'],
    ['a closed list without a value', { restrictedBySuggestions: true }, '/restrictedBySuggestions'],
  ])('may not have %s', async (_, input, pointer) => {
    await expect(create(input)).rejects.toMatchObject({ code: 'invalid', problems: [{ source: { pointer } }] });
  });

  test('names the types there are', async () => {
    await expect(create({ type: 'text' })).rejects.toThrow("'text' is not one of string, number, boolean");
  });
});

describe('a changed attribute', () => {
  test('keeps what the change does not name', async () => {
    const before = await create({
      description: 'd',
      suggestions: ['a'],
      restrictedBySuggestions: true,
      hasAllowedList: true,
      applicationIds: [shop],
      details: { eventType: 'e' },
    });
    expect(await update(before, {})).toEqual(before);
    expect(await update(before, { details: { catalogIds: [7] } })).toEqual({
      ...before,
      details: { eventType: 'e', catalogIds: [7] },
    });
  });

  test.each<Partial<AttributeUpdate>>([
    { description: 'new' },
    { description: '' },
    { suggestions: ['x', 'y'] },
    { suggestions: ['a'], restrictedBySuggestions: true },
    { hasAllowedList: true },
    { applicationIds: [1] },
  ])('takes %j, and keeps it', async (change) => {
    const before = await create({ description: 'd', suggestions: ['a'] });
    expect(await update(before, change)).toEqual({ ...before, ...change });
    expect(await findAttribute(core, before.id)).toEqual({ ...before, ...change });
  });

  test('has each suggestion and Application once', async () => {
    const changed = await update(await create(), { suggestions: ['a', 'b', 'a'], applicationIds: [shop, shop] });
    expect(changed).toMatchObject({ suggestions: ['a', 'b'], applicationIds: [shop] });
  });

  test.each<['entity' | 'name' | 'type' | 'title' | 'editable', Partial<AttributeUpdate>]>([
    ['entity', { entity: 'Event' }],
    ['name', { name: 'Other' }],
    ['type', { type: 'number' }],
    ['title', { title: 'Other' }],
    ['editable', { editable: false }],
  ])('cannot have another %s', async (field, change) => {
    const before = await create();
    await expect(update(before, change)).rejects.toMatchObject({
      code: 'invalid',
      message: `${field}: is '${before[field]}' and cannot be changed`,
      problems: [{ source: { pointer: `/${field}` } }],
    });
    expect(await findAttribute(core, before.id)).toEqual(before);
  });

  test('is checked as a new one is', async () => {
    const before = await create();
    await expect(update(before, { description: '\0' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(update(before, { applicationIds: [99] })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('exists, and is editable', async () => {
    await expect(update({ ...(await create()), id: 999 }, {})).rejects.toMatchObject({
      code: 'not_found',
      message: 'Attribute 999 not found',
    });
    const fixed = await create({ editable: false });
    await expect(update(fixed, { description: 'new' })).rejects.toMatchObject({
      code: 'invalid',
      message: `Attribute '${fixed.name}' was created as not editable`,
    });
  });
});

describe('an imported list of values', () => {
  test('takes effect whole, with its warnings', async () => {
    const { id } = await create({ hasAllowedList: true });
    const done = await replaceAllowedList(core, id, inChunks(['a', 'b'], ['c']), { outerBlank: 1 });
    expect(done).toMatchObject({ amount: 3, warnings: { outerBlank: 1 } });
    expect((await findAttribute(core, id)).allowedList).toBeDefined();
  });

  test('of more than 500,000 values is refused, and so is one that fails; either leaves the attribute as it was', async () => {
    const before = await create({ hasAllowedList: true });
    const many = inChunks(['a'], Array<string>(500_000).fill('b'));
    await expect(replaceAllowedList(core, before.id, many)).rejects.toMatchObject({
      code: 'invalid',
      problems: [{ title: 'limit', source: { line: 'N/A' } }],
    });
    const broken = async function* (): AsyncGenerator<string[]> {
      yield ['a'];
      throw new RangeError('broken');
    };
    await expect(replaceAllowedList(core, before.id, broken())).rejects.toThrow('broken');
    expect(await findAttribute(core, before.id)).toEqual(before);
    // Neither prevents the next import.
    expect(await replaceAllowedList(core, before.id, inChunks(['a']))).toMatchObject({ amount: 1 });
  });

  test('belongs to an attribute that is editable', async () => {
    const { id } = await create({ editable: false, hasAllowedList: true });
    await expect(replaceAllowedList(core, id, inChunks(['a']))).rejects.toThrow('was created as not editable');
    await expect(replaceAllowedList(core, 999, inChunks(['a']))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('an Application', () => {
  test('has defaults, and a name without blanks around it', async () => {
    expect(await findApplication(core, shop)).toMatchObject({
      name: 'Shop',
      environment: 'live',
      timezone: 'UTC',
      currency: 'EUR',
      description: '',
      payloadLogging: 'full',
      staging: false,
    });
    const given = { name: unused(), environment: 'sandbox', timezone: 'Asia/Tokyo', currency: 'USD' } as const;
    expect(await createApplication(core, { ...given, description: 'd' })).toMatchObject({ ...given, description: 'd' });
  });

  test('changes, keeping what is not named', async () => {
    const before = await createApplication(core, { name: unused(), description: 'd' });
    const name = unused();
    const renamed = await updateApplication(core, before.id, { name: ` ${name} ` });
    expect(renamed).toEqual({ ...before, name, modified: expect.any(Number) as number });
    expect(await updateApplication(core, before.id, { currency: 'USD' })).toMatchObject({ name, currency: 'USD' });
    await expect(updateApplication(core, before.id, { name: ' ' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(updateApplication(core, before.id, { currency: 'usd' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(updateApplication(core, 999, { name })).rejects.toMatchObject({ code: 'not_found' });
    expect(await findApplication(core, before.id)).toMatchObject({ name, currency: 'USD', description: 'd' });
  });
});

describe('look-ups', () => {
  test('list by number', async () => {
    // A changed one is the last in the catalog.
    await createApplication(core, { name: unused() });
    await updateApplication(core, shop, { description: 'changed' });
    await create();
    await update(await create(), { description: 'changed' });
    for (const list of [await listApplications(core), await listAttributes(core)]) {
      const ids = list.map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(1);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
  });

  test('find by number, or say what there is not', async () => {
    expect((await findApplication(core, shop)).id).toBe(shop);
    const missing: [Promise<unknown>, string][] = [
      [findApplication(core, 999), 'Application 999 not found'],
      [findAttribute(core, 999), 'Attribute 999 not found'],
      [findAudience(core, 999), 'Audience 999 not found'],
    ];
    for (const [found, message] of missing) await expect(found).rejects.toMatchObject({ code: 'not_found', message });
  });
});
