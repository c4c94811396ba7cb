/**
 * Request headers and query of the generic CDP operations: what may be omitted, which spellings are accepted, what is
 * refused.
 */

import { describe } from 'vitest';
import { PLATFORM } from './definitions.ts';
import { audience, type RequestGiven, runScenarios, type Scenario, state } from './scenario.ts';

const update = (extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'PUT',
  path: '/cdp/customer_profile/{ada}',
  body: { attributes: { Tier: 'gold' } },
  ...extra,
});
const applied = { status: 200, body: state('{ada}', { attributes: { Tier: 'gold' } }) } as const;
const create = (extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'POST',
  path: '/cdp/audiences',
  body: { audienceId: '{gold}', audienceName: 'Gold' },
  ...extra,
});

// ---- destination-hostname

const acceptedHosts = [
  'promo.example.com',
  'https://promo.example.com',
  'https://promo.example.com/',
  'http://promo.example.com',
  'HTTPS://Promo.Example.COM/some/path/',
  '  promo.example.com  ',
];

const hosts: Scenario[] = [
  ...acceptedHosts.map((host) => ({
    name: `accepts ${JSON.stringify(host)} where only promo.example.com is served`,
    mode: 'one hostname' as const,
    request: update({ headers: { 'destination-hostname': host } }),
    ...applied,
  })),
  {
    name: 'absent means the deployment of the key, also where hosts are listed',
    mode: 'one hostname',
    request: update(),
    ...applied,
  },
  ...['', '   '].map((host) => ({
    name: `blank (${JSON.stringify(host)}) means the deployment of the key`,
    mode: 'one hostname' as const,
    request: update({ headers: { 'destination-hostname': host } }),
    ...applied,
  })),
  ...['other.example.net', 'https://other.example.net/', 'promo.example.com:8443', 'xpromo.example.com'].map(
    (host) => ({
      name: `refuses ${host} where only promo.example.com is served`,
      mode: 'one hostname' as const,
      request: update({ headers: { 'destination-hostname': host } }),
      status: 404,
      error: /^Deployment '[\w.:-]+' is not served here$/,
    }),
  ),
  {
    name: 'a deployment that is not served, on create',
    mode: 'one hostname',
    request: create({ headers: { 'destination-hostname': 'https://other.example.net' } }),
    status: 404,
    error: /^Deployment 'other\.example\.net' is not served here$/,
  },
  ...['anything.example.net', 'localhost:3000', '10.0.0.7', '[::1]:8080', 'my_host.internal'].map((host) => ({
    name: `accepts ${host} where no hosts are listed`,
    request: update({ headers: { 'destination-hostname': host } }),
    ...applied,
  })),
  ...[
    'two words',
    'a..b',
    'https://',
    '/',
    'promo.example.com:port',
    'promo.example.com:70000',
    'a,b',
    'user@promo.example.com',
    '-x-',
    'x?y=1',
    'ftp://promo.example.com:x',
  ].map((host) => ({
    name: `refuses ${JSON.stringify(host)}: no host`,
    request: update({ headers: { 'destination-hostname': host } }),
    status: 400,
    error: /^Header destination-hostname: expected a host/,
    after: { ada: 'unknown' as const },
  })),
];

// ---- customer-data-platform-name

const platforms: Scenario[] = [
  {
    name: 'absent means Customer Data Platform',
    request: create({ platform: null }),
    status: 201,
    body: audience('{gold}', 'Gold', 'Customer Data Platform'),
  },
  {
    name: 'blank means Customer Data Platform',
    request: create({ platform: '   ' }),
    status: 201,
    body: audience('{gold}', 'Gold', 'Customer Data Platform'),
  },
  {
    name: 'is trimmed',
    request: create({ platform: '  Harbour CDP ' }),
    status: 201,
    body: audience('{gold}', 'Gold', PLATFORM),
  },
  {
    name: 'may be written in UTF-8',
    request: create({ platform: Buffer.from('Hafenbüro 🚢').toString('latin1') }),
    status: 201,
    body: audience('{gold}', 'Gold', 'Hafenbüro 🚢'),
  },
  {
    name: '255 characters are accepted',
    request: create({ platform: 'p'.repeat(255) }),
    status: 201,
    body: audience('{gold}', 'Gold', 'p'.repeat(255)),
  },
  {
    name: '255 characters count after trimming, and as code points',
    request: create({ platform: `  ${Buffer.from('🚢'.repeat(255)).toString('latin1')}  ` }),
    status: 201,
    body: audience('{gold}', 'Gold', '🚢'.repeat(255)),
  },
  {
    name: '256 characters are refused',
    request: create({ platform: 'p'.repeat(256) }),
    status: 400,
    error: /^Header customer-data-platform-name: length must be 1 to 255$/,
  },
];

// ---- strict mode requires both

const DEPLOYMENT_HEADER = { 'destination-hostname': 'promo.example.com' };
const OPERATIONS: readonly RequestGiven[] = [
  { method: 'PUT', path: '/cdp/customer_profile/{ada}', body: {} },
  { method: 'PUT', path: '/cdp/customer_profile/{ada}/audiences', body: { data: {} } },
  { method: 'PUT', path: '/cdp/customer_profiles/audiences', body: { data: [] } },
  { method: 'PUT', path: '/cdp/customer_profile/audiences', body: { data: [] } },
  { method: 'PUT', path: '/cdp/v2/customer_profiles/audiences', body: { data: [] } },
  { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{gold}', audienceName: 'Gold' } },
  { method: 'PUT', path: '/cdp/audiences/{gold}', body: { audienceName: 'Gold' } },
  { method: 'DELETE', path: '/cdp/audiences/{gold}' },
];

const required: Scenario[] = [
  ...OPERATIONS.flatMap((request): Scenario[] => {
    const title = `${request.method} ${request.path}`;
    return [
      {
        name: `${title} without destination-hostname`,
        mode: 'strict',
        request,
        status: 400,
        error: /^Header destination-hostname is required$/,
      },
      {
        name: `${title} without customer-data-platform-name`,
        mode: 'strict',
        request: { ...request, platform: null, headers: DEPLOYMENT_HEADER },
        status: 400,
        error: /^Header customer-data-platform-name is required$/,
      },
    ];
  }),
  {
    name: 'blank ones are missing; both are named, in order',
    mode: 'strict',
    request: update({ platform: '  ', headers: { 'destination-hostname': ' ' } }),
    status: 400,
    error: /^Header customer-data-platform-name is required; Header destination-hostname is required$/,
    after: { ada: 'unknown' },
  },
  { name: 'both given', mode: 'strict', request: update({ headers: DEPLOYMENT_HEADER }), ...applied },
];

// ---- the other headers

const others: Scenario[] = [
  {
    name: 'names in any case',
    mode: 'strict',
    request: update({
      platform: null,
      headers: { 'CUSTOMER-DATA-PLATFORM-NAME': PLATFORM, 'Destination-Hostname': 'promo.example.com' },
    }),
    ...applied,
  },
  {
    name: 'Idempotency-Key, X-DRY-RUN and unknown headers are ignored',
    request: update({ headers: { 'Idempotency-Key': 'x'.repeat(300), 'X-DRY-RUN': 'true', 'X-Else': '1' } }),
    ...applied,
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'the same Idempotency-Key with another body is another request',
    given: {
      requests: [update({ headers: { 'Idempotency-Key': 'k' }, body: { attributes: { Tier: 'silver' } } })],
    },
    request: update({ headers: { 'Idempotency-Key': 'k' } }),
    ...applied,
  },
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=latin1',
    'application/json;',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/vnd.api+json',
    'json',
    ';;',
    '',
    'application/json, application/json',
    'application/json; charset="utf-8',
    '*/*',
  ].map((type) => ({
    name: `Content-Type ${JSON.stringify(type)} and JSON inside`,
    request: update({ headers: { 'Content-Type': type } }),
    ...applied,
  })),
  {
    name: 'no JSON under another content type',
    request: {
      ...update(),
      raw: 'attributes[Tier]=gold',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    },
    status: 400,
    error: /^Body must be a JSON object/,
    after: { ada: 'unknown' },
  },
];

// ---- the query

const flag = (value: string): RequestGiven =>
  update({ path: `/cdp/customer_profile/{ada}?${value}`, body: { attributes: { Tier: 'gold', HatSize: 58 } } });

const query: Scenario[] = [
  ...['true', 'TRUE', 'True', '1'].map((value) => ({
    name: `skipNonExistingAttributes=${value} drops undefined attributes`,
    request: flag(`skipNonExistingAttributes=${value}`),
    ...applied,
  })),
  ...['false', 'FALSE', '0', ''].map((value) => ({
    name: `skipNonExistingAttributes=${value} refuses them`,
    request: flag(`skipNonExistingAttributes=${value}`),
    status: 400,
    error: "Attribute 'HatSize' is not defined",
    after: { ada: 'unknown' as const },
  })),
  ...['yes', 'tru', '2', 'null', '%20true', 'true&skipNonExistingAttributes=true'].map((value) => ({
    name: `skipNonExistingAttributes=${value} is no answer to the question`,
    request: flag(`skipNonExistingAttributes=${value}`),
    status: 400,
    error: /^Query parameter skipNonExistingAttributes: expected true or false(, given once)?$/,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'other parameters are ignored',
    request: { ...update(), path: '/cdp/customer_profile/{ada}?dry=true&x' },
    ...applied,
  },
  {
    name: 'the flag of another operation is ignored',
    request: {
      method: 'PUT',
      path: '/cdp/customer_profiles/audiences?skipNonExistingAttributes=perhaps',
      body: { data: [] },
    },
    status: 204,
  },
];

describe('destination-hostname', () => {
  runScenarios(hosts);
});
describe('customer-data-platform-name', () => {
  runScenarios(platforms);
});
describe('headers that strict mode requires', () => {
  runScenarios(required);
});
describe('other headers', () => {
  runScenarios(others);
});
describe('the query', () => {
  runScenarios(query);
});
