/** Audiences and their members in the Integration API, and the erasure of a person. */

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authorization, send, sendJson, until } from './client.ts';
import { PLATFORM } from './definitions.ts';
import { any, expectStatus, type RequestGiven, reach, runScenarios, type Scenario } from './scenario.ts';

const NOBODY = 999_999_990;
const call = (method: string, path: string, body?: unknown, key: RequestGiven['key'] = 'generic'): RequestGiven => ({
  method,
  path,
  key,
  body,
});
const create = (body: unknown, key?: RequestGiven['key']) => call('POST', '/v2/audiences', body, key);
const rename = (body: unknown, path = '/v2/audiences/{$gold}', key?: RequestGiven['key']) =>
  call('PUT', path, body, key);
const actions = (data: unknown, key?: RequestGiven['key']) => call('POST', '/v2/customer_audiences', { data }, key);
const add = (profileIntegrationId: string, audienceId: unknown) => ({
  action: 'add',
  profileIntegrationId,
  audienceId,
});
const drop = (profileIntegrationId: string, audienceId: unknown) => ({
  action: 'delete',
  profileIntegrationId,
  audienceId,
});

/** An audience as these operations return it. */
const audience = (fields: object) => ({
  id: any.id,
  created: any.time,
  accountId: 1,
  sandbox: false,
  description: '',
  subscribedApplicationsIds: [any.id],
  createdIn3rdParty: false,
  lastUpdate: any.time,
  ...fields,
});
const WRONG_KEYS = ['customer_data', 'readOnly', 'segment', 'test', 'expired', null] as const;

const gold = { audiences: { gold: 'Gold', news: 'News' } };
const ada = { ...gold, profiles: { ada: { attributes: { Tier: 'silver' }, in: ['gold', 'news'] } } };

// ---- created

const creations: Scenario[] = [
  {
    name: 'a name is enough',
    request: create({ name: '{one}' }),
    status: 201,
    body: audience({ name: '{one}' }),
  },
  {
    name: 'all that may be said',
    request: create({
      name: '{one}',
      sandbox: false,
      description: 'Those who left',
      subscribedApplicationsIds: [],
      integration: PLATFORM,
      integrationId: '{one}',
      createdIn3rdParty: true,
      lastUpdate: '2020-01-01T00:00:00Z',
    }),
    status: 201,
    body: audience({
      name: '{one}',
      description: 'Those who left',
      subscribedApplicationsIds: [],
      integration: PLATFORM,
      integrationId: '{one}',
      createdIn3rdParty: true,
      lastUpdate: expect.not.stringMatching(/^2020/) as unknown,
    }),
  },
  {
    name: 'null is like left out',
    request: create({
      name: '{one}',
      sandbox: null,
      description: null,
      subscribedApplicationsIds: null,
      integration: null,
      integrationId: null,
      createdIn3rdParty: null,
      lastUpdate: null,
    }),
    status: 201,
    body: audience({ name: '{one}' }),
  },
  {
    name: 'a platform without an ID of its own',
    request: create({ name: '{one}', integration: ' braze ' }),
    status: 201,
    body: audience({ name: '{one}', integration: 'braze' }),
  },
  {
    name: 'an ID without a platform',
    request: create({ name: '{one}', integrationId: '{one}' }),
    status: 201,
    body: audience({ name: '{one}', integrationId: '{one}' }),
  },
  {
    name: 'such an ID once',
    given: { requests: [create({ name: 'first', integrationId: '{one}' })] },
    request: create({ name: 'second', integrationId: '{one}' }),
    status: 409,
    error: "Audience '{one}' already exists",
  },
  {
    name: 'a platform may use the same ID',
    given: { requests: [create({ name: 'first', integrationId: '{one}' })] },
    request: create({ name: 'second', integration: PLATFORM, integrationId: '{one}' }),
    status: 201,
  },
  {
    name: '/cdp never finds an audience without a platform by its ID',
    given: { requests: [create({ name: 'first', integrationId: '{one}' })] },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}/audiences', body: { data: { adds: ['{one}'] } } },
    status: 404,
  },
  {
    name: '/cdp finds one that names its platform, in any case',
    given: { requests: [create({ name: 'Given', integration: PLATFORM.toUpperCase(), integrationId: '{one}' })] },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}/audiences', body: { data: { adds: ['{one}'] } } },
    status: 200,
  },
  {
    name: 'the ID of a platform once',
    given: gold,
    request: create({ name: 'again', integration: PLATFORM, integrationId: '{gold}' }),
    status: 409,
    error: "Audience '{gold}' already exists",
  },
  {
    name: 'the environment is the key’s',
    request: create({ name: '{one}' }, 'sandboxGeneric'),
    status: 201,
    body: audience({ name: '{one}', sandbox: true }),
  },
  ...(
    [
      [true, 'generic'],
      [false, 'sandboxGeneric'],
    ] as const
  ).map(([sandbox, key]) => ({
    name: `the other environment with a key: ${key}`,
    request: create({ name: '{one}', sandbox }, key),
    status: 400,
    error: /"pointer":"\/sandbox"/,
  })),
  {
    name: 'an Application nobody knows',
    request: create({ name: '{one}', subscribedApplicationsIds: [NOBODY] }),
    status: 400,
    error: /"title":"not found".*"pointer":"\/subscribedApplicationsIds\/0"/,
  },
  ...(
    [
      [{}, 'name'],
      [{ name: '' }, 'name'],
      [{ name: ' ' }, 'name'],
      [{ name: 7 }, 'name'],
      [{ name: 'x', sandbox: 'yes' }, 'sandbox'],
      [{ name: 'x', integration: '' }, 'integration'],
      [{ name: 'x', integrationId: '' }, 'integrationId'],
      [{ name: 'x', integrationId: 'i'.repeat(1001) }, 'integrationId'],
      [{ name: 'x', subscribedApplicationsIds: ['1'] }, 'subscribedApplicationsIds/0'],
      [{ name: 'x', createdIn3rdParty: 1 }, 'createdIn3rdParty'],
    ] as const satisfies readonly (readonly [body: object, pointer: string])[]
  ).map(([body, pointer]) => ({
    name: `a body that does not fit: ${JSON.stringify(body).slice(0, 50)}`,
    request: create(body),
    status: 400,
    error: new RegExp(`"pointer":"/${pointer}"`),
  })),
  ...WRONG_KEYS.map((key) => ({
    name: `not with the key: ${key ?? 'none'}`,
    request: create({ name: 'x' }, key),
    status: 401,
  })),
];

// ---- renamed, emptied, deleted

const changes: Scenario[] = [
  {
    name: 'an audience of a platform gets another name',
    given: ada,
    request: rename({ name: 'Goldest' }),
    status: 200,
    body: audience({
      id: '{#gold}',
      name: 'Goldest',
      integration: PLATFORM,
      integrationId: '{gold}',
      createdIn3rdParty: true,
    }),
    after: { ada: { in: [['gold', 'Goldest'], 'news'] } },
  },
  {
    name: 'its Applications are replaced where they are named',
    given: ada,
    request: rename({ name: 'Gold', subscribedApplicationsIds: [] }),
    status: 200,
    body: audience({
      id: '{#gold}',
      name: 'Gold',
      subscribedApplicationsIds: [],
      integration: PLATFORM,
      integrationId: '{gold}',
      createdIn3rdParty: true,
    }),
  },
  {
    name: 'an Application nobody knows',
    given: ada,
    request: rename({ name: 'Goldest', subscribedApplicationsIds: [1, NOBODY] }),
    status: 400,
    error: /"pointer":"\/subscribedApplicationsIds\/1"/,
    after: { ada: 'unchanged' },
  },
  ...[{}, { name: '' }, { name: null }].map((body) => ({
    name: `no name: ${JSON.stringify(body)}`,
    given: ada,
    request: rename(body),
    status: 400,
    error: /"pointer":"\/name"/,
  })),
  {
    name: 'emptied: the audience stays',
    given: ada,
    request: call('DELETE', '/v2/audiences/{$gold}/memberships'),
    status: 204,
    after: { ada: { in: ['news'], lastActivity: 'stays' } },
  },
  {
    name: 'emptied twice',
    given: { ...ada, requests: [call('DELETE', '/v2/audiences/{$gold}/memberships')] },
    request: call('DELETE', '/v2/audiences/{$gold}/memberships'),
    status: 204,
    after: { ada: { in: ['news'] } },
  },
  {
    name: 'filled again after it was emptied',
    given: { ...ada, requests: [call('DELETE', '/v2/audiences/{$gold}/memberships')] },
    request: actions([add('{ben}', '{#gold}')]),
    status: 204,
    after: { ada: { in: ['news'] }, ben: { in: ['gold'] } },
  },
  {
    name: 'deleted with its memberships',
    given: ada,
    request: call('DELETE', '/v2/audiences/{$gold}'),
    status: 204,
    after: { ada: { in: ['news'], lastActivity: 'stays' } },
  },
  {
    name: 'deleted twice',
    given: { ...ada, requests: [call('DELETE', '/v2/audiences/{$gold}')] },
    request: call('DELETE', '/v2/audiences/{$gold}'),
    status: 404,
  },
  ...[
    rename({ name: 'x' }),
    call('DELETE', '/v2/audiences/{$gold}'),
    call('DELETE', '/v2/audiences/{$gold}/memberships'),
  ].flatMap((request): Scenario[] => {
    const at = (id: string) => ({ ...request, path: request.path.replace('{$gold}', id) });
    const name = `${request.method} ${request.path}`;
    return [
      { name: `${name}: unknown`, request: at(String(NOBODY)), status: 404, error: `Audience ${NOBODY} not found` },
      { name: `${name}: 0`, request: at('0'), status: 404 },
      {
        name: `${name}: of the other environment`,
        given: ada,
        request: { ...request, key: 'sandboxGeneric' },
        status: 404,
      },
      ...['abc', '1.5', '-1', '9'.repeat(17), '%31x'].map((id) => ({
        name: `${name}: no number: ${id}`,
        request: at(id),
        status: 400,
        error: /"parameter":"audienceId"/,
      })),
      ...WRONG_KEYS.map((key) => ({
        name: `${name}: not with the key: ${key ?? 'none'}`,
        given: ada,
        request: { ...request, key },
        status: 401,
        after: { ada: 'unchanged' as const },
      })),
    ];
  }),
];

// ---- memberships

const memberships: Scenario[] = [
  {
    name: 'actions apply in order',
    given: ada,
    request: actions([
      drop('{ada}', '{#gold}'),
      add('{ben}', '{#gold}'),
      add('{ben}', '{#news}'),
      drop('{ben}', '{#gold}'),
      add('{ada}', '{#gold}'),
      drop('{ada}', '{#news}'),
    ]),
    status: 204,
    after: { ada: { in: ['gold'], lastActivity: 'stays' }, ben: { in: ['news'] } },
  },
  {
    name: 'a profile is created to be added, not to be removed',
    given: gold,
    request: actions([drop('{ada}', '{#gold}'), add('{ben}', '{#gold}')]),
    status: 204,
    after: { ada: 'unknown', ben: { attributes: {}, in: ['gold'] } },
  },
  {
    name: 'added and removed at once it is there, and in nothing',
    given: gold,
    request: actions([drop('{ada}', '{#news}'), add('{ada}', '{#gold}'), drop('{ada}', '{#gold}')]),
    status: 204,
    after: { ada: { in: [] } },
  },
  { name: 'nothing to do', request: actions([]), status: 204 },
  {
    name: 'an unknown audience, even to remove from: nothing is applied',
    given: ada,
    request: actions([drop('{ada}', '{#gold}'), drop('{nobody}', NOBODY)]),
    status: 404,
    error: `Audience ${NOBODY} not found`,
    after: { ada: 'unchanged' },
  },
  {
    name: 'an audience of the other environment',
    given: ada,
    request: actions([add('{ada}', '{#gold}')], 'sandboxGeneric'),
    status: 404,
    after: { ada: 'unknown' },
  },
  {
    name: '1000 actions',
    given: gold,
    request: actions(Array.from({ length: 1000 }, () => add('{ada}', '{#gold}'))),
    status: 204,
    after: { ada: { in: ['gold'] } },
  },
  {
    name: '1001 actions',
    given: gold,
    request: actions(Array.from({ length: 1001 }, () => add('{ada}', '{#gold}'))),
    status: 400,
    error: /1001 entries; at most 1000 per request/,
    after: { ada: 'unknown' },
  },
  ...(
    [
      [{ profileIntegrationId: 'x', audienceId: 1 }, 'action'],
      [{ action: 'ADD', profileIntegrationId: 'x', audienceId: 1 }, 'action'],
      [{ action: 'add', audienceId: 1 }, 'profileIntegrationId'],
      [{ action: 'add', profileIntegrationId: '', audienceId: 1 }, 'profileIntegrationId'],
      [{ action: 'add', profileIntegrationId: 'i'.repeat(1001), audienceId: 1 }, 'profileIntegrationId'],
      [{ action: 'add', profileIntegrationId: 'x' }, 'audienceId'],
      [{ action: 'add', profileIntegrationId: 'x', audienceId: '1' }, 'audienceId'],
    ] as const satisfies readonly (readonly [item: object, field: string])[]
  ).map(([item, field]) => ({
    name: `an action that does not fit: ${JSON.stringify(item).slice(0, 60)}`,
    given: gold,
    request: actions([add('{ada}', '{#gold}'), item]),
    status: 400,
    error: new RegExp(`"pointer":"/data/1/${field}"`),
    after: { ada: 'unknown' as const },
  })),
  ...WRONG_KEYS.map((key) => ({
    name: `not with the key: ${key ?? 'none'}`,
    given: ada,
    request: actions([add('{ada}', '{#gold}')], key),
    status: 401,
    after: { ada: 'unchanged' as const },
  })),
];

// ---- erasure

const erase = (path = '/v1/customer_data/{ada}', key?: RequestGiven['key']) => call('DELETE', path, undefined, key);
const erasures: Scenario[] = [
  {
    name: 'the profile is gone',
    given: ada,
    request: erase(),
    status: 204,
    after: { ada: 'unknown' },
  },
  { name: 'nobody to erase', request: erase(), status: 404, error: "Customer profile '{ada}' not found" },
  { name: 'not in the other environment', given: ada, request: erase(undefined, 'sandboxGeneric'), status: 404 },
  {
    name: 'an ID with slashes that nobody escaped',
    given: { requests: [{ method: 'PUT', path: '/cdp/customer_profile/https%3A%2F%2Fshop%2F{ada}', body: {} }] },
    request: erase('/v1/customer_data/https://shop/{ada}'),
    status: 204,
  },
  ...WRONG_KEYS.map((key) => ({
    name: `not with the key: ${key ?? 'none'}`,
    given: ada,
    request: erase(undefined, key),
    status: 401,
    after: { ada: 'unchanged' as const },
  })),
];

// ---- what is not served

const unserved: Scenario[] = (
  [
    ['PUT', '/v2/customer_sessions/{one}', 'updateCustomerSessionV2', /PUT \/v2\/customer_profiles\/\{integrationId\}/],
    ['PUT', '/v2/customer_sessions/{one}/reopen', 'reopenCustomerSession', /promotion engine/],
    ['POST', '/v2/events', 'trackEventV2', /PUT \/v2\/customer_profiles\/\{integrationId\}/],
    ['POST', '/v1/referrals', 'createReferral', /promotion engine/],
    ['GET', '/v1/loyalty_programs/1/profile/{one}/balances', 'getLoyaltyBalances', /promotion engine/],
    ['PUT', '/v1/customer_profiles/{one}', 'updateCustomerProfile', /PUT \/v2\/customer_profiles\/\{integrationId\}/],
  ] as const
).flatMap(([method, path, operation, reason]): Scenario[] => {
  const error = new RegExp(`^${operation} is not served \\(.*${reason.source}`);
  const isForTest = path.endsWith('/events') || (path.endsWith('{one}') && operation === 'updateCustomerSessionV2');
  const body = method === 'GET' ? undefined : {};
  return [
    { name: `${method} ${path}`, request: call(method, path, body), status: 404, error },
    {
      name: `${method} ${path} with a Test key`,
      request: call(method, path, body, 'test'),
      ...(isForTest ? { status: 404, error } : { status: 401, error: /is a Test key/ }),
    },
  ];
});

describe('what belongs to a promotion engine is refused by name', () => {
  runScenarios(unserved);
});
describe('POST /v2/audiences', () => {
  runScenarios(creations);
});
describe('/v2/audiences/{audienceId}', () => {
  runScenarios(changes);
});
describe('POST /v2/customer_audiences', () => {
  runScenarios(memberships);
});
describe('DELETE /v1/customer_data/{integrationId}', () => {
  runScenarios(erasures);
});

test('writes beside the emptying of an audience leave its count exact', async (context) => {
  const { url, keys } = await reach(context, ['generic']);
  const { generic: key } = keys;
  const made = await sendJson(url, key, 'POST', '/v2/audiences', { name: 'Busy' });
  const { id } = made.json() as { id: number };
  const ids = Array.from({ length: 20 }, () => randomUUID());
  const join = async (some: readonly string[]) =>
    sendJson(url, key, 'POST', '/v2/customer_audiences', { data: some.map((each) => add(each, id)) });
  const emptyIt = async () => sendJson(url, key, 'DELETE', `/v2/audiences/${id}/memberships`);
  const answers = await Promise.all(
    ids.flatMap((each, index) => [join([each]), ...(index % 5 === 4 ? [emptyIt()] : [])]),
  );
  for (const each of answers) expectStatus(each, 204);
  const lookup = await sendJson(url, key, 'POST', '/v1/customer_profiles/audiences/lookup', { integrationIds: ids });
  const found = (lookup.json() as { data: { audiences: unknown[] }[] }).data;
  const members = found.filter(({ audiences }) => audiences.length === 1).length;
  const renamed = await send(url, {
    method: 'PUT',
    path: `/v2/audiences/${id}`,
    headers: { ...authorization(key), 'Content-Type': 'application/json', Prefer: 'extended' },
    body: JSON.stringify({ name: 'Quiet' }),
  });
  expect(renamed.json()).toMatchObject({ name: 'Quiet', membersCount: members });
  await until(emptyIt, ({ status }) => status === 204);
  expectStatus(await join(ids), 204);
});
