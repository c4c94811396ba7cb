/**
 * Published operations return exactly the published fields, and the extension fields only to clients that prefer them.
 */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, type BackOfficeCall, startBackOffice } from './back-office.ts';
import type { HttpAnswer } from './client.ts';
import { IntegrationErrorBody, PUBLISHED, ThirdPartyErrorBody } from './published-schemas.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const validators = new Map<object, ValidateFunction>();

/** Fails unless the body matches the schema. */
function expectShape(where: string, body: unknown, schema: object): void {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  validate(body);
  expect({ where, errors: validate.errors, body }).toEqual({ where, errors: null, body });
}

let office: BackOffice;
let generic: string;
let cdp: string;
beforeAll(async () => {
  office = await startBackOffice();
  generic = `ApiKey-v1 ${office.server.keys['generic']}`;
  cdp = `ApiKey-v1 ${office.server.keys['customerData']}`;
});
afterAll(async () => office.server.stop());

/** Omits the preference that the tests of this folder send by default. */
const plainly = { prefer: '' };
const called = new Set<string>();

/** Calls a published operation as a generated client does. @returns its body, which has the published shape */
async function published<Body>(
  operation: string,
  method: string,
  path: string,
  options: BackOfficeCall = {},
): Promise<Body> {
  const [status, schema] = PUBLISHED[operation] ?? [0, null];
  const answer = await office.call(method, path, { ...options, headers: { ...plainly, ...options.headers } });
  const where = `${operation}: ${method} ${path}`;
  expect({ where, status: answer.status, text: answer.text }).toEqual({ where, status, text: answer.text });
  called.add(operation);
  if (schema === null) return answer.text as Body;
  const body = answer.json();
  expectShape(where, body, schema);
  return body as Body;
}

/** A list as a form: its body and headers. */
function listForm(text: string): BackOfficeCall {
  const part = 'Content-Disposition: form-data; name="upFile"; filename="list.csv"\r\nContent-Type: text/csv';
  return {
    raw: `--b\r\n${part}\r\n\r\n${text}\r\n--b--\r\n`,
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  };
}

describe('published operations answer in their published shape', () => {
  test('of the Third-party and the Integration API', async () => {
    const external = '/cdp/audiences/shape%20%F0%9F%8E%81';
    const body = { audienceId: 'shape 🎁', audienceName: 'A' };
    const { id } = await published<{ id: number }>('cdp/createAudience', 'POST', '/cdp/audiences', { as: cdp, body });
    await published('cdp/updateAudience', 'PUT', external, { as: cdp, body: { audienceName: 'B' } });
    const profile = '/cdp/customer_profile/shape-1';
    await published('cdp/updateCustomerProfile', 'PUT', profile, { as: cdp, body: {} });
    await published('cdp/updateCustomerProfile', 'PUT', profile, {
      as: cdp,
      body: { attributes: { Tier: 'gold' }, audiencesChanges: { adds: [id] } },
    });
    const changes = { data: { adds: ['shape 🎁'] } };
    await published('cdp/updateCustomerProfileAudiences', 'PUT', `${profile}/audiences`, { as: cdp, body: changes });
    const bulk = (item: object) => ({ as: cdp, body: { data: [{ customerProfileId: 'shape-2', ...item }] } });
    const byNumber = bulk({ adds: [id] });
    await published('cdp/updateCustomerProfilesAudiences', 'PUT', '/cdp/customer_profiles/audiences', byNumber);
    await published('cdp/updateCustomerProfilesAudiencesAlias', 'PUT', '/cdp/customer_profile/audiences', byNumber);
    await published(
      'cdp/v2/updateCustomerProfilesAudiences',
      'PUT',
      '/cdp/v2/customer_profiles/audiences',
      bulk({ deletes: ['shape 🎁'] }),
    );
    const kinds = ['profile', 'referrals', 'coupons', 'loyalty', 'giveaways', 'achievements'];
    const inventory = '/v1/customer_profiles/shape-1/inventory';
    await published('getCustomerInventory', 'GET', inventory, { as: generic });
    const all = `${inventory}?${kinds.map((kind) => `${kind}=true`).join('&')}`;
    await published('getCustomerInventory', 'GET', all, { as: generic });
    await published('authping', 'GET', '/v2/authping', { as: generic });
    const update = { attributes: { Tier: 'gold' }, audiencesChanges: { adds: [id] } };
    await published('updateCustomerProfileV2', 'PUT', '/v2/customer_profiles/shape-6', { as: generic, body: update });
    const responseContent = [
      'customerProfile',
      'triggeredCampaigns',
      'loyalty',
      'awardedGiveaways',
      'ruleFailureReasons',
    ];
    const withRules = '/v2/customer_profiles/shape-6?runRuleEngine=true';
    await published('updateCustomerProfileV2', 'PUT', withRules, { as: generic, body: { responseContent } });
    const both = { customerProfiles: [{ integrationId: 'shape-6' }, { integrationId: 'shape-7' }] };
    await published('updateCustomerProfilesV2', 'PUT', '/v2/customer_profiles?silent=no', { as: generic, body: both });
    const named = { name: 'C', integrationId: 'shape' };
    const { id: own } = await published<{ id: number }>('createAudienceV2', 'POST', '/v2/audiences', {
      as: generic,
      body: named,
    });
    const ownPath = `/v2/audiences/${own}`;
    await published('updateAudienceV2', 'PUT', ownPath, { as: generic, body: { name: 'D' } });
    const data = [{ action: 'add', profileIntegrationId: 'shape-6', audienceId: own }];
    await published('updateCustomerProfileAudiences', 'POST', '/v2/customer_audiences', {
      as: generic,
      body: { data },
    });
    await published('updateAudienceCustomersAttributes', 'PUT', `/v2/audience_customers/${own}/attributes`, {
      as: generic,
      body: { Tier: 'gold' },
    });
    await published('deleteAudienceMembershipsV2', 'DELETE', `${ownPath}/memberships`, { as: generic });
    await published('deleteAudienceV2', 'DELETE', ownPath, { as: generic });
    await published('deleteCustomerData', 'DELETE', '/v1/customer_data/shape-7', { as: generic });
    await published('cdp/deleteAudience', 'DELETE', external, { as: cdp });
  });

  test('of the partners', async () => {
    const { id } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name: 'P' } });
    const keyOf = async (platform: string): Promise<string> => {
      const body = { title: platform, expires: '2099-06-30', platform };
      return `ApiKey-v1 ${(await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key}`;
    };
    const emarsys = await keyOf('emarsys');
    const entry = { customerProfileId: 'shape-6', audienceId: id, actionType: 'add' };
    await published(
      'emarsys/v2/updateCustomerProfilesAudiences',
      'POST',
      '/emarsys/customer_profiles/audiences?deployment=promo.example.com',
      { as: emarsys, body: { parameters: [entry] } },
    );

    const apiKey = (await keyOf('mparticle')).replace('ApiKey-v1 ', '');
    const account = { account_settings: { apiKey, deploymentURL: 'promo.example.com', userIdField: 'mpid' } };
    for (const body of [
      { type: 'module_registration_request', id: 'x', timestamp_ms: 1, firehose_version: '2.4.0' },
      { type: 'audience_subscription_request', account, audience_id: 29, audience_name: 'M', action: 'add' },
      { type: 'audience_membership_change_request', account, user_profiles: [{ mpid: 'shape-m' }] },
      { type: 'event_processing_request', account, mpid: 'shape-m', events: [] },
    ]) {
      await published('mparticle/sendevent', 'POST', '/mparticle', { body });
    }

    const segment = { as: await keyOf('segment'), headers: { 'destination-hostname': 'https://promo.example.com' } };
    const call = async (operation: string, method: string, path: string, body?: object) =>
      published<unknown>(`segment/${operation}`, method, `/segment/${path}`, { ...segment, ...(body && { body }) });
    await call('createAudience', 'POST', 'audiences', { audienceId: 'aud_2b7', audienceName: 'S' });
    await call('updateAudience', 'PUT', 'audiences/aud_2b7', { audienceName: 'Cart abandoners' });
    await call('v2/updateCustomerProfile', 'PUT', 'v2/customer_profiles/shape-7', {
      attributes: { Tier: 'gold' },
      runRuleEngine: true,
      audiencesChanges: { adds: [id] },
    });
    const update = { attributes: { ShapeNew: 'x', ShapeList: [1] }, runRuleEngine: true };
    await call('updateCustomerProfile', 'PUT', 'customer_profile/shape-8', {
      ...update,
      audiencesChanges: { adds: [id] },
    });
    const items = [
      { name: 'New', integrationId: 'aud 9' },
      { name: 'Cart abandoners', integrationId: 'aud_2b7' },
    ];
    await call('updateCustomerProfileV2', 'PUT', 'customer_profile_v2/shape-8', {
      attributes: { ShapeLater: true },
      audiencesChanges: { adds: items },
    });
    const changes = { adds: ['aud_2b7'] };
    await call('updateCustomerProfileAudiences', 'PUT', 'customer_profiles/shape-7/audiences', { data: changes });
    const data = (item: object) => ({ data: [{ customerProfileId: 'shape-7', ...item }] });
    await call('updateCustomerProfilesAudiences', 'PUT', 'customer_profiles/audiences', data({ deletes: [id] }));
    await call('v2/updateCustomerProfilesAudiences', 'PUT', 'v2/customer_profiles/audiences', data(changes));
    await call('deleteAudience', 'DELETE', 'audiences/aud_2b7');
  });

  test('of audiences, customers and the access log', async () => {
    const create = async (body: object) => office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body });
    // The smallest and the largest possible attribute.
    const { id } = await create({ name: 'B' });
    await create({ name: 'a', description: 'd', sandbox: true, subscribedApplicationsIds: [2] });
    await create({ name: 'c', integration: 'Segment', integrationId: 'x', subscribedApplicationsIds: [1, 1] });
    for (const query of ['', '?withTotalResultSize=true', '?pageSize=1', '?pageSize=1&skip=100', '?sandbox=true']) {
      await published('getAudiences', 'GET', `/v1/audiences${query}`);
    }
    await published('getAudiencesAnalytics', 'GET', `/v1/audiences/analytics?audienceIds=${id},999999`);
    const members = `/v1/audiences/${id}/memberships`;
    await published('getAudienceMemberships', 'GET', members);
    const csv = 'profileintegrationid\nshape-3\nshape-4\n';
    await published('importAudiencesMemberships', 'POST', `${members}/import`, listForm(csv));
    expect(await published('exportAudiencesMemberships', 'GET', `${members}/export`)).toBe(csv);
    const { data } = await published<{ data: { id: number }[] }>(
      'getAudienceMemberships',
      'GET',
      `${members}?pageSize=1`,
    );

    // Profiles created by a membership alone, and by an update.
    const [listed] = data;
    await published('getCustomerProfile', 'GET', `/v1/customers/${listed?.id}`);
    const update = { as: cdp, body: { attributes: { Tier: 'gold' } } };
    const { customerProfile } = await office.ask<{ customerProfile: { id: number } }>(
      200,
      'PUT',
      '/cdp/customer_profile/shape-5',
      update,
    );
    const seen = `/v1/applications/1/customers/${customerProfile.id}`;
    await published('getApplicationCustomer', 'GET', seen);
    await published('getCustomerAnalytics', 'GET', `${seen}/analytics`);
    for (const query of ['', '?pageSize=1', '?sandbox=true', '?pageSize=1&skip=1&sort=-id']) {
      await published('getCustomerProfiles', 'GET', `/v1/customers/no_total${query}`);
      await published('getCustomersByAttributes', 'POST', `/v1/customer_search/no_total${query}`, { body: {} });
    }
    for (const query of ['', '?pageSize=1', '?withTotalResultSize=true&pageSize=1']) {
      const search = { body: { attributes: { Tier: 'gold' } } };
      await published('getApplicationCustomers', 'GET', `/v1/applications/1/customers${query}`);
      const path = `/v1/applications/1/customer_search${query}`;
      await published('getApplicationCustomersByAttributes', 'POST', path, search);
    }
    const body = { attributes: { Tier: 'gold' } };
    await published('searchApplicationCustomers', 'POST', '/v1/application_customer_search', { body });

    const log = '/v1/applications/1/access_logs/no_total?rangeStart=2020-01-01&rangeEnd=2090-01-01';
    await office.call('PUT', '/cdp/customer_profile/shape-5', { as: cdp, body: { attributes: { Nope: 1 } } });
    await expect
      .poll(async () => {
        const page = await published<{ data: object[] }>(
          'getAccessLogsWithoutTotalCount',
          'GET',
          `${log}&status=error`,
        );
        return page.data.length;
      })
      .toBeGreaterThan(0);
    await published('getAccessLogsWithoutTotalCount', 'GET', `${log}&pageSize=1`);
    await published('getApplicationApiHealth', 'GET', '/v1/applications/1/health_report');
    await published('getApplicationApiHealth', 'GET', '/v1/applications/2/health_report');
  });

  test('of attributes and Applications', async () => {
    const attribute = { entity: 'CustomerProfile', type: 'string', description: '', suggestions: [], editable: true };
    const [plain, full] = [
      { ...attribute, name: 'ShapePlain', title: 'Shape plain' },
      {
        ...attribute,
        entity: 'CartItem',
        name: 'ShapeFull',
        title: "Shape 'full' (1)",
        suggestions: ['a', 'b'],
        hasAllowedList: true,
        restrictedBySuggestions: true,
        subscribedApplicationsIds: [1],
        subscribedCatalogsIds: [7],
        allowedSubscriptions: ['application', 'catalog'],
      },
    ];
    await published('createAttribute', 'POST', '/v1/attributes', { body: full });
    const { id } = await published<{ id: number }>('createAttribute', 'POST', '/v1/attributes', { body: plain });
    await published('getAttribute', 'GET', `/v1/attributes/${id}`);
    await published('updateAttribute', 'PUT', `/v1/attributes/${id}`, { body: { ...plain, description: 'd' } });
    await published('importAllowedList', 'POST', `/v1/attributes/${id}/allowed_list/import`, listForm('item\na\nb\n'));
    await published('getAttributes', 'GET', '/v1/attributes');
    await published('getAttributes', 'GET', '/v1/attributes?pageSize=1&skip=1&sort=-name');

    await office.ask(201, 'POST', '/v1/applications', { body: { name: 'Shapes', description: '' } });
    await published('getApplications', 'GET', '/v1/applications');
    await published('getApplication', 'GET', '/v1/applications/2');
    await published('getApplicationSessions', 'GET', '/v1/applications/1/sessions');
    await published('getApplicationEventTypes', 'GET', '/v1/applications/1/event_types');
    await published('getEventTypes', 'GET', '/v1/event_types');
  });

  test('of users, roles, the account and the audit log', async () => {
    const [invited, created] = ['invited@example.com', 'created@example.com'];
    await published('inviteUserExternal', 'POST', '/v1/users/invite', { body: { email: invited } });
    const { id, password } = await office.ask<{ id: number; password: string }>(201, 'POST', '/v1/users', {
      body: { email: created },
    });
    await published('getUser', 'GET', `/v1/users/${id}`);
    await published('getUser', 'GET', '/v1/users/1');
    await published('updateUser', 'PUT', `/v1/users/${id}`, { body: { name: 'Renamed' } });
    const credentials = { as: null, body: { email: created, password } };
    const { token } = await published<{ token: string }>('createSession', 'POST', '/v1/sessions', credentials);
    await published('destroySession', 'DELETE', '/v1/sessions', { as: `Bearer ${token}` });
    await published('deactivateUserByEmail', 'POST', '/v1/users/deactivate', { body: { email: created } });
    await published('getUsers', 'GET', '/v1/users');
    await published('activateUserByEmail', 'POST', '/v1/users/activate', { body: { email: created } });
    await published('getUsers', 'GET', '/v1/users?pageSize=1&skip=1');
    await published('listAllRolesV2', 'GET', '/v2/roles');
    await published('getRoleV2', 'GET', '/v2/roles/2');
    await published('getAllRoles', 'GET', '/v1/roles');
    await published('getRole', 'GET', '/v1/roles/2');
    await published('updateRoleV2', 'PUT', '/v2/roles/1', { body: { members: [1] } });
    await published('getAccount', 'GET', '/v1/accounts/1');
    for (const query of ['', '?pageSize=1', '?withTotalResultSize=true', '?includeOld=false&sort=id']) {
      await published('getChanges', 'GET', `/v1/changes${query}`);
    }
    await published('deleteUser', 'DELETE', `/v1/users/${id}`);
    await published('deleteUserByEmail', 'POST', '/v1/users/delete', { body: { email: invited } });
  });

  test('all of them were called, and those the server marks as its own are the rest', async () => {
    const answer = await office.call('GET', '/openapi.json');
    const { paths } = answer.json() as { paths: Record<string, Record<string, DocumentedOperation>> };
    const served = Object.values(paths).flatMap((methods) => Object.values(methods));
    const others = served.filter((each) => each['x-rollcall-extension'] !== true).map((each) => each.operationId);
    expect(others.sort()).toEqual(Object.keys(PUBLISHED).sort());
    expect([...called].sort()).toEqual(Object.keys(PUBLISHED).sort());
  });
});

interface DocumentedOperation {
  readonly operationId: string;
  readonly 'x-rollcall-extension'?: boolean;
}

describe('/openapi.json', () => {
  interface Node {
    readonly $ref?: string;
    readonly properties?: Readonly<Record<string, Node & { readonly 'x-rollcall-extended'?: boolean }>>;
    readonly items?: Node;
  }
  interface Described {
    readonly components: { readonly schemas: Readonly<Record<string, Node>> };
    readonly paths: Record<string, Record<string, DocumentedOperation & { responses: Record<string, Answer> }>>;
  }
  interface Answer {
    readonly content?: Readonly<Record<string, { readonly schema: Node }>>;
  }

  test('describes no field of a published operation that is not published, unless it is marked as ours', async () => {
    const document = (await office.call('GET', '/openapi.json')).json() as Described;
    const fieldsOf = (node: Node, place = ''): string[] => {
      const named = document.components.schemas[node.$ref?.replace('#/components/schemas/', '') ?? ''] ?? node;
      const inside = Object.entries(named.properties ?? {})
        .filter(([, each]) => each['x-rollcall-extended'] !== true)
        .flatMap(([name, each]) => [`${place}${name}`, ...fieldsOf(each, `${place}${name}/`)]);
      return [...inside, ...(named.items === undefined ? [] : fieldsOf(named.items, place))];
    };
    const publishedFields = (schema: object, place = ''): string[] => {
      const { properties = {}, items, oneOf = [] } = schema as PublishedNode;
      return [
        ...Object.entries(properties).flatMap(([name, each]) => [
          `${place}${name}`,
          ...publishedFields(each, `${place}${name}/`),
        ]),
        ...(items === undefined ? [] : publishedFields(items, place)),
        ...oneOf.flatMap((each) => publishedFields(each, place)),
      ];
    };
    const surplus: string[] = [];
    for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
      const [status, schema] = PUBLISHED[operation.operationId] ?? [0, null];
      const described = operation.responses[status]?.content?.['application/json']?.schema;
      if (schema === null || described === undefined) continue;
      const known = new Set(publishedFields(schema));
      surplus.push(
        ...fieldsOf(described).flatMap((each) => (known.has(each) ? [] : `${operation.operationId}: ${each}`)),
      );
    }
    expect(surplus).toEqual([]);
  });
});

interface PublishedNode {
  readonly properties?: Readonly<Record<string, object>>;
  readonly items?: object;
  readonly oneOf?: readonly object[];
}

describe('errors have the published shape', () => {
  const CALLS: readonly (readonly [status: number, method: string, path: string, options?: BackOfficeCall])[] = [
    [400, 'POST', '/v1/sessions', { body: {} }],
    [400, 'POST', '/v1/attributes', { body: { name: 7, suggestions: [''] } }],
    [400, 'GET', '/v1/users?pageSize=0'],
    [400, 'GET', '/v1/users/x'],
    [401, 'GET', '/v1/users', { as: null }],
    [401, 'GET', '/v2/authping', { as: null }],
    [404, 'GET', '/v1/users/999'],
    [404, 'GET', '/v1/nothing'],
    [405, 'PATCH', '/v1/users'],
    [409, 'POST', '/v1/users/invite', { body: { email: 'admin@example.com' } }],
  ];
  test.for(CALLS)('%i %s %s', async ([status, method, path, options]) => {
    const answer = await office.call(method, path, { ...options, headers: plainly });
    expect(answer.status).toBe(status);
    expectShape(path, answer.json(), IntegrationErrorBody);
  });

  test('also of lists with lines that cannot be taken', async () => {
    const long = `profileintegrationid\n${'x'.repeat(1001)}\n`;
    const answer = await office.call('POST', '/v1/audiences/1/memberships/import', listForm(long));
    expect(answer.status).toBe(400);
    expectShape('import', answer.json(), IntegrationErrorBody);
  });

  const CDP_CALLS: readonly (readonly [status: number, method: string, path: string, body: unknown, as?: null])[] = [
    [400, 'PUT', '/cdp/customer_profile/x', { attributes: { Nope: 1 } }],
    [401, 'PUT', '/cdp/customer_profile/x', {}, null],
    [404, 'PUT', '/cdp/customer_profile/x', { audiencesChanges: { adds: [999_999] } }],
    [404, 'PUT', '/cdp/nothing', {}],
    [405, 'PATCH', '/cdp/audiences', {}],
    [409, 'POST', '/cdp/audiences', { audienceId: 'first-audience', audienceName: 'x' }],
  ];
  test.for(CDP_CALLS)('%i %s %s', async ([status, method, path, body, as = cdp]) => {
    const answer = await office.call(method, path, { as, body, headers: plainly });
    expect(answer.status).toBe(status);
    expectShape(path, answer.json(), ThirdPartyErrorBody);
  });
});

test('what would break a published format cannot be stored', async () => {
  const attribute = { entity: 'CustomerProfile', type: 'string', description: '', editable: true };
  const refused: readonly [path: string, body: object][] = [
    ['/v1/attributes', { ...attribute, name: 'Empty', title: 'Empty', suggestions: [''] }],
    ['/v1/attributes', { ...attribute, name: 'a-b', title: 'Dash', suggestions: [] }],
    ['/v1/attributes', { ...attribute, name: 'Dash', title: 'ü', suggestions: [] }],
    ['/v1/attributes', { ...attribute, entity: 'Event', name: 'E', title: 'E', suggestions: [], eventType: '' }],
    ['/v1/audiences', { name: '' }],
    ['/v1/audiences', { name: 'x', integration: 'Segment', integrationId: '' }],
    ['/v1/audiences', { name: 'x', integration: '', integrationId: 'x' }],
    ['/v1/applications', { name: '' }],
    ['/v1/applications', { name: 'x', timezone: '' }],
    ['/v1/applications', { name: 'x', currency: '' }],
    ['/v1/users', { email: 'ada@localhost' }],
    ['/v1/users/invite', { email: 'Ada <ada@example.com>' }],
  ];
  const statuses: [string, object, number][] = [];
  for (const [path, body] of refused) statuses.push([path, body, (await office.call('POST', path, { body })).status]);
  expect(statuses).toEqual(refused.map(([path, body]) => [path, body, 400]));
});

describe('Prefer: extended', () => {
  const RANGE = 'rangeStart=2020-01-01&rangeEnd=2090-01-01';
  /** The extension fields of each operation, by their location. */
  const FIELDS: readonly (readonly [path: string, fields: readonly string[], body?: object])[] = [
    ['/v1/users/1', ['mustChangePassword']],
    ['/v1/users', ['data/mustChangePassword']],
    ['/v1/applications/1', ['payloadLogging']],
    ['/v1/applications', ['data/payloadLogging']],
    ['/v1/audiences', ['data/membersCount']],
    ['/v2/roles/1', ['isAdmin']],
    ['/v2/roles', ['data/isAdmin']],
    ['/v1/changes?pageSize=1&userId=1', ['data/userEmail', 'nextCursor']],
    ['/v1/customers/no_total?pageSize=1', ['nextCursor']],
    ['/v1/customer_search/no_total?pageSize=1', ['nextCursor'], {}],
    ['/v1/applications/1/customers?pageSize=1', ['nextCursor']],
    ['/v1/applications/1/customer_search?pageSize=1', ['nextCursor'], {}],
    [
      `/v1/applications/1/access_logs/no_total?${RANGE}&pageSize=1`,
      [
        ...['address', 'applicationId', 'cause', 'durationMs', 'joins', 'keyId', 'keyName', 'keyPrefix', 'leaves'].map(
          (each) => `data/${each}`,
        ),
        ...['marks', 'operation', 'profiles', 'replayable'].map((each) => `data/${each}`),
        'nextCursor',
      ],
    ],
  ];
  const fieldsOf = (value: unknown, place = ''): string[] => {
    if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => fieldsOf(each, place));
    if (typeof value !== 'object' || value === null || /\/(old|new|attributes)\/$/.test(place)) return [];
    return Object.entries(value).flatMap(([name, each]) => [place + name, ...fieldsOf(each, `${place}${name}/`)]);
  };

  test.for(FIELDS)('adds to %s', async ([path, fields, body]) => {
    const ask = async (prefer: string) =>
      office.call(body === undefined ? 'GET' : 'POST', path, { ...(body && { body }), headers: { prefer } });
    const plain = await ask('');
    const other = await ask('respond-async, extended=no');
    const full = await ask('Respond-Async; x=", ", EXTENDED');
    expect(other.text).toBe(plain.text);
    const before = fieldsOf(plain.json());
    const after = fieldsOf(full.json());
    expect(after.filter((each) => !before.includes(each)).sort()).toEqual(fields);
    expect(before.filter((each) => !after.includes(each))).toEqual([]);
    const acknowledged = ({ headers }: HttpAnswer) => [headers.vary, headers['preference-applied']];
    expect([plain, other, full].map(acknowledged)).toEqual([
      ['Prefer', undefined],
      ['Prefer', undefined],
      ['Prefer', 'extended'],
    ]);
  });

  test('holds for HEAD as for GET', async () => {
    const [head, full] = [await office.call('HEAD', '/v1/users/1'), await office.call('GET', '/v1/users/1')];
    const told = ({ headers }: HttpAnswer) => [headers['content-length'], headers['preference-applied'], headers.vary];
    expect(told(head)).toEqual(told(full));
  });

  test('is not followed in errors, and not needed for operations of ours', async () => {
    const { status, headers } = await office.call('GET', '/v1/users/999');
    expect([status, headers['preference-applied']]).toEqual([404, undefined]);
    const body = { name: 'Second shop' };
    const created = await office.call('POST', '/v1/applications', { body, headers: plainly });
    expect(created.json()).toMatchObject({ name: 'Second shop', payloadLogging: 'full' });
    expect(created.headers['preference-applied']).toBeUndefined();
  });

  test('pages are walked by skip without it', async () => {
    const numbers: number[] = [];
    for (let skip = 0, more = true; more; skip += 2) {
      const answer = await office.call('GET', `/v1/changes?pageSize=2&skip=${skip}&sort=id`, { headers: plainly });
      const { hasMore, data } = answer.json() as { hasMore: boolean; data: { id: number }[] };
      numbers.push(...data.map(({ id }) => id));
      more = hasMore;
    }
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});
