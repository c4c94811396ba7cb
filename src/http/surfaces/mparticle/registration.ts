/**
 * How this server describes itself when it is set up at mParticle: what it is, what it may see, and which settings it
 * needs.
 */

const ACCOUNT_SETTINGS = [
  {
    type: 'text',
    id: 'deploymentURL',
    name: 'Deployment URL',
    description: 'Address of your Rollcall server',
    visible: true,
    required: true,
    confidential: true,
    default_value: '',
  },
  {
    type: 'text',
    id: 'apiKey',
    name: 'API key',
    description: 'A key of the platform mParticle',
    visible: true,
    required: true,
    confidential: true,
    default_value: '',
  },
  {
    type: 'text',
    id: 'userIdField',
    name: 'User ID',
    description: 'The identity that is the integration ID of a customer profile: email, customerId or mpid',
    visible: true,
    required: true,
    confidential: true,
    default_value: 'customerId',
  },
  {
    type: 'boolean',
    id: 'runRuleEngine',
    name: 'Run rule engine',
    description: 'Whether changes of memberships count as activity of the customer',
    visible: true,
    required: true,
    confidential: false,
    default_value: false,
  },
];

/** The answer to a registration, without the parts of the message that it repeats. */
export const REGISTRATION = {
  name: 'Rollcall',
  description: 'Keeps customer profiles and audiences, and answers who is in which audience.',
  version: '0.0.1',
  permissions: {
    allow_consent_state: true,
    allow_access_mpid: true,
    allow_user_attributes: true,
    allow_audience_user_attributes: true,
    user_identities: ['email', 'customerId'].map((type) => ({ type, encoding: 'raw', required: false })),
  },
  audience_processing_registration: {
    account_settings: ACCOUNT_SETTINGS,
    audience_subscription_settings: [
      { type: 'integer', id: 't1AudienceID', name: 'Audience ID at Rollcall', visible: false, required: false },
    ],
  },
  event_processing_registration: {
    account_settings: ACCOUNT_SETTINGS,
    supported_event_types: ['custom_event'],
    supported_runtime_environments: [
      'unknown',
      'android',
      'ios',
      'tvos',
      'mobileweb',
      'roku',
      'xbox',
      'firetv',
      'alexa',
      'smarttv',
    ],
    supported_system_notification_types: [],
    max_data_age_hours: -1,
  },
};
