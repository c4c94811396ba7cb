/** Every published pair of request and answer of the operations on one profile, as one scenario each. */

import { describe } from 'vitest';
import { runScenarios, type Scenario, state } from './scenario.ts';

const PROFILE = '/cdp/customer_profile/{ada}';
const put = (path: string, body: unknown) => ({ method: 'PUT', path, body });

const oneProfile: Scenario[] = [
  {
    name: 'attributes and audience changes; a change runs rules though nobody asked for it',
    given: {
      attributes: ['OrderCount', 'NewsletterConsent'],
      audiences: { gold: 'Gold shoppers', lapsed: 'Lapsed' },
      profiles: { ada: { in: ['lapsed'] } },
    },
    request: put(PROFILE, {
      attributes: { Tier: 'gold', OrderCount: 17, NewsletterConsent: true },
      audiencesChanges: { adds: ['{#gold}'], deletes: ['{#lapsed}'] },
    }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold', OrderCount: 17, NewsletterConsent: true }, in: ['gold'] }),
    after: { ada: { in: ['gold'], lastActivity: 'moves' } },
  },
  {
    name: 'null removes an attribute, others stay; empty changes run no rules; a host name with scheme and slash',
    given: {
      attributes: ['OrderCount', 'HomeStore'],
      audiences: { news: 'Newsletter readers' },
      profiles: { ada: { attributes: { OrderCount: 3, HomeStore: 'Kiel' }, in: ['news'] } },
    },
    request: {
      ...put(PROFILE, { attributes: { Tier: 'silver', HomeStore: null }, runRuleEngine: false, audiencesChanges: {} }),
      headers: { 'destination-hostname': 'https://promo.example.com/' },
    },
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'silver', OrderCount: 3 }, in: ['news'] }),
    after: { ada: { lastActivity: 'stays' } },
  },
  {
    name: 'an unknown profile is created; its path is decoded once',
    request: put('/cdp/customer_profile/new%20{ada}%2F7', {}),
    status: 200,
    body: state('new {ada}/7'),
    after: { '=new {ada}/7': { attributes: {}, in: [] } },
  },
  {
    name: 'an undefined attribute is dropped when asked to',
    given: {
      attributes: ['OrderCount'],
      audiences: { gold: 'Gold' },
      profiles: { ada: { attributes: { OrderCount: 17 }, in: ['gold'] } },
    },
    request: put(`${PROFILE}?skipNonExistingAttributes=true`, { attributes: { Tier: 'platinum', HatSize: 58 } }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'platinum', OrderCount: 17 }, in: ['gold'] }),
    after: { ada: { lastActivity: 'stays' } },
  },
  {
    name: 'an undefined attribute is refused, and nothing is written',
    given: { profiles: { ada: { attributes: { Tier: 'gold' } } } },
    request: put(PROFILE, { attributes: { Tier: 'platinum', HatSize: 58 } }),
    status: 400,
    error: "Attribute 'HatSize' is not defined for customer profiles",
    after: { ada: { attributes: { Tier: 'gold' } } },
  },
  {
    name: 'dropping undefined attributes does not cover a wrong type',
    given: { attributes: ['OrderCount'] },
    request: put(`${PROFILE}?skipNonExistingAttributes=true`, { attributes: { OrderCount: '17' } }),
    status: 400,
    error: "Attribute 'OrderCount' expects a number",
    after: { ada: 'unknown' },
  },
  {
    name: 'strict: the host name is required',
    mode: 'strict',
    request: put(PROFILE, { attributes: { Tier: 'gold' } }),
    status: 400,
    error: /^Header destination-hostname is required$/,
  },
  {
    name: 'an external ID where a number is taken',
    request: put(PROFILE, { audiencesChanges: { adds: ['lapsed-eu'] } }),
    status: 400,
    error: /^audiencesChanges\.adds\[0\]: expected an integer audience ID/,
    after: { ada: 'unknown' },
  },
  {
    name: 'one unknown number spoils the whole request',
    given: { audiences: { gold: 'Gold' } },
    request: put(PROFILE, { audiencesChanges: { adds: ['{#gold}', 999999999] } }),
    status: 404,
    error: /^Audience 999999999 not found$/,
    after: { ada: 'unknown' },
  },
  {
    name: 'no key',
    request: { ...put(PROFILE, { attributes: { Tier: 'gold' } }), key: null },
    status: 401,
    error: /^API key missing, unknown or expired/,
  },
  {
    name: 'strict: more requests than allowed',
    mode: 'strict',
    given: { requests: [{ method: 'GET', path: '/v2/authping', key: 'limited' }] },
    request: {
      ...put(PROFILE, { runRuleEngine: true }),
      key: 'limited',
      headers: { 'destination-hostname': 'promo.example.com' },
    },
    status: 429,
    error: /^Too many requests$/,
    after: { ada: 'unknown' },
  },
];

const profileAudiences: Scenario[] = [
  {
    name: 'own IDs in and out',
    given: {
      audiences: { old: 'Gold 2025', lapsed: 'Lapsed EU', news: 'News' },
      profiles: { ada: { attributes: { Tier: 'gold' }, in: ['old'] } },
    },
    request: put(`${PROFILE}/audiences`, { data: { adds: ['{news}', '{lapsed}'], deletes: ['{old}'] } }),
    status: 200,
    body: state('{ada}', { attributes: { Tier: 'gold' }, in: ['lapsed', 'news'] }),
    after: { ada: { in: ['lapsed', 'news'], lastActivity: 'moves' } },
  },
  {
    name: 'the same audience on both sides: the profile ends outside it',
    given: { audiences: { lapsed: 'Lapsed' } },
    request: put(`${PROFILE}/audiences`, { data: { adds: ['{lapsed}'], deletes: ['{lapsed}'] } }),
    status: 200,
    body: state('{ada}'),
    after: { ada: { in: [] } },
  },
  {
    name: 'nothing to change',
    given: { audiences: { lapsed: 'Lapsed' }, profiles: { ada: { in: ['lapsed'] } } },
    request: put(`${PROFILE}/audiences`, { data: {} }),
    status: 200,
    body: state('{ada}', { in: ['lapsed'] }),
    after: { ada: { lastActivity: 'moves' } },
  },
  {
    name: 'an unknown own ID',
    request: put(`${PROFILE}/audiences`, { data: { adds: ['{nowhere}'] } }),
    status: 404,
    error: "Audience '{nowhere}' not found for 'Harbour CDP'",
    after: { ada: 'unknown' },
  },
  {
    name: 'an own ID of another platform',
    given: { audiences: { lapsed: 'Lapsed' } },
    request: { ...put(`${PROFILE}/audiences`, { data: { adds: ['{lapsed}'] } }), platform: 'Other CDP' },
    status: 404,
    error: "Audience '{lapsed}' not found for 'Other CDP'",
    after: { ada: 'unknown' },
  },
  {
    name: 'a list where one profile is meant',
    request: put(`${PROFILE}/audiences`, { data: [{ customerProfileId: '{ada}', adds: ['x'] }] }),
    status: 400,
    error: /^data: expected an object/,
  },
  {
    name: 'a number where an own ID is taken',
    request: put(`${PROFILE}/audiences`, { data: { adds: [57] } }),
    status: 400,
    error: /^data\.adds\[0\]: expected a string audience ID/,
  },
];

describe('PUT /cdp/customer_profile/{id}', () => {
  runScenarios(oneProfile);
});
describe('PUT /cdp/customer_profile/{id}/audiences', () => {
  runScenarios(profileAudiences);
});
