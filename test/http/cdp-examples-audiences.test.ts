/**
 * Every published pair of request and answer of the operations on many profiles and on audiences, as one scenario each.
 */

import { describe } from 'vitest';
import { audience, runScenarios, type Scenario } from './scenario.ts';

const MANY = '/cdp/customer_profiles/audiences';
const MANY_V2 = '/cdp/v2/customer_profiles/audiences';
const ALIAS = '/cdp/customer_profile/audiences';
const put = (path: string, body: unknown) => ({ method: 'PUT', path, body });

const manyProfiles: Scenario[] = [
  {
    name: 'several profiles by number',
    given: {
      audiences: { gold: 'Gold', lapsed: 'Lapsed', news: 'News' },
      profiles: { ada: { in: ['lapsed'] }, ben: { in: ['news'] } },
    },
    request: put(MANY, {
      data: [
        { customerProfileId: '{ada}', adds: ['{#gold}', '{#news}'], deletes: ['{#lapsed}'] },
        { customerProfileId: '{ben}', deletes: ['{#news}'] },
      ],
    }),
    status: 204,
    after: { ada: { in: ['gold', 'news'], lastActivity: 'stays' }, ben: { in: [] } },
  },
  { name: 'nothing to do is a success', request: put(MANY, { data: [] }), status: 204 },
  {
    name: 'an item without a profile',
    given: { audiences: { gold: 'Gold' } },
    request: put(MANY, { data: [{ adds: ['{#gold}'] }] }),
    status: 400,
    error: /^data\[0\]\.customerProfileId: required$/,
  },
  {
    name: 'an unknown number in the second item: the first is not applied either',
    given: { audiences: { gold: 'Gold' }, profiles: { ada: {} } },
    request: put(MANY, {
      data: [
        { customerProfileId: '{ada}', adds: ['{#gold}'] },
        { customerProfileId: '{ben}', adds: [999999998] },
      ],
    }),
    status: 404,
    error: /^data\[1\]: Audience 999999998 not found$/,
    after: { ada: { in: [] }, ben: 'unknown' },
  },
  {
    name: 'an expired key',
    request: { ...put(MANY, { data: [] }), key: 'expired' },
    status: 401,
    error: /^API key missing, unknown or expired$/,
  },
  {
    name: 'strict: more bulk requests than allowed',
    mode: 'strict',
    given: { requests: [{ method: 'GET', path: '/v2/authping', key: 'limited' }] },
    request: {
      ...put(MANY, { data: [{ customerProfileId: '{ada}' }, { customerProfileId: '{ben}' }] }),
      key: 'limited',
      headers: { 'destination-hostname': 'promo.example.com' },
    },
    status: 429,
    error: /^Too many requests$/,
    after: { ada: 'unknown', ben: 'unknown' },
  },
  {
    name: 'the singular path',
    given: { audiences: { news: 'News' } },
    request: put(ALIAS, { data: [{ customerProfileId: '{ada}', adds: ['{#news}'] }] }),
    status: 204,
    after: { ada: { in: ['news'] } },
  },
  {
    name: 'a profile update sent to the singular path makes no profile called audiences',
    request: put(ALIAS, { attributes: { Tier: 'gold' } }),
    status: 400,
    error: /^data: required$/,
    after: { '=audiences': 'unchanged' },
  },
  {
    name: 'an unknown number on the singular path',
    request: put(ALIAS, { data: [{ customerProfileId: '{ada}', adds: [999999997] }] }),
    status: 404,
    error: /^data\[0\]: Audience 999999997 not found$/,
    after: { ada: 'unknown' },
  },
  {
    name: 'several profiles by own IDs; a repeated ID counts once',
    given: { audiences: { lapsed: 'Lapsed', news: 'News' }, profiles: { ada: { in: ['news'] } } },
    request: put(MANY_V2, {
      data: [
        { customerProfileId: '{ada}', adds: ['{lapsed}'], deletes: ['{news}'] },
        { customerProfileId: '{ben}', adds: ['{lapsed}', '{lapsed}'] },
      ],
    }),
    status: 204,
    after: { ada: { in: ['lapsed'] }, ben: { in: ['lapsed'] } },
  },
  {
    name: 'items for one profile run in order',
    given: { audiences: { news: 'News' } },
    request: put(MANY_V2, {
      data: [
        { customerProfileId: '{ada}', adds: ['{news}'] },
        { customerProfileId: '{ada}', deletes: ['{news}'] },
      ],
    }),
    status: 204,
    after: { ada: { in: [] } },
  },
  {
    name: 'an empty own ID',
    request: put(MANY_V2, { data: [{ customerProfileId: '{ada}', adds: [''] }] }),
    status: 400,
    error: /^data\[0\]\.adds\[0\]: length must be 1 to 1000$/,
  },
  {
    name: 'an own ID nobody has',
    request: put(MANY_V2, { data: [{ customerProfileId: '{ada}', adds: ['{gone}'] }] }),
    status: 404,
    error: "Audience '{gone}' not found for 'Harbour CDP'",
  },
  {
    name: "strict: the platform's name is required",
    mode: 'strict',
    request: {
      ...put(MANY_V2, { data: [] }),
      platform: null,
      headers: { 'destination-hostname': 'promo.example.com' },
    },
    status: 400,
    error: /^Header customer-data-platform-name is required$/,
  },
];

const audiences: Scenario[] = [
  {
    name: 'create',
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{lapsed}', audienceName: 'Lapsed EU' } },
    status: 201,
    body: audience('{lapsed}', 'Lapsed EU'),
  },
  {
    name: 'create under an own ID that another platform uses too',
    given: { audiences: { lapsed: 'Lapsed EU' } },
    request: {
      method: 'POST',
      path: '/cdp/audiences',
      platform: 'Other CDP',
      body: { audienceId: '{lapsed}', audienceName: 'Lapsed EU' },
    },
    status: 201,
    body: audience('{lapsed}', 'Lapsed EU', 'Other CDP'),
  },
  {
    name: 'create under an own ID in use',
    given: { audiences: { lapsed: 'Lapsed EU' }, profiles: { ada: { in: ['lapsed'] } } },
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{lapsed}', audienceName: 'Anything' } },
    status: 409,
    error: "Audience '{lapsed}' already exists",
    after: { ada: { in: ['lapsed'] } },
  },
  {
    name: 'create without a name',
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '{vip}' } },
    status: 400,
    error: /^audienceName: required$/,
  },
  {
    name: 'create under an empty ID',
    request: { method: 'POST', path: '/cdp/audiences', body: { audienceId: '', audienceName: 'VIP' } },
    status: 400,
    error: /^audienceId: length must be 1 to 1000$/,
  },
  {
    name: 'create with a key of another platform',
    request: {
      method: 'POST',
      path: '/cdp/audiences',
      key: 'segment',
      body: { audienceId: '{vip}', audienceName: 'VIP' },
    },
    status: 401,
    error: /^API key is not valid for customer data platforms/,
  },
  {
    name: 'rename',
    given: { audiences: { lapsed: 'Lapsed EU' }, profiles: { ada: { in: ['lapsed'] } } },
    request: put('/cdp/audiences/{lapsed}', { audienceId: '{lapsed}', audienceName: 'Lapsed Europe' }),
    status: 200,
    body: audience('{lapsed}', 'Lapsed Europe'),
    after: { ada: { in: [['lapsed', 'Lapsed Europe']], lastActivity: 'stays' } },
  },
  {
    name: 'rename with the name alone, as a real connector does',
    given: { audiences: { lapsed: 'Lapsed EU' } },
    request: put('/cdp/audiences/{lapsed}', { audienceName: 'Lapsed 2027' }),
    status: 200,
    body: audience('{lapsed}', 'Lapsed 2027'),
  },
  {
    name: 'rename with another ID in the body',
    given: { audiences: { lapsed: 'Lapsed EU' }, profiles: { ada: { in: ['lapsed'] } } },
    request: put('/cdp/audiences/{lapsed}', { audienceId: '{other}', audienceName: 'Lapsed' }),
    status: 400,
    error: /^audienceId: must equal the ID in the path$/,
    after: { ada: { in: ['lapsed'] } },
  },
  {
    name: 'rename without a name',
    given: { audiences: { lapsed: 'Lapsed EU' } },
    request: put('/cdp/audiences/{lapsed}', { audienceId: '{lapsed}' }),
    status: 400,
    error: /^audienceName: required$/,
  },
  {
    name: 'rename what does not exist',
    request: put('/cdp/audiences/{nowhere}', { audienceId: '{nowhere}', audienceName: 'X' }),
    status: 404,
    error: "Audience '{nowhere}' not found for 'Harbour CDP'",
  },
  {
    name: 'delete; memberships go with it',
    given: { audiences: { gold: 'Gold', lapsed: 'Lapsed' }, profiles: { ada: { in: ['gold', 'lapsed'] } } },
    request: { method: 'DELETE', path: '/cdp/audiences/{lapsed}' },
    status: 204,
    after: { ada: { in: ['gold'], lastActivity: 'stays' } },
  },
  {
    name: 'delete again',
    given: { audiences: { lapsed: 'Lapsed' }, requests: [{ method: 'DELETE', path: '/cdp/audiences/{lapsed}' }] },
    request: { method: 'DELETE', path: '/cdp/audiences/{lapsed}' },
    status: 404,
    error: "Audience '{lapsed}' not found for 'Harbour CDP'",
  },
  {
    name: 'delete without a key',
    given: { audiences: { lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: { method: 'DELETE', path: '/cdp/audiences/{lapsed}', key: null },
    status: 401,
    error: /^API key missing, unknown or expired/,
    after: { ada: { in: ['lapsed'] } },
  },
  {
    name: 'delete by the internal number',
    given: { audiences: { lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: { method: 'DELETE', path: '/cdp/audiences/{#lapsed}' },
    status: 404,
    error: "Audience '{#lapsed}' not found for 'Harbour CDP'",
    after: { ada: { in: ['lapsed'] } },
  },
  {
    name: 'a deployment that is not served, where the operator listed those that are',
    mode: 'one hostname',
    given: { audiences: { lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: {
      method: 'DELETE',
      path: '/cdp/audiences/{lapsed}',
      headers: { 'destination-hostname': 'other.example.net' },
    },
    status: 404,
    error: "Deployment 'other.example.net' is not served here",
    after: { ada: { in: ['lapsed'] } },
  },
];

describe('the operations for many profiles', () => {
  runScenarios(manyProfiles);
});
describe('audiences', () => {
  runScenarios(audiences);
});
