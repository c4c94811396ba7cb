/**
 * Attributes of a profile update: every type with valid and invalid values, allowed lists, removal, undefined names,
 * Applications.
 */

import { describe } from 'vitest';
import type { AttributeName } from './definitions.ts';
import { type RequestGiven, runScenarios, type Scenario, state } from './scenario.ts';

const update = (attributes: unknown, query = '', key?: RequestGiven['key']): RequestGiven => ({
  method: 'PUT',
  path: `/cdp/customer_profile/{ada}${query}`,
  body: { attributes },
  ...(key === undefined ? {} : { key }),
});
const SKIP = '?skipNonExistingAttributes=true';

interface Values {
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
  readonly error: string;
}

const TIMES = {
  good: [
    '2027-01-31T09:30:00Z',
    '2027-01-31t09:30:00z',
    '2027-01-31 09:30:00Z',
    '2027-01-31T09:30:00.123456789+05:30',
    '2028-02-29T00:00:00Z',
    '2026-12-31T23:59:60Z',
    '0001-01-01T00:00:00-00:00',
  ],
  bad: [
    '2027-01-31',
    '2027-01-31T09:30:00',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-31T24:00:00Z',
    '2027-01-31T09:60:00Z',
    '2027-01-31T09:30Z',
    '2027-01-31T09:30:00+24:00',
    ' 2027-01-31T09:30:00Z',
    '31.01.2027',
    '',
    1_801_387_800,
  ],
};
const PLACES = {
  good: [
    { latitude: 0, longitude: 0 },
    { latitude: 90, longitude: -180 },
    { latitude: -90, longitude: 180 },
    { latitude: 54.323293, longitude: 10.122765 },
  ],
  bad: [
    { latitude: 90.0001, longitude: 0 },
    { latitude: -91, longitude: 0 },
    { latitude: 0, longitude: 180.5 },
    { latitude: '0', longitude: 0 },
    { latitude: 0 },
    { longitude: 0 },
    { latitude: null, longitude: 0 },
    {},
    [54.3, 10.1],
    '54.3,10.1',
    0,
  ],
};

const TYPES: Record<string, Values> = {
  HomeStore: {
    good: ['Kiel', '', ' ', 'ü🦊\n\t"\\', 'true', '12', 'x'.repeat(20_000)],
    bad: [12, true, ['Kiel'], { name: 'Kiel' }],
    error: 'expects a string',
  },
  OrderCount: {
    good: [0, 17, -3, 0.1, 1e21, -1.5e-7, 9_007_199_254_740_993, 1.7976931348623157e308],
    bad: ['17', '', true, [17], { value: 17 }, 'NaN'],
    error: 'expects a number',
  },
  NewsletterConsent: {
    good: [true, false],
    bad: ['true', 'false', 0, 1, '', [true], {}],
    error: 'expects true or false',
  },
  RenewsAt: { good: TIMES.good, bad: [...TIMES.bad, ['2027-01-31T09:30:00Z']], error: 'expects an RFC 3339 time' },
  Residence: { good: PLACES.good, bad: PLACES.bad, error: 'expects a location' },
  Hobbies: {
    good: [[], ['rowing'], ['b', 'a', 'b', '']],
    bad: ['rowing', ['rowing', 1], [null], [['rowing']], {}, 1],
    error: 'expects a list, each a string',
  },
  Scores: {
    good: [[], [1], [3, 1, 3, 0.5]],
    bad: [1, ['1'], [1, null], [[1]], [true]],
    error: 'expects a list, each a number',
  },
  Visits: {
    good: [[], TIMES.good],
    bad: [TIMES.good[0], ...TIMES.bad.map((each) => [TIMES.good[0], each])],
    error: 'expects a list, each an RFC 3339',
  },
  Places: {
    good: [[], PLACES.good],
    bad: [PLACES.good[0], ...PLACES.bad.map((each) => [PLACES.good[0], each])],
    error: 'expects a list, each a location',
  },
};

const show = (value: unknown): string => JSON.stringify(value).slice(0, 60);

const types: Scenario[] = Object.entries(TYPES).flatMap(([name, { good, bad, error }]): Scenario[] => {
  const attributes = [name as AttributeName];
  return [
    ...good.map((value) => ({
      name: `${name} takes ${show(value)}`,
      given: { attributes },
      request: update({ [name]: value }),
      status: 200,
      body: state('{ada}', { attributes: { [name]: value } }),
      after: { ada: { attributes: { [name]: value } } },
    })),
    ...bad.map((value) => ({
      name: `${name} refuses ${show(value)}`,
      given: { attributes, profiles: { ada: { attributes: { Tier: 'gold' } } } },
      // The flag is only about names.
      request: update({ Tier: 'silver', [name]: value }, SKIP),
      status: 400,
      error: `Attribute '${name}' ${error}`,
      after: { ada: { attributes: { Tier: 'gold' } } },
    })),
  ];
});

const merging: Scenario[] = [
  {
    name: 'what is not mentioned stays',
    given: {
      attributes: ['OrderCount', 'HomeStore'],
      profiles: { ada: { attributes: { Tier: 'gold', OrderCount: 3 } } },
    },
    request: update({ HomeStore: 'Kiel', OrderCount: 4 }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold', OrderCount: 4, HomeStore: 'Kiel' } }),
  },
  {
    name: 'a list is replaced, not extended',
    given: { attributes: ['Hobbies'], profiles: { ada: { attributes: { Hobbies: ['rowing', 'chess'] } } } },
    request: update({ Hobbies: ['sailing'] }),
    status: 200,
    body: state('{ada}', { attributes: { Hobbies: ['sailing'] } }),
  },
  {
    name: 'an empty list is a value',
    given: { attributes: ['Hobbies'], profiles: { ada: { attributes: { Hobbies: ['rowing'] } } } },
    request: update({ Hobbies: [] }),
    status: 200,
    body: state('{ada}', { attributes: { Hobbies: [] } }),
  },
  {
    name: 'null removes; removing what is not set is a success',
    given: { attributes: ['OrderCount'], profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: update({ Tier: null, OrderCount: null }),
    status: 200,
    body: state('{ada}'),
    after: { ada: { attributes: {} } },
  },
  ...[null, undefined, {}].map((attributes) => ({
    name: `attributes ${attributes === undefined ? 'absent' : JSON.stringify(attributes)}: no change`,
    given: { profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: update(attributes),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' } }),
    after: { ada: { lastActivity: 'stays' as const } },
  })),
  {
    name: 'a location keeps its two published members only',
    given: { attributes: ['Residence'] },
    request: update({ Residence: { latitude: 1, longitude: 2, city: 'Kiel' } }),
    status: 200,
    body: state('{ada}', { attributes: { Residence: { latitude: 1, longitude: 2 } } }),
  },
  {
    name: 'of a name given twice the last one counts',
    request: { ...update({}), raw: '{"attributes":{"Tier":"silver","Tier":"gold"}}' },
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' } }),
  },
  ...['[]', '"Tier"', '1', 'true'].map((attributes) => ({
    name: `attributes ${attributes} are no object`,
    request: { ...update({}), raw: `{"attributes":${attributes}}` },
    status: 400,
    error: /^attributes: expected an object$/,
    after: { ada: 'unknown' as const },
  })),
];

const closed: Scenario[] = [
  {
    name: 'a value of the list',
    given: { attributes: ['Colour'] },
    request: update({ Colour: 'blue' }),
    status: 200,
    body: state('{ada}', { attributes: { Colour: 'blue' } }),
  },
  ...['green', 'Red', ' red', ''].map((value) => ({
    name: `${JSON.stringify(value)} is not of the list`,
    given: { attributes: ['Colour' as const] },
    request: update({ Colour: value }, SKIP),
    status: 400,
    error: `Attribute 'Colour' does not allow '${value}'; allowed: 'red', 'blue'`,
    after: { ada: 'unknown' as const },
  })),
  {
    name: 'null removes a value of a closed list',
    given: { attributes: ['Colour'], profiles: { ada: { attributes: { Colour: 'red' } } } },
    request: update({ Colour: null }),
    status: 200,
    body: state('{ada}'),
  },
  {
    name: 'every entry of a list counts',
    given: { attributes: ['Tags'] },
    request: update({ Tags: ['new', 'old'] }),
    status: 400,
    error: "Attribute 'Tags' does not allow 'old'; allowed: 'new', 'sale'",
  },
  {
    name: 'lists of allowed values',
    given: { attributes: ['Tags', 'Sizes'] },
    request: update({ Tags: ['sale', 'new'], Sizes: [38.5, 36] }),
    status: 200,
    body: state('{ada}', { attributes: { Tags: ['sale', 'new'], Sizes: [38.5, 36] } }),
  },
  {
    name: 'a number outside the list',
    given: { attributes: ['Sizes'] },
    request: update({ Sizes: [37] }),
    status: 400,
    error: "Attribute 'Sizes' does not allow '37'",
  },
];

const UNDEFINED = (name: string) => `Attribute '${name}' is not defined for customer profiles`;

const undefinedNames: Scenario[] = [
  {
    name: 'every one is named, in the order of the document, also when its value is null',
    given: { profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: update({ HatSize: 58, Tier: 'silver', ShoeBrand: null, Height: 'x' }),
    status: 400,
    error: /'HatSize' is not defined.*; .*'ShoeBrand' is not defined.*; .*'Height' is not defined/,
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'at most ten are named',
    request: update(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`Nope${index}`, 1]))),
    status: 400,
    error: /'Nope9'/,
    forbidden: ["'Nope10'", "'Nope11'"],
  },
  {
    name: 'dropped on demand, null ones too; the rest is applied and nothing of them shown',
    request: update({ HatSize: 58, ShoeBrand: null, Tier: 'gold' }, SKIP),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' } }),
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'nothing but undefined ones, dropped: the profile is created all the same',
    request: update({ HatSize: 58 }, SKIP),
    status: 200,
    body: state('{ada}'),
    after: { ada: { attributes: {} } },
  },
  ...['toString', 'hasOwnProperty', 'valueOf', '', ' Tier', 'Tier ', 'a.b', 'é'].map((name) => ({
    name: `${JSON.stringify(name)} is a name like any other: undefined`,
    request: update({ [name]: 'x' }),
    status: 400,
    error: UNDEFINED(name),
  })),
  {
    name: 'constructor is a name like any other: defined here',
    given: { attributes: ['constructor'] },
    request: update({ constructor: 'Ada' }),
    status: 200,
    body: state('{ada}', { attributes: { constructor: 'Ada' } }),
    after: { ada: { attributes: { constructor: 'Ada' } } },
  },
  { name: 'names are case-sensitive', request: update({ tier: 'gold' }), status: 400, error: UNDEFINED('tier') },
  {
    name: 'a name of a thousand characters is shown shortened',
    request: update({ ['x'.repeat(1000)]: 1 }),
    status: 400,
    error: UNDEFINED(`${'x'.repeat(100)}…`),
  },
];

const applications: Scenario[] = [
  {
    name: 'an attribute of another Application is undefined',
    given: { attributes: ['ShopOnly'] },
    request: update({ ShopOnly: 'x' }),
    status: 400,
    error: UNDEFINED('ShopOnly'),
    after: { ada: 'unknown' },
  },
  {
    name: 'and is dropped like any undefined one',
    given: { attributes: ['ShopOnly'] },
    request: update({ ShopOnly: 'x', Tier: 'gold' }, SKIP),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' } }),
  },
  {
    name: 'its own Application sets it, and everybody sees it',
    given: { attributes: ['ShopOnly'], requests: [update({ ShopOnly: 'x' }, '', 'otherApplication')] },
    request: update({ Tier: 'gold' }),
    status: 200,
    body: state('{ada}', { attributes: { ShopOnly: 'x', Tier: 'gold' } }),
  },
  {
    name: 'one that is limited to the Application of the key',
    given: { attributes: ['DefaultOnly'] },
    request: update({ DefaultOnly: 'x' }),
    status: 200,
    body: state('{ada}', { attributes: { DefaultOnly: 'x' } }),
  },
  {
    name: 'what belongs to the sandbox is not told to a live key',
    given: { attributes: ['SandboxOnly'] },
    request: update({ SandboxOnly: 'x', sandboxonly: 'y' }),
    status: 400,
    error:
      /'SandboxOnly' is not defined for customer profiles \(create it first.*; Attribute 'sandboxonly' is not defined for customer profiles \(create it first/,
    forbidden: ['limited to other', 'case-sensitive'],
  },
  {
    name: 'in the sandbox it is there',
    given: { attributes: ['SandboxOnly'] },
    request: update({ SandboxOnly: 'x' }, '', 'sandbox'),
    status: 200,
    body: state('{ada}', { attributes: { SandboxOnly: 'x' } }),
  },
];

describe('values by type', () => {
  runScenarios(types);
});
describe('merging and removing', () => {
  runScenarios(merging);
});
describe('closed lists', () => {
  runScenarios(closed);
});
describe('undefined names', () => {
  runScenarios(undefinedNames);
});
describe('attributes of some Applications', () => {
  runScenarios(applications);
});
