/** A call of every SDK method that this server serves: arguments as its users write them, and the expected result. */

import { expect } from 'vitest';
import type { ApiName } from './talon-one-sdk.ts';

/** The state of the server before the calls. */
export interface SdkWorld {
  /** Package of the release, which makes names unique. */
  readonly release: string;
  /** Integration ID of a profile that is in the audience and has the attribute `Tier`. */
  readonly ada: string;
  /** Integration ID of another profile, which the calls may erase. */
  readonly leaving: string;
  /** The number of `ada`. */
  readonly adaId: number;
  readonly audienceId: number;
  /** An audience that the calls may change and delete. */
  readonly ownAudienceId: number;
  readonly attributeId: number;
  readonly userId: number;
  readonly email: string;
  readonly password: string;
}

export interface SdkCall {
  readonly api: ApiName;
  readonly method: string;
  readonly args: (world: SdkWorld) => readonly unknown[];
  /** The SDK's class of the answer; absent if there is no answer, or if it differs between releases. */
  readonly as?: string;
  /** Fields that the classes of a release require and the published contract does not have. */
  readonly mayLack?: RegExp;
  /** A release that forgets to send a credential with it, and is refused wherever it points. */
  readonly unsignedIn?: string;
  /** Part of the answer. */
  readonly yields?: (world: SdkWorld) => unknown;
}

const LIVE = 1;
/** Release 4 spells a field of roles in another way than the published contract. */
const ACCOUNT_ID_OF_RELEASE_4 = /accountID is required by Role$/;
const day = 24 * 60 * 60 * 1000;
const range = (): [Date, Date] => [new Date(Date.now() - day), new Date(Date.now() + day)];
const ada = ({ ada }: SdkWorld) => expect.objectContaining({ integrationId: ada }) as unknown;
const includesAda = (world: SdkWorld) => ({ data: expect.arrayContaining([ada(world)]) as unknown });
const noEffects = { effects: [], createdCoupons: [], createdReferrals: [] };
const newAttribute = {
  entity: 'CustomerProfile',
  type: 'number',
  description: 'Made by the SDK',
  suggestions: [],
  editable: true,
};
const ownAttribute = ({ release }: SdkWorld) => {
  const name = release.replaceAll('-', '_');
  return { ...newAttribute, name, title: name };
};

/** The order matters: calls that end or delete something come last. */
export const CALLS: readonly SdkCall[] = [
  {
    api: 'IntegrationApi',
    method: 'updateCustomerProfileV2',
    args: ({ ada, audienceId }) => [
      ada,
      {
        attributes: { Tier: 'gold' },
        audiencesChanges: { adds: [audienceId], deletes: [] },
        responseContent: ['customerProfile'],
      },
      { runRuleEngine: true },
    ],
    as: 'IntegrationStateV2',
    yields: ({ ada, audienceId }) => ({
      ...noEffects,
      customerProfile: {
        integrationId: ada,
        attributes: { Tier: 'gold' },
        audienceMemberships: [{ id: audienceId, name: expect.any(String) as unknown }],
        created: expect.any(Date) as unknown,
        lastActivity: expect.any(Date) as unknown,
      },
    }),
  },
  {
    api: 'IntegrationApi',
    method: 'updateCustomerProfilesV2',
    args: ({ ada, leaving }) => [
      { customerProfiles: [{ integrationId: ada, attributes: { Tier: 'silver' } }, { integrationId: leaving }] },
      { silent: 'no' },
    ],
    as: 'MultipleCustomerProfileIntegrationResponseV2',
    // Release 4 expects each to be a complete state; the published answer contains only the profile, as release 5
    // expects.
    mayLack: /^\.integrationStates\[\d\]\.(effects|createdCoupons|createdReferrals) is required by IntegrationStateV2$/,
    yields: ({ ada, leaving }) => ({
      integrationStates: [
        { customerProfile: { integrationId: ada, attributes: { Tier: 'silver' } } },
        { customerProfile: { integrationId: leaving } },
      ],
    }),
  },
  {
    api: 'IntegrationApi',
    method: 'updateCustomerProfileAudiences',
    args: ({ leaving, audienceId }) => [{ data: [{ action: 'add', profileIntegrationId: leaving, audienceId }] }],
  },
  {
    api: 'IntegrationApi',
    method: 'getCustomerInventory',
    args: ({ ada }) => [ada, { profile: true, referrals: true, coupons: true, loyalty: true }],
    as: 'CustomerInventory',
    yields: ({ ada }) => ({
      profile: { integrationId: ada, attributes: { Tier: 'silver' } },
      referrals: [],
      coupons: [],
    }),
  },
  {
    api: 'IntegrationApi',
    method: 'createAudienceV2',
    args: ({ release }) => [{ name: 'Made by the SDK', integration: 'mparticle', integrationId: release }],
    as: 'Audience',
    yields: ({ release }) => ({
      name: 'Made by the SDK',
      integration: 'mparticle',
      integrationId: release,
      created: expect.any(Date) as unknown,
    }),
  },
  {
    api: 'IntegrationApi',
    method: 'updateAudienceV2',
    args: ({ ownAudienceId }) => [ownAudienceId, { name: 'Renamed by the SDK' }],
    as: 'Audience',
    yields: ({ ownAudienceId }) => ({ id: ownAudienceId, name: 'Renamed by the SDK' }),
  },
  {
    api: 'IntegrationApi',
    method: 'updateAudienceCustomersAttributes',
    args: ({ ownAudienceId }) => [ownAudienceId, { Tier: 'gold' }],
  },
  { api: 'IntegrationApi', method: 'deleteAudienceMembershipsV2', args: ({ ownAudienceId }) => [ownAudienceId] },
  { api: 'IntegrationApi', method: 'deleteAudienceV2', args: ({ ownAudienceId }) => [ownAudienceId] },
  {
    api: 'ManagementApi',
    method: 'createSession',
    args: ({ email, password }) => [{ email, password }],
    as: 'Session',
    yields: ({ userId }) => ({ userId, token: expect.any(String) as unknown, created: expect.any(Date) as unknown }),
  },
  {
    api: 'ManagementApi',
    method: 'getAccount',
    args: () => [1],
    as: 'Account',
    yields: () => ({ id: 1, companyName: 'Rollcall', state: 'active', applicationCount: 2 }),
  },
  {
    api: 'ManagementApi',
    method: 'getUsers',
    args: () => [{ pageSize: 10, sort: '-id' }],
    yields: ({ userId, email }) => ({ data: [{ id: userId, email, state: 'active' }] }),
  },
  {
    api: 'ManagementApi',
    method: 'getUser',
    args: ({ userId }) => [userId],
    as: 'User',
    yields: ({ userId, email }) => ({ id: userId, email, created: expect.any(Date) as unknown }),
  },
  {
    api: 'ManagementApi',
    method: 'getAllRoles',
    args: () => [],
    yields: () => ({ totalResultSize: 2, data: [{ id: 1, name: 'Admin' }, { id: 2 }] }),
    mayLack: ACCOUNT_ID_OF_RELEASE_4,
  },
  {
    api: 'ManagementApi',
    method: 'getRole',
    args: () => [2],
    as: 'Role',
    yields: ({ userId }) => ({ id: 2, members: expect.not.arrayContaining([userId]) as unknown }),
    mayLack: ACCOUNT_ID_OF_RELEASE_4,
  },
  {
    api: 'ManagementApi',
    method: 'getApplications',
    args: () => [{ sort: 'id' }],
    yields: () => ({ totalResultSize: 2, data: [{ id: LIVE, loyaltyPrograms: [] }, { sandbox: true }] }),
  },
  {
    api: 'ManagementApi',
    method: 'getApplication',
    args: () => [LIVE],
    as: 'Application',
    yields: () => ({ id: LIVE, timezone: 'UTC', currency: 'EUR' }),
  },
  {
    api: 'ManagementApi',
    method: 'getApplicationApiHealth',
    args: () => [LIVE],
    as: 'ApplicationApiHealth',
    yields: () => ({
      summary: expect.stringMatching(/^(OK|WARNING|ERROR|CRITICAL|NONE)$/) as unknown,
      lastUsed: expect.any(Date) as unknown,
    }),
  },
  { api: 'ManagementApi', method: 'getApplicationSessions', args: () => [LIVE], yields: () => ({ data: [] }) },
  { api: 'ManagementApi', method: 'getApplicationEventTypes', args: () => [LIVE], yields: () => ({ data: [] }) },
  { api: 'ManagementApi', method: 'getEventTypes', args: () => [], yields: () => ({ totalResultSize: 0, data: [] }) },
  {
    api: 'ManagementApi',
    method: 'createAttribute',
    args: (world) => [ownAttribute(world)],
    as: 'Attribute',
    yields: (world) => ({ ...ownAttribute(world), accountId: 1 }),
  },
  {
    api: 'ManagementApi',
    method: 'getAttributes',
    args: () => [{ entity: 'CustomerProfile', pageSize: 1000 }],
    yields: ({ attributeId }) => ({
      data: expect.arrayContaining([expect.objectContaining({ id: attributeId, name: 'Tier' })]) as unknown,
    }),
  },
  {
    api: 'ManagementApi',
    method: 'getAttribute',
    args: ({ attributeId }) => [attributeId],
    as: 'Attribute',
    yields: () => ({ name: 'Tier', type: 'string', suggestions: expect.any(Array) as unknown }),
  },
  {
    api: 'ManagementApi',
    method: 'updateAttribute',
    args: ({ attributeId }) => [
      attributeId,
      { ...newAttribute, name: 'Tier', title: 'Tier', type: 'string', description: 'Level of loyalty' },
    ],
    as: 'Attribute',
    yields: ({ attributeId }) => ({ id: attributeId, description: 'Level of loyalty' }),
  },
  {
    api: 'ManagementApi',
    method: 'importAllowedList',
    args: ({ attributeId }) => [attributeId, { upFile: 'item\ngold\nsilver\n' }],
    as: 'ModelImport',
    yields: () => ({ amount: 2, entity: 'AttributeAllowedList' }),
  },
  {
    api: 'ManagementApi',
    method: 'getAudiences',
    args: () => [{ withTotalResultSize: true, sort: 'id' }],
    yields: ({ audienceId }) => ({
      totalResultSize: expect.any(Number) as unknown,
      data: expect.arrayContaining([
        expect.objectContaining({ id: audienceId, name: 'First audience', integrationId: 'first-audience' }),
      ]) as unknown,
    }),
  },
  { api: 'ManagementApi', method: 'getApplicationCustomers', args: () => [LIVE], yields: includesAda },
  {
    api: 'ManagementApi',
    method: 'getApplicationCustomer',
    args: ({ adaId }) => [LIVE, adaId],
    as: 'ApplicationCustomer',
    yields: ada,
  },
  {
    api: 'ManagementApi',
    method: 'getApplicationCustomersByAttributes',
    args: () => [LIVE, { attributes: { Tier: 'silver' } }],
    unsignedIn: 'talon_one',
    yields: includesAda,
  },
  {
    api: 'ManagementApi',
    method: 'getCustomerAnalytics',
    args: ({ adaId }) => [LIVE, adaId],
    as: 'CustomerAnalytics',
    yields: () => ({ acceptedCoupons: 0, totalOrders: 0, totalRevenue: 0 }),
  },
  {
    api: 'ManagementApi',
    method: 'getCustomerProfiles',
    args: () => [{ pageSize: 50, sandbox: false }],
    yields: (world) => ({ hasMore: false, ...includesAda(world) }),
  },
  {
    api: 'ManagementApi',
    method: 'getCustomerProfile',
    args: ({ adaId }) => [adaId],
    yields: ada,
  },
  {
    api: 'ManagementApi',
    method: 'getCustomersByAttributes',
    args: ({ ada }) => [{ attributes: { Tier: 'silver' }, integrationIDs: [ada] }, { pageSize: 10 }],
    yields: (world) => ({ hasMore: false, data: [ada(world)] }),
  },
  {
    api: 'ManagementApi',
    method: 'getAccessLogsWithoutTotalCount',
    args: () => [LIVE, ...range(), { method: 'put', status: 'success', pageSize: 100 }],
    yields: () => ({
      data: expect.arrayContaining([
        expect.objectContaining({
          method: 'PUT',
          status: 200,
          requestUri: '/v2/customer_profiles?silent=no',
        }),
      ]) as unknown,
    }),
  },
  {
    api: 'ManagementApi',
    method: 'getChanges',
    args: ({ userId }) => [{ userId, withTotalResultSize: true }],
    yields: ({ attributeId }) => ({
      data: expect.arrayContaining([expect.objectContaining({ entity: `/v1/attributes/${attributeId}` })]) as unknown,
    }),
  },
  {
    api: 'IntegrationApi',
    method: 'deleteCustomerData',
    args: ({ leaving }) => [leaving],
  },
  { api: 'ManagementApi', method: 'destroySession', args: () => [] },
];
