/** Creating and finding keys: what each may contain, what is stored of it, and when it can be used. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiKeyInput,
  createApiKey,
  deleteApiKey,
  findSentKey,
  findUsableKey,
  listApiKeys,
} from '../../../src/domain/access/api-key-administration.ts';
import { generateKey } from '../../../src/domain/access/api-keys.ts';
import {
  createManagementKey,
  deleteManagementKey,
  disableManagementKey,
  findManagementKey,
  listManagementKeys,
} from '../../../src/domain/access/management-key-administration.ts';
import { type Endpoint, isGranted, pathShape, reachesApplication } from '../../../src/domain/access/management-keys.ts';
import { deleteUser, inviteUser, updateUser } from '../../../src/domain/access/user-administration.ts';
import type { User } from '../../../src/domain/access/users.ts';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication, updateApplication } from '../../../src/domain/definitions/application-administration.ts';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { openCore } from '../open-core.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 10, 23, 12);
const GRANTABLE: Endpoint[] = [
  { method: 'GET', path: '/v1/users' },
  { method: 'GET', path: '/v1/applications/{applicationId}' },
  { method: 'PUT', path: '/v1/applications/{applicationId}' },
];

let now = START;
let core: Core;
let shop: Application;
let outlet: Application;
let ada: User;
beforeAll(async () => {
  core = await openCore(undefined, () => now);
  shop = await createApplication(core, { name: 'Shop', timezone: 'Asia/Tokyo' });
  outlet = await createApplication(core, { name: 'Outlet' });
  outlet = await updateApplication(core, outlet.id, { staging: true });
  ada = await inviteUser(core, { email: 'ada@example.com' });
});
afterAll(async () => core.storage.close());

describe('an API key', () => {
  const create = async (more: Partial<ApiKeyInput> = {}) =>
    createApiKey(core, { application: shop, title: 'Key', expires: now + DAY, ...more });

  it('has defaults, and shows of its secret the first and last four characters', async () => {
    const { apiKey, secret } = await create({ title: '  Key ' });
    expect(apiKey).toMatchObject({
      id: expect.any(Number) as number,
      applicationId: shop.id,
      title: 'Key',
      platform: 'none',
      type: '',
      readOnly: false,
      rateLimit: undefined,
      timeOffset: undefined,
      prefix: 'rck_',
      suffix: secret.slice(-4),
      expires: now + DAY,
      created: now,
      createdBy: undefined,
      lastUsedAt: undefined,
      deletedAt: undefined,
    });
  });

  it.each<Partial<ApiKeyInput>>([
    { title: 'k'.repeat(255) },
    { title: '👍'.repeat(255) },
    { platform: 'segment' },
    { readOnly: true },
    { rateLimit: 1 },
    { timeOffset: -5 },
  ])('may have %j', async (input) => {
    expect((await create(input)).apiKey).toMatchObject(input);
  });

  it('that expires on a date does so at the end of the day where its Application is', async () => {
    expect((await create({ expires: '2026-12-24' })).apiKey.expires).toBe(Date.UTC(2026, 11, 24, 15));
    expect((await create({ application: outlet, expires: '2026-12-24' })).apiKey.expires).toBe(Date.UTC(2026, 11, 25));
  });

  it.each<[Partial<ApiKeyInput>, string]>([
    [{ title: '' }, '/title'],
    [{ title: 'k'.repeat(256) }, '/title'],
    [{ title: '\0' }, '/title'],
    [{ platform: 'braze' }, '/platform'],
    [{ platform: 'segment', readOnly: true }, '/readOnly'],
    [{ rateLimit: 0 }, '/rateLimit'],
    [{ rateLimit: 1.5 }, '/rateLimit'],
    [{ expires: 'soon' }, '/expires'],
    [{ type: 'test' }, '/type'],
    [{ type: 'staging' }, '/type'],
  ])('may not have %j', async (input, pointer) => {
    await expect(create(input)).rejects.toMatchObject({ code: 'invalid', problems: [{ source: { pointer } }] });
  });

  it('for tests needs an Application that has them, and neither a platform nor a limit to reading', async () => {
    const test = { application: outlet, type: 'staging' } as const;
    for (const [wrong, message] of [
      [{ platform: 'segment' }, 'cannot have a platform'],
      [{ readOnly: true }, 'cannot be read-only'],
    ] as const) {
      await expect(create({ ...test, ...wrong })).rejects.toMatchObject({
        message: expect.stringContaining(message) as string,
        problems: [{ source: { pointer: '/type' } }],
      });
    }
    await expect(create({ type: 'staging' })).rejects.toThrow('enableCampaignStateManagement');
    await expect(create({ type: 'other' })).rejects.toThrow("'other' is neither empty");
    expect((await create(test)).apiKey.type).toBe('staging');
  });

  it('is found by its secret, and says why it cannot be used', async () => {
    const { apiKey, secret } = await create({ application: outlet });
    expect(await findSentKey(core, secret)).toMatchObject({ found: { key: apiKey, application: outlet } });
    expect((await findSentKey(core, secret)).refusal).toBeUndefined();
    expect(await findSentKey(core, generateKey())).toEqual({ found: undefined, refusal: 'unknown' });
    const mistyped = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`;
    expect(await findSentKey(core, mistyped)).toEqual({ found: undefined, refusal: 'unknown, looks mistyped' });
    now = apiKey.expires;
    expect((await findSentKey(core, secret)).refusal).toBe('expired');
    now = START;
    await deleteApiKey(core, apiKey.id);
    expect((await findSentKey(core, secret)).refusal).toBe('deleted');
  });

  it('is usable by number while it is there, is not expired, and has its Application', async () => {
    const { apiKey } = await create();
    expect(await findUsableKey(core, apiKey.id, shop.id)).toMatchObject({ key: apiKey, application: shop });
    expect(await findUsableKey(core, 999, shop.id)).toBeUndefined();
    expect(await findUsableKey(core, apiKey.id, 999)).toBeUndefined();
    now = apiKey.expires;
    expect(await findUsableKey(core, apiKey.id, shop.id)).toBeUndefined();
    now = START;
  });

  it('is listed with those of its Application, and deleted there', async () => {
    const { apiKey } = await create();
    const ids = async (application?: Application) => (await listApiKeys(core, application)).map(({ id }) => id);
    expect(await ids(shop)).toContain(apiKey.id);
    expect(await ids(outlet)).not.toContain(apiKey.id);
    expect(await ids()).toContain(apiKey.id);
    await expect(deleteApiKey(core, apiKey.id, outlet)).rejects.toMatchObject({ code: 'not_found' });
    expect(await deleteApiKey(core, apiKey.id, shop)).toMatchObject({ id: apiKey.id, deletedAt: now });
    expect(await ids()).not.toContain(apiKey.id);
  });
});

describe('a management key', () => {
  const create = async (more: Partial<Parameters<typeof createManagementKey>[1]> = {}) =>
    createManagementKey(
      core,
      {
        name: ' Script ',
        creator: ada,
        expires: now + DAY,
        endpoints: [GRANTABLE[0] as Endpoint],
        applicationIds: [],
        ...more,
      },
      GRANTABLE,
    );

  it('has the operations and Applications it was granted, each once', async () => {
    const { key, secret } = await create({
      endpoints: [
        { method: ' get ', path: ' /v1/applications/{id} ' },
        { method: 'GET', path: '/v1/applications/{applicationId}' },
        { method: 'GET', path: '/v1/users' },
      ],
      applicationIds: [shop.id, shop.id],
    });
    expect(key).toEqual({
      id: expect.any(Number) as number,
      name: 'Script',
      endpoints: [GRANTABLE[1], GRANTABLE[0]],
      applicationIds: [shop.id],
      prefix: 'rcm_',
      suffix: secret.slice(-4),
      expires: now + DAY,
      created: now,
      lastUsedAt: undefined,
      createdBy: ada.id,
      disabled: false,
      deletedAt: undefined,
    });
    expect(GRANTABLE.map((each) => isGranted(key, each))).toEqual([true, true, false]);
    expect([shop, outlet].map(({ id }) => reachesApplication(key, id))).toEqual([true, false]);
    expect(reachesApplication((await create()).key, outlet.id)).toBe(true);
  });

  it('expires on a date at the end of the day in UTC', async () => {
    expect((await create({ expires: '2026-12-24' })).key.expires).toBe(Date.UTC(2026, 11, 25));
  });

  it('has a name of 255 characters and 200 operations at most', async () => {
    expect((await create({ name: '👍'.repeat(255) })).key.name).toBe('👍'.repeat(255));
    const endpoints = (count: number) => Array.from({ length: count }, () => ({ method: 'GET', path: '/v1/users' }));
    expect((await create({ endpoints: endpoints(200) })).key.endpoints).toHaveLength(1);
    const wrong: [Parameters<typeof create>[0], string, string][] = [
      [{ endpoints: endpoints(201) }, '/endpoints', 'endpoints: 1 to 200'],
      [{ endpoints: [] }, '/endpoints', 'endpoints: 1 to 200'],
      [
        { endpoints: [...endpoints(1), { method: 'POST', path: '/v1/users' }] },
        '/endpoints/1',
        'POST /v1/users is not',
      ],
      [{ endpoints: [{ method: 'GET', path: '/v1/user' }] }, '/endpoints/0', 'GET /v1/user is not'],
      [{ name: ' ' }, '/name', 'name'],
      [{ name: 'n'.repeat(256) }, '/name', 'name'],
      [{ name: '\ud800' }, '/name', 'name'],
      [{ applicationIds: [shop.id, 99] }, '/allowedApplicationIds/1', 'Application 99 does not exist'],
      [{ expires: 'soon' }, '/expiryDate', 'expiryDate'],
    ];
    for (const [input, pointer, message] of wrong) {
      const source = { pointer };
      await expect(create(input)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining(message) as string,
        problems: [{ source }],
      });
    }
  });

  it('is found by its secret until it expires, is switched off or deleted; a use is noted once a minute', async () => {
    const { key, secret } = await create();
    const found = async () => (await findManagementKey(core, secret))?.key;
    expect(await findManagementKey(core, secret)).toMatchObject({ key: { id: key.id }, creator: { id: ada.id } });
    expect((await found())?.lastUsedAt).toBe(now);
    now += 60_000;
    await found();
    expect((await found())?.lastUsedAt).toBe(now - 60_000);
    now += 1;
    await found();
    expect((await found())?.lastUsedAt).toBe(now);
    expect(await findManagementKey(core, `${secret}x`)).toBeUndefined();
    expect(await disableManagementKey(core, key.id, true)).toMatchObject({
      key: { disabled: true },
      creator: { id: ada.id },
    });
    expect(await found()).toBeUndefined();
    await disableManagementKey(core, key.id, false);
    expect((await found())?.id).toBe(key.id);
    now = key.expires;
    expect(await found()).toBeUndefined();
    now = START;
    await deleteManagementKey(core, key.id);
    expect(await found()).toBeUndefined();
    await expect(deleteManagementKey(core, key.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(disableManagementKey(core, 999, true)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is of no use once its creator is deactivated or gone, and is listed nevertheless', async () => {
    const bob = await inviteUser(core, { email: 'bob@example.com' });
    const { key, secret } = await create({ creator: bob });
    const creators = async () =>
      new Map((await listManagementKeys(core)).map((each) => [each.key.id, each.creator?.email]));
    expect((await creators()).get(key.id)).toBe('bob@example.com');
    await updateUser(core, bob.id, { state: 'deactivated' });
    expect(await findManagementKey(core, secret)).toBeUndefined();
    await deleteUser(core, bob.id);
    expect(await findManagementKey(core, secret)).toBeUndefined();
    expect((await creators()).has(key.id)).toBe(true);
    expect((await creators()).get(key.id)).toBeUndefined();
  });
});

it('paths that differ in the names of their parts have one shape', () => {
  expect(pathShape('/v1/a/{b}/c/{d}')).toBe('/v1/a/{}/c/{}');
  expect(pathShape('/v1/a/{b/c}')).toBe('/v1/a/{b/c}');
});
