/**
 * A program as a user might write it with the client generated from /openapi.json. It is compiled strictly against the
 * client's types, then run. Arguments: base URL, API key, token of a session. It throws at the first answer that does
 * not match its type.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createClient } from './client/client/index.ts';
import {
  authping,
  cdpCreateAudience,
  cdpDeleteAudience,
  cdpUpdateAudience,
  cdpUpdateCustomerProfile,
  cdpV2UpdateCustomerProfilesAudiences,
  createAttribute,
  deleteCustomerData,
  exportAudiencesMemberships,
  getAudienceMemberships,
  getAudiences,
  getCustomerProfileAudiences,
  importAudiencesMemberships,
  lookupCustomerProfileAudiences,
  segmentV2UpdateCustomerProfile,
  updateCustomerProfileAudiences,
  updateCustomerProfilesV2,
  updateCustomerProfileV2,
} from './client/sdk.gen.ts';
import type { CdpUpdateCustomerProfileData, UpdateCustomerProfileV2Responses } from './client/types.gen.ts';

const [baseUrl = '', cdpKey = '', genericKey = '', token = ''] = process.argv.slice(2);
const cdp = createClient({ baseUrl, auth: `ApiKey-v1 ${cdpKey}` });
const shop = createClient({ baseUrl, auth: `ApiKey-v1 ${genericKey}` });
const office = createClient({ baseUrl, auth: ({ scheme }) => (scheme === 'bearer' ? token : undefined) });
const platform = { 'customer-data-platform-name': 'Generated' };

// Audiences of a platform: created, renamed.
const created = await cdpCreateAudience({
  client: cdp,
  headers: platform,
  body: { audienceId: 'big-spenders', audienceName: 'Big spenders' },
  throwOnError: true,
});
const audienceId: number = created.data.id;
equal(created.response.status, 201);
equal(created.data.integrationId, 'big-spenders');
const renamed = await cdpUpdateAudience({
  client: cdp,
  headers: platform,
  path: { audienceId: 'big-spenders' },
  body: { audienceName: 'Biggest spenders' },
  throwOnError: true,
});
equal(renamed.data.name, 'Biggest spenders');

// Profiles: an ID that must be escaped, attributes of several types.
const change: CdpUpdateCustomerProfileData['body'] = {
  attributes: { Tier: 'gold' },
  audiencesChanges: { adds: [audienceId] },
};
const state = await cdpUpdateCustomerProfile({
  client: cdp,
  headers: platform,
  path: { customerProfileId: 'ada/lovelace+1 é' },
  query: { skipNonExistingAttributes: true },
  body: change,
  throwOnError: true,
});
const { customerProfile, effects } = state.data;
deepEqual(effects, []);
equal(customerProfile?.integrationId, 'ada/lovelace+1 é');
deepEqual(customerProfile?.audienceMemberships, [{ id: audienceId, name: 'Biggest spenders' }]);
ok(!Number.isNaN(Date.parse(customerProfile?.created ?? '')));

const many = await cdpV2UpdateCustomerProfilesAudiences({
  client: cdp,
  headers: platform,
  body: { data: [{ customerProfileId: 'bob', adds: ['big-spenders'] }, { customerProfileId: 'carol' }] },
  throwOnError: true,
});
equal(many.response.status, 204);

// The Integration API.
equal((await authping({ client: shop, throwOnError: true })).response.status, 204);
const updated = await updateCustomerProfileV2({
  client: shop,
  path: { integrationId: 'dora' },
  query: { runRuleEngine: true },
  body: { attributes: { Tier: 'silver' }, responseContent: ['customerProfile'] },
  throwOnError: true,
});
const answer: UpdateCustomerProfileV2Responses[200] = updated.data;
deepEqual(answer.customerProfile?.attributes, { Tier: 'silver' });
const states = await updateCustomerProfilesV2({
  client: shop,
  query: { silent: 'no' },
  body: { customerProfiles: [{ integrationId: 'dora', attributes: { Tier: null } }] },
  throwOnError: true,
});
// What a request prefers decides which of two bodies a 200 has.
ok(states.data !== undefined && 'integrationStates' in states.data);
deepEqual(states.data.integrationStates[0]?.customerProfile.attributes, {});
await updateCustomerProfileAudiences({
  client: shop,
  body: { data: [{ action: 'add', profileIntegrationId: 'dora', audienceId }] },
  throwOnError: true,
});
const of = await getCustomerProfileAudiences({ client: shop, path: { integrationId: 'dora' }, throwOnError: true });
deepEqual(
  of.data.data.map(({ id, integration }) => ({ id, integration })),
  [{ id: audienceId, integration: 'Generated' }],
);
const found = await lookupCustomerProfileAudiences({
  client: shop,
  body: { integrationIds: ['bob', 'nobody'] },
  throwOnError: true,
});
deepEqual(
  found.data.data.map(({ integrationId, audiences }) => [integrationId, audiences.length]),
  [
    ['bob', 1],
    ['nobody', 0],
  ],
);
equal(
  (await deleteCustomerData({ client: shop, path: { integrationId: 'bob' }, throwOnError: true })).response.status,
  204,
);

// The Management API: pages, an upload and a download.
const page = await getAudiences({
  client: office,
  query: { withTotalResultSize: true, pageSize: 10 },
  throwOnError: true,
});
ok(page.data.data.some(({ id, name }) => id === audienceId && name === 'Biggest spenders'));
ok(Number(page.data.totalResultSize) >= 2);
const attribute = await createAttribute({
  client: office,
  body: {
    entity: 'CustomerProfile',
    name: 'points',
    title: 'Points',
    type: 'number',
    description: '',
    suggestions: [],
    editable: true,
  },
  throwOnError: true,
});
equal(attribute.data.type, 'number');
const imported = await importAudiencesMemberships({
  client: office,
  path: { audienceId },
  body: { upFile: new Blob(['profileintegrationid\neve\nfrank\n'], { type: 'text/csv' }) },
  throwOnError: true,
});
equal(imported.data.amount, 2);
const members = await getAudienceMemberships({ client: office, path: { audienceId }, throwOnError: true });
deepEqual(members.data.data.map(({ integrationId }) => integrationId).sort(), ['eve', 'frank']);
const csv = await exportAudiencesMemberships({ client: office, path: { audienceId }, throwOnError: true });
match(String(csv.data), /^profileintegrationid\n/);

// Refusals: each error has the body that its operation declares.
const undefinedAttribute = await cdpUpdateCustomerProfile({
  client: cdp,
  headers: platform,
  path: { customerProfileId: 'ada' },
  body: { attributes: { Teir: 'gold' } },
});
equal(undefinedAttribute.response?.status, 400);
match(undefinedAttribute.error?.Error ?? '', /Teir/);
equal(undefinedAttribute.error?.StatusCode, 400);
const unknownAudience = await updateCustomerProfileAudiences({
  client: shop,
  body: { data: [{ action: 'add', profileIntegrationId: 'dora', audienceId: 999_999 }] },
});
equal(unknownAudience.response?.status, 404);
match(unknownAudience.error?.message ?? '', /999999/);
const taken = await cdpCreateAudience({
  client: cdp,
  headers: platform,
  body: { audienceId: 'big-spenders', audienceName: 'Again' },
});
equal(taken.response?.status, 409);
const wrongPlatform = await segmentV2UpdateCustomerProfile({
  client: cdp,
  headers: { 'destination-hostname': 'rollcall.example.com' },
  path: { customerProfileId: 'ada' },
  body: {},
});
equal(wrongPlatform.response?.status, 401);
match(wrongPlatform.error?.Error ?? '', /key/);
const unauthorised = await getAudiences({ client: cdp });
equal(unauthorised.response?.status, 401);

const deleted = await cdpDeleteAudience({
  client: cdp,
  headers: platform,
  path: { audienceId: 'big-spenders' },
  throwOnError: true,
});
equal(deleted.response.status, 204);

// Mistakes that the types catch before the first call.
type Fits<Value, Type> = [Value] extends [Type] ? true : false;
type ProfileBody = CdpUpdateCustomerProfileData['body'];
const numbers: Fits<{ audiencesChanges: { adds: number[] } }, ProfileBody> = true;
const texts: Fits<{ audiencesChanges: { adds: string[] } }, ProfileBody> = false;
const noPath: Fits<Omit<CdpUpdateCustomerProfileData, 'path'>, CdpUpdateCustomerProfileData> = false;
deepEqual([numbers, texts, noPath], [true, false, false]);

process.stdout.write('every answer is as its type says\n');
