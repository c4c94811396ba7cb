/** Attributes of everyone in an audience, set by one request to the Integration API. */

import { describe } from 'vitest';
import { type RequestGiven, runScenarios, type Scenario } from './scenario.ts';

const NOBODY = 999_999_990;
const set = (
  attributes: unknown,
  path = '/v2/audience_customers/{$gold}/attributes',
  key: RequestGiven['key'] = 'generic',
): RequestGiven => ({ method: 'PUT', path, key, body: attributes });

const given = {
  attributes: ['Tier', 'HomeStore', 'OrderCount', 'Colour', 'ShopOnly', 'SandboxOnly', 'Hobbies'],
  audiences: { gold: 'Gold', news: 'News' },
  profiles: {
    ada: { attributes: { Tier: 'silver', HomeStore: 'Kiel' }, in: ['gold', 'news'] },
    ben: { in: ['gold'] },
    cyd: { attributes: { Tier: 'silver' }, in: ['news'] },
  },
} as const satisfies Scenario['given'];
const unchanged = { ada: 'unchanged', ben: 'unchanged', cyd: 'unchanged' } as const;

const scenarios: Scenario[] = [
  {
    name: 'every member has the values, the others keep theirs; null removes one',
    given,
    request: set({ Tier: 'gold', HomeStore: null, OrderCount: 7 }),
    status: 204,
    after: {
      ada: { attributes: { Tier: 'gold', OrderCount: 7 }, in: ['gold', 'news'], lastActivity: 'stays' },
      ben: { attributes: { Tier: 'gold', OrderCount: 7 }, in: ['gold'], lastActivity: 'stays' },
      cyd: 'unchanged',
    },
  },
  {
    name: 'by an audience of no platform',
    given: {
      ...given,
      requests: [set({ Tier: 'first' }), set({ HomeStore: 'Bonn' }), set({ Tier: 'last' })],
    },
    request: set({ OrderCount: 1 }),
    status: 204,
    after: {
      ada: { attributes: { Tier: 'last', HomeStore: 'Bonn', OrderCount: 1 } },
      ben: { attributes: { Tier: 'last', HomeStore: 'Bonn', OrderCount: 1 } },
    },
  },
  {
    name: 'a later write of the same attribute wins, and one of another keeps the value',
    given: { ...given, requests: [set({ Tier: 'gold', HomeStore: 'Bonn' })] },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}', body: { attributes: { Tier: 'mine' } } },
    status: 200,
    after: {
      ada: { attributes: { Tier: 'mine', HomeStore: 'Bonn' } },
      ben: { attributes: { Tier: 'gold', HomeStore: 'Bonn' } },
    },
  },
  {
    name: 'who leaves keeps the values, who joins later does not get them',
    given: { ...given, requests: [set({ Tier: 'gold' })] },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profiles/audiences',
      body: {
        data: [
          { customerProfileId: '{ada}', deletes: ['{#gold}'] },
          { customerProfileId: '{cyd}', adds: ['{#gold}'] },
          { customerProfileId: '{new}', adds: ['{#gold}'] },
        ],
      },
    },
    status: 204,
    after: {
      ada: { attributes: { Tier: 'gold', HomeStore: 'Kiel' }, in: ['news'] },
      cyd: { attributes: { Tier: 'silver' }, in: ['gold', 'news'] },
      new: { attributes: {}, in: ['gold'] },
    },
  },
  {
    name: 'members of an audience that is deleted right afterwards have the values',
    given: { ...given, requests: [set({ Tier: 'gold' })] },
    request: { method: 'DELETE', path: '/v2/audiences/{$gold}', key: 'generic' },
    status: 204,
    after: {
      ada: { attributes: { Tier: 'gold', HomeStore: 'Kiel' }, in: ['news'] },
      ben: { attributes: { Tier: 'gold' }, in: [] },
    },
  },
  {
    name: 'an erased member is gone',
    given: { ...given, requests: [set({ Tier: 'gold' })] },
    request: { method: 'DELETE', path: '/v1/customer_data/{ben}', key: 'generic' },
    status: 204,
    after: { ben: 'unknown', ada: { attributes: { Tier: 'gold', HomeStore: 'Kiel' } } },
  },
  { name: 'an empty map', given, request: set({}), status: 204, after: unchanged },
  { name: 'no body, which is like an empty map', given, request: set(undefined), status: 204, after: unchanged },
  {
    name: 'an audience without members',
    given: { ...given, audiences: { ...given.audiences, empty: 'Empty' } },
    request: set({ Tier: 'gold' }, '/v2/audience_customers/{$empty}/attributes'),
    status: 204,
    after: unchanged,
  },
  ...(
    [
      [{ Tier: 'gold', NotDefined: 1 }, '/NotDefined', "Attribute 'NotDefined' is not defined"],
      [{ attributes: { Tier: 'gold' } }, '/attributes', "Attribute 'attributes' is not defined"],
      [{ 'a/b~c': 1 }, '/a~1b~0c', "Attribute 'a/b~c' is not defined"],
      [{ Tier: 7 }, '/Tier', "Attribute 'Tier'"],
      [{ OrderCount: '7' }, '/OrderCount', "Attribute 'OrderCount'"],
      [{ Colour: 'green' }, '/Colour', "Attribute 'Colour'"],
      [{ Hobbies: ['rowing', 7] }, '/Hobbies', "Attribute 'Hobbies'"],
      [{ ShopOnly: 'x' }, '/ShopOnly', "Attribute 'ShopOnly'"],
      [{ SandboxOnly: 'x' }, '/SandboxOnly', "Attribute 'SandboxOnly'"],
      [{ Tier: 'x'.repeat(70_000) }, '/Tier', 'at most 65536 per value'],
    ] as const
  ).map(([body, pointer, message]) => ({
    name: `refused, with its place: ${JSON.stringify(body).slice(0, 60)}`,
    given,
    request: set(body),
    status: 400,
    error: new RegExp(`${message}[^]*"pointer":"${pointer}"`),
    after: unchanged,
  })),
  {
    name: 'an integer that a double would change',
    given,
    request: { ...set(undefined), raw: '{"OrderCount":12345678901234567890}' },
    status: 400,
    error: /12345678901234567890[^]*"pointer":"\/OrderCount"/,
    after: unchanged,
  },
  ...(['[]', 'null', '"Tier"', '{'] as const).map((raw) => ({
    name: `no map: ${raw}`,
    given,
    request: { ...set(undefined), raw },
    status: 400,
    after: unchanged,
  })),
  {
    name: 'an unknown audience',
    given,
    request: set({ Tier: 'gold' }, `/v2/audience_customers/${NOBODY}/attributes`),
    status: 404,
    error: `Audience ${NOBODY} not found`,
    after: unchanged,
  },
  {
    name: 'an audience of the other environment',
    given,
    request: set({ Tier: 'gold' }, undefined, 'sandboxGeneric'),
    status: 404,
  },
  ...(['gold', '1.5', '-1'] as const).map((id) => ({
    name: `no number: ${id}`,
    given,
    request: set({ Tier: 'gold' }, `/v2/audience_customers/${id}/attributes`),
    status: 400,
    after: unchanged,
  })),
  {
    name: 'another method',
    request: { method: 'POST', path: '/v2/audience_customers/1/attributes', key: 'generic', body: {} },
    status: 405,
    headers: { Allow: 'PUT' },
  },
  ...(['customer_data', 'readOnly', 'segment', 'test', 'expired', null] as const).map((key) => ({
    name: `not with the key: ${key ?? 'none'}`,
    given,
    request: set({ Tier: 'gold' }, undefined, key),
    status: 401,
    after: unchanged,
  })),
];

describe('PUT /v2/audience_customers/{audienceId}/attributes', () => {
  runScenarios(scenarios);
});
