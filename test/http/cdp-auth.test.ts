/** Who may call what: the form of the credential, the state and kind of the key, and its environment. */

import { describe } from 'vitest';
import { audience, type RequestGiven, runScenarios, type Scenario, state } from './scenario.ts';
import type { KeyKind } from './target.ts';

const update = (extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'PUT',
  path: '/cdp/customer_profile/{ada}',
  body: { attributes: { Tier: 'gold' } },
  ...extra,
});
const applied = { status: 200, body: state('{ada}', { attributes: { Tier: 'gold' } }) } as const;
const DEAD = /^API key missing, unknown or expired/;
const UNKNOWN = 'rck_0000000000000000000000000000000000000000';

// ---- the form of the credential; {key} is a valid key

const goodForms = ['ApiKey-v1 {key}', 'apikey-v1 {key}', 'APIKEY-V1    {key}', '  ApiKey-v1 {key}  '];
const badForms = [
  '{key}',
  'ApiKey-v1',
  'ApiKey-v1 ',
  'ApiKey-v1{key}',
  'ApiKey-v1 {key} {key}',
  'ApiKey-v1 "{key}"',
  'ApiKey-v1 {key},',
  'ApiKey-v2 {key}',
  'ApiKey {key}',
  'Bearer {key}',
  'ManagementKey-v1 {key}',
  'Basic {basic}',
  'ApiKey-v1 ApiKey-v1 {key}',
  `ApiKey-v1 ${'x'.repeat(5000)}`,
];

const forms: Scenario[] = [
  ...goodForms.map((form) => ({ name: `accepts ${form}`, request: update({ authorization: form }), ...applied })),
  ...badForms.map((form) => ({
    name: `refuses ${form.slice(0, 40)}`,
    request: update({ authorization: form }),
    status: 401,
    error: DEAD,
    after: { ada: 'unknown' as const },
  })),
  { name: 'refuses an empty header', request: update({ authorization: '' }), status: 401, error: DEAD },
];

// ---- every operation refuses every key of another kind

const OPERATIONS: readonly RequestGiven[] = [
  update(),
  { method: 'PUT', path: '/cdp/customer_profile/{ada}/audiences', body: { data: {} } },
  { method: 'PUT', path: '/cdp/customer_profiles/audiences', body: { data: [{ customerProfileId: '{ada}' }] } },
  { method: 'PUT', path: '/cdp/customer_profile/audiences', body: { data: [{ customerProfileId: '{ada}' }] } },
  { method: 'PUT', path: '/cdp/v2/customer_profiles/audiences', body: { data: [{ customerProfileId: '{ada}' }] } },
  { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{gold}', audienceName: 'Gold' } },
  { method: 'PUT', path: '/cdp/audiences/{gold}', body: { audienceName: 'Gold' } },
  { method: 'DELETE', path: '/cdp/audiences/{gold}' },
];

const OTHER_KINDS: Record<string, RegExp> = {
  generic: /a generic key/,
  readOnly: /a generic key/,
  segment: /a Segment key/,
  mparticle: /an mParticle key/,
  emarsys: /an Emarsys key/,
  test: /a Test key/,
};

const operations: Scenario[] = OPERATIONS.flatMap((request): Scenario[] => {
  const title = `${request.method} ${request.path}`;
  return [
    { name: `${title} without a key`, request: { ...request, key: null }, status: 401, error: DEAD },
    ...(['expired', 'deleted'] as const).map((key) => ({
      name: `${title} with an ${key} key`,
      request: { ...request, key },
      status: 401,
      error: /^API key missing, unknown or expired$/,
    })),
    {
      name: `${title} with an unknown key`,
      request: { ...request, authorization: `ApiKey-v1 ${UNKNOWN}` },
      status: 401,
      error: /^API key missing, unknown or expired$/,
      forbidden: [UNKNOWN],
    },
    ...Object.entries(OTHER_KINDS).map(([key, what]) => ({
      name: `${title} with a key of kind ${key}`,
      request: { ...request, key: key as KeyKind },
      status: 401,
      error: new RegExp(`^API key is not valid for customer data platforms \\(it is ${what.source};`),
    })),
  ];
});

// ---- what keys of /cdp may not call, and what every key may

const READS: readonly RequestGiven[] = [
  { method: 'GET', path: '/v1/customer_profiles/{ada}/inventory?profile=true' },
  { method: 'GET', path: '/v1/customer_profiles/{ada}/audiences' },
  { method: 'POST', path: '/v1/customer_profiles/audiences/lookup', body: { integrationIds: ['{ada}'] } },
];
const INTEGRATION_REFUSED: Record<string, RegExp> = {
  customer_data: /^API key is not valid for the Integration API \(it is a Customer Data Platform key;/,
  segment: /^API key is not valid for the Integration API \(it is a Segment key;/,
  mparticle: /^API key is not valid for the Integration API \(it is an mParticle key;/,
  emarsys: /^API key is not valid for the Integration API \(it is an Emarsys key;/,
  test: /^API key is a Test key, which only tries out updates/,
  expired: DEAD,
  deleted: DEAD,
};

const integration: Scenario[] = READS.flatMap((request): Scenario[] => {
  const title = `${request.method} ${request.path}`;
  return [
    ...(['generic', 'readOnly'] as const).map((key) => ({
      name: `${title} with a key of kind ${key}`,
      given: { profiles: { ada: {} } },
      request: { ...request, key },
      status: 200,
    })),
    ...Object.entries(INTEGRATION_REFUSED).map(([key, error]) => ({
      name: `${title} with a key of kind ${key}`,
      request: { ...request, key: key as KeyKind },
      status: 401,
      error,
    })),
    { name: `${title} without a key`, request: { ...request, key: null }, status: 401, error: DEAD },
    {
      name: `${title} with a management key`,
      request: { ...request, authorization: 'ManagementKey-v1 {key}' },
      status: 401,
      error: DEAD,
    },
  ];
});

const ping: RequestGiven = { method: 'GET', path: '/v2/authping' };
const LIVE: readonly KeyKind[] = [
  'customer_data',
  'generic',
  'readOnly',
  'segment',
  'mparticle',
  'emarsys',
  'test',
  'sandbox',
];
const authping: Scenario[] = [
  ...LIVE.map((key) => ({ name: `a live key of kind ${key}`, request: { ...ping, key }, status: 204 })),
  ...(['expired', 'deleted'] as const).map((key) => ({
    name: `an ${key} key`,
    request: { ...ping, key },
    status: 401,
    error: DEAD,
  })),
  { name: 'an unknown key', request: { ...ping, authorization: `ApiKey-v1 ${UNKNOWN}` }, status: 401, error: DEAD },
  { name: 'a management key', request: { ...ping, authorization: 'ManagementKey-v1 {key}' }, status: 401, error: DEAD },
  { name: 'no key', request: { ...ping, key: null }, status: 401, error: DEAD },
  { name: 'from a base URL that ends in a slash', request: { ...ping, path: '//v2/authping' }, status: 204 },
];

// ---- environments

const environments: Scenario[] = [
  {
    name: 'the same profile ID is two profiles: an update of the sandbox one leaves the live one alone',
    given: { profiles: { ada: { attributes: { Tier: 'live' } } }, requests: [update({ key: 'sandbox' })] },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}' },
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'live' } }),
  },
  {
    name: 'a profile of the live environment is unknown to the sandbox',
    given: { profiles: { ada: { attributes: { Tier: 'live' } } } },
    request: { method: 'GET', path: '/v1/customer_profiles/{ada}/inventory?profile=true', key: 'sandboxGeneric' },
    status: 404,
    forbidden: ['live'],
  },
  {
    name: 'a number of the other environment is unknown',
    given: { audiences: { secret: { name: 'Secret plans', key: 'sandbox' } } },
    request: update({ body: { audiencesChanges: { adds: ['{#secret}'] } } }),
    status: 404,
    error: 'Audience {#secret} not found',
    forbidden: ['Secret', '{secret}', 'sandbox'],
    after: { ada: 'unknown' },
  },
  {
    name: 'an own ID may be used in each environment',
    given: { audiences: { gold: { name: 'Gold', key: 'sandbox' } } },
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{gold}', audienceName: 'Live gold' } },
    status: 201,
    body: audience('{gold}', 'Live gold'),
  },
  {
    name: 'deleting by an own ID does not reach the other environment',
    given: { audiences: { gold: { name: 'Gold', key: 'sandbox' } } },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}' },
    status: 404,
    error: "Audience '{gold}' not found for 'Harbour CDP'",
  },
  {
    name: 'a second Application of the environment shares profiles and audiences',
    given: { audiences: { gold: 'Gold' }, profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}/audiences',
      key: 'otherApplication',
      body: { data: { adds: ['{gold}'] } },
    },
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' }, in: ['gold'] }),
  },
];

describe('the Authorization header', () => {
  runScenarios(forms);
});
describe('keys and the operations of /cdp', () => {
  runScenarios(operations);
});
describe('keys and the Integration API', () => {
  runScenarios(integration);
});
describe('GET /v2/authping', () => {
  runScenarios(authping);
});
describe('live and sandbox', () => {
  runScenarios(environments);
});
