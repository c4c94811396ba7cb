/** Segment's calls: the operations of the generic CDP integration in its own namespace, and the differences. */

import { describe, expect, test } from 'vitest';
import { send } from './client.ts';
import { audience, type RequestGiven, reach, runScenarios, type Scenario, state } from './scenario.ts';
import type { KeyKind } from './target.ts';

const HOST = { 'destination-hostname': 'https://promo.example.com' };
const call = (method: string, path: string, body?: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method,
  path: `/segment/${path}`,
  key: 'segment',
  platform: null,
  headers: HOST,
  body,
  ...extra,
});
const put = (path: string, body: unknown, extra: Partial<RequestGiven> = {}) => call('PUT', path, body, extra);
const PROFILE = 'v2/customer_profiles/{ada}';
/** An audience of Segment. */
const own = { name: 'Gold shoppers', platform: 'segment' };

const oneProfile: Scenario[] = [
  ...['v2/customer_profiles/', 'customer_profiles//audiences'].map((path) => ({
    name: `an empty profile ID: ${path}`,
    request: put(path, { data: {} }),
    status: 400,
    error: /^customerProfileId: the ID in the path is empty$/,
  })),
  {
    name: 'an empty audience ID',
    request: put('audiences/', { audienceName: 'x' }),
    status: 400,
    error: /^audienceId: the ID in the path is empty$/,
  },
  {
    name: 'attributes and audiences by internal ID; any platform’s audience is found by it',
    given: { audiences: { gold: own, lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: put(PROFILE, {
      attributes: { Tier: 'gold' },
      runRuleEngine: true,
      audiencesChanges: { adds: ['{#gold}'], deletes: ['{#lapsed}'] },
    }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' }, in: ['gold'] }),
    after: { ada: { in: ['gold'], lastActivity: 'moves' } },
  },
  {
    name: 'audience changes are not applied without the rule engine; attributes are',
    given: { audiences: { gold: own, lapsed: own }, profiles: { ada: { in: ['lapsed'] } } },
    request: put(PROFILE, {
      attributes: { Tier: 'gold' },
      runRuleEngine: false,
      audiencesChanges: { adds: ['{#gold}'], deletes: ['{#lapsed}'] },
    }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' }, in: ['lapsed'] }),
    after: { ada: { attributes: { Tier: 'gold' }, in: ['lapsed'], lastActivity: 'stays' } },
  },
  {
    name: 'the rule engine is not run unless asked for',
    given: { audiences: { gold: own } },
    request: put(PROFILE, { audiencesChanges: { adds: ['{#gold}'] } }),
    status: 200,
    after: { ada: { in: [] } },
  },
  ...[{ adds: ['{#gold}', 987654321] }, { deletes: [987654321] }].flatMap((audiencesChanges) =>
    [true, false].map((runRuleEngine) => ({
      name: `an unknown audience in ${Object.keys(audiencesChanges).join()} with runRuleEngine=${runRuleEngine}`,
      given: { audiences: { gold: own } },
      request: put(PROFILE, { attributes: { Tier: 'gold' }, runRuleEngine, audiencesChanges }),
      status: 404,
      error: 'Audience 987654321 not found',
      after: { ada: 'unknown' as const },
    })),
  ),
  {
    name: 'more than 1000 changes, even if they would not be applied',
    given: { audiences: { gold: own } },
    request: put(PROFILE, { audiencesChanges: { adds: Array.from({ length: 1001 }, () => '{#gold}') } }),
    status: 400,
    error: '1001 entries',
    after: { ada: 'unknown' },
  },
  ...[{}, { adds: [] }, { adds: null, deletes: [] }, null].map((audiencesChanges) => ({
    name: `the audience changes ${JSON.stringify(audiencesChanges)} are none, and run no rules`,
    given: { profiles: { ada: {} } },
    request: put(PROFILE, { attributes: { Tier: 'gold' }, audiencesChanges }),
    status: 200,
    after: { ada: { attributes: { Tier: 'gold' }, lastActivity: 'stays' as const } },
  })),
  {
    name: 'the rule engine run without changes',
    given: { profiles: { ada: {} } },
    request: put(PROFILE, { runRuleEngine: true }),
    status: 200,
    after: { ada: { lastActivity: 'moves' } },
  },
  {
    name: 'an undefined attribute',
    request: put(PROFILE, { attributes: { Tier: 'gold', HatSize: 58 } }),
    status: 400,
    error: "Attribute 'HatSize' is not defined",
    after: { ada: 'unknown' },
  },
  {
    name: 'an undefined attribute that is skipped',
    request: put(`${PROFILE}?skipNonExistingAttributes=true`, { attributes: { Tier: 'gold', HatSize: 58 } }),
    status: 200,
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'null removes an attribute',
    given: { profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: put(PROFILE, { attributes: { Tier: null } }),
    status: 200,
    after: { ada: { attributes: {} } },
  },
  {
    name: 'an audience named by text',
    given: { audiences: { gold: own } },
    request: put(PROFILE, { runRuleEngine: true, audiencesChanges: { adds: ['gold'] } }),
    status: 400,
    error: /your own audience IDs go to PUT \/segment\/customer_profiles\/\{\w+\}\/audiences or PUT \/segment\/v2\//,
    after: { ada: 'unknown' },
  },
];

const byOwnId: Scenario[] = [
  {
    name: 'one profile by Segment’s own IDs',
    given: { audiences: { gold: own, lapsed: own }, profiles: { ada: { in: ['lapsed'] } } },
    request: put('customer_profiles/{ada}/audiences', { data: { adds: ['{gold}'], deletes: ['{lapsed}'] } }),
    status: 200,
    body: state('{ada}', { in: ['gold'] }),
    after: { ada: { in: ['gold'], lastActivity: 'moves' } },
  },
  {
    name: 'an ID of another platform, which this API cannot name',
    given: { audiences: { gold: 'Gold shoppers' } },
    request: put('customer_profiles/{ada}/audiences', { data: { adds: ['{gold}'] } }),
    status: 404,
    error:
      "Audience '{gold}' not found for 'segment' ('{gold}' exists under 'Harbour CDP'; this operation takes the audiences of 'segment' only)",
    after: { ada: 'unknown' },
  },
  {
    name: 'many profiles by internal ID',
    given: { audiences: { gold: own, lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: put('customer_profiles/audiences', {
      data: [{ customerProfileId: '{ada}', adds: ['{#gold}'], deletes: ['{#lapsed}'] }, { customerProfileId: '{eve}' }],
    }),
    status: 204,
    after: { ada: { in: ['gold'], lastActivity: 'stays' }, eve: { in: [] } },
  },
  {
    name: 'many profiles by Segment’s own IDs; the path is not the profile called audiences',
    given: { audiences: { gold: own } },
    request: put('v2/customer_profiles/audiences', { data: [{ customerProfileId: '{ada}', adds: ['{gold}'] }] }),
    status: 204,
    after: { ada: { in: ['gold'], lastActivity: 'stays' } },
  },
  {
    name: 'a profile update on the path of many profiles',
    request: put('v2/customer_profiles/audiences', { attributes: { Tier: 'gold' } }),
    status: 400,
    error: /^data: required$/,
    after: { '=audiences': 'unchanged' },
  },
  {
    name: 'the audiences of a profile called audiences',
    given: { audiences: { gold: own } },
    request: put('customer_profiles/audiences/audiences', { data: { deletes: ['{gold}'] } }),
    status: 200,
    after: { '=audiences': { in: [] } },
  },
  ...['customer_profiles/audiences', 'v2/customer_profiles/audiences'].map((path) => ({
    name: `no items on ${path}`,
    request: put(path, { data: [] }),
    status: 204,
  })),
];

const audiences: Scenario[] = [
  {
    name: 'created in Segment’s namespace, whatever platform the header names',
    request: call('POST', 'audiences', { audienceId: '{gold}', audienceName: 'Gold' }, { platform: 'Harbour CDP' }),
    status: 201,
    body: audience('{gold}', 'Gold', 'segment'),
  },
  {
    name: 'created beside another platform’s of the same ID',
    given: { audiences: { gold: 'Gold' } },
    request: call('POST', 'audiences', { audienceId: '{gold}', audienceName: 'Gold' }),
    status: 201,
  },
  {
    name: 'created twice',
    given: { audiences: { gold: own } },
    request: call('POST', 'audiences', { audienceId: '{gold}', audienceName: 'Gold' }),
    status: 409,
    error: "Audience '{gold}' already exists",
  },
  {
    name: 'renamed by its name alone',
    given: { audiences: { gold: own } },
    request: put('audiences/{gold}', { audienceName: 'Cart abandoners' }),
    status: 200,
    body: audience('{gold}', 'Cart abandoners', 'segment'),
  },
  {
    name: 'renamed with another ID',
    given: { audiences: { gold: own } },
    request: put('audiences/{gold}', { audienceId: 'other', audienceName: 'Cart abandoners' }),
    status: 400,
    error: /^audienceId: must equal the ID in the path$/,
  },
  {
    name: 'renamed although another platform’s',
    given: { audiences: { gold: 'Gold' } },
    request: put('audiences/{gold}', { audienceName: 'Cart abandoners' }),
    status: 404,
  },
  {
    name: 'deleted, its memberships with it',
    given: { audiences: { gold: own }, profiles: { ada: { in: ['gold'] } } },
    request: call('DELETE', 'audiences/{gold}'),
    status: 204,
    after: { ada: { in: [] } },
  },
  { name: 'deleted although unknown', request: call('DELETE', 'audiences/{gold}'), status: 404 },
];

const OPERATIONS: readonly RequestGiven[] = [
  put(PROFILE, {}),
  put('customer_profile/{ada}', {}),
  put('customer_profile_v2/{ada}', {}),
  put('customer_profiles/{ada}/audiences', { data: {} }),
  put('customer_profiles/audiences', { data: [{ customerProfileId: '{ada}' }] }),
  put('v2/customer_profiles/audiences', { data: [{ customerProfileId: '{ada}' }] }),
  call('POST', 'audiences', { audienceId: '{gold}', audienceName: 'Gold' }),
  put('audiences/{gold}', { audienceName: 'Gold' }),
  call('DELETE', 'audiences/{gold}'),
];

const headers: Scenario[] = [
  ...OPERATIONS.map((request) => ({
    name: `${request.method} ${request.path} without the deployment`,
    request: { ...request, headers: {} },
    status: 400,
    error: /^Header destination-hostname is required$/,
  })),
  {
    name: 'another deployment',
    mode: 'one hostname',
    request: put(PROFILE, {}, { headers: { 'destination-hostname': 'https://other.example.net/' } }),
    status: 404,
    error: /^Deployment 'other.example.net' is not served here$/,
  },
  {
    name: 'Basic credentials',
    request: put(PROFILE, {}, { authorization: 'Basic {basic}' }),
    status: 401,
    error: 'the Authorization header must have the form: ApiKey-v1 <key>',
  },
  ...(['customer_data', 'generic', 'emarsys', 'mparticle'] as const).map((key: KeyKind) => ({
    name: `a key of kind ${key}`,
    request: put(PROFILE, {}, { key }),
    status: 401,
    error: /^API key is not valid for Segment \(it is an? [\w ]+ key; create one of platform Segment\)$/,
  })),
];

const unserved: Scenario[] = [
  ...(
    [
      ['event', 'segment/trackEvent'],
      ['v2/events', 'segment/trackEventV2'],
      ['customer_sessions/s1', 'segment/updateCustomerSession'],
      ['v2/customer_sessions/s1', 'segment/v2/updateCustomerSession'],
    ] as const
  ).map(([path, operation]) => ({
    name: `refuses ${operation} by name`,
    request: put(path, { attributes: { Tier: 'gold' } }),
    status: 404,
    error: new RegExp(`^${operation} is not served \\(it belongs to a promotion engine`),
  })),
  {
    name: 'points from an unknown path to what is served',
    request: put('customer_profiles/{ada}', {}),
    status: 404,
    error: /one profile is PUT \/segment\/v2\/customer_profiles\/\{/,
  },
  {
    name: 'says how a slash is written',
    request: put('v2/customer_profiles/a/{ada}', {}),
    status: 404,
    error: "a '/' inside an ID is written %2F",
  },
];

describe('Segment', () => {
  describe('one profile', () => runScenarios(oneProfile));
  describe('memberships', () => runScenarios(byOwnId));
  describe('an audience is', () => runScenarios(audiences));
  describe('headers and keys', () => runScenarios(headers));
  describe('what is not served', () => runScenarios(unserved));

  test('the connector’s test of its key passes, whatever slashes its URL ends with', async (context) => {
    const { url, keys } = await reach(context, ['segment']);
    const ping = async (path: string) =>
      send(url, { method: 'GET', path, headers: { Authorization: `ApiKey-v1 ${keys.segment}` } });
    expect((await ping('/v2/authping')).status).toBe(204);
    expect((await ping('//v2/authping')).status).toBe(204);
  });

  test.for([
    ['an ID with two slashes', 'a//b', 'a//b'],
    ['an ID that ends with a slash', 'a%2F', 'a/'],
    ['an ID with a blank and a plus', 'a%20b+c', 'a b+c'],
  ])('%s arrives as it is', async ([, path, id], context) => {
    const { url, keys } = await reach(context, ['segment']);
    const answer = await send(url, {
      method: 'PUT',
      path: `/segment/v2/customer_profiles/${path}`,
      headers: { ...HOST, Authorization: `ApiKey-v1 ${keys.segment}`, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(answer.json()).toMatchObject({ customerProfile: { integrationId: id } });
  });
});
