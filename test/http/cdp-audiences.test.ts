/** Creating, renaming and deleting audiences: fields, namespaces, environments, and their members afterwards. */

import { describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { authorization, send, sendJson } from './client.ts';
import { audience, expectStatus, type RequestGiven, reach, runScenarios, type Scenario, state } from './scenario.ts';

const create = (body: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'POST',
  path: '/cdp/audiences',
  body,
  ...extra,
});
const rename = (body: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'PUT',
  path: '/cdp/audiences/{gold}',
  body,
  ...extra,
});
const named = (audienceName: unknown) => ({ audienceId: '{gold}', audienceName });
const FOX = '🦊'.repeat(1000);

// ---- fields

const BAD_TEXTS: readonly (readonly [title: string, value: unknown, message: string])[] = [
  ['absent', undefined, 'required'],
  ['null', null, 'required'],
  ['a number', 12, 'expected a string'],
  ['a list', ['x'], 'expected a string'],
  ['true', true, 'expected a string'],
  ['empty', '', 'length must be 1 to 1000'],
  ['1001 characters', 'x'.repeat(1001), 'length must be 1 to 1000'],
  ['1001 emoji', `${FOX}x`, 'length must be 1 to 1000'],
  ['blanks', ' \t ', 'must not be blank'],
  ['a wide blank', '\u3000\u00a0', 'must not be blank'],
  ['NUL', 'a\0b', 'must not contain NUL characters or lone surrogates'],
];

const fields: Scenario[] = [
  ...BAD_TEXTS.flatMap(([title, value, message]): Scenario[] => [
    {
      name: `create: audienceId ${title}`,
      request: create({ audienceId: value, audienceName: 'x' }),
      status: 400,
      error: `audienceId: ${message}`,
    },
    {
      name: `create: audienceName ${title}`,
      request: create(named(value)),
      status: 400,
      error: `audienceName: ${message}`,
    },
    {
      name: `rename: audienceName ${title}`,
      given: { audiences: { gold: 'Gold' }, profiles: { ada: { in: ['gold'] } } },
      request: rename({ audienceName: value }),
      status: 400,
      error: `audienceName: ${message}`,
      after: { ada: { in: ['gold'] } },
    },
  ]),
  {
    name: 'create: no body',
    request: create(undefined),
    status: 400,
    error: /^audienceId: required; audienceName: required$/,
  },
  {
    name: 'create: a thousand emoji each',
    request: create({ audienceId: `{gold}${'🦊'.repeat(980)}`, audienceName: FOX }),
    status: 201,
    body: audience(`{gold}${'🦊'.repeat(980)}`, FOX),
  },
  {
    name: 'create: blanks around ID and name are kept',
    request: create({ audienceId: ' {gold} ', audienceName: ' Gold ' }),
    status: 201,
    body: audience(' {gold} ', ' Gold '),
  },
  {
    name: 'create: further properties are ignored',
    request: create({ ...named('Gold'), name: 'Other', integration: 'Other', id: 1, sandbox: true }),
    status: 201,
    body: audience('{gold}', 'Gold'),
  },
  {
    name: 'create: names need not be unique',
    given: { audiences: { old: 'Gold' } },
    request: create(named('Gold')),
    status: 201,
    body: audience('{gold}', 'Gold'),
  },
  {
    name: 'create: IDs that differ in case are two',
    given: { audiences: { gold: 'Gold' } },
    request: create({ audienceId: 'G{gold}', audienceName: 'x' }),
    status: 201,
    body: audience('G{gold}', 'x'),
  },
];

// ---- renaming

const renaming: Scenario[] = [
  {
    name: 'the ID in the body equals that of the path',
    given: { audiences: { gold: 'Gold' }, profiles: { ada: { in: ['gold'] } } },
    request: rename(named('Golden')),
    status: 200,
    body: audience('{gold}', 'Golden'),
    after: { ada: { in: [['gold', 'Golden']], lastActivity: 'stays' } },
  },
  ...[{ audienceName: 'Golden' }, { audienceId: null, audienceName: 'Golden' }].map((body) => ({
    name: `without the ID in the body: ${JSON.stringify(body)}`,
    given: { audiences: { gold: 'Gold' } },
    request: rename(body),
    status: 200,
    body: audience('{gold}', 'Golden'),
  })),
  {
    name: 'the name it has already',
    given: { audiences: { gold: 'Gold' } },
    request: rename({ audienceName: 'Gold' }),
    status: 200,
    body: audience('{gold}', 'Gold'),
  },
  ...['{other}', 'G{gold}', ' {gold}', ''].map((audienceId) => ({
    name: `another ID in the body: ${JSON.stringify(audienceId)}`,
    given: { audiences: { gold: 'Gold' }, profiles: { ada: { in: ['gold'] } } },
    request: rename({ audienceId, audienceName: 'Golden' }),
    status: 400,
    error: /^audienceId: (must equal the ID in the path|length must be 1 to 1000)$/,
    after: { ada: { in: ['gold'] as const } },
  })),
  {
    name: 'a number as the ID in the body',
    given: { audiences: { gold: 'Gold' } },
    request: rename({ audienceId: '{#gold}', audienceName: 'Golden' }),
    status: 400,
    error: /^audienceId: expected a string$/,
  },
  {
    name: 'an unknown audience is not created',
    request: rename(named('Golden')),
    status: 404,
    error: "Audience '{gold}' not found for 'Harbour CDP'",
  },
];

// ---- namespaces and environments

const OTHER = 'Teahouse';

const namespaces: Scenario[] = [
  {
    name: 'the same ID under the same platform, whatever the name',
    given: { audiences: { gold: 'Gold' } },
    request: create(named('Something else')),
    status: 409,
    error: "Audience '{gold}' already exists",
  },
  ...['harbour cdp', ' HARBOUR CDP '].map((platform) => ({
    name: `the platform's name without regard to case and blanks: ${JSON.stringify(platform)}`,
    given: { audiences: { gold: 'Gold' } },
    request: create(named('Gold'), { platform }),
    status: 409,
    error: "Audience '{gold}' already exists",
  })),
  {
    name: 'the first spelling of the platform is kept',
    given: { audiences: { gold: 'Gold' } },
    request: rename({ audienceName: 'Golden' }, { platform: 'HARBOUR CDP' }),
    status: 200,
    body: audience('{gold}', 'Golden', 'Harbour CDP'),
  },
  {
    name: 'the same ID under another platform',
    given: { audiences: { gold: 'Gold' } },
    request: create(named('Gold'), { platform: OTHER }),
    status: 201,
    body: audience('{gold}', 'Gold', OTHER),
  },
  {
    name: 'the same ID in the other environment',
    given: { audiences: { gold: 'Gold' } },
    request: create(named('Gold'), { key: 'sandbox' }),
    status: 201,
    body: audience('{gold}', 'Gold'),
  },
  ...(
    [
      ['PUT', { audienceName: 'x' }],
      ['DELETE', undefined],
    ] as const
  ).flatMap(([method, body]): Scenario[] => [
    {
      name: `${method} reaches no audience of another platform`,
      given: { audiences: { gold: 'Gold' }, profiles: { ada: { in: ['gold'] } } },
      request: { method, path: '/cdp/audiences/{gold}', platform: OTHER, ...(body && { body }) },
      status: 404,
      error: "Audience '{gold}' not found for 'Teahouse'",
      after: { ada: { in: ['gold'] } },
    },
    {
      name: `${method} reaches no audience of the other environment, and does not tell of it`,
      given: { audiences: { gold: { name: 'Gold', platform: OTHER } } },
      request: { method, path: '/cdp/audiences/{gold}', platform: OTHER, key: 'sandbox', ...(body && { body }) },
      status: 404,
      error: /^Audience '[\w-]+' not found for 'Teahouse'$/,
    },
  ]),
  {
    name: 'two platforms use one ID for two audiences',
    given: { audiences: { gold: 'Gold' }, requests: [create(named('Other gold'), { platform: OTHER })] },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}/audiences', body: { data: { adds: ['{gold}'] } } },
    status: 200,
    body: state('{ada}', { in: ['gold'] }),
  },
];

const deleting: Scenario[] = [
  {
    name: 'members lose it and nothing else',
    given: {
      audiences: { gold: 'Gold', news: 'News' },
      profiles: { ada: { in: ['gold', 'news'], attributes: { Tier: 'x' } } },
    },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}' },
    status: 204,
    after: { ada: { in: ['news'], attributes: { Tier: 'x' }, lastActivity: 'stays' } },
  },
  ...['{"any":"thing"}', 'no json at all'].map((raw) => ({
    name: `a body is ignored: ${raw}`,
    given: { audiences: { gold: 'Gold' } },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}', raw },
    status: 204,
  })),
  {
    name: 'the other platform keeps its own',
    given: {
      audiences: { gold: 'Gold' },
      profiles: { ada: { in: ['gold'] } },
      requests: [create(named('x'), { platform: OTHER })],
    },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}', platform: OTHER },
    status: 204,
    after: { ada: { in: ['gold'] } },
  },
  {
    name: 'its number names nothing any more',
    given: { audiences: { gold: 'Gold' }, requests: [{ method: 'DELETE', path: '/cdp/audiences/{gold}' }] },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}',
      body: { audiencesChanges: { deletes: ['{#gold}'] } },
    },
    status: 404,
    error: /^Audience \d+ not found$/,
    after: { ada: 'unknown' },
  },
];

describe('fields', () => {
  runScenarios(fields);
});
describe('renaming', () => {
  runScenarios(renaming);
});
describe('namespaces and environments', () => {
  runScenarios(namespaces);
});
describe('deleting', () => {
  runScenarios(deleting);
});

describe('an audience over time', () => {
  const unique = `${process.pid}-${Date.now()}`;

  test('re-created, it has another number and no members, in each environment for itself', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'generic', 'sandbox', 'sandboxGeneric']);
    for (const [writer, reader] of [
      ['customer_data', 'generic'],
      ['sandbox', 'sandboxGeneric'],
    ] as const) {
      const call = async (method: string, path: string, body?: unknown) =>
        sendJson(url, keys[writer], method, path, body);
      const body = { audienceId: `phoenix-${unique}`, audienceName: 'Phoenix' };
      const first = (await call('POST', '/cdp/audiences', body)).json() as { id: number };
      const profile = `bird-${unique}`;
      await call('PUT', `/cdp/customer_profile/${profile}`, { audiencesChanges: { adds: [first.id] } });
      expectStatus(await call('DELETE', `/cdp/audiences/${body.audienceId}`), 204);
      const second = (await call('POST', '/cdp/audiences', body)).json() as { id: number };
      expect(second.id).toBeGreaterThan(first.id);
      const read = await sendJson(url, keys[reader], 'GET', `/v1/customer_profiles/${profile}/audiences`);
      expect(read.json()).toEqual({ data: [] });
    }
  });

  test('its last update moves with a change of members or name, and with nothing else', async (context) => {
    const { url, process, keys } = await reach(context, ['customer_data']);
    if (process === undefined) return context.skip('needs the database of the server');
    const call = async (method: string, path: string, body: unknown) => {
      // The clock must advance between two steps.
      await new Promise((resolve) => setTimeout(resolve, 2));
      return sendJson(url, keys.customer_data, method, path, body);
    };
    const made = await call('POST', '/cdp/audiences', { audienceId: `clock-${unique}`, audienceName: 'Clock' });
    const { id } = made.json() as { id: number };
    const storage = await openStorage(process.database, { access: 'read', work: 'in place' });
    const lastUpdate = async (): Promise<number> =>
      (await storage.browse.listAudiences()).find((each) => each.id === id)?.lastUpdate ?? 0;
    const change = async (audiencesChanges: object) =>
      call('PUT', `/cdp/customer_profile/tick-${unique}`, { audiencesChanges });
    const steps: readonly (readonly [title: string, step: () => Promise<unknown>, moves: boolean])[] = [
      ['a member joins', async () => change({ adds: [id] }), true],
      ['it joins again', async () => change({ adds: [id] }), false],
      [
        'the audience gets the name it has',
        async () => call('PUT', `/cdp/audiences/clock-${unique}`, { audienceName: 'Clock' }),
        false,
      ],
      [
        'the audience gets another name',
        async () => call('PUT', `/cdp/audiences/clock-${unique}`, { audienceName: 'Watch' }),
        true,
      ],
      ['the member leaves', async () => change({ deletes: [id] }), true],
      ['it leaves again', async () => change({ deletes: [id] }), false],
    ];
    let before = await lastUpdate();
    for (const [title, step, moves] of steps) {
      await step();
      const after = await lastUpdate();
      expect({ title, moved: after > before }).toEqual({ title, moved: moves });
      before = after;
    }
    await storage.close();
  });

  test('creating it at the same moment from many connections makes one', async (context) => {
    const { url, keys } = await reach(context, ['customer_data']);
    const body = { audienceId: `race-${unique}`, audienceName: 'Race' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => sendJson(url, keys.customer_data, 'POST', '/cdp/audiences', body)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  test('a lone surrogate, written as an escape, is no name', async (context) => {
    const { url, keys } = await reach(context, ['customer_data']);
    const headers = { ...authorization(keys.customer_data), 'Content-Type': 'application/json' };
    const body = String.raw`{"audienceId":"\ud83e","audienceName":"x\udd8a"}`;
    const answer = await send(url, { method: 'POST', path: '/cdp/audiences', headers, body });
    expectStatus(answer, 400);
    expect(answer.text).toContain(
      'audienceId: must not contain NUL characters or lone surrogates; audienceName: must not',
    );
  });
});
