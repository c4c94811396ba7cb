/**
 * The official JavaScript SDK against the real server: every method of a release is served, or refused with a readable
 * error.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from '../http/back-office.ts';
import { until } from '../http/client.ts';
import { CALLS, type SdkWorld } from './talon-one-calls.ts';
import { API_NAMES, type ApiName, lacks, type SdkRefusal, sdkClient } from './talon-one-sdk.ts';

/** The release that npm installs by default, and the next one, which has the operations on audiences. */
const RELEASES = ['talon_one', 'talon_one-next'];

/** Methods that are not served, by subject. Every method of the SDK is either in one of these groups or called. */
const NOT_SERVED: Readonly<Record<string, RegExp>> = {
  'coupons and referrals': /Coupon|Referral|getReservedCustomers|CustomerFriends/,
  'campaigns and rules': /Campaign|Ruleset|exportEffects/,
  loyalty: /Loyalty|PointsNotification/,
  'carts, sessions and events': /CustomerSession|ApplicationSession$|ApplicationEvents|trackEvent|returnCartItems/,
  'catalogs, collections and giveaways': /Catalog|Collection|Giveaways/,
  'additional costs': /AdditionalCost/,
  webhooks: /Webhook/,
  'passwords by mail': /^(createPasswordRecoveryEmail|resetPassword)$/,
  'the log of exports': /^getExports$/,
  'reports on orders and coupons': /AccountAnalytics|CustomerActivityReport/,
  'the access log of all Applications, or with a total': /^(getAccessLogs|getAllAccessLogs)$/,
  'operations that the product replaced by V2': /^updateCustomerProfile$/,
};

/** By its name, with what is served instead; or, where few clients call it, by its path. */
const NOT_SERVED_MESSAGE = /^(\w+ is not served \(.+\)|Unknown path [A-Z]+ \/v\d\/.+)$/;

const groupsOf = (method: string): string[] =>
  Object.keys(NOT_SERVED).filter((group) => NOT_SERVED[group]?.test(method) === true);

test('every call is of a method that a release has', () => {
  const methods = RELEASES.flatMap((release) => {
    const client = sdkClient(release);
    return API_NAMES.flatMap((api) => client.methodsOf(api).map((method) => `${api}.${method}`));
  });
  expect(CALLS.map(({ api, method }) => `${api}.${method}`).filter((each) => !methods.includes(each))).toEqual([]);
});

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

describe.each(RELEASES)('%s', (release) => {
  const client = sdkClient(release);
  let world: SdkWorld;

  beforeAll(async () => {
    const { url, keys, adminEmail: email, adminPassword: password } = office.server;
    client.useServer(url);
    client.useApiKey(keys['generic'] ?? '');
    const session = (await call('ManagementApi', 'createSession', [{ email, password }])) as Record<string, unknown>;
    client.useManagement('Bearer', String(session['token']));
    // An ID that must be escaped in a path.
    const ada = `${release}/ada+1 é`;
    await call('IntegrationApi', 'updateCustomerProfileV2', [ada, {}]);
    const idOf = async (path: string): Promise<number> =>
      (await office.ask<{ data: { id: number }[] }>(200, 'GET', path)).data[0]?.id ?? 0;
    const own = { name: 'Own', sandbox: false, integration: 'segment', integrationId: `${release} own` };
    world = {
      release,
      ada,
      // The class of release 4 drops it from the answer.
      adaId: await idOf(`/v1/customers/no_total?integrationId=${encodeURIComponent(ada)}`),
      leaving: `${release} leaving`,
      audienceId: await idOf('/v1/audiences?sort=id'),
      ownAudienceId: (await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: own })).id,
      attributeId: await idOf('/v1/attributes?sort=id'),
      userId: Number(session['userId']),
      email,
      password,
    };
  });

  async function call(api: ApiName, method: string, args: readonly unknown[]): Promise<unknown> {
    const found = client[api][method];
    if (found === undefined) throw new Error(`the SDK has no method ${api}.${method}`);
    return found.apply(client[api], [...args]);
  }

  async function refusal(api: ApiName, method: string, args: readonly unknown[]): Promise<SdkRefusal> {
    return call(api, method, args).then(
      (value) => Promise.reject(new Error(`${method} yields ${JSON.stringify(value)}`)),
      (reason: unknown) => reason as SdkRefusal,
    );
  }

  test.each(API_NAMES)('every method of %s is called, or of one group that is not served', (api) => {
    const called = new Set(CALLS.filter((each) => each.api === api).map(({ method }) => method));
    const places = client
      .methodsOf(api)
      .map((method) => [method, [...(called.has(method) ? ['called'] : []), ...groupsOf(method)]]);
    expect(places.length).toBeGreaterThan(10);
    expect(places.filter(([, groups]) => groups?.length !== 1)).toEqual([]);
  });

  const calls = CALLS.filter(
    ({ api, method, unsignedIn }) => client.methodsOf(api).includes(method) && unsignedIn !== release,
  );
  test.each(calls)('$method of $api', async ({ api, method, args, as, yields, mayLack }) => {
    // The access log shows a request a moment after its answer.
    const value = await until(
      async () => call(api, method, args(world)),
      (value) => method !== 'getAccessLogsWithoutTotalCount' || (value as { data: unknown[] }).data.length > 0,
    );
    expect(lacks(client, value).filter((each) => mayLack?.test(each) !== true)).toEqual([]);
    if (yields === undefined) expect(value).toBeNull();
    else expect(value).toMatchObject(yields(world) as object);
    if (as !== undefined) expect(client.classOf(value)).toBe(as);
  });

  test.each(API_NAMES)('what %s has and is not served rejects with the error body', async (api) => {
    const methods = client.methodsOf(api).filter((method) => groupsOf(method).length > 0);
    for (const method of methods) {
      const args = client
        .parametersOf(api, method)
        .map((name) => (name === 'body' ? {} : name.startsWith('range') ? new Date() : 1));
      const { status, body } = await refusal(api, method, args);
      // Where the SDK expects CSV it leaves the body of a refusal unread.
      const told: unknown = Buffer.isBuffer(body) ? JSON.parse(body.toString()) : body;
      expect({ method, status, told }).toEqual({
        method,
        status: 404,
        told: { message: expect.stringMatching(NOT_SERVED_MESSAGE) as unknown, errors: [], StatusCode: 404 },
      });
    }
  });

  describe('a rejection says what is wrong', () => {
    test('an undefined attribute, by its place', async () => {
      const body = { attributes: { Teir: 'gold' } };
      expect(await refusal('IntegrationApi', 'updateCustomerProfileV2', [world.ada, body])).toMatchObject({
        status: 400,
        body: { errors: [{ source: { pointer: '/attributes/Teir' } }], StatusCode: 400 },
      });
    });

    test('an audience that does not exist', async () => {
      const data = [{ action: 'add', profileIntegrationId: world.ada, audienceId: 4711 }];
      expect(await refusal('IntegrationApi', 'updateCustomerProfileAudiences', [{ data }])).toMatchObject({
        status: 404,
        body: { message: expect.stringContaining('4711') as unknown },
      });
    });

    test('an unknown key; the next call with a good one works', async () => {
      client.useApiKey('wrong');
      const told = await refusal('IntegrationApi', 'getCustomerInventory', [world.ada]);
      client.useApiKey(office.server.keys['generic'] ?? '');
      expect(told).toMatchObject({
        status: 401,
        body: { message: expect.stringMatching(/key/i) as unknown, StatusCode: 401 },
      });
      await expect(call('IntegrationApi', 'getCustomerInventory', [world.ada])).resolves.toBeDefined();
    });

    test('a management key opens what it was granted, and nothing else', async () => {
      const { key } = await office.ask<{ key: string }>(201, 'POST', '/v1/management_keys', {
        body: { name: release, expiryDate: '2099-06-30', endpoints: [{ method: 'GET', path: '/v1/audiences' }] },
      });
      client.useManagement('ManagementKey-v1', key);
      await expect(call('ManagementApi', 'getAudiences', [])).resolves.toMatchObject({
        data: expect.arrayContaining([expect.objectContaining({ id: world.audienceId })]) as unknown,
      });
      expect(await refusal('ManagementApi', 'getAttributes', [])).toMatchObject({ status: 403 });
    });
  });
});
