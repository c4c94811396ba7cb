/** Emarsys's calls: its credentials in every spelling, the deployment in the query, and audiences by number. */

import { describe, expect, test } from 'vitest';
import { send } from './client.ts';
import { any, type RequestGiven, reach, runScenarios, type Scenario } from './scenario.ts';
import type { KeyKind } from './target.ts';

const PATH = '/emarsys/customer_profiles/audiences?deployment=promo.example.com';
const item = (actionType: string, customerProfileId = '{ada}', audienceId: unknown = '{$gold}') => ({
  customerProfileId,
  audienceId,
  actionType,
});
const post = (parameters: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'POST',
  path: PATH,
  key: 'emarsys',
  authorization: 'Basic {basic}',
  body: { parameters },
  ...extra,
});
const gold = { audiences: { gold: 'Gold shoppers' } };

const changes: Scenario[] = [
  {
    name: 'joins and leaves, answered entry by entry; unknown profiles are created, no rules run',
    given: {
      audiences: { gold: 'Gold shoppers', lapsed: 'Lapsed' },
      profiles: { ada: { in: ['lapsed'], attributes: { Tier: 'gold' } } },
    },
    request: post([item('add'), item('delete', '{ada}', '{$lapsed}'), item('add', '{eve}', '{#lapsed}')]),
    status: 200,
    body: { content: [item('add'), item('delete', '{ada}', '{$lapsed}'), item('add', '{eve}', '{$lapsed}')] },
    after: {
      ada: { in: ['gold'], attributes: { Tier: 'gold' }, lastActivity: 'stays' },
      eve: { in: ['lapsed'], attributes: {} },
    },
  },
  {
    name: 'a later entry wins',
    given: gold,
    request: post([item('add'), item('delete'), item('delete', '{eve}'), item('add', '{eve}')]),
    status: 200,
    after: { ada: { in: [] }, eve: { in: ['gold'] } },
  },
  { name: 'no entries', request: post([]), status: 200, body: { content: [] } },
  {
    name: 'an audience of another platform, which its number names',
    given: { audiences: { gold: { name: 'Gold', platform: 'Tealium' } } },
    request: post([item('add')]),
    status: 200,
    after: { ada: { in: ['gold'] } },
  },
  {
    name: 'an unknown audience, and nothing is applied',
    given: gold,
    request: post([item('add'), item('add', '{eve}', '987654321')]),
    status: 404,
    error: 'Audience 987654321 not found',
    after: { ada: 'unknown', eve: 'unknown' },
  },
  {
    name: 'an audience of the other environment',
    given: { audiences: { gold: { name: 'Gold', key: 'sandbox' } } },
    request: post([item('add')]),
    status: 404,
    after: { ada: 'unknown' },
  },
  {
    name: 'a thousand entries',
    given: gold,
    request: post(Array.from({ length: 1000 }, () => item('add'))),
    status: 200,
    after: { ada: { in: ['gold'] } },
  },
];

const refused: Scenario[] = (
  [
    ['more than a thousand entries', { parameters: Array.from({ length: 1001 }, () => item('add')) }, /1001 entries/],
    ['no parameters', {}, /^parameters: required$/],
    ['parameters that are no list', { parameters: item('add') }, /^parameters: expected an array/],
    ['an unknown action', { parameters: [item('remove')] }, 'actionType: must be one of add, delete'],
    ['no profile', { parameters: [{ audienceId: '1', actionType: 'add' }] }, 'customerProfileId: required'],
    ['an empty profile', { parameters: [item('add', '')] }, 'customerProfileId: length must be 1 to 1000'],
    ...['winback-eu', '0', '-1', '1.5', '1e3', ' 1', '', 0, 1.5, null, true].map(
      (id) => [`the audience ${JSON.stringify(id)}`, { parameters: [item('add', '{ada}', id)] }, 'audienceId'] as const,
    ),
    ['an ID of its own', { parameters: [item('add', '{ada}', 'vip')] }, 'expected the internal ID of an audience'],
  ] as const
).map(([name, body, error]) => ({
  name,
  given: gold,
  request: post([], { body }),
  status: 400,
  error,
  after: { ada: 'unknown' as const },
}));

const deployments: Scenario[] = [
  ...['', '?deployment=', '?deployment=a&deployment=b', '?deployment=not%20a%20host'].map((query) => ({
    name: `refuses the query '${query}'`,
    request: post([item('add', '{ada}', '1')], { path: `/emarsys/customer_profiles/audiences${query}` }),
    status: 400,
    error: /^Query parameter deployment: /,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'takes a URL',
    request: post([], { path: '/emarsys/customer_profiles/audiences/?deployment=https%3A%2F%2FPromo.example.com%2F' }),
    status: 200,
  },
  {
    name: 'refuses a deployment it does not serve, before it looks at the body',
    mode: 'one hostname',
    request: post([], { path: '/emarsys/customer_profiles/audiences?deployment=other.example.net', body: [] }),
    status: 404,
    error: /^Deployment 'other.example.net' is not served here$/,
  },
  { name: 'serves the one it serves', mode: 'one hostname', request: post([]), status: 200 },
];

const goodForms = [
  'Basic {basic}',
  'basic   {basic}',
  'ApiKey-v1 {key}',
  'Basic {basic of ApiKey-v1:{key}}',
  'Basic {basic of apikey-v1 {key}:anything}',
  'Basic {basic of {key}:}',
];
const badForms = [
  'Basic',
  'Basic {key}',
  'Basic {basic of {key}}',
  'Basic {basic of ApiKey-v1:}',
  'Basic {basic of ApiKey-v2 {key}:}',
  'Basic {basic of {key}::}',
  'Bearer {basic}',
];
/** Replaces `{basic of …}` with its content in Base64. */
const written = (form: string, key: string): string =>
  form
    .replace('{basic}', '{basic of ApiKey-v1 {key}:}')
    .replaceAll('{key}', key)
    .replace(/\{basic of (.*)\}/, (_whole, text: string) => Buffer.from(text).toString('base64'));

const otherKinds: Readonly<Partial<Record<KeyKind, RegExp>>> = {
  customer_data: /a Customer Data Platform key/,
  generic: /a generic key/,
  segment: /a Segment key/,
  mparticle: /an mParticle key/,
};
const credentials: Scenario[] = [
  { name: 'no key', request: post([], { key: null }), status: 401, error: 'send the header Authorization: Basic' },
  ...(['expired', 'deleted'] as const).map((key) => ({
    name: `a key that is ${key}`,
    request: post([], { key }),
    status: 401,
    error: /^API key missing, unknown or expired$/,
  })),
  ...Object.entries(otherKinds).map(([key, what]) => ({
    name: `a key of kind ${key}`,
    request: post([], { key: key as KeyKind }),
    status: 401,
    error: new RegExp(`^API key is not valid for Emarsys \\(it is ${what.source}; create one of platform Emarsys\\)$`),
  })),
  {
    name: 'its key opens nothing of the generic CDP integration',
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}', key: 'emarsys', body: {} },
    status: 401,
    after: { ada: 'unknown' },
  },
  {
    name: 'its key passes the test of keys',
    request: { method: 'GET', path: '/v2/authping', key: 'emarsys' },
    status: 204,
  },
];

const unserved: Scenario[] = [
  ...['customer_profiles/coupons', 'loyalty_programs/profile/balance'].map((path) => ({
    name: `refuses ${path} by name`,
    request: { ...post([]), path: `/emarsys/${path}?deployment=promo.example.com` },
    status: 404,
    error: `emarsys/${path} is not served (it belongs to a promotion engine; audiences are updated by POST /emarsys/customer_profiles/audiences)`,
  })),
  {
    name: 'points from an unknown path to what is served',
    request: { ...post([]), path: '/emarsys/customer_profile/audiences' },
    status: 404,
    error: 'what is served is POST /emarsys/customer_profiles/audiences',
  },
  {
    name: 'names the method',
    request: { ...post([]), method: 'PUT' },
    status: 405,
    headers: { allow: 'POST' },
    body: { Error: any.text, RequestUUID: any.uuid, StatusCode: 405 },
  },
];

describe('Emarsys', () => {
  describe('changes', () => runScenarios(changes));
  describe('refuses, and applies nothing', () => runScenarios(refused));
  describe('the deployment', () => runScenarios(deployments));
  describe('keys', () => runScenarios(credentials));
  describe('what is not served', () => runScenarios(unserved));

  test.for([...goodForms.map((form) => [form, 200] as const), ...badForms.map((form) => [form, 401] as const)])(
    'the credential %s is answered %i',
    async ([form, status], context) => {
      const { url, keys } = await reach(context, ['emarsys']);
      const answer = await send(url, {
        method: 'POST',
        path: PATH,
        headers: { Authorization: written(form, keys.emarsys), 'Content-Type': 'application/json' },
        body: '{"parameters":[]}',
      });
      expect(answer.status).toBe(status);
    },
  );
});
