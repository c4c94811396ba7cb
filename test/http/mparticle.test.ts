/**
 * mParticle's messages: registrations, subscriptions, memberships and events, all to one path, with the key in the
 * body.
 */

import { describe, expect, test } from 'vitest';
import { type HttpAnswer, send } from './client.ts';
import {
  any,
  checkErrorBody,
  expectStatus,
  type RequestGiven,
  reach,
  runScenarios,
  type Scenario,
} from './scenario.ts';
import { type KeyKind, targetOf } from './target.ts';

const ECHOED = { id: '62cdcd11', timestamp_ms: 1586980879793, firehose_version: '2.4.0' };
const account = (settings: object = {}) => ({
  account_id: 1234567,
  account_settings: { deploymentURL: 'https://promo.example.com', userIdField: 'customerId', ...settings },
});
const post = (body: unknown, extra: Partial<RequestGiven> = {}): RequestGiven => ({
  method: 'POST',
  path: '/mparticle',
  key: 'mparticle',
  platform: null,
  body,
  ...extra,
});
const message = (kind: string, rest: object, settings: object = {}) => ({
  type: `${kind}_request`,
  ...ECHOED,
  account: account(settings),
  ...rest,
});
const answered = (kind: string, rest: object = {}) => ({ type: `${kind}_response`, ...ECHOED, ...rest });

let numbers = Date.now() % 1_000_000_000;
/** An audience's ID at mParticle that no other scenario uses. */
const fresh = (): number => (numbers += 1);

const customer = (value: string, type = 'customerId') => ({ type, encoding: 'raw', required: true, value });
interface AudienceChange {
  readonly audience_id: number;
  readonly audience_name: string;
  readonly action: string;
  readonly user_attributes?: readonly object[];
}
const change = (audience_id: number, action: string, user_attributes?: readonly object[]): AudienceChange => ({
  audience_id,
  audience_name: `Travel ${audience_id}`,
  action,
  ...(user_attributes && { user_attributes }),
});
const user = (id: string, ...audiences: AudienceChange[]) => ({
  mpid: `mp-${id}`,
  user_identities: [customer('nobody', 'email'), customer(id)],
  audiences,
});
const membershipChange = (user_profiles: readonly object[] | undefined, settings: object = {}) =>
  message('audience_membership_change', user_profiles === undefined ? {} : { user_profiles }, settings);
const upsert = (key: string, value: unknown) => ({ key, value, action: 'upsert' });
const subscribe = (audience_id: number, action: string, rest: object = {}) =>
  message('audience_subscription', { audience_id, audience_name: 'Travel', action, ...rest });
const events = (rest: object = {}, settings: object = {}) =>
  message(
    'event_processing',
    {
      mpid: 'mp-{ada}',
      user_identities: [customer('{ada}')],
      events: [{ name: 'click', type: 'custom_event', session_id: 109, attributes: { platform: 'iOS' } }],
      ...rest,
    },
    settings,
  );
const CHANGE = 'audience_membership_change';
const one = (...audiences: AudienceChange[]) => post(membershipChange([user('{ada}', ...audiences)]));

const memberships: Scenario[] = [
  {
    name: 'an audience that is not subscribed to is created and joined; attributes are set',
    given: { attributes: ['Tier', 'OrderCount'], profiles: { ada: { attributes: { OrderCount: 3 } } } },
    request: one(change(fresh(), 'add', [upsert('Tier', 'gold'), { key: 'OrderCount', action: 'delete' }])),
    status: 200,
    body: answered(CHANGE),
    after: { ada: { attributes: { Tier: 'gold' }, lastActivity: 'stays' } },
  },
  {
    name: 'profiles of other identities',
    request: post(
      membershipChange(
        [{ mpid: 'x', user_identities: [customer('{ada}', 'email')], audiences: [change(fresh(), 'add')] }],
        {
          userIdField: 'email',
        },
      ),
    ),
    status: 200,
    after: { ada: { attributes: {} } },
  },
  {
    name: 'profiles by mpid, without identities',
    request: post(membershipChange([{ mpid: '{ada}' }], { userIdField: 'mpid' })),
    status: 200,
    after: { ada: { in: [] } },
  },
  ...['customer', 'customerId', 'customerid', 'CustomerID', 'customer_id'].map((type) => ({
    name: `the identity type ${type}`,
    request: post(membershipChange([{ mpid: 'x', user_identities: [customer('{ada}', type)] }])),
    status: 200,
    after: { ada: {} },
  })),
  {
    name: 'a hashed identity, taken as it is',
    request: post(membershipChange([{ mpid: 'x', user_identities: [{ ...customer('{ada}'), encoding: 'sha256' }] }])),
    status: 200,
    after: { ada: {} },
  },
  {
    name: 'a user without the identity that is the ID: none of the batch is applied',
    request: post(
      membershipChange([
        user('{ada}', change(fresh(), 'add')),
        { mpid: 'mp-7', user_identities: [customer('x', 'email')] },
      ]),
    ),
    status: 400,
    error: /^user_profiles\[1\]: mpid 'mp-7' has no identity of type customerId \(userIdField\)$/,
    after: { ada: 'unknown' },
  },
  ...(
    [
      ['too long', 'x'.repeat(1001), /^user_profiles\[0\]: user_identities\[\]\.value: length must be 1 to 1000$/],
      ['not text', 'a\0b', /must not contain NUL/],
    ] as const
  ).map(([what, id, error]) => ({
    name: `an identity that is ${what}`,
    request: post(membershipChange([{ mpid: 'x', user_identities: [customer(id)] }])),
    status: 400,
    error,
  })),
  {
    name: 'a value that does not fit its attribute: none of the batch is applied',
    given: { attributes: ['OrderCount'] },
    request: post(
      membershipChange([user('{eve}'), user('{ada}', change(fresh(), 'add', [upsert('OrderCount', 'many')]))]),
    ),
    status: 400,
    error: "Attribute 'OrderCount' expects a number",
    after: { ada: 'unknown', eve: 'unknown' },
  },
  {
    name: 'undefined attributes, skipped whatever they are called',
    given: { attributes: ['Tier'] },
    request: one(
      change(fresh(), 'add', [upsert('$age', 35), upsert('__proto__', 'x'), upsert('', 'x'), upsert('Tier', 'gold')]),
    ),
    status: 200,
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'changes without an action, with null, and twice: the last wins',
    given: { attributes: ['Tier', 'HomeStore'], profiles: { ada: { attributes: { HomeStore: 'Kiel' } } } },
    request: one(
      change(fresh(), 'attribute_update', [upsert('Tier', 'silver'), upsert('HomeStore', null)]),
      change(fresh(), 'attribute_update', [{ key: 'Tier', value: 'gold' }]),
    ),
    status: 200,
    after: { ada: { attributes: { Tier: 'gold' }, in: [] } },
  },
  {
    name: 'the rule engine',
    given: { profiles: { ada: {} } },
    request: post(membershipChange([user('{ada}')], { runRuleEngine: true })),
    status: 200,
    after: { ada: { lastActivity: 'moves' } },
  },
  ...[undefined, []].map((users) => ({
    name: users === undefined ? 'no list of users' : 'no users',
    request: post(membershipChange(users)),
    status: 200,
    body: answered(CHANGE),
  })),
  {
    name: 'more than 1000 changes',
    request: one(...Array.from({ length: 1001 }, () => change(1, 'add'))),
    status: 400,
    error: '1001 entries',
    after: { ada: 'unknown' },
  },
];

const known = fresh();
const subscriptions: Scenario[] = [
  {
    name: 'added twice',
    given: { requests: [post(subscribe(known, 'add'))] },
    request: post(subscribe(known, 'add')),
    status: 409,
    error: `Audience '${known}' already exists`,
  },
  {
    name: 'updated although unknown: created, since mParticle could not mend it',
    request: post(subscribe(fresh(), 'update')),
    status: 200,
    body: answered('audience_subscription', { audience_subscription_settings: { t1AudienceID: any.id } }),
  },
  {
    name: 'with settings, which are repeated',
    request: post(
      subscribe(fresh(), 'add', { audience_subscription_settings: { customField: 1, deep: { a: [null] } } }),
    ),
    status: 200,
    body: answered('audience_subscription', {
      audience_subscription_settings: { customField: 1, deep: { a: [null] }, t1AudienceID: any.id },
    }),
  },
  {
    name: 'removed although unknown',
    request: post(subscribe(fresh(), 'remove')),
    status: 200,
    body: answered('audience_subscription'),
  },
  {
    name: 'with attributes, which concern nobody',
    request: post(subscribe(fresh(), 'add', { user_attributes: [{ key: 'email', value: 'john@example.com' }] })),
    status: 200,
  },
];

const eventMessages: Scenario[] = [
  {
    name: 'make the profile, and leave nothing else',
    request: post(events()),
    status: 200,
    body: answered('event_processing'),
    after: { ada: { attributes: {}, in: [] } },
  },
  {
    name: 'are activity where rules are to run',
    given: { profiles: { ada: {} } },
    request: post(events({}, { runRuleEngine: true })),
    status: 200,
    after: { ada: { lastActivity: 'moves' } },
  },
  {
    name: 'of nobody who could be named',
    request: post(events({ user_identities: null })),
    status: 400,
    error: /^mpid 'mp-\{?\w+/,
    after: { ada: 'unknown' },
  },
  {
    name: 'of another kind',
    request: post(events({ events: [{ name: 'x', type: 'commerce_event' }] })),
    status: 400,
    error: /^events\[0\]\.type: must be one of custom_event$/,
    after: { ada: 'unknown' },
  },
];

const refused: Scenario[] = [
  {
    name: 'an unknown type, although the rest would fit',
    request: post({ ...subscribe(1, 'add'), type: 'audience_subscription_response' }),
    status: 400,
    error:
      /^type: must be one of module_registration_request, audience_subscription_request, audience_membership_change_request, event_processing_request$/,
  },
  { name: 'a type that is no text', request: post({ ...subscribe(1, 'add'), type: 7 }), status: 400, error: /^type: / },
  { name: 'no type', request: post({ account: account() }), status: 400, error: /^type: required$/ },
  {
    name: 'a message that only fits another type',
    request: post({ ...subscribe(1, 'add'), type: 'event_processing_request' }),
    status: 400,
    error: /^mpid: required; events: required$/,
  },
  {
    name: 'an unknown way to choose identities',
    request: post(membershipChange([], { userIdField: 'phone' })),
    status: 400,
    error: /^account\.account_settings\.userIdField: must be one of email, customerId, mpid$/,
  },
  {
    name: 'an unknown action',
    request: one({ ...change(1, 'replace') }),
    status: 400,
    error: /action: must be one of add, delete, attribute_update$/,
    after: { ada: 'unknown' },
  },
  {
    name: 'a deployment that is no host',
    request: post(subscribe(fresh(), 'add'), {
      body: message(
        'audience_subscription',
        { audience_id: 1, audience_name: 'x', action: 'add' },
        { deploymentURL: '%' },
      ),
    }),
    status: 400,
    error: /^account\.account_settings\.deploymentURL: expected a host/,
  },
  {
    name: 'a deployment that is not served, for which there is no 404',
    mode: 'one hostname',
    request: post(membershipChange([user('{ada}')], { deploymentURL: 'other.example.net' })),
    status: 400,
    error: "deployment 'other.example.net' is not served here",
    after: { ada: 'unknown' },
  },
  ...(['customer_data', 'generic', 'segment', 'emarsys'] as const).map((key: KeyKind) => ({
    name: `a key of kind ${key}`,
    request: post(membershipChange([user('{ada}')]), { key }),
    status: 401,
    error: /^API key is not valid for mParticle \(it is an? [\w ]+ key; create one of platform mParticle\)$/,
    after: { ada: 'unknown' as const },
  })),
  ...(['expired', 'deleted'] as const).map((key: KeyKind) => ({
    name: `a key that is ${key}`,
    request: post(membershipChange([user('{ada}')]), { key }),
    status: 401,
    error: /^API key missing, unknown or expired$/,
  })),
  {
    name: 'no key',
    request: post(membershipChange([user('{ada}')]), { key: null }),
    status: 401,
    error: 'send it in the body, at account.account_settings.apiKey',
    after: { ada: 'unknown' },
  },
  {
    name: 'a key with a prefix',
    request: post(membershipChange([user('{ada}')], { apiKey: 'ApiKey-v1 some-key' })),
    status: 401,
  },
  {
    name: 'a body that ends early',
    request: post(undefined, { raw: '{"type":"audience_subscription_request","account":{' }),
    status: 400,
    error: /^Body must be a JSON object/,
  },
  { name: 'a list', request: post(undefined, { raw: '[]' }), status: 401 },
  {
    name: 'a path below',
    request: { ...post(undefined), path: '/mparticle/events', key: null, raw: '{}' },
    status: 404,
    error: 'only POST /mparticle is served',
  },
];

describe('mParticle', () => {
  describe('memberships', () => runScenarios(memberships));
  describe('a subscription', () => runScenarios(subscriptions));
  describe('events', () => runScenarios(eventMessages));
  describe('is refused', () => runScenarios(refused));

  test('registers the module without a key, and is told what to ask for', async (context) => {
    const { url } = await reach(context, []);
    const bodies = [{}, ECHOED, { account: account() }, { account: null, ...ECHOED }];
    for (const body of bodies) {
      const answer = await send(url, {
        method: 'POST',
        path: '/mparticle',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'module_registration_request', ...body }),
      });
      expectStatus(answer, 200);
      const { id, timestamp_ms, firehose_version, ...said } = answer.json() as Record<string, unknown>;
      expect({ id, timestamp_ms, firehose_version }).toEqual(
        'id' in body ? ECHOED : { id: undefined, timestamp_ms: undefined, firehose_version: undefined },
      );
      const settings = [
        ['deploymentURL', 'text', true, true, ''],
        ['apiKey', 'text', true, true, ''],
        ['userIdField', 'text', true, true, 'customerId'],
        ['runRuleEngine', 'boolean', true, false, false],
      ].map(([settingId, type, required, confidential, value]) => ({
        id: settingId,
        type,
        required,
        confidential,
        default_value: value,
        visible: true,
      }));
      expect(said).toMatchObject({
        type: 'module_registration_response',
        version: '0.0.1',
        permissions: {
          allow_consent_state: true,
          allow_access_mpid: true,
          allow_user_attributes: true,
          allow_audience_user_attributes: true,
          user_identities: [{ type: 'email' }, { type: 'customerId' }],
        },
        audience_processing_registration: {
          account_settings: settings,
          audience_subscription_settings: [{ id: 't1AudienceID', type: 'integer', visible: false, required: false }],
        },
        event_processing_registration: {
          account_settings: settings,
          supported_event_types: ['custom_event'],
          supported_system_notification_types: [],
          max_data_age_hours: -1,
        },
      });
    }
  });

  test('refuses a number that a double would change', async (context) => {
    const { url, keys } = await reach(context, ['mparticle']);
    await (await targetOf('default')).attribute('OrderCount');
    const audience = change(fresh(), 'add', [upsert('Tier', 'x'), upsert('OrderCount', 0)]);
    const body = membershipChange([user('mp-digits', audience)], { apiKey: keys.mparticle });
    const text = JSON.stringify(body).replace('"OrderCount","value":0', '"OrderCount","value":1152921504606846977');
    const answer = await send(url, { method: 'POST', path: '/mparticle', headers: {}, body: text });
    expectStatus(answer, 400);
    expect(checkErrorBody(answer, 'third-party')).toContain("Attribute 'OrderCount' cannot hold 1152921504606846977");
  });

  test('follows an audience from its subscription to its end', async (context) => {
    const { url, keys } = await reach(context, ['mparticle', 'generic']);
    const audience = fresh();
    const ask = async (body: object): Promise<HttpAnswer> => {
      const { account: sent, ...rest } = body as { account: { account_settings: object } };
      const account_settings = { ...sent.account_settings, apiKey: keys.mparticle };
      const answer = await send(url, {
        method: 'POST',
        path: '/mparticle',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...rest, account: { ...sent, account_settings } }),
      });
      expectStatus(answer, 200);
      return answer;
    };
    const numberOf = (answer: HttpAnswer): number =>
      (answer.json() as { audience_subscription_settings: { t1AudienceID: number } }).audience_subscription_settings
        .t1AudienceID;
    const audiencesOf = async (id: string): Promise<unknown> => {
      const path = `/v1/customer_profiles/${id}/audiences`;
      const answer = await send(url, { method: 'GET', path, headers: { Authorization: `ApiKey-v1 ${keys.generic}` } });
      return (answer.json() as { data: unknown }).data;
    };
    const id = `mp-person-${audience}`;
    const number = numberOf(await ask(subscribe(audience, 'add')));
    await ask(membershipChange([user(id, change(audience, 'add'), change(audience + 1_000_000_000, 'add'))]));
    const named = (name: string) => ({ id: number, name, integration: 'mparticle', integrationId: String(audience) });
    // A name that comes with a membership does not rename the audience; a subscription does.
    expect(await audiencesOf(id)).toEqual([named('Travel'), expect.objectContaining({ integration: 'mparticle' })]);
    expect(numberOf(await ask(subscribe(audience, 'update', { audience_name: 'Journeys' })))).toBe(number);
    // Applied in order: left and joined again.
    await ask(membershipChange([user(id, change(audience, 'delete'), change(audience, 'add'))]));
    await ask(membershipChange([user(id, change(audience + 1_000_000_000, 'delete'))]));
    expect(await audiencesOf(id)).toEqual([named('Journeys')]);
    await ask(subscribe(audience, 'remove'));
    expect(await audiencesOf(id)).toEqual([]);
  });

  test('refuses a body beyond its limit before it knows whose it is', async (context) => {
    const { url } = await reach(context, []);
    const body = JSON.stringify({ type: 'module_registration_request', padding: 'x'.repeat(1024 * 1024) });
    const answer = await send(url, { method: 'POST', path: '/mparticle', headers: {}, body });
    expectStatus(answer, 413);
    expect(checkErrorBody(answer, 'third-party')).toBe('Body exceeds 1 MiB');
  });
});
