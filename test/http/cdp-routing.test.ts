/**
 * Paths: the alias next to the profile route, IDs in every spelling, slashes and escapes, unknown paths, wrong methods.
 */

import { describe } from 'vitest';
import { audience, type RequestGiven, runScenarios, type Scenario, state } from './scenario.ts';

const put = (path: string, body: unknown = {}): RequestGiven => ({ method: 'PUT', path, body });

// ---- the only conflict of routes, and IDs that look like a route

const conflicts: Scenario[] = [
  {
    name: 'the alias is never the profile called audiences',
    request: put('/cdp/customer_profile/audiences', { attributes: { Tier: 'gold' } }),
    status: 400,
    error: /^data: required$/,
    after: { '=audiences': 'unchanged' },
  },
  {
    name: 'an escaped letter of the alias is decoded before matching',
    request: put('/cdp/customer_profile/%61udiences', { attributes: {} }),
    status: 400,
    error: /^data: required$/,
  },
  {
    name: 'the alias is its own, in other letters it is a profile',
    request: put('/cdp/customer_profile/{ada}Audiences'),
    status: 200,
    body: state('{ada}Audiences'),
  },
  {
    name: 'another profile route still takes the ID audiences',
    request: put('/cdp/customer_profile/audiences/audiences', { data: [] }),
    status: 400,
    error: /^data: expected an object/,
    after: { '=audiences': 'unchanged' },
  },
  {
    name: 'so that profile can be reached',
    request: put('/cdp/customer_profile/audiences/audiences', { data: {} }),
    status: 200,
    body: state('audiences'),
  },
  {
    name: 'the plural path takes nothing but audiences',
    request: put('/cdp/customer_profiles/{ada}'),
    status: 404,
    error: /one profile is PUT \/cdp\/customer_profile\/\{customerProfileId\}/,
    after: { ada: 'unknown' },
  },
  {
    name: 'there is no v2 alias',
    request: put('/cdp/v2/customer_profile/audiences', { data: [] }),
    status: 404,
    error: 'PUT /cdp/v2/customer_profiles/audiences',
  },
  ...[
    '/cdp',
    '/cdp/',
    '/cdp/nothing',
    '/cdp/customer_profile',
    '/cdp/v2',
    '/CDP/audiences',
    '/cdp/audiences/{gold}/members',
  ].map((path) => ({
    name: `${path} is unknown`,
    request: put(path),
    status: 404,
    error: /^Unknown path PUT /,
  })),
  {
    name: 'an unknown path is told before the key and the body are looked at',
    request: { method: 'PUT', path: '/cdp/nothing', key: null, raw: '{no json' },
    status: 404,
    error: /^Unknown path PUT \/cdp\/nothing/,
  },
  {
    name: 'an unknown path of another API',
    request: put('/v2/nothing'),
    status: 404,
    error: /Unknown path PUT \/v2\/nothing/,
  },
];

// ---- profile IDs: what the path contains, and which ID it means

const THOUSAND = 'i'.repeat(900);
const IDS: readonly (readonly [title: string, path: string, id: string])[] = [
  ['a space', 'a%20{ada}', 'a {ada}'],
  ['a plus stays a plus', 'a+{ada}', 'a+{ada}'],
  ['an escaped plus', 'a%2B{ada}', 'a+{ada}'],
  ['an escaped slash', 'a%2F{ada}', 'a/{ada}'],
  ['an ID that ends in a slash', '{ada}%2F', '{ada}/'],
  ['an ID that begins with one', '%2F{ada}', '/{ada}'],
  ['escaped twice, decoded once', 'a%2525{ada}%252F', 'a%25{ada}%2F'],
  ['an escaped percent sign', '100%25{ada}', '100%{ada}'],
  ['a percent sign before hex digits', '%2541{ada}', '%41{ada}'],
  ['lower-case escapes', 'a%2f{ada}%c3%a9', 'a/{ada}é'],
  ['non-ASCII letters', '{ada}%C3%BC%E4%B8%AD', '{ada}ü中'],
  ['an emoji', '{ada}%F0%9F%A6%8A', '{ada}🦊'],
  ['two dots and nothing else', '..', '..'],
  ['two dots before', '..{ada}', '..{ada}'],
  ['a dot segment', '..%2F{ada}', '../{ada}'],
  ['a semicolon', '{ada};v=1', '{ada};v=1'],
  ['reserved characters', "{ada}:@!$&'()*,=", "{ada}:@!$&'()*,="],
  ['escaped reserved characters', '{ada}%3B%3F%23%26%3D%40', '{ada};?#&=@'],
  ['a hash that no client should send', '{ada}#part', '{ada}#part'],
  ['doubled slashes further on', '{ada}//x', '{ada}//x'],
  ['doubled slashes at its start', '/{ada}', '/{ada}'],
  ['case is kept', '{ada}AbC', '{ada}AbC'],
  ['blanks around it are kept', '%20{ada}%20', ' {ada} '],
  ['only blanks', '%20%20{ada}%09', '  {ada}\t'],
  ['a line break', '{ada}%0A', '{ada}\n'],
  ['a backslash', '{ada}%5C', '{ada}\\'],
  ['quotes and angle brackets', '{ada}%22%3C%3E', '{ada}"<>'],
  ['combining marks are not composed', '{ada}e%CC%81', '{ada}e\u0301'],
  ['nine hundred characters', `{ada}${THOUSAND}`, `{ada}${THOUSAND}`],
  ['nine hundred emoji', `{ada}${'%F0%9F%A6%8A'.repeat(900)}`, `{ada}${'🦊'.repeat(900)}`],
  ['a query behind it', '{ada}?x=/y', '{ada}'],
  ['one trailing slash', '{ada}/', '{ada}'],
  ['one trailing slash before the query', '{ada}/?x=1', '{ada}'],
  ['a slash of its own before the trailing one', '{ada}%2F/', '{ada}/'],
];

const ids: Scenario[] = IDS.flatMap(([title, path, id]): Scenario[] => {
  const [beforeQuery, query] = path.split('?');
  const rest = query === undefined ? '' : `?${query}`;
  return [
    {
      name: `update: ${title}`,
      request: put(`/cdp/customer_profile/${path}`),
      status: 200,
      body: state(id),
      after: { [`=${id}`]: { in: [] } },
    },
    {
      name: `its audiences: ${title}`,
      request: put(`/cdp/customer_profile/${beforeQuery?.replace(/\/$/, '')}/audiences${rest}`, { data: {} }),
      status: 200,
      body: state(id),
    },
  ];
});

const BAD_IDS: readonly (readonly [title: string, path: string, error: RegExp])[] = [
  ['a bare percent sign', '{ada}%', /does not start a valid escape/],
  ['a percent sign before other letters', '{ada}%zz', /does not start a valid escape/],
  ['a cut escape', '{ada}%2', /does not start a valid escape/],
  [
    'bytes that are no UTF-8',
    '{ada}%FC',
    /^The path contains escapes that are not UTF-8; percent-escapes must be UTF-8: ü is %C3%BC$/,
  ],
  ['an overlong encoding', '{ada}%C0%AF', /are not UTF-8/],
  ['an encoded surrogate', '{ada}%ED%A0%80', /are not UTF-8/],
  ['NUL', '{ada}%00', /^customerProfileId: must not contain NUL/],
  ['1001 characters', 'i'.repeat(1001), /^customerProfileId: length must be 1 to 1000$/],
  ['1001 emoji', '%F0%9F%A6%8A'.repeat(1001), /^customerProfileId: length must be 1 to 1000$/],
  ['a part longer than any ID', 'i'.repeat(20_000), /too long|length must be 1 to 1000/],
];

const badIds: Scenario[] = [
  ...BAD_IDS.map(([title, path, error]) => ({
    name: title,
    request: put(`/cdp/customer_profile/${path}`),
    status: 400,
    error,
  })),
  {
    name: 'what cannot be decoded is told before the key is looked at',
    request: { ...put('/cdp/customer_profile/{ada}%zz'), key: null },
    status: 400,
    error: /does not start a valid escape/,
  },
  {
    name: 'two dots lead nowhere',
    request: put('/cdp/customer_profile/x/../{ada}'),
    status: 404,
    error: /^Unknown path/,
    after: { ada: 'unknown' },
  },
  {
    name: 'a bare slash in an ID is another path, which the answer explains',
    request: put('/cdp/customer_profile/{ada}/x'),
    status: 404,
    error: /'\/' inside an ID is written %2F/,
    after: { ada: 'unknown' },
  },
  ...[
    '/cdp/customer_profile/',
    '/cdp/customer_profile//',
    '//cdp/customer_profile/',
    '/cdp/customer_profile/?skipNonExistingAttributes=true',
    'http://promo.example.com/cdp/customer_profile/',
    '/cdp/customer_profile//audiences',
    '/cdp/customer_profile//audiences/',
  ].map((path) => ({
    name: `an empty ID: ${path}`,
    request: put(path, { data: {} }),
    status: 400,
    error: /^customerProfileId: the ID in the path is empty$/,
  })),
  ...(['PUT', 'DELETE'] as const).map((method) => ({
    name: `an empty audience ID: ${method}`,
    request: { method, path: '/cdp/audiences/', body: { audienceName: 'x' } },
    status: 400,
    error: /^audienceId: the ID in the path is empty$/,
  })),
  {
    name: 'an empty ID is told after the key is looked at',
    request: { ...put('/cdp/customer_profile/'), key: null },
    status: 401,
  },
  {
    name: 'a path without the slash is no path of a profile',
    request: put('/cdp/customer_profile'),
    status: 404,
    error: /^Unknown path/,
  },
];

// ---- audience IDs, leading slashes

const more: Scenario[] = [
  {
    name: 'an audience ID with every kind of character, renamed by its path',
    given: {
      requests: [
        { method: 'POST', path: '/cdp/audiences', body: { audienceId: 'a/ {gold}%41+🦊', audienceName: 'Odd' } },
      ],
    },
    request: put('/cdp/audiences/a%2F%20{gold}%2541+%F0%9F%A6%8A', { audienceName: 'Odder' }),
    status: 200,
    body: audience('a/ {gold}%41+🦊', 'Odder'),
  },
  {
    name: 'a trailing slash on the audience routes',
    given: {
      requests: [{ method: 'POST', path: '/cdp/audiences/', body: { audienceId: '{gold}', audienceName: 'Gold' } }],
    },
    request: { method: 'DELETE', path: '/cdp/audiences/{gold}/' },
    status: 204,
  },
  ...[
    '/cdp/customer_profiles/audiences/',
    '/cdp/customer_profile/audiences/',
    '/cdp/v2/customer_profiles/audiences/?x=1',
  ].map((path) => ({ name: `a trailing slash: ${path}`, request: put(path, { data: [] }), status: 204 })),
  ...['//cdp/customer_profile/{ada}', '////cdp/customer_profile/{ada}'].map((path) => ({
    name: `leading slashes are one: ${path}`,
    request: put(path),
    status: 200,
    body: state('{ada}'),
  })),
  {
    name: 'a full URL, as sent to a proxy',
    request: put('http://promo.example.com/cdp/customer_profile/{ada}'),
    status: 200,
    body: state('{ada}'),
  },
  {
    name: 'an audience ID of 1001 characters in the path',
    request: put(`/cdp/audiences/${'a'.repeat(1001)}`, { audienceName: 'x' }),
    status: 400,
    error: /^audienceId: length must be 1 to 1000$/,
  },
];

// ---- methods

const ROUTES: readonly (readonly [path: string, allow: string])[] = [
  ['/cdp/customer_profile/{ada}', 'PUT'],
  ['/cdp/customer_profile/{ada}/audiences', 'PUT'],
  ['/cdp/customer_profiles/audiences', 'PUT'],
  ['/cdp/customer_profile/audiences', 'PUT'],
  ['/cdp/v2/customer_profiles/audiences', 'PUT'],
  ['/cdp/audiences', 'POST'],
  ['/cdp/audiences/{gold}', 'DELETE, PUT'],
  ['/v2/authping', 'GET, HEAD'],
  ['/v1/customer_profiles/{ada}/inventory', 'GET, HEAD'],
  ['/v1/customer_profiles/{ada}/audiences', 'GET, HEAD'],
  ['/v1/customer_profiles/audiences/lookup', 'POST'],
];

const methods: Scenario[] = ROUTES.flatMap(([path, allow]) =>
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']
    .filter((method) => !allow.split(', ').includes(method))
    .map((method) => ({
      name: `${method} ${path}`,
      // There is neither a key nor a readable body: the method is checked first.
      request: { method, path, key: null, ...(method === 'POST' ? { raw: '{no json' } : {}) },
      status: 405,
      headers: { Allow: allow },
      error: `${method} is not allowed here; this path supports ${allow}`,
    })),
);

describe('routes that could be mistaken', () => {
  runScenarios(conflicts);
});
describe('profile IDs in the path', () => {
  runScenarios(ids);
});
describe('profile IDs that are refused', () => {
  runScenarios(badIds);
});
describe('slashes and audience IDs', () => {
  runScenarios(more);
});
describe('a known path under another method', () => {
  runScenarios(methods);
});
