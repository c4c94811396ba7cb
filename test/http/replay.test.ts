/** Refused writes that are replayed once the cause is fixed: previewed first, each once, with the rights they had. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AccessLogDetail,
  RefusedValues,
  RefusedWrite,
  ReplayResult,
} from '../../src/http/surfaces/management/access-logs-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, send, sendJson, until } from './client.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

interface Page<T> {
  readonly hasMore: boolean;
  readonly nextCursor?: string;
  readonly data: readonly T[];
}

let office: BackOffice;

const put = async (path: string, body: unknown, key = office.server.keys['customerData'] ?? ''): Promise<HttpAnswer> =>
  sendJson(office.server.url, key, 'PUT', path, body);
/** Sends a write that must be refused. @returns its UUID */
async function refuse(path: string, body: unknown, status: number, key?: string): Promise<string> {
  const answer = await put(path, body, key);
  expectStatus(answer, status);
  return String(answer.headers['x-request-id']);
}
const kept = async (query = ''): Promise<Page<RefusedWrite>> => office.ask(200, 'GET', `/v1/refused_writes${query}`);
async function replay(
  uuids: readonly string[],
  dry: boolean,
  options: { override?: boolean } = {},
): Promise<readonly ReplayResult[]> {
  const body = { uuids, dry, ...options };
  return (await office.ask<Page<ReplayResult>>(200, 'POST', '/v1/refused_writes/replay', { body })).data;
}
const profile = (id: string): string => `/cdp/customer_profile/${id}`;
const define = async (name: string, type = 'string'): Promise<void> => {
  const body = {
    entity: 'CustomerProfile',
    name,
    title: name,
    type,
    description: '',
    suggestions: [],
    editable: true,
  };
  await office.ask(201, 'POST', '/v1/attributes', { body });
};
const attributesOf = async (integrationId: string): Promise<object | undefined> => {
  const path = `/v1/customers/no_total?integrationId=${integrationId}`;
  const { data } = await office.ask<Page<{ attributes: object }>>(200, 'GET', path);
  return data[0]?.attributes;
};

beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

describe('a refused write', () => {
  test('is kept in full, previewed, and takes effect once its cause is fixed', async () => {
    const id = randomUUID();
    const uuid = await refuse(profile(id), { attributes: { Colour: 'blue', Tier: 'gold' } }, 400);
    const [found] = (await kept()).data;
    expect(found).toEqual({
      uuid,
      time: any.time,
      applicationId: 1,
      keyId: any.id,
      keyName: expect.any(String) as string,
      operation: 'cdp/updateCustomerProfile',
      method: 'PUT',
      requestUri: profile(id),
      status: 400,
      cause: 'attribute `Colour` is not defined',
      mend: { kind: 'createAttribute', name: 'Colour' },
      bytes: expect.any(Number) as number,
      replayed: null,
    });

    const effect = { integrationId: id, audienceId: null };
    const again = {
      uuid,
      joins: 0,
      leaves: 0,
      applied: [
        { ...effect, action: 'set', attribute: 'Colour' },
        { ...effect, action: 'set', attribute: 'Tier' },
      ],
      appliedCount: 2,
      skipped: [],
      skippedCount: 0,
      newerWrites: [],
      rows: null,
      replayed: false,
    };
    const refused = { ...again, applied: [], appliedCount: 0 };
    expect(await replay([uuid], true)).toEqual([
      { ...refused, status: 400, message: expect.stringContaining("'Colour' is not defined") as string },
    ]);
    expect(await replay([uuid], false)).toMatchObject([{ status: 400, replayed: false }]);
    await define('Colour');
    expect(await replay([uuid], true)).toEqual([{ ...again, status: 200, message: null }]);
    expect(await attributesOf(id)).toBeUndefined();

    expect(await replay([uuid], false)).toEqual([{ ...again, status: 200, message: null, replayed: true }]);
    expect(await attributesOf(id)).toEqual({ Colour: 'blue', Tier: 'gold' });
    expect((await kept()).data[0]).toMatchObject({ uuid, replayed: any.time });
    expect(await office.ask<AccessLogDetail>(200, 'GET', `/v1/access_logs/${uuid}`)).toMatchObject({
      replayable: false,
      replayed: any.time,
    });
    // Replaying it twice would undo what came in between.
    await put(profile(id), { attributes: { Colour: 'red' } });
    expect(await replay([uuid], false)).toMatchObject([{ status: 409, replayed: true }]);
    expect(await attributesOf(id)).toMatchObject({ Colour: 'red' });
    const { data } = await office.ask<Page<{ entity: string; new: object }>>(
      200,
      'GET',
      '/v1/changes?entityPath=refused',
    );
    expect(data[0]).toMatchObject({ entity: `/v1/refused_writes/${uuid}`, new: { status: 200, joins: 0, leaves: 0 } });
  });

  test('tells which profiles that were written since', async () => {
    const [old, fresh] = [randomUUID(), randomUUID()];
    const body = { audienceId: `later-${old}`, audienceName: 'Later' };
    const adds = [body.audienceId];
    const data = [old, fresh].map((customerProfileId) => ({ customerProfileId, adds }));
    const uuid = await refuse('/cdp/v2/customer_profiles/audiences', { data }, 404);
    const key = office.server.keys['customerData'] ?? '';
    expectStatus(await sendJson(office.server.url, key, 'POST', '/cdp/audiences', body), 201);
    await put(profile(old), { attributes: { Tier: 'gold' } });
    const applied = [old, fresh].map((integrationId) => ({
      action: 'join',
      integrationId,
      attribute: null,
      audienceId: any.id,
    }));
    const effects = { applied, appliedCount: 2, skipped: [], skippedCount: 0 };
    const expected = {
      uuid,
      status: 204,
      message: null,
      joins: 2,
      leaves: 0,
      ...effects,
      newerWrites: [old],
      rows: null,
    };
    expect(await replay([uuid], true)).toEqual([{ ...expected, replayed: false }]);
    expect(await replay([uuid], false)).toEqual([{ ...expected, replayed: true }]);
  });

  test('among several is decided on what those before it leave, in the order they arrived', async () => {
    const id = randomUUID();
    const first = await refuse(profile(id), { attributes: { Size: 'S' } }, 400);
    const second = await refuse(profile(id), { attributes: { Size: 'L' } }, 400);
    await define('Size');
    const unknown = randomUUID();
    expect(await replay([second, unknown, first], true)).toMatchObject([
      { uuid: first, status: 200 },
      { uuid: second, status: 200 },
      { uuid: unknown, status: 404, replayed: false },
    ]);
    await replay([second, first], false);
    expect(await attributesOf(id)).toEqual({ Size: 'L' });
  });

  test('does not undo a newer one that was sent again before it', async () => {
    const id = randomUUID();
    const twelve = await refuse(profile(id), { attributes: { Points12: 12 } }, 400);
    const ninetyNine = await refuse(profile(id), { attributes: { Points12: 99 } }, 400);
    await define('Points12', 'number');
    expect(await replay([ninetyNine], false)).toMatchObject([{ status: 200, replayed: true }]);
    const skipped = {
      uuid: twelve,
      status: 409,
      message: expect.stringContaining('superseded') as string,
      applied: [],
      appliedCount: 0,
      skipped: [{ action: 'set', integrationId: id, attribute: 'Points12', audienceId: null, reason: 'newerReplay' }],
      skippedCount: 1,
      replayed: false,
    };
    expect(await replay([twelve], true)).toMatchObject([skipped]);
    expect(await replay([twelve], false)).toMatchObject([skipped]);
    expect(await attributesOf(id)).toEqual({ Points12: 99 });
    // The newer value stays, but `override` applies the older one.
    expect(await replay([twelve], true, { override: true })).toMatchObject([{ status: 200, skippedCount: 0 }]);
    expect(await attributesOf(id)).toEqual({ Points12: 99 });
    expect(await replay([twelve], false, { override: true })).toMatchObject([{ status: 200, replayed: true }]);
    expect(await attributesOf(id)).toEqual({ Points12: 12 });
    const { data } = await office.ask<Page<{ new: object; applicationId: number }>>(
      200,
      'GET',
      '/v1/changes?entityPath=refused',
    );
    expect(data.slice(0, 2)).toMatchObject([
      { applicationId: 1, new: { status: 200, skipped: 0, override: true } },
      { applicationId: 1, new: { status: 409, skipped: 1, override: false } },
    ]);
  });

  test('leaves what live writes changed since, beside all that they did not', async () => {
    const id = randomUUID();
    const key = office.server.keys['customerData'] ?? '';
    const audience = { audienceId: `since-${id}`, audienceName: 'Since' };
    expectStatus(await sendJson(office.server.url, key, 'POST', '/cdp/audiences', audience), 201);
    const other = { audienceId: `other-${id}`, audienceName: 'Other' };
    const data = [{ customerProfileId: id, adds: [audience.audienceId, other.audienceId] }];
    const uuid = await refuse('/cdp/v2/customer_profiles/audiences', { data }, 404);
    expectStatus(await sendJson(office.server.url, key, 'POST', '/cdp/audiences', other), 201);
    for (const change of ['adds', 'deletes']) {
      const live = [{ customerProfileId: id, [change]: [audience.audienceId] }];
      expectStatus(await put('/cdp/v2/customer_profiles/audiences', { data: live }), 204);
    }
    for (const dry of [true, false]) {
      expect(await replay([uuid], dry)).toMatchObject([
        {
          status: 204,
          joins: 1,
          appliedCount: 1,
          skipped: [{ action: 'join', integrationId: id, reason: 'membershipChanged' }],
          replayed: !dry,
        },
      ]);
    }
  });

  test('is decided together with live writes: of two that meet, the live one stays', async () => {
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const uuids: string[] = [];
    for (const id of ids) uuids.push(await refuse(profile(id), { attributes: { Raced: 'old' } }, 400));
    await define('Raced');
    await Promise.all([
      replay(uuids, false),
      ...ids.toReversed().map(async (id) => {
        expectStatus(await put(profile(id), { attributes: { Raced: 'live' } }), 200);
      }),
    ]);
    for (const id of ids) expect(await attributesOf(id)).toEqual({ Raced: 'live' });
  });

  test('is kept without a key in its query, and not at all with one in its path', async () => {
    const secret = `rck_${'0123456789'.repeat(4)}`;
    const body = { attributes: { Weight: 1 } };
    const uuid = await refuse(`${profile('weighed')}?api_key=${secret}`, body, 400);
    const inPath = await refuse(profile(secret), body, 400);
    const { data } = await kept();
    expect(data.find((each) => each.uuid === uuid)?.requestUri).toBe(`${profile('weighed')}?api_key=***`);
    expect(data.map((each) => each.uuid)).not.toContain(inPath);
    expect(JSON.stringify(data)).not.toContain(secret);
    expect(await replay([inPath], true)).toMatchObject([{ status: 404, replayed: false }]);
  });

  test('is not sent with a key that expired meanwhile, and stays', async () => {
    const expires = new Date(Date.now() + 3_000).toISOString();
    const input = { title: 'Brief', expires, platform: 'customer_data' };
    const made = await office.ask<{ id: number; key: string }>(201, 'POST', '/v1/applications/1/apikeys', {
      body: input,
    });
    const uuid = await refuse(profile('brief'), { attributes: { Brief: 'yes' } }, 400, made.key);
    await define('Brief');
    expect(await replay([uuid], true)).toMatchObject([{ status: 200 }]);
    await expect.poll(async () => (await replay([uuid], true))[0]?.status, { timeout: 20_000 }).toBe(401);
    expect(await replay([uuid], false)).toMatchObject([
      { status: 401, message: expect.stringContaining('expired') as string, replayed: false },
    ]);
    expect(await attributesOf('brief')).toBeUndefined();
    expect((await kept()).data[0]).toMatchObject({ uuid, replayed: null });
  });

  test('is not sent with a key that is gone', async () => {
    const body = {
      title: 'Gone',
      expires: new Date(Date.now() + 9 * 86_400_000).toISOString(),
      platform: 'customer_data',
    };
    const made = await office.ask<{ id: number; key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body });
    const uuid = await refuse(profile('any'), { attributes: { Shape: 'round' } }, 400, made.key);
    await define('Shape');
    await office.ask(204, 'DELETE', `/v1/applications/1/apikeys/${made.id}`);
    for (const dry of [true, false]) {
      expect(await replay([uuid], dry)).toMatchObject([{ status: 401, replayed: false }]);
    }
    expect(await attributesOf('any')).toBeUndefined();
  });
});

describe('the values refused for an undefined attribute', () => {
  const look = async (query: string): Promise<RefusedValues> =>
    office.ask(200, 'GET', `/v1/refused_writes/attribute_values?${query}`);

  test('tell its type where they agree, and whether a definition takes them', async () => {
    const nothing = { writes: 0, samples: [], type: null, fitsDefinition: null };
    expect(await look('name=Shoe')).toEqual(nothing);
    for (const Shoe of [41, 42, 41, null]) await refuse(profile('p'), { attributes: { Shoe } }, 400);
    expect(await look('name=Shoe')).toEqual({ writes: 3, samples: [], type: 'number', fitsDefinition: null });
    expect(await look('name=Shoe&samples=true')).toMatchObject({ samples: ['41', '42'] });
    expect(await look('name=Shoe&samples=true&applicationId=2')).toEqual(nothing);
    const { data } = await office.ask<Page<{ entity: string; new: object }>>(
      200,
      'GET',
      '/v1/changes?entityPath=refused_writes/attribute',
    );
    expect(data.map((each) => each.new)).toEqual([{ payloadsViewed: 2 }]);

    await define('Shoe');
    expect(await look('name=Shoe')).toMatchObject({ type: 'number', fitsDefinition: false });
    const uuid = await refuse(profile('p'), { attributes: { Shoes: '41', Shoe: 'x' } }, 400);
    await refuse(profile('p'), { attributes: { Shoes: 41 } }, 400);
    expect(await look('name=Shoes&samples=true')).toMatchObject({ writes: 2, samples: ['41', '"41"'], type: null });
    await define('Shoes');
    expect(await look('name=Shoes')).toMatchObject({ fitsDefinition: false });
    expect(await replay([uuid], false)).toMatchObject([{ status: 200, replayed: true }]);
    expect(await look('name=Shoes')).toMatchObject({ writes: 1, type: 'number', fitsDefinition: false });
  });

  test.each(['', 'name=', `name=${'x'.repeat(101)}`])('are not looked up by "%s"', async (query) => {
    expectStatus(await office.call('GET', `/v1/refused_writes/attribute_values?${query}`), 400);
  });
});

describe('the list of refused writes', () => {
  test('comes in pages and can be filtered', async () => {
    const cause = 'attribute `Paged` is not defined';
    const uuids: string[] = [];
    for (const id of ['1', '2', '3']) uuids.unshift(await refuse(profile(id), { attributes: { Paged: id } }, 400));
    const query = `?cause=${encodeURIComponent(cause)}&pageSize=2`;
    const page = await kept(query);
    expect(page).toMatchObject({ hasMore: true, data: [{ uuid: uuids[0] }, { uuid: uuids[1] }] });
    expect(await kept(`${query}&cursor=${page.nextCursor ?? ''}`)).toMatchObject({
      hasMore: false,
      data: [{ uuid: uuids[2] }],
    });
    expect(await kept('?applicationId=2')).toEqual({ hasMore: false, data: [] });
  });

  test('holds no refusals before authentication, and no reads', async () => {
    await put(profile('x'), {}, 'rck_unknown');
    const answer = await put('/cdp/audiences/none', {});
    expectStatus(answer, 400);
    const { data } = await kept();
    expect(data.every(({ status }) => status !== 401)).toBe(true);
    expect(data[0]?.uuid).toBe(answer.headers['x-request-id']);
  });

  test.each([
    ['none', {}],
    ['an empty list', { uuids: [] }],
    ['what is no UUID', { uuids: ['x'] }],
    ['more than a hundred', { uuids: Array.from({ length: 101 }, () => randomUUID()) }],
    ['a dry run that is neither', { uuids: [randomUUID()], dry: 'yes' }],
  ])('is not replayed by %s', async (_, body) => {
    const answer = await office.call('POST', '/v1/refused_writes/replay', { body });
    expectStatus(answer, 400);
    checkErrorBody(answer, 'integration');
  });
});

describe('a refused write of a partner', () => {
  const DEPLOYMENT = 'promo.example.com';
  const keyOf = async (platform: string): Promise<string> => {
    const body = { title: platform, expires: '2099-06-30', platform };
    return (await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key;
  };
  const membershipsOf = async (integrationId: string): Promise<object | undefined> => {
    const path = `/v1/customers/no_total?integrationId=${integrationId}`;
    const { data } = await office.ask<Page<{ audienceMemberships: object }>>(200, 'GET', path);
    return data[0]?.audienceMemberships;
  };

  test('is sent again for the deployment it named, in the namespace of Segment', async () => {
    const id = randomUUID();
    const as = `ApiKey-v1 ${await keyOf('segment')}`;
    const headers = { 'destination-hostname': `https://${DEPLOYMENT}` };
    const changes = { as, headers, body: { data: { adds: [id] } } };
    const answer = await office.call('PUT', `/segment/customer_profiles/${id}/audiences`, changes);
    expectStatus(answer, 404);
    const body = { audienceId: id, audienceName: 'Made later' };
    const { id: number } = await office.ask<{ id: number }>(201, 'POST', '/segment/audiences', { as, headers, body });
    const uuid = String(answer.headers['x-request-id']);
    expect(await replay([uuid], true)).toMatchObject([{ uuid, status: 200, joins: 1, replayed: false }]);
    expect(await replay([uuid], false)).toMatchObject([{ uuid, status: 200, joins: 1, replayed: true }]);
    expect(await membershipsOf(id)).toEqual([{ id: number, name: 'Made later' }]);
  });

  test('is checked only, sent again too, when it did not ask for the rule engine', async () => {
    const id = randomUUID();
    const as = `ApiKey-v1 ${await keyOf('segment')}`;
    const headers = { 'destination-hostname': DEPLOYMENT };
    const attribute = `Seg${id.slice(0, 8)}`;
    const { id: audience } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name: id } });
    const update = { as, headers, body: { attributes: { [attribute]: 'x' }, audiencesChanges: { adds: [audience] } } };
    const answer = await office.call('PUT', `/segment/v2/customer_profiles/${id}`, update);
    expectStatus(answer, 400);
    await define(attribute);
    const uuid = String(answer.headers['x-request-id']);
    expect(await replay([uuid], false)).toMatchObject([{ status: 200, joins: 0, appliedCount: 1, replayed: true }]);
    expect(await membershipsOf(id)).toEqual([]);
  });

  test('defines the attributes that it names when it is sent again, and not before', async () => {
    const id = randomUUID();
    const name = `Seg${id.slice(0, 8)}`;
    const as = `ApiKey-v1 ${await keyOf('segment')}`;
    const { id: last } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name: 'Counted' } });
    const answer = await office.call('PUT', `/segment/customer_profile/${id}`, {
      as,
      headers: { 'destination-hostname': DEPLOYMENT },
      body: { attributes: { [name]: 7 }, runRuleEngine: true, audiencesChanges: { adds: [last + 1] } },
    });
    expectStatus(answer, 404);
    await office.ask(201, 'POST', '/v1/audiences', { body: { name: 'Made later' } });
    const uuid = String(answer.headers['x-request-id']);
    const applied = [
      { action: 'set', attribute: name },
      { action: 'join', audienceId: last + 1 },
    ];
    expect(await replay([uuid], true)).toMatchObject([{ status: 200, joins: 1, applied, replayed: false }]);
    const definitions = async () => office.ask<Page<object>>(200, 'GET', `/v1/attributes?search=${name}`);
    expect((await definitions()).data).toEqual([]);
    expect(await replay([uuid], false)).toMatchObject([{ status: 200, joins: 1, applied, replayed: true }]);
    expect((await definitions()).data).toMatchObject([{ name, type: 'number', description: 'Created by Segment' }]);
    expect(await attributesOf(id)).toEqual({ [name]: 7 });
  });

  test('is sent again without the Basic credentials of Emarsys, which nobody kept', async () => {
    const id = randomUUID();
    const as = `Basic ${Buffer.from(`ApiKey-v1 ${await keyOf('emarsys')}:`).toString('base64')}`;
    const body = { name: 'Counted' };
    const { id: number } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body });
    const parameters = [{ customerProfileId: id, audienceId: String(number + 1), actionType: 'add' }];
    const path = `/emarsys/customer_profiles/audiences?deployment=${DEPLOYMENT}`;
    const answer = await office.call('POST', path, { as, body: { parameters } });
    expectStatus(answer, 404);
    await office.ask(201, 'POST', '/v1/audiences', { body });
    const uuid = String(answer.headers['x-request-id']);
    expect(await replay([uuid], false)).toMatchObject([{ uuid, status: 200, joins: 1, replayed: true }]);
    expect(await membershipsOf(id)).toEqual([{ id: number + 1, name: 'Counted' }]);
  });

  test('is sent again for mParticle, whose key is in the body and nowhere in what is kept', async () => {
    const id = randomUUID();
    const key = await keyOf('mparticle');
    const name = `Mp${id.slice(0, 8)}`;
    const definition = {
      entity: 'CustomerProfile',
      name,
      title: name,
      type: 'string',
      description: '',
      editable: true,
    };
    const limited = { ...definition, restrictedBySuggestions: true };
    const { id: attribute } = await office.ask<{ id: number }>(201, 'POST', '/v1/attributes', {
      body: { ...limited, suggestions: ['gold'] },
    });
    const audience = { audience_id: 234, audience_name: 'Travel', action: 'add' };
    const user = { mpid: id, audiences: [{ ...audience, user_attributes: [{ key: name, value: 'silver' }] }] };
    const answer = await office.call('POST', '/mparticle', {
      body: {
        type: 'audience_membership_change_request',
        account: { account_settings: { apiKey: key, deploymentURL: DEPLOYMENT, userIdField: 'mpid' } },
        user_profiles: [user],
      },
    });
    expectStatus(answer, 400);
    const uuid = String(answer.headers['x-request-id']);
    const logged = await until(
      async () => office.call('GET', `/v1/access_logs/${uuid}`),
      ({ status }) => status === 200,
    );
    const { operation, keyName, requestPayload } = logged.json() as AccessLogDetail;
    expect([operation, keyName]).toEqual(['mparticle/sendevent', 'mparticle']);
    expect(requestPayload).toContain('"apiKey":"***"');
    expect(logged.text).not.toContain(key.slice(4));
    const keptNow = await office.call('GET', `/v1/refused_writes/${uuid}`);
    expect(keptNow.text).not.toContain(key.slice(4));

    const wider = { body: { ...limited, suggestions: ['gold', 'silver'] } };
    await office.ask(200, 'PUT', `/v1/attributes/${attribute}`, wider);
    expect(await replay([uuid], true)).toMatchObject([{ status: 200, joins: 1, replayed: false }]);
    expect(await replay([uuid], false)).toMatchObject([{ status: 200, joins: 1, replayed: true }]);
    expect(await attributesOf(id)).toEqual({ [name]: 'silver' });
    expect(await membershipsOf(id)).toMatchObject([{ name: 'Travel' }]);
  });

  test.each([
    ['ends early', (text: string, _key: string) => text.slice(0, -20), 400],
    ['has it at another place', (text: string, _key: string) => text.replace('"account_settings"', '"settings"'), 401],
    ['has it twice', (text: string, key: string) => text.replace('"note":""', `"note":"see ${key}"`), 400],
  ])('of mParticle leaves no key where the body %s', async (_what, change, status) => {
    const key = await keyOf('mparticle');
    const settings = { apiKey: key, deploymentURL: DEPLOYMENT, userIdField: 'mpid' };
    const message = { type: 'event_processing_request', account: { account_settings: settings }, note: '', events: 1 };
    const body = change(JSON.stringify(message), key);
    const answer = await send(office.server.url, { method: 'POST', path: '/mparticle', headers: {}, body });
    expectStatus(answer, status);
    expect(answer.text).not.toContain(key.slice(4));
    const uuid = String(answer.headers['x-request-id']);
    const logged = await until(
      async () => office.call('GET', `/v1/access_logs/${uuid}`),
      (each) => each.status === 200,
    );
    expect(logged.text).not.toContain(key.slice(4, 14));
    expect(await replay([uuid], true)).toMatchObject([{ status: 404 }]);
  });

  test('shows in Activity by the name of its operation where that is not served, and is not kept', async () => {
    const as = `ApiKey-v1 ${await keyOf('segment')}`;
    const answer = await office.call('PUT', '/segment/v2/events', {
      as,
      headers: { 'destination-hostname': DEPLOYMENT },
      body: { type: 'purchase' },
    });
    expectStatus(answer, 404);
    const uuid = String(answer.headers['x-request-id']);
    await expect
      .poll(async () => (await office.call('GET', `/v1/access_logs/${uuid}`)).json())
      .toMatchObject({ operation: 'segment/trackEventV2', applicationId: 1, cause: 'the operation is not served' });
    expect(await replay([uuid], false)).toMatchObject([{ uuid, status: 404, replayed: false }]);
  });
});
