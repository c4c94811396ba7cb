/** Updates of customer profiles in the Integration API: one profile with its audiences, and the attributes of many. */

import { describe } from 'vitest';
import { any, type RequestGiven, runScenarios, type Scenario } from './scenario.ts';

const one = (body: unknown, query = '', key: RequestGiven['key'] = 'generic'): RequestGiven => ({
  method: 'PUT',
  path: `/v2/customer_profiles/{ada}${query}`,
  key,
  body,
});
const many = (customerProfiles: unknown, query = '', key: RequestGiven['key'] = 'generic'): RequestGiven => ({
  method: 'PUT',
  path: `/v2/customer_profiles${query}`,
  key,
  body: { customerProfiles },
});

/** A profile as these operations return it. */
const profile = (
  integrationId: string,
  attributes: object = {},
  audiences: readonly string[] = [],
  sandbox = false,
) => ({
  id: any.id,
  created: any.time,
  accountId: 1,
  integrationId,
  attributes,
  closedSessions: 0,
  totalSales: 0,
  audienceMemberships: audiences.map((name) => ({ id: `{#${name}}`, name: `{=${name}}` })),
  lastActivity: any.time,
  sandbox,
});
const NO_EFFECTS = { effects: [], createdCoupons: [], createdReferrals: [] };
const updated = (...given: Parameters<typeof profile>) => ({ ...NO_EFFECTS, customerProfile: profile(...given) });

const gold = { audiences: { gold: 'Gold', news: 'News' } };
const ada = { ...gold, profiles: { ada: { attributes: { Tier: 'silver' }, in: ['news'] } } };
const RUN = '?runRuleEngine=true';
const DRY = `${RUN}&dry=true`;

// ---- one profile

const singles: Scenario[] = [
  ...(
    [
      ['PUT', '/v2/customer_profiles/', { attributes: { Tier: 'gold' } }],
      ['PUT', '/v2/customer_profiles/?runRuleEngine=true', {}],
      ['DELETE', '/v1/customer_data/', undefined],
      ['GET', '/v1/customer_profiles//audiences', undefined],
      ['GET', '/v1/customer_profiles//inventory', undefined],
    ] as const
  ).map(
    ([method, path, body]): Scenario => ({
      name: `an empty ID: ${method} ${path}`,
      request: { method, path, body, key: 'generic' },
      status: 400,
      body: {
        message: 'Request validation failed',
        errors: [
          {
            title: 'length',
            details: 'integrationId: the ID in the path is empty',
            source: { parameter: 'integrationId' },
          },
        ],
        StatusCode: 400,
      },
    }),
  ),
  {
    name: 'many profiles at a path with a slash too many',
    request: { ...many([{ integrationId: '{ada}' }]), path: '/v2/customer_profiles/' },
    status: 204,
    after: { ada: {} },
  },
  {
    name: 'an unknown profile is created',
    request: one({ attributes: { Tier: 'gold' } }),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }),
    after: { ada: { attributes: { Tier: 'gold' }, in: [] } },
  },
  {
    name: 'an empty object is a way to read a profile',
    given: ada,
    request: one({}),
    status: 200,
    body: updated('{ada}', { Tier: 'silver' }, ['news']),
    after: { ada: 'unchanged' },
  },
  {
    name: 'attributes are merged, null removes one',
    given: {
      attributes: ['OrderCount', 'HomeStore'],
      profiles: { ada: { attributes: { Tier: 'gold', OrderCount: 3 } } },
    },
    request: one({ attributes: { OrderCount: null, HomeStore: 'Kiel' } }),
    status: 200,
    body: updated('{ada}', { Tier: 'gold', HomeStore: 'Kiel' }),
  },
  {
    name: 'audiences change although no rules run, and that is no activity',
    given: ada,
    request: one({ audiencesChanges: { adds: ['{#gold}'], deletes: ['{#news}'] } }),
    status: 200,
    body: updated('{ada}', { Tier: 'silver' }, ['gold']),
    after: { ada: { in: ['gold'], lastActivity: 'stays' } },
  },
  {
    name: 'rules move the activity',
    given: ada,
    request: one({ attributes: { Tier: 'gold' } }, RUN),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }, ['news']),
    after: { ada: { lastActivity: 'moves' } },
  },
  ...[{}, { adds: [] }, { deletes: [] }, { adds: null, deletes: null }, null].map((audiencesChanges) => ({
    name: `no audience changes: ${JSON.stringify(audiencesChanges)}`,
    given: ada,
    request: one({ audiencesChanges }),
    status: 200,
    after: { ada: 'unchanged' as const },
  })),
  {
    name: 'adds come before deletes, repeated ones count once',
    given: ada,
    request: one({ audiencesChanges: { adds: ['{#gold}', '{#gold}'], deletes: ['{#gold}'] } }),
    status: 200,
    after: { ada: { in: ['news'] } },
  },
  {
    name: 'without rules the content asked for does not count',
    given: ada,
    request: one({ responseContent: ['loyalty', 'triggeredCampaigns'] }, '?runRuleEngine=false'),
    status: 200,
    body: updated('{ada}', { Tier: 'silver' }, ['news']),
  },
  {
    name: 'with rules only the content asked for is there',
    given: ada,
    request: one({ responseContent: ['loyalty', 'triggeredCampaigns', 'event'] }, RUN),
    status: 200,
    body: { ...NO_EFFECTS, loyalty: { programs: {} }, triggeredCampaigns: [] },
  },
  {
    name: 'all content there is',
    given: ada,
    request: one(
      {
        responseContent: [
          'customerProfile',
          'ruleFailureReasons',
          'awardedGiveaways',
          'campaignEligibility',
          'achievements',
        ],
      },
      RUN,
    ),
    status: 200,
    body: { ...updated('{ada}', { Tier: 'silver' }, ['news']), ruleFailureReasons: [], awardedGiveaways: [] },
  },
  {
    name: 'no content',
    given: ada,
    request: one({ responseContent: [] }, RUN),
    status: 200,
    body: NO_EFFECTS,
  },
  {
    name: 'content nobody knows',
    request: one({ responseContent: ['customerProfil'] }),
    status: 400,
    error: /"title":"enum".*"pointer":"\/responseContent\/0"/,
  },
  {
    name: 'a dry run answers as if it were done, and keeps nothing',
    given: ada,
    request: one(
      { attributes: { Tier: 'gold' }, audiencesChanges: { adds: ['{#gold}'] }, evaluableCampaignIds: [7] },
      DRY,
    ),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }, ['gold', 'news']),
    after: { ada: 'unchanged' },
  },
  {
    name: 'a dry run creates nobody',
    request: one({ attributes: { Tier: 'gold' } }, DRY),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }),
    after: { ada: 'unknown' },
  },
  {
    name: 'a dry run is checked like any other',
    given: ada,
    request: one({ attributes: { Tier: 7 } }, DRY),
    status: 400,
    error: /"title":"Invalid type".*"pointer":"\/attributes\/Tier"/,
  },
  {
    name: 'a Test key answers as if it were done, and keeps nothing',
    given: ada,
    request: one({ attributes: { Tier: 'gold' }, audiencesChanges: { adds: ['{#gold}'] } }, RUN, 'test'),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }, ['gold', 'news']),
    after: { ada: 'unchanged' },
  },
  {
    name: 'a Test key that says it is dry, of an unknown profile',
    request: one({ attributes: { Tier: 'gold' } }, DRY, 'test'),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }),
    after: { ada: 'unknown' },
  },
  {
    name: 'a Test key is checked like any other',
    given: ada,
    request: one({ attributes: { Tier: 7 } }, RUN, 'test'),
    status: 400,
    error: /"pointer":"\/attributes\/Tier"/,
    after: { ada: 'unchanged' },
  },
  ...['', '?runRuleEngine=false', '?dry=true'].map((query) => ({
    name: `a Test key without the rule engine: ${query || 'no query'}`,
    given: ada,
    request: one({ attributes: { Tier: 'gold' } }, query, 'test'),
    status: 400,
    error: /"parameter":"runRuleEngine"/,
    after: { ada: 'unchanged' as const },
  })),
  ...['?dry=true', '?dry=1&runRuleEngine=false'].map((query) => ({
    name: `dry without rules: ${query}`,
    given: ada,
    request: one({ attributes: { Tier: 'gold' } }, query),
    status: 400,
    error: /"parameter":"dry"/,
    after: { ada: 'unchanged' as const },
  })),
  ...['?dry=perhaps', '?runRuleEngine=2'].map((query) => ({
    name: `a flag that is none: ${query}`,
    request: one({}, query),
    status: 400,
    error: /expected true or false/,
  })),
  {
    name: 'the flag of another API is no flag here',
    request: one({ attributes: { Nope: 1 } }, '?skipNonExistingAttributes=true'),
    status: 400,
    error: /"title":"Unknown".*Attribute 'Nope' is not defined.*"pointer":"\/attributes\/Nope"/,
    forbidden: ['skipNonExistingAttributes'],
  },
  {
    name: 'an undefined attribute is refused even when it is to be removed',
    request: one({ attributes: { Nope: null } }),
    status: 400,
    error: /"pointer":"\/attributes\/Nope"/,
  },
  {
    name: 'an integer that a double would alter',
    given: { attributes: ['OrderCount'] },
    request: { ...one(undefined), raw: '{"attributes":{"OrderCount":9007199254740993}}' },
    status: 400,
    error: /"pointer":"\/attributes\/OrderCount"/,
  },
  {
    name: 'an unknown audience is a mistake in the body, each place named',
    given: gold,
    request: one({ audiencesChanges: { adds: ['{#gold}', 999_999_990], deletes: [999_999_990] } }),
    status: 400,
    error:
      /Audience 999999990 not found.*"pointer":"\/audiencesChanges\/adds\/1".*"pointer":"\/audiencesChanges\/deletes\/0"/,
    after: { ada: 'unknown' },
  },
  {
    name: 'so is one of the other environment',
    given: { audiences: { theirs: { name: 'Theirs', key: 'sandbox' } } },
    request: one({ audiencesChanges: { adds: ['{#theirs}'] } }),
    status: 400,
    error: /"pointer":"\/audiencesChanges\/adds\/0"/,
  },
  {
    name: 'audiences go by number only',
    given: gold,
    request: one({ audiencesChanges: { adds: ['{gold}'] } }),
    status: 400,
    error: /expected an integer audience ID.*"pointer":"\/audiencesChanges\/adds\/0"/,
  },
  {
    name: '1001 changes',
    given: gold,
    request: one({ audiencesChanges: { adds: Array.from({ length: 1001 }, () => '{#gold}') } }),
    status: 400,
    error: 'adds and deletes contain 1001 entries; at most 1000 per request',
  },
  {
    name: 'a field nobody knows is ignored',
    request: one({ runRuleEngine: true, attributes: { Tier: 'gold' } }),
    status: 200,
  },
  {
    name: 'a body that is empty is like an empty object',
    request: { ...one(undefined), raw: '' },
    status: 200,
    body: updated('{ada}'),
  },
  ...['[]', '"x"', '{'].map((raw) => ({
    name: `a body that is none: ${raw}`,
    request: { ...one(undefined), raw },
    status: 400,
  })),
  {
    name: 'an ID with every kind of character',
    request: { ...one({}), path: '/v2/customer_profiles/a%2F%20%2541+%F0%9F%A6%8A{ada}' },
    status: 200,
    body: updated('a/ %41+🦊{ada}'),
  },
  {
    name: 'slashes that nobody escaped belong to the ID where nothing else can be meant',
    request: { ...one({}), path: '/v2/customer_profiles/https://shop/{ada}' },
    status: 200,
    body: updated('https://shop/{ada}'),
  },
  {
    name: 'an ID of 1001 characters',
    request: { ...one({}), path: `/v2/customer_profiles/${'i'.repeat(1001)}` },
    status: 400,
  },
  { name: 'NUL in the ID', request: { ...one({}), path: '/v2/customer_profiles/{ada}%00' }, status: 400 },
  {
    name: 'the sandbox is another world',
    given: ada,
    request: one({ attributes: { Tier: 'gold' } }, '', 'sandboxGeneric'),
    status: 200,
    body: updated('{ada}', { Tier: 'gold' }, [], true),
  },
  ...(['customer_data', 'readOnly', 'segment', 'mparticle', 'emarsys', 'expired', 'deleted', null] as const).map(
    (key) => ({
      name: `not with the key: ${key ?? 'none'}`,
      request: one({ attributes: { Tier: 'gold' } }, '', key),
      status: 401,
      after: { ada: 'unknown' as const },
    }),
  ),
  {
    name: 'a method it does not take',
    request: { ...one({}), method: 'PATCH' },
    status: 405,
    headers: { Allow: 'PUT' },
  },
];

// ---- many profiles

const multiples: Scenario[] = [
  {
    name: 'silent when nothing is said of it',
    given: { profiles: { ada: { attributes: { Tier: 'silver' } } } },
    request: many([
      { integrationId: '{ada}', attributes: { Tier: 'gold' } },
      { integrationId: '{ben}' },
      { integrationId: '{cleo}', attributes: null },
    ]),
    status: 204,
    after: {
      ada: { attributes: { Tier: 'gold' }, lastActivity: 'stays' },
      ben: { attributes: {}, in: [] },
      cleo: { attributes: {} },
    },
  },
  ...['?silent=yes', '?silent='].map((query) => ({
    name: `silent: ${query}`,
    request: many([{ integrationId: '{ada}' }], query),
    status: 204,
    after: { ada: { attributes: {} } },
  })),
  {
    name: 'silent=no: the profiles, in the order of the request',
    given: { ...gold, profiles: { ben: { attributes: { Tier: 'blue' }, in: ['gold'] } } },
    request: many(
      [
        { integrationId: '{cleo}', attributes: { Tier: 'gold' } },
        { integrationId: '{ben}', attributes: {} },
        { integrationId: '{ada}' },
      ],
      '?silent=no',
    ),
    status: 200,
    body: {
      integrationStates: [
        { customerProfile: profile('{cleo}', { Tier: 'gold' }) },
        { customerProfile: profile('{ben}', { Tier: 'blue' }, ['gold']) },
        { customerProfile: profile('{ada}') },
      ],
    },
  },
  {
    name: 'items for one profile apply in order, and all of them show it after the request',
    given: { attributes: ['OrderCount'] },
    request: many(
      [
        { integrationId: '{ada}', attributes: { Tier: 'gold', OrderCount: 1 } },
        { integrationId: '{ada}', attributes: { Tier: 'blue' } },
      ],
      '?silent=no',
    ),
    status: 200,
    body: {
      integrationStates: Array.from({ length: 2 }, () => ({
        customerProfile: profile('{ada}', { Tier: 'blue', OrderCount: 1 }),
      })),
    },
  },
  {
    name: 'one bad item refuses all of them, each named',
    given: ada,
    request: many([
      { integrationId: '{ada}', attributes: { Tier: 'gold' } },
      { integrationId: '{ben}', attributes: { Tier: 7, 'No/pe~': 1 } },
      { integrationId: '{cleo}', attributes: { Nope: null } },
    ]),
    status: 400,
    error:
      /"pointer":"\/customerProfiles\/1\/attributes\/Tier".*"pointer":"\/customerProfiles\/1\/attributes\/No~1pe~0".*"pointer":"\/customerProfiles\/2\/attributes\/Nope"/,
    forbidden: ['skipNonExistingAttributes'],
    after: { ada: 'unchanged', ben: 'unknown', cleo: 'unknown' },
  },
  {
    name: 'an integer that a double would alter, in a later item',
    given: { attributes: ['OrderCount'] },
    request: {
      ...many([]),
      body: undefined,
      raw: '{"customerProfiles":[{"integrationId":"{ada}"},{"integrationId":"{ben}","attributes":{"OrderCount":9007199254740993}}]}',
    },
    status: 400,
    error: /"pointer":"\/customerProfiles\/1\/attributes\/OrderCount"/,
    after: { ada: 'unknown', ben: 'unknown' },
  },
  ...['?silent=true', '?silent=perhaps', '?silent=no&silent=yes', '?silent=NO'].map((query) => ({
    name: `neither yes nor no: ${query}`,
    request: many([{ integrationId: '{ada}' }], query),
    status: 400,
    error: /"parameter":"silent"/,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'no profiles',
    request: many([]),
    status: 400,
    error: /"title":"limit".*"pointer":"\/customerProfiles"/,
  },
  {
    name: '1001 profiles',
    request: many(Array.from({ length: 1001 }, () => ({ integrationId: '{ada}' }))),
    status: 400,
    error: /1001 entries; at most 1000 per request/,
    after: { ada: 'unknown' },
  },
  ...[
    {},
    { integrationId: '' },
    { integrationId: 7 },
    { integrationId: 'i'.repeat(1001) },
    { integrationId: 'a\0b' },
  ].map((item) => ({
    name: `an item without an ID: ${JSON.stringify(item).slice(0, 30)}`,
    request: many([{ integrationId: '{ada}' }, item]),
    status: 400,
    error: /"pointer":"\/customerProfiles\/1\/integrationId"/,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'audiences do not travel along',
    given: ada,
    request: many([{ integrationId: '{ada}', audiencesChanges: { adds: ['{#gold}'] } }]),
    status: 204,
    after: { ada: { in: ['news'] } },
  },
  {
    name: 'the path of one profile without its ID',
    request: { ...one({ attributes: { Tier: 'gold' } }), path: '/v2/customer_profiles/' },
    status: 400,
    error: /integrationId: the ID in the path is empty/,
  },
  ...(['customer_data', 'readOnly', 'segment', 'test', null] as const).map((key) => ({
    name: `not with the key: ${key ?? 'none'}`,
    request: many([{ integrationId: '{ada}' }], '', key),
    status: 401,
    after: { ada: 'unknown' as const },
  })),
];

describe('PUT /v2/customer_profiles/{integrationId}', () => {
  runScenarios(singles);
});
describe('PUT /v2/customer_profiles', () => {
  runScenarios(multiples);
});
