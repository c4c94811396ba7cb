/**
 * Adds and deletes on every operation that accepts them: what wins, what is refused, when rules count as run, the
 * limits.
 */

import { describe } from 'vitest';
import { BULK_PATHS, bulk, OPERATIONS } from './membership-operations.ts';
import { type RequestGiven, runScenarios, type Scenario, state } from './scenario.ts';

const AUDIENCES = { gold: 'Gold', news: 'News' };

const rules: Scenario[] = OPERATIONS.flatMap(({ title, ids, single, send }): Scenario[] => {
  const id = (name: string): string => (ids === 'numbers' ? `{#${name}}` : `{${name}}`);
  const status = single ? 200 : 204;
  const unknown = ids === 'numbers' ? 999_999_991 : '{nowhere}';
  const notFound =
    ids === 'numbers' ? 'Audience 999999991 not found' : "Audience '{nowhere}' not found for 'Harbour CDP'";
  const member = { audiences: AUDIENCES, profiles: { ada: { in: ['gold'] } } };
  return [
    {
      name: `${title}: join and leave`,
      given: member,
      request: send({ adds: [id('news')], deletes: [id('gold')] }),
      status,
      after: { ada: { in: ['news'], lastActivity: single ? 'moves' : 'stays' } },
    },
    {
      name: `${title}: an unknown profile is created by an add`,
      given: { audiences: AUDIENCES },
      request: send({ adds: [id('gold')] }),
      status,
      after: { ada: { in: ['gold'], attributes: {} } },
    },
    {
      name: `${title}: an unknown profile is created by a delete`,
      given: { audiences: AUDIENCES },
      request: send({ deletes: [id('gold')] }),
      status,
      after: { ada: { in: [], attributes: {} } },
    },
    {
      name: `${title}: the same audience on both sides ends as not a member`,
      given: member,
      request: send({ adds: [id('gold'), id('news')], deletes: [id('news'), id('gold')] }),
      status,
      after: { ada: { in: [] } },
    },
    {
      name: `${title}: joining twice, leaving what one is not in`,
      given: member,
      request: send({ adds: [id('gold')], deletes: [id('news')] }),
      status,
      after: { ada: { in: ['gold'] } },
    },
    {
      name: `${title}: a repeated ID counts once`,
      given: { audiences: AUDIENCES },
      request: send({ adds: [id('gold'), id('gold'), id('gold')] }),
      status,
      after: { ada: { in: ['gold'] } },
    },
    ...[{ adds: null, deletes: null }, { adds: [], deletes: [] }, {}, { adds: null, deletes: [] }].map((changes) => ({
      name: `${title}: ${JSON.stringify(changes)} changes nothing and creates the profile`,
      request: send(changes),
      status,
      after: { ada: { in: [] } },
    })),
    {
      name: `${title}: further properties are ignored`,
      given: { audiences: AUDIENCES },
      request: send({ adds: [id('gold')], added: [1], note: { deep: [null] } }),
      status,
      after: { ada: { in: ['gold'] } },
    },
    ...['adds', 'deletes'].map((side) => ({
      name: `${title}: an unknown ID in ${side} refuses the whole request`,
      given: member,
      request: send({ adds: [id('news')], [side]: [id('news'), unknown] }),
      status: 404,
      error: notFound,
      after: { ada: { in: ['gold'] } },
    })),
    ...['adds', 'deletes'].flatMap((side) =>
      ['x', 1, {}, true].map((value) => ({
        name: `${title}: ${side} ${JSON.stringify(value)} is no list`,
        request: send({ [side]: value }),
        status: 400,
        error: new RegExp(`${side}: expected an array$`),
        after: { ada: 'unknown' as const },
      })),
    ),
    ...[null, true, {}, []].map((value) => ({
      name: `${title}: ${JSON.stringify(value)} names no audience`,
      request: send({ adds: [value] }),
      status: 400,
      error: /adds\[0\]: expected an? /,
      after: { ada: 'unknown' as const },
    })),
  ];
});

// ---- the two kinds of ID never mix

const WRONG_KIND: readonly (readonly [index: number, value: unknown, error: RegExp])[] = [
  ...[0, 2].flatMap((index) =>
    ['gold', '12', ''].map((value) => [index, value, /adds\[0\]: expected an integer audience ID/] as const),
  ),
  ...[0, 2, 3].flatMap((index) =>
    [0, -1, 2 ** 53, 1e300].map((value) => [index, value, /adds\[0\]: must be 1 to 9007199254740991$/] as const),
  ),
  ...[0, 2].map((index) => [index, 1.5, /adds\[0\]: expected an integer audience ID/] as const),
  [3, 1.5, /adds\[0\]: expected an audience ID: an integer or a string/],
  ...[1, 5].map((index) => [index, 12, /adds\[0\]: expected a string audience ID/] as const),
  ...[1, 4, 5].map((index) => [index, '', /adds\[0\]: length must be 1 to 1000$/] as const),
  ...[1, 4, 5].map((index) => [index, 'x'.repeat(1001), /adds\[0\]: length must be 1 to 1000$/] as const),
  ...[1, 4, 5].map((index) => [index, '🦊'.repeat(1001), /adds\[0\]: length must be 1 to 1000$/] as const),
];

const kinds: Scenario[] = [
  ...WRONG_KIND.map(([index, value, error]) => ({
    name: `${OPERATIONS[index]?.title}: refuses ${JSON.stringify(value).slice(0, 30)}`,
    request: OPERATIONS[index]?.send({ adds: [value] }) as RequestGiven,
    status: 400,
    error,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'an own ID that looks like a number is text all the same',
    given: { audiences: { gold: 'Gold', one: { name: 'One', id: '1', platform: '{numbers}' } } },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}/audiences',
      platform: '{numbers}',
      body: { data: { adds: ['1'] } },
    },
    status: 200,
    body: state('{ada}', { in: ['one'] }),
  },
  {
    name: 'the alias takes both kinds in one list',
    given: { audiences: AUDIENCES },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/audiences',
      body: { data: [{ customerProfileId: '{ada}', adds: ['{#gold}', '{news}', '{gold}'], deletes: ['{#news}'] }] },
    },
    status: 204,
    after: { ada: { in: ['gold'] } },
  },
  {
    name: 'a whole number may be written with a fraction of zero or an exponent',
    given: { audiences: AUDIENCES },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}',
      raw: '{"audiencesChanges":{"adds":[{#gold}.0,{#news}e0]}}',
    },
    status: 200,
    body: state('{ada}', { in: ['gold', 'news'] }),
  },
  {
    name: 'numbers name any audience of the environment, whichever platform made it',
    given: { audiences: { tea: { name: 'Tea', platform: 'Teahouse' } } },
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}', body: { audiencesChanges: { adds: ['{#tea}'] } } },
    status: 200,
    body: state('{ada}', { in: ['tea'] }),
  },
  {
    name: 'own IDs are case-sensitive',
    given: { audiences: AUDIENCES },
    request: {
      method: 'PUT',
      path: '/cdp/customer_profile/{ada}/audiences',
      body: { data: { adds: ['Gold{gold}', '{gold}'] } },
    },
    status: 404,
    error: "Audience 'Gold{gold}' not found",
    after: { ada: 'unknown' },
  },
  {
    name: 'ten unknown ones are named',
    request: {
      method: 'PUT',
      path: '/cdp/customer_profiles/audiences',
      body: {
        data: Array.from({ length: 12 }, (_, index) => ({ customerProfileId: '{ada}', adds: [999_999_900 + index] })),
      },
    },
    status: 404,
    error: /^(data\[\d\]: Audience 9999999\d\d not found; ){9}data\[9\]: Audience 999999909 not found$/,
    after: { ada: 'unknown' },
  },
];

// ---- bulk

const items: Scenario[] = [
  {
    name: 'a later item for the same profile wins',
    given: { audiences: AUDIENCES, profiles: { ada: { in: ['gold'] } } },
    request: bulk([
      { customerProfileId: '{ada}', deletes: ['{gold}'], adds: ['{news}'] },
      { customerProfileId: '{ben}', adds: ['{news}'] },
      { customerProfileId: '{ada}', adds: ['{gold}'], deletes: ['{news}'] },
    ]),
    status: 204,
    after: { ada: { in: ['gold'] }, ben: { in: ['news'] } },
  },
  {
    name: 'one bad item refuses all; each problem is named in order',
    given: { audiences: AUDIENCES, profiles: { ada: {} } },
    request: bulk([
      { customerProfileId: '{ada}', adds: ['{gold}'] },
      { customerProfileId: '', adds: ['{gold}'] },
      { adds: 7 },
      'x',
      null,
      { customerProfileId: 12 },
      { customerProfileId: 'i'.repeat(1001) },
    ]),
    status: 400,
    error:
      /^data\[1\]\.customerProfileId: length must be 1 to 1000; data\[2\]\.customerProfileId: required; data\[2\]\.adds: expected an array; data\[3\]: expected an object; data\[4\]: expected an object; data\[5\]\.customerProfileId: expected a string; data\[6\]\.customerProfileId: length must be 1 to 1000$/,
    after: { ada: { in: [] } },
  },
  ...BULK_PATHS.flatMap((path): Scenario[] => [
    { name: `${path}: an empty list is a success`, request: bulk([], path), status: 204 },
    ...[null, undefined].map((data) => ({
      name: `${path}: data ${data === null ? 'null' : 'absent'}`,
      request: bulk(data, path),
      status: 400,
      error: /^data: required$/,
    })),
    ...[{}, 'x', 1].map((data) => ({
      name: `${path}: data ${JSON.stringify(data)}`,
      request: bulk(data, path),
      status: 400,
      error: /^data: expected an array/,
    })),
    { name: `${path}: no body`, request: { method: 'PUT', path }, status: 400, error: /^data: required$/ },
    ...[null, undefined].map((customerProfileId) => ({
      name: `${path}: customerProfileId ${customerProfileId === null ? 'null' : 'absent'}`,
      request: bulk([{ customerProfileId }], path),
      status: 400,
      error: /^data\[0\]\.customerProfileId: required$/,
    })),
  ]),
  ...[null, undefined, []].map((data) => ({
    name: `one profile by own IDs: data ${data === undefined ? 'absent' : JSON.stringify(data)}`,
    request: bulk(data, '/cdp/customer_profile/{ada}/audiences'),
    status: 400,
    error: /^data: (required|expected an object.*)$/,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'profile IDs in a body are taken as they are',
    request: bulk([{ customerProfileId: ' {ada}/%41 🦊\n' }, { customerProfileId: 'audiences' }]),
    status: 204,
    after: { '= {ada}/%41 🦊\n': { in: [] }, '=audiences': { in: [] } },
  },
];

// ---- rules

const withFlag = (runRuleEngine: unknown, more: object = {}): RequestGiven => ({
  method: 'PUT',
  path: '/cdp/customer_profile/{ada}',
  body: { runRuleEngine, ...more },
});
const ACTIVITY: readonly (readonly [title: string, request: RequestGiven, lastActivity: 'moves' | 'stays'])[] = [
  ['true', withFlag(true), 'moves'],
  ['false', withFlag(false), 'stays'],
  ['null', withFlag(null), 'stays'],
  ['absent', withFlag(undefined), 'stays'],
  ['false with an add', withFlag(false, { audiencesChanges: { adds: ['{#news}'] } }), 'moves'],
  [
    'false with a delete that changes nothing',
    withFlag(false, { audiencesChanges: { deletes: ['{#news}'] } }),
    'moves',
  ],
  ['false with empty changes', withFlag(false, { audiencesChanges: { adds: [], deletes: [] } }), 'stays'],
  ['absent with audiencesChanges null', withFlag(undefined, { audiencesChanges: null }), 'stays'],
  ['absent with audiencesChanges {}', withFlag(undefined, { audiencesChanges: {} }), 'stays'],
  ['absent with an attribute', withFlag(undefined, { attributes: { Tier: 'gold' } }), 'stays'],
];

const ruleEngine: Scenario[] = [
  ...ACTIVITY.map(([title, request, lastActivity]) => ({
    name: `runRuleEngine ${title}: last activity ${lastActivity}`,
    given: { audiences: AUDIENCES, profiles: { ada: { in: ['gold'] } } },
    request,
    status: 200,
    after: { ada: { lastActivity } },
  })),
  ...['true', 1, 0, '', [], {}].map((value) => ({
    name: `runRuleEngine ${JSON.stringify(value)} is neither true nor false`,
    request: withFlag(value),
    status: 400,
    error: /^runRuleEngine: expected true or false$/,
    after: { ada: 'unknown' as const },
  })),
  ...[[], 'x', 1].map((audiencesChanges) => ({
    name: `audiencesChanges ${JSON.stringify(audiencesChanges)} is no object`,
    request: withFlag(undefined, { audiencesChanges }),
    status: 400,
    error: /^audiencesChanges: expected an object/,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'no body at all: the profile is created',
    request: { method: 'PUT', path: '/cdp/customer_profile/{ada}' },
    status: 200,
    body: state('{ada}'),
  },
];

describe('adds and deletes', () => {
  runScenarios(rules);
});
describe('numbers and own IDs', () => {
  runScenarios(kinds);
});
describe('items of bulk requests', () => {
  runScenarios(items);
});
describe('the rule engine', () => {
  runScenarios(ruleEngine);
});
