/** Error answers: their only form, several problems in one answer, and which of several mistakes is reported. */

import { describe, expect, test } from 'vitest';
import { send, sendJson } from './client.ts';
import { any, checkErrorBody, type RequestGiven, reach, runScenarios, type Scenario } from './scenario.ts';
import type { KeyKind } from './target.ts';

// ---- which mistake is reported: each kind of mistake, in the published order

interface Draft {
  path: string;
  key: KeyKind | null;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  /** Breaks the JSON text. */
  broken: boolean;
}

interface Mistake {
  readonly title: string;
  readonly status: number;
  readonly error: RegExp;
  readonly make: (draft: Draft) => void;
}

const MISTAKES: readonly Mistake[] = [
  {
    title: 'unknown path',
    status: 404,
    error: /^Unknown path/,
    make: (draft) => {
      draft.path = '/cdp/customer_profiles/{ada}';
    },
  },
  {
    title: 'no key',
    status: 401,
    error: /^API key missing/,
    make: (draft) => {
      draft.key = null;
    },
  },
  {
    title: 'bad header',
    status: 400,
    error: /^Header destination-hostname: expected a host/,
    make: ({ headers }) => {
      headers['destination-hostname'] = 'a b';
    },
  },
  {
    title: 'bad query',
    status: 400,
    error: /^Query parameter skipNonExistingAttributes/,
    make: (draft) => {
      draft.path += '?skipNonExistingAttributes=perhaps';
    },
  },
  {
    title: 'broken JSON',
    status: 400,
    error: /^Body must be a JSON object/,
    make: (draft) => {
      draft.broken = true;
    },
  },
  {
    title: 'wrong type',
    status: 400,
    error: /^runRuleEngine: expected true or false/,
    make: ({ body }) => {
      body['runRuleEngine'] = 'x';
    },
  },
  {
    title: 'undefined attribute',
    status: 400,
    error: /^Attribute 'HatSize' is not defined/,
    make: ({ body }) => {
      body['attributes'] = { HatSize: 58 };
    },
  },
  {
    title: 'unknown audience',
    status: 404,
    error: /^Audience 999999991 not found/,
    make: ({ body }) => {
      body['audiencesChanges'] = { adds: [999_999_991] };
    },
  },
];

function draft(...mistakes: readonly Mistake[]): RequestGiven {
  const it: Draft = { path: '/cdp/customer_profile/{ada}', key: 'customer_data', headers: {}, body: {}, broken: false };
  for (const { make } of mistakes) make(it);
  const text = JSON.stringify(it.body);
  return { method: 'PUT', path: it.path, key: it.key, headers: it.headers, raw: it.broken ? text.slice(0, -1) : text };
}

const pairs: Scenario[] = MISTAKES.flatMap((first, index) =>
  MISTAKES.slice(index + 1).map((second) => ({
    name: `${first.title} is told, ${second.title} is not`,
    given: { profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: draft(first, second),
    status: first.status,
    error: first.error,
  })),
);

const LIMIT_USED_UP: readonly RequestGiven[] = [{ method: 'GET', path: '/v2/authping', key: 'limited' }];
const [, , badHeader, , brokenJson] = MISTAKES as [Mistake, Mistake, Mistake, Mistake, Mistake];

const others: Scenario[] = [
  {
    name: 'too many requests is told, a bad header and broken JSON are not',
    given: { requests: LIMIT_USED_UP },
    request: { ...draft(badHeader, brokenJson), key: 'limited' },
    status: 429,
    error: /^Too many requests$/,
  },
  {
    name: 'a key of another kind is told, a bad header is not',
    request: { ...draft(badHeader), key: 'segment' },
    status: 401,
    error: /^API key is not valid/,
  },
  {
    name: 'an over-long ID is told, broken JSON is not',
    request: { ...draft(brokenJson), path: `/cdp/customer_profile/${'i'.repeat(1001)}` },
    status: 400,
    error: /^customerProfileId: length/,
  },
  {
    name: 'a bad header is told, a deployment that is not served and an over-long ID are not',
    mode: 'one hostname',
    request: {
      method: 'PUT',
      path: `/cdp/customer_profile/${'i'.repeat(1001)}`,
      platform: 'p'.repeat(256),
      headers: { 'destination-hostname': 'other.example.net' },
    },
    status: 400,
    error: /^Header customer-data-platform-name: length/,
  },
  {
    name: 'a deployment that is not served is told, broken JSON is not',
    mode: 'one hostname',
    request: { ...draft(brokenJson), headers: { 'destination-hostname': 'other.example.net' } },
    status: 404,
    error: /^Deployment 'other\.example\.net'/,
  },
  {
    name: 'a missing name is told, a taken ID is not',
    given: { audiences: { gold: 'Gold' } },
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{gold}' } },
    status: 400,
    error: /^audienceName: required$/,
  },
  {
    name: 'an ID that differs from the path is told, an unknown audience is not',
    request: { method: 'PUT', path: '/cdp/audiences/{nowhere}', body: { audienceId: '{other}', audienceName: 'x' } },
    status: 400,
    error: /^audienceId: must equal the ID in the path$/,
  },
  {
    name: 'a wrong type in the second item is told, an unknown audience in the first is not',
    request: {
      method: 'PUT',
      path: '/cdp/customer_profiles/audiences',
      body: {
        data: [
          { customerProfileId: '{ada}', adds: [999_999_991] },
          { customerProfileId: '{ben}', adds: ['x'] },
        ],
      },
    },
    status: 400,
    error: /^data\[1\]\.adds\[0\]: expected an integer/,
  },
];

// ---- several problems in one answer

const bulk = (data: unknown): RequestGiven => ({
  method: 'PUT',
  path: '/cdp/customer_profiles/audiences',
  body: { data },
});

const several: Scenario[] = [
  {
    name: 'problems come in the order of the document',
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}',
      raw: '{"runRuleEngine":1,"audiencesChanges":{"deletes":[0],"adds":{}},"attributes":[]}',
    },
    status: 400,
    error:
      /^runRuleEngine: expected true or false; audiencesChanges\.deletes\[0\]: must be 1 to 9007199254740991; audiencesChanges\.adds: expected an array; attributes: expected an object$/,
  },
  {
    name: 'the first ten of many',
    request: bulk([{ customerProfileId: '{ada}', adds: Array.from({ length: 900 }, () => 0) }]),
    status: 400,
    error: /^(data\[0\]\.adds\[\d\]: must be 1 to 9007199254740991(; |$)){10}$/,
  },
  {
    name: 'the remedy is said once',
    request: bulk([{ customerProfileId: '{ada}', adds: ['a', 'b', 'c'] }]),
    status: 400,
    error:
      /^data\[0\]\.adds\[0\]: expected an integer audience ID \([^;]+;[^;]+\); data\[0\]\.adds\[1\]: expected an integer audience ID; data\[0\]\.adds\[2\]: expected an integer audience ID$/,
  },
  {
    name: 'several attributes, of several kinds of mistake',
    given: { attributes: ['OrderCount', 'Colour'] },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}',
      body: { attributes: { Colour: 'green', HatSize: 1, OrderCount: 'x' } },
    },
    status: 400,
    error:
      /^Attribute 'Colour' does not allow 'green'.*; Attribute 'HatSize' is not defined.*; Attribute 'OrderCount' expects a number$/,
  },
  {
    name: 'one line, also when the ID it quotes has several',
    request: { method: 'DELETE', path: '/cdp/audiences/a%0D%0Ab%E2%80%A8c%0B{gold}' },
    status: 404,
    error: /^Audience 'a\ufffd+b\ufffdc\ufffdgold-\w+' not found for 'Harbour CDP'$/,
  },
  ...['null', '[]', '"x"', '12', 'true', '{', '{"a":1,}', "{'a':1}", 'undefined', '{"a":NaN}', '{} {}', '\u0000'].map(
    (raw) => ({
      name: `${JSON.stringify(raw)} is no JSON object`,
      request: { method: 'PUT', path: '/cdp/customer_profile/{ada}', raw },
      status: 400,
      error: /^Body must be a JSON object/,
    }),
  ),
  ...['', ' \n\t'].map((raw) => ({
    name: `an empty body (${JSON.stringify(raw)}) is an empty object`,
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}', raw },
    status: 200,
    after: { ada: { attributes: {}, in: [] } },
  })),
];

describe('which mistake is reported', () => {
  runScenarios([...pairs, ...others]);
});
describe('several problems, and bodies that are none', () => {
  runScenarios(several);
});

describe('the form', () => {
  test('every request has a UUID of its own, in the header of every answer', async (context) => {
    const { url, keys } = await reach(context, ['customer_data']);
    const ids = new Set<string>();
    for (const path of ['/v2/authping', '/cdp/nothing', '/healthz', '/openapi.json', '/cdp/audiences', '/cdp/%zz']) {
      const { headers } = await sendJson(url, keys.customer_data, 'GET', path);
      expect(headers['x-request-id']).toEqual(any.uuid);
      ids.add(String(headers['x-request-id']));
    }
    expect(ids.size).toBe(6);
  });

  test("a client's own X-Request-Id is not taken over", async (context) => {
    const { url } = await reach(context, []);
    const headers = { 'X-Request-Id': 'mine', 'Request-Id': 'mine' };
    const answer = await send(url, { method: 'POST', path: '/cdp/audiences', headers });
    checkErrorBody(answer, 'third-party');
    expect(answer.headers['x-request-id']).toEqual(any.uuid);
  });

  test('the exact body, byte for byte but for the UUID', async (context) => {
    const { url, keys } = await reach(context, ['customer_data']);
    const answer = await sendJson(url, keys.customer_data, 'PUT', '/cdp/customer_profiles/audiences', {});
    const id = String(answer.headers['x-request-id']);
    expect(answer.text).toBe(`{"Error":"data: required; nothing was applied","RequestUUID":"${id}","StatusCode":400}`);
  });

  test('the Integration API: message, errors with a source each, StatusCode', async (context) => {
    const { url, keys } = await reach(context, ['generic']);
    const lookup = await sendJson(url, keys.generic, 'POST', '/v1/customer_profiles/audiences/lookup', {
      integrationIds: ['a', 1, ''],
    });
    expect(lookup.json()).toEqual({
      message: 'Request validation failed',
      errors: [
        {
          title: 'Invalid type',
          details: 'integrationIds[1]: expected a string',
          source: { pointer: '/integrationIds/1' },
        },
        {
          title: 'length',
          details: 'integrationIds[2]: length must be 1 to 1000',
          source: { pointer: '/integrationIds/2' },
        },
      ],
      StatusCode: 400,
    });
    const inventory = await sendJson(url, keys.generic, 'GET', '/v1/customer_profiles/x/inventory?profile=perhaps');
    expect(inventory.json()).toEqual({
      message: 'Request validation failed',
      errors: [
        {
          title: 'Invalid value',
          details: 'Query parameter profile: expected true or false',
          source: { parameter: 'profile' },
        },
      ],
      StatusCode: 400,
    });
  });
});
