/**
 * The remedy in an error answer, wherever the mistake can be recognised; and that it never reveals the other
 * environment.
 */

import { describe } from 'vitest';
import { type RequestGiven, runScenarios, type Scenario } from './scenario.ts';

const TEA = 'Teahouse';
const put = (path: string, body: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'PUT',
  path,
  body,
  ...extra,
});
const byOwnId = (audienceId: string, extra: Partial<RequestGiven> = {}) =>
  put('/cdp/customer_profile/{ada}/audiences', { data: { adds: [audienceId] } }, extra);
const byNumber = (number: unknown, extra: Partial<RequestGiven> = {}) =>
  put('/cdp/customer_profile/{ada}', { audiencesChanges: { adds: [number] } }, extra);

// ---- numbers and integration IDs mistaken for each other

const INTERNAL = "{$gold} is the internal ID of '{gold}'; this operation takes audienceId";
const digits = String(1e12 + Math.floor(Math.random() * 1e12));

const idSpaces: Scenario[] = [
  {
    name: 'the internal number in the path of a rename',
    given: { audiences: { gold: 'Gold' } },
    request: put('/cdp/audiences/{$gold}', { audienceName: 'x' }),
    status: 404,
    error: INTERNAL,
  },
  {
    name: 'the internal number in the path of a deletion',
    given: { audiences: { gold: 'Gold' } },
    request: { method: 'DELETE', path: '/cdp/audiences/{$gold}' },
    status: 404,
    error: INTERNAL,
  },
  {
    name: 'the internal number as text where own IDs are taken',
    given: { audiences: { gold: 'Gold' } },
    request: byOwnId('{$gold}'),
    status: 404,
    error: INTERNAL,
  },
  {
    name: 'an own ID of digits, sent as a number',
    given: { audiences: { gold: { name: 'Gold', id: digits } } },
    request: byNumber(Number(digits)),
    status: 404,
    error: `Audience ${digits} not found ('${digits}' is the audienceId of audience {$gold}; send {$gold} here)`,
  },
  {
    name: 'text where a number is taken: the operations for own IDs are named',
    request: byNumber('gold'),
    status: 400,
    error:
      /expected an integer audience ID \(.*PUT \/cdp\/customer_profile\/\{customerProfileId\}\/audiences or PUT \/cdp\/v2\/customer_profiles\/audiences\)/,
  },
  {
    name: 'the same on the operation for many profiles',
    request: put('/cdp/customer_profiles/audiences', { data: [{ customerProfileId: '{ada}', adds: ['gold'] }] }),
    status: 400,
    error: /\/cdp\/v2\/customer_profiles\/audiences/,
  },
  {
    name: 'a number where own IDs are taken: the operations for numbers are named',
    request: byOwnId(12 as never),
    status: 400,
    error:
      /expected a string audience ID \(.*PUT \/cdp\/customer_profile\/\{customerProfileId\} or PUT \/cdp\/customer_profiles\/audiences\)/,
  },
  {
    name: 'the same on the operation for many profiles by own IDs',
    request: put('/cdp/v2/customer_profiles/audiences', { data: [{ customerProfileId: '{ada}', deletes: [12] }] }),
    status: 400,
    error: /PUT \/cdp\/customer_profiles\/audiences/,
  },
];

// ---- another platform's audience

const platforms: Scenario[] = [
  {
    name: 'an own ID that another platform uses',
    given: { audiences: { gold: { name: 'Gold', platform: TEA } } },
    request: byOwnId('{gold}'),
    status: 404,
    error:
      "Audience '{gold}' not found for 'Harbour CDP' ('{gold}' exists under 'Teahouse'; check customer-data-platform-name)",
  },
  {
    name: 'and on deletion, without a name in the header',
    given: { audiences: { gold: { name: 'Gold', platform: TEA } } },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}', platform: null },
    status: 404,
    error: "not found for 'Customer Data Platform' ('{gold}' exists under 'Teahouse';",
  },
  {
    name: 'several platforms are named',
    given: {
      audiences: { gold: { name: 'Gold', platform: TEA } },
      requests: [
        {
          method: 'POST',
          path: '/cdp/audiences',
          platform: 'Coffeehouse',
          body: { audienceId: '{gold}', audienceName: 'Gold' },
        },
      ],
    },
    request: byOwnId('{gold}'),
    status: 404,
    error: "'{gold}' exists under 'Teahouse', 'Coffeehouse'",
  },
];

// ---- attributes

const update = (attributes: unknown, extra: Partial<RequestGiven> = {}) =>
  put('/cdp/customer_profile/{ada}', { attributes }, extra);

const attributes: Scenario[] = [
  {
    name: 'where to create an undefined one, and how to skip it',
    request: update({ HatSize: 1 }),
    status: 400,
    error: /create it first \(.*rollcall attribute create\), or skip such names with skipNonExistingAttributes=true/,
  },
  {
    name: 'one that differs in case',
    request: update({ tIER: 'x' }),
    status: 400,
    error: "names are case-sensitive, and 'Tier' is defined",
  },
  {
    name: 'one of another Application',
    given: { attributes: ['ShopOnly'] },
    request: update({ ShopOnly: 'x' }),
    status: 400,
    error: "it is limited to other Applications than this key's",
  },
  {
    name: 'the allowed values of a closed list',
    given: { attributes: ['Colour'] },
    request: update({ Colour: 'green' }),
    status: 400,
    error: "allowed: 'red', 'blue'",
  },
  {
    name: 'the form of a location',
    given: { attributes: ['Residence'] },
    request: update({ Residence: 'Kiel' }),
    status: 400,
    error: 'expects a location {"latitude": -90..90, "longitude": -180..180}',
  },
  {
    name: 'the entry of a list that does not fit',
    given: { attributes: ['Scores'] },
    request: update({ Scores: [1, 2, '3'] }),
    status: 400,
    error: 'entry 2 is not',
  },
];

// ---- keys, paths, sizes

const others: Scenario[] = [
  {
    name: 'no Authorization header',
    request: update({}, { key: null }),
    status: 401,
    error: /send the header Authorization: ApiKey-v1 <key>/,
  },
  {
    name: 'another scheme',
    request: update({}, { authorization: 'Bearer {key}' }),
    status: 401,
    error: /the Authorization header must have the form: ApiKey-v1 <key>/,
  },
  {
    name: 'a generic key on /cdp',
    request: update({}, { key: 'generic' }),
    status: 401,
    error: /it is a generic key; create one of platform Customer Data Platform/,
  },
  {
    name: 'a platform key on the Integration API',
    request: { method: 'GET', path: '/v1/customer_profiles/{ada}/audiences' },
    status: 401,
    error: /it is a Customer Data Platform key; create one without a third-party integration/,
  },
  {
    name: 'a wrong method',
    request: { method: 'POST', path: '/cdp/customer_profile/{ada}' },
    status: 405,
    error: /this path supports PUT$/,
  },
  {
    name: 'a percent sign',
    request: put('/cdp/customer_profile/100%', {}),
    status: 400,
    error: /write a literal % as %25/,
  },
  {
    name: 'a slash in an ID',
    request: put('/cdp/audiences/a/b', {}),
    status: 404,
    error: /a '\/' inside an ID is written %2F/,
  },
  {
    name: 'too many changes',
    request: put('/cdp/customer_profile/{ada}', { audiencesChanges: { adds: Array.from({ length: 1204 }, () => 1) } }),
    status: 400,
    error: /contain 1204 entries; at most 1000 per request: split it/,
  },
  {
    name: 'a compressed body',
    request: {
      ...update({}),
      raw: Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]),
      headers: { 'Content-Encoding': 'gzip' },
    },
    status: 400,
    error: /Content-Encoding 'gzip' is not supported; send it unencoded/,
  },
  {
    name: 'a host name that is none',
    request: update({}, { headers: { 'destination-hostname': 'my deployment' } }),
    status: 400,
    error: /expected a host such as promo\.example\.com, with or without https:\/\//,
  },
];

// ---- the other environment

const secret = { audiences: { secret: { name: 'Secret plans', platform: 'Secret CDP', key: 'sandbox' as const } } };
const FORBIDDEN = ['Secret', 'secret CDP', 'internal number', 'exists under', 'sandbox'];

const hidden: Scenario[] = [
  ...[
    byOwnId('{secret}'),
    byOwnId('{$secret}'),
    { method: 'DELETE', path: '/cdp/audiences/{secret}' },
    { method: 'DELETE', path: '/cdp/audiences/{$secret}' },
    put('/cdp/audiences/{$secret}', { audienceName: 'x' }),
  ].map((request) => ({
    name: `${request.method} ${request.path} ${JSON.stringify(request.body ?? '')}`,
    given: secret,
    request,
    status: 404,
    error: /^Audience '[\w-]+' not found for 'Harbour CDP'$/,
    forbidden: FORBIDDEN,
  })),
  {
    name: 'its internal number',
    given: secret,
    request: byNumber('{#secret}'),
    status: 404,
    error: /^Audience \d+ not found$/,
    forbidden: FORBIDDEN,
  },
  {
    name: 'its own ID of digits, sent as a number',
    given: { audiences: { secret: { ...secret.audiences.secret, platform: 'Harbour CDP', id: `${digits}1` } } },
    request: byNumber(Number(`${digits}1`)),
    status: 404,
    error: /^Audience \d+ not found$/,
    forbidden: FORBIDDEN,
  },
];

describe('numbers and own IDs', () => {
  runScenarios(idSpaces);
});
describe('platforms', () => {
  runScenarios(platforms);
});
describe('attributes', () => {
  runScenarios(attributes);
});
describe('keys, paths and sizes', () => {
  runScenarios(others);
});
describe('what belongs to the other environment', () => {
  runScenarios(hidden);
});
