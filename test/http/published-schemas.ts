/**
 * The published documents' schemas of every operation served here, as strict as generated clients read them: no other
 * fields, and every format and length. They are written from the published contract, not from our schemas.
 */

type Schema = Readonly<Record<string, unknown>>;

const id: Schema = { type: 'integer', minimum: 1 };
const integer: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const boolean: Schema = { type: 'boolean' };
const string: Schema = { type: 'string' };
const filled: Schema = { type: 'string', minLength: 1 };
const ownId: Schema = { type: 'string', minLength: 1, maxLength: 1000 };
const dateTime: Schema = { type: 'string', format: 'date-time' };
const email: Schema = { type: 'string', format: 'email' };
const map: Schema = { type: 'object' };
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const oneOf = (...values: string[]): Schema => ({ enum: values });

/** An object with exactly these fields; those that end in `?` may be absent. */
function object(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

const TotalPage = (item: Schema) => object({ totalResultSize: { type: 'integer', minimum: 0 }, data: list(item) });
const MorePage = (item: Schema) => object({ hasMore: boolean, data: list(item) });
const FlaggedPage = (item: Schema): Schema => ({ oneOf: [TotalPage(item), MorePage(item)] });

const thirdPartyProfile = {
  id,
  created: dateTime,
  accountId: id,
  'integrationId?': ownId,
  'attributes?': map,
  'closedSessions?': integer,
  'totalSales?': number,
  'audienceMemberships?': list(object({ id, name: string })),
  'lastActivity?': dateTime,
};
const customerProfile = {
  id,
  created: dateTime,
  integrationId: ownId,
  accountId: id,
  closedSessions: integer,
  totalSales: number,
  lastActivity: dateTime,
  attributes: map,
  'audienceMemberships?': list(object({ id, name: string })),
  'sandbox?': boolean,
};
const CustomerProfile = object(customerProfile);
const ApplicationCustomer = object({ ...customerProfile, 'advocateIntegrationId?': ownId });

const IntegrationState = object({
  effects: list(map),
  createdCoupons: list(map),
  createdReferrals: list(map),
  'customerProfile?': object(thirdPartyProfile),
});
const IntegrationStateV2 = object({
  effects: list(map),
  createdCoupons: list(map),
  createdReferrals: list(map),
  'customerProfile?': CustomerProfile,
  'triggeredCampaigns?': list(map),
  'loyalty?': object({ 'programs?': map }),
  'ruleFailureReasons?': list(map),
  'awardedGiveaways?': list(map),
});
const ThirdPartyAudience = object({
  id,
  created: dateTime,
  accountId: id,
  name: ownId,
  'integration?': filled,
  'integrationId?': ownId,
});
const EmarsysAnswer = object({
  'content?': list(
    object({ 'customerProfileId?': string, 'audienceId?': string, 'actionType?': oneOf('add', 'delete') }),
  ),
});
const echoed = (kind: string) => ({
  'type?': oneOf(`${kind}_response`),
  'id?': string,
  'timestamp_ms?': integer,
  'firehose_version?': string,
});
const mparticleSetting = object({
  type: string,
  id: string,
  name: string,
  'description?': string,
  visible: boolean,
  required: boolean,
  'confidential?': boolean,
  'default_value?': { type: ['string', 'boolean'] },
});
const MParticleRegistration = object({
  ...echoed('module_registration'),
  'name?': string,
  'description?': string,
  'version?': string,
  'permissions?': object({
    allow_consent_state: boolean,
    allow_access_mpid: boolean,
    allow_user_attributes: boolean,
    allow_audience_user_attributes: boolean,
    user_identities: list(object({ type: string, encoding: string, required: boolean })),
  }),
  'audience_processing_registration?': object({
    account_settings: list(mparticleSetting),
    audience_subscription_settings: list(mparticleSetting),
  }),
  'event_processing_registration?': object({
    account_settings: list(mparticleSetting),
    supported_event_types: list(string),
    supported_runtime_environments: list(string),
    supported_system_notification_types: list(string),
    max_data_age_hours: integer,
  }),
});
const MParticleAnswers = [
  object({ ...echoed('audience_subscription'), 'audience_subscription_settings?': map }),
  object(echoed('audience_membership_change')),
  object(echoed('event_processing')),
];
const Inventory = object({
  'profile?': CustomerProfile,
  'referrals?': list(map),
  'coupons?': list(map),
  'loyalty?': object({ 'programs?': map }),
  'giveaways?': list(map),
  'achievements?': list(map),
});

const Audience = object({
  id,
  created: dateTime,
  accountId: id,
  name: filled,
  'sandbox?': boolean,
  'description?': string,
  'subscribedApplicationsIds?': list(id, { uniqueItems: true }),
  'integration?': filled,
  'integrationId?': ownId,
  'createdIn3rdParty?': boolean,
  'lastUpdate?': dateTime,
});
const Import = object({ id, created: dateTime, accountId: id, userId: integer, entity: filled, amount: integer });
const Attribute = object({
  id,
  created: dateTime,
  accountId: id,
  entity: oneOf(
    'Application',
    'Campaign',
    'CustomerProfile',
    'CustomerSession',
    'CartItem',
    'Coupon',
    'Event',
    'Giveaway',
    'LoyaltyCard',
    'Referral',
    'Store',
  ),
  name: { type: 'string', pattern: '^[A-Za-z]\\w*$' },
  title: { type: 'string', pattern: "^[A-Za-z][A-Za-z0-9_.!~*'() -]*$" },
  type: oneOf(
    'string',
    'number',
    'boolean',
    'time',
    '(list string)',
    '(list number)',
    '(list time)',
    'location',
    '(list location)',
  ),
  description: string,
  suggestions: list(filled, { maxItems: 50 }),
  editable: boolean,
  'eventType?': filled,
  'eventTypeId?': id,
  'hasAllowedList?': boolean,
  'restrictedBySuggestions?': boolean,
  'subscribedApplicationsIds?': list(id),
  'subscribedCatalogsIds?': list(id),
  'allowedSubscriptions?': list(oneOf('application', 'catalog'), { maxItems: 2 }),
});
const Application = object({
  id,
  created: dateTime,
  modified: dateTime,
  accountId: id,
  name: filled,
  timezone: filled,
  currency: filled,
  loyaltyPrograms: list(map),
  'description?': string,
  'caseSensitivity?': oneOf('sensitive', 'insensitive-uppercase', 'insensitive-lowercase'),
  'attributes?': map,
  'sandbox?': boolean,
  'enableCampaignStateManagement?': boolean,
});
const AccessLogEntry = object({
  uuid: { type: 'string', format: 'uuid' },
  status: integer,
  method: { type: 'string', pattern: '^[A-Z]+$' },
  requestUri: filled,
  time: dateTime,
  requestPayload: string,
  responsePayload: string,
});
const Change = object({
  id,
  created: dateTime,
  userId: integer,
  entity: filled,
  'applicationId?': id,
  'old?': map,
  'new?': map,
  'managementKeyId?': id,
});
const User = object({
  id,
  created: dateTime,
  modified: dateTime,
  email,
  accountId: id,
  inviteToken: string,
  state: oneOf('invited', 'active', 'deactivated'),
  name: string,
  policy: map,
  'isAdmin?': boolean,
  'roles?': list(id),
  'authMethod?': filled,
  'lastSignedIn?': dateTime,
  'lastAccessed?': dateTime,
});
const Role = object({
  id,
  created: dateTime,
  modified: dateTime,
  accountId: id,
  'name?': string,
  'description?': string,
  'permissions?': map,
  'members?': list(id),
});
const RoleWithAcl = object({
  id,
  created: dateTime,
  modified: dateTime,
  accountId: id,
  'campaignGroupID?': integer,
  name: string,
  'description?': string,
  'members?': list(id),
  acl: map,
});
const Account = object({
  id,
  created: dateTime,
  modified: dateTime,
  companyName: filled,
  domainName: filled,
  state: oneOf('active', 'deactivated'),
  billingEmail: email,
  applicationCount: integer,
  userCount: integer,
  campaignsActiveCount: integer,
  campaignsInactiveCount: integer,
});
const Analytics = object({
  acceptedCoupons: number,
  createdCoupons: number,
  freeItems: number,
  totalOrders: number,
  totalDiscountedOrders: number,
  totalRevenue: number,
  totalDiscounts: number,
});

/** Error body of the Third-party API. */
export const ThirdPartyErrorBody = object({
  Error: filled,
  RequestUUID: { type: 'string', format: 'uuid' },
  StatusCode: integer,
});

/** Error body of the Integration and Management API. */
export const IntegrationErrorBody = object({
  message: filled,
  'errors?': list(
    object({
      title: filled,
      'details?': filled,
      source: {
        oneOf: ['pointer', 'parameter', 'line', 'resource'].map((place) => object({ [place]: string })),
      },
    }),
  ),
  'StatusCode?': integer,
});

const definingUpdate = { 'customerProfile?': object(thirdPartyProfile), 'createdAttributes?': list(Attribute) };

/** Successful answers by operation: the only published status and its body, or null if there is no body to parse. */
export const PUBLISHED: Readonly<Record<string, readonly [status: number, body: Schema | null]>> = {
  'cdp/updateCustomerProfile': [200, IntegrationState],
  'cdp/updateCustomerProfileAudiences': [200, IntegrationState],
  'cdp/updateCustomerProfilesAudiences': [204, null],
  'cdp/updateCustomerProfilesAudiencesAlias': [204, null],
  'cdp/v2/updateCustomerProfilesAudiences': [204, null],
  'cdp/createAudience': [201, ThirdPartyAudience],
  'cdp/updateAudience': [200, ThirdPartyAudience],
  'cdp/deleteAudience': [204, null],
  'segment/updateCustomerProfile': [200, object(definingUpdate)],
  'segment/updateCustomerProfileV2': [
    200,
    object({
      ...definingUpdate,
      'audiences?': list(
        object({
          id,
          created: dateTime,
          name: filled,
          'integration?': filled,
          integrationId: ownId,
          status: oneOf('unmodified', 'updated', 'new'),
        }),
      ),
    }),
  ],
  'segment/v2/updateCustomerProfile': [200, IntegrationState],
  'segment/updateCustomerProfileAudiences': [200, IntegrationState],
  'segment/updateCustomerProfilesAudiences': [204, null],
  'segment/v2/updateCustomerProfilesAudiences': [204, null],
  'segment/createAudience': [201, ThirdPartyAudience],
  'segment/updateAudience': [200, ThirdPartyAudience],
  'segment/deleteAudience': [204, null],
  'mparticle/sendevent': [200, { oneOf: [MParticleRegistration, ...MParticleAnswers] }],
  'emarsys/v2/updateCustomerProfilesAudiences': [200, EmarsysAnswer],
  authping: [204, null],
  getCustomerInventory: [200, Inventory],
  updateCustomerProfileV2: [200, IntegrationStateV2],
  updateCustomerProfilesV2: [200, object({ integrationStates: list(object({ customerProfile: CustomerProfile })) })],
  createAudienceV2: [201, Audience],
  updateAudienceV2: [200, Audience],
  deleteAudienceV2: [204, null],
  deleteAudienceMembershipsV2: [204, null],
  updateCustomerProfileAudiences: [204, null],
  updateAudienceCustomersAttributes: [204, null],
  deleteCustomerData: [204, null],
  getAudiences: [200, FlaggedPage(Audience)],
  getAudiencesAnalytics: [200, MorePage(object({ audienceId: id, membersCount: { type: 'integer', minimum: 0 } }))],
  getAudienceMemberships: [200, MorePage(CustomerProfile)],
  importAudiencesMemberships: [200, Import],
  exportAudiencesMemberships: [200, null],
  createAttribute: [201, Attribute],
  getAttributes: [200, TotalPage(Attribute)],
  getAttribute: [200, Attribute],
  updateAttribute: [200, Attribute],
  importAllowedList: [200, Import],
  getCustomerProfiles: [200, MorePage(CustomerProfile)],
  getCustomerProfile: [200, CustomerProfile],
  getCustomersByAttributes: [200, MorePage(CustomerProfile)],
  getApplicationCustomers: [200, FlaggedPage(ApplicationCustomer)],
  getApplicationCustomersByAttributes: [200, FlaggedPage(ApplicationCustomer)],
  // In older documents under the name above.
  searchApplicationCustomers: [200, TotalPage(ApplicationCustomer)],
  getApplicationCustomer: [200, ApplicationCustomer],
  getCustomerAnalytics: [200, Analytics],
  getApplications: [200, TotalPage(Application)],
  getApplication: [200, Application],
  getApplicationApiHealth: [
    200,
    object({ summary: oneOf('OK', 'WARNING', 'ERROR', 'CRITICAL', 'NONE'), lastUsed: dateTime }),
  ],
  getApplicationSessions: [200, MorePage(map)],
  getApplicationEventTypes: [200, TotalPage(string)],
  getEventTypes: [200, TotalPage(map)],
  getAccessLogsWithoutTotalCount: [200, MorePage(AccessLogEntry)],
  getChanges: [200, FlaggedPage(Change)],
  createSession: [201, object({ userId: id, token: filled, created: dateTime })],
  destroySession: [204, null],
  getUsers: [200, TotalPage(User)],
  getUser: [200, User],
  updateUser: [200, User],
  deleteUser: [204, null],
  deleteUserByEmail: [204, null],
  activateUserByEmail: [204, null],
  deactivateUserByEmail: [204, null],
  inviteUserExternal: [204, null],
  getAccount: [200, Account],
  listAllRolesV2: [200, TotalPage(Role)],
  getRoleV2: [200, Role],
  getAllRoles: [200, TotalPage(RoleWithAcl)],
  getRole: [200, RoleWithAcl],
  updateRoleV2: [200, Role],
};
