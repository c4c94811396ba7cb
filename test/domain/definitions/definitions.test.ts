/** Applications and attribute definitions: which names are taken, and which Application is meant. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../src/domain/access/api-key-administration.ts';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import { createAttribute } from '../../../src/domain/definitions/attribute-administration.ts';
import { ATTRIBUTE_TYPES } from '../../../src/domain/definitions/attributes.ts';
import { chooseApplication } from '../../../src/domain/definitions/lookups.ts';
import { openCore } from '../open-core.ts';

let core: Core;
beforeEach(async () => {
  core = await openCore();
});
afterEach(async () => core.storage.close());

describe('Applications', () => {
  it('are distinguished by name, ignoring case, across environments', async () => {
    await createApplication(core, { name: ' Shop ' });
    await expect(createApplication(core, { name: 'SHOP', environment: 'sandbox' })).rejects.toMatchObject({
      code: 'conflict',
    });
    for (const name of ['', '  ', 'x'.repeat(256), 'a\0']) {
      await expect(createApplication(core, { name })).rejects.toMatchObject({ code: 'invalid' });
    }
    await createApplication(core, { name: '👍'.repeat(255) });
  });

  it('have a time zone that exists', async () => {
    for (const timezone of ['', 'Mars/Olympus', 'Europe/Berlin ', '../etc']) {
      await expect(createApplication(core, { name: 'a', timezone })).rejects.toMatchObject({ code: 'invalid' });
    }
    expect((await createApplication(core, { name: 'a', timezone: 'Europe/Berlin' })).timezone).toBe('Europe/Berlin');
  });

  it('are meant by number or name; without either it is the first live one', async () => {
    await expect(chooseApplication(core, undefined)).rejects.toMatchObject({ code: 'not_found' });
    await createApplication(core, { name: 'Rehearsal', environment: 'sandbox' });
    expect((await chooseApplication(core, undefined)).name).toBe('Rehearsal');
    await createApplication(core, { name: 'Shop' });
    await createApplication(core, { name: 'Second' });
    expect((await chooseApplication(core, undefined)).name).toBe('Shop');
    expect((await chooseApplication(core, '3')).name).toBe('Second');
    expect((await chooseApplication(core, ' shop ')).id).toBe(2);
    await expect(chooseApplication(core, 'nope')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are refused where a number is one’s name and another’s number', async () => {
    await createApplication(core, { name: '2' });
    await createApplication(core, { name: 'Second' });
    await expect(chooseApplication(core, '2')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/1 '2', 2 'Second'/) as string,
    });
    expect((await chooseApplication(core, '1')).name).toBe('2');
  });
});

describe('attribute definitions', () => {
  it('take all nine types and no other', async () => {
    for (const [index, type] of ATTRIBUTE_TYPES.entries()) await createAttribute(core, { name: `A${index}`, type });
    for (const type of ['', 'String', 'list string', '(list boolean)', 'integer']) {
      await expect(createAttribute(core, { name: 'B', type })).rejects.toMatchObject({ code: 'invalid' });
    }
    expect((await core.storage.catalog()).attributes.size).toBe(9);
  });

  it('have the published names and titles, each unique', async () => {
    for (const name of ['', '1a', '_a', 'a-b', 'ä', 'a b', 'a\n', 'x'.repeat(256)]) {
      await expect(createAttribute(core, { name, type: 'string', title: 'T' })).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    for (const title of ['', '1', ' T', 'Ä', 'a/b', 'a\n']) {
      await expect(createAttribute(core, { name: 'n', type: 'string', title })).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    await createAttribute(core, { name: 'constructor', type: 'string', title: "Its (own) _.!~*'-title" });
    await expect(createAttribute(core, { name: 'constructor', type: 'number', title: 'X' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(createAttribute(core, { name: 'constructor', type: 'number' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('close a list only when there is one, of 50 values at most', async () => {
    const base = { name: 'n', type: 'string', restrictedBySuggestions: true };
    await expect(createAttribute(core, base)).rejects.toMatchObject({ code: 'invalid' });
    await expect(createAttribute(core, { ...base, suggestions: [''] })).rejects.toMatchObject({ code: 'invalid' });
    const many = Array.from({ length: 51 }, (_, index) => `v${index}`);
    await expect(createAttribute(core, { ...base, suggestions: many })).rejects.toMatchObject({ code: 'invalid' });
    const { suggestions } = await createAttribute(core, {
      ...base,
      suggestions: [...many.slice(1), 'v1'].slice(0, 50),
    });
    expect(suggestions).toHaveLength(50);
  });

  it('are limited to Applications that exist', async () => {
    const { id } = await createApplication(core, { name: 'Shop' });
    await expect(createAttribute(core, { name: 'n', type: 'string', applicationIds: [id, 99] })).rejects.toMatchObject({
      code: 'not_found',
    });
    const { applicationIds } = await createAttribute(core, { name: 'n', type: 'string', applicationIds: [id, id] });
    expect(applicationIds).toEqual([id]);
  });
});

describe('API keys', () => {
  it('are 100 unexpired ones per Application at most', async () => {
    let now = Date.now();
    const clocked = await openCore(undefined, () => now);
    const application = await createApplication(clocked, { name: 'Shop' });
    const make = async (lifeMs: number) =>
      createApiKey(clocked, { application, title: 'k', expires: clocked.now() + lifeMs });
    for (let count = 0; count < 100; count += 1) await make(count === 0 ? 1000 : 60_000);
    await expect(make(60_000)).rejects.toMatchObject({ code: 'conflict' });
    now += 1000;
    await make(60_000);
    const other = await createApplication(clocked, { name: 'Other' });
    await createApiKey(clocked, { application: other, title: 'k', expires: now + 60_000 });
    await clocked.storage.close();
  });

  it('have a name, a platform that is served, and are read-only for reads', async () => {
    const application = await createApplication(core, { name: 'Shop' });
    const base = { application, title: 'k', expires: core.now() + 60_000 };
    for (const wrong of [
      { title: ' ' },
      { title: 'x'.repeat(256) },
      { platform: 'braze' },
      { platform: 'customer_data', readOnly: true },
      { rateLimit: 0 },
      { rateLimit: 1.5 },
    ]) {
      await expect(createApiKey(core, { ...base, ...wrong })).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(await core.storage.listApiKeys()).toEqual([]);
  });
});
