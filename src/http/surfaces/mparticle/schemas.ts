/** Schemas of the messages that mParticle sends, distinguished by their type, and of the answers to them. */

import { type TObject, type TSchema, Type } from 'typebox';
import { MAX_CHANGES_PER_REQUEST, MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { errorResponses, Id, IdText, NameText, Nullable } from '../../wire.ts';
import { DEPLOYMENT_FORM } from '../third-party-headers.ts';
import { REGISTRATION } from './registration.ts';

export const TAG = 'Third-party API: mParticle';

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const text = (description: string) => optional(Type.String({ description }));
const Open = (description: string) => Type.Object({}, { additionalProperties: true, description });

// ---- what messages have in common

/** Repeated in the answer. */
const echoed = {
  id: text('ID of the message'),
  timestamp_ms: optional(Type.Integer({ description: 'Time of the message, in ms since the epoch' })),
  firehose_version: text('Version of the format, such as 2.4.0'),
};

const Account = Type.Object({
  account_id: optional(Type.Integer({ description: 'The account at mParticle' })),
  account_settings: Type.Object({
    apiKey: Type.String({ description: 'A key of the platform mParticle, without a prefix' }),
    deploymentURL: Type.String({ description: 'The deployment addressed, with or without `https://`' }),
    userIdField: Type.Enum(['email', 'customerId', 'mpid'], {
      description: 'Which identity is the integration ID of a customer profile',
    }),
    runRuleEngine: optional(Type.Boolean({ description: 'Updates lastActivity. Default: false' })),
  }),
});

const UserIdentity = Type.Object({
  type: Type.String({ description: '`email`, or `customer` in any of its spellings; others are ignored' }),
  encoding: text('Not used: a hashed value is stored unchanged'),
  value: optional(Type.String()),
});

const UserAttribute = Type.Object({
  key: Type.String({ description: 'Name of the attribute; a leading `$` becomes `mp_`. Undefined ones are skipped' }),
  value: Type.Optional(Type.Unknown()),
  action: optional(Type.Enum(['upsert', 'delete'], { description: 'Default: upsert' })),
});

const identities = optional(
  Type.Array(UserIdentity, { description: 'Must contain the identity named by `userIdField`, unless that is `mpid`' }),
);
const userAttributes = (description: string) => optional(Type.Array(UserAttribute, { description }));
const mpid = IdText({ description: 'The ID of the user at mParticle' });

const message = (name: string, fields: Record<string, TSchema>, title: string): TObject =>
  Type.Object({ type: Type.Enum([`${name}_request`]), ...echoed, ...fields }, { title });

// ---- messages

const AUDIENCE_ID = Id({ description: 'The ID of the audience at mParticle' });

const Registration = message(
  'module_registration',
  { account: optional(Open('Ignored: there are no settings yet')) },
  'ModuleRegistrationRequest',
);

const Subscription = message(
  'audience_subscription',
  {
    account: Account,
    audience_id: AUDIENCE_ID,
    audience_name: NameText({ description: 'Display name' }),
    action: Type.Enum(['add', 'update', 'remove']),
    audience_subscription_settings: optional(Open('Repeated in the answer, with `t1AudienceID`')),
    user_attributes: userAttributes('Ignored: the message is not about a profile'),
  },
  'AudienceSubscriptionRequest',
);

const MembershipChange = message(
  'audience_membership_change',
  {
    account: Account,
    user_profiles: optional(
      Type.Array(
        Type.Object({
          mpid,
          user_identities: identities,
          audiences: optional(
            Type.Array(
              Type.Object({
                audience_id: AUDIENCE_ID,
                audience_name: NameText({ description: 'Display name of the audience, if it is created' }),
                action: Type.Enum(['add', 'delete', 'attribute_update'], {
                  description: '`attribute_update` does not change the membership',
                }),
                audience_subscription_settings: optional(Open('Not used')),
                user_attributes: userAttributes('Attributes of the profile'),
              }),
              { description: 'Applied in order' },
            ),
          ),
        }),
        {
          maxItems: MAX_ITEMS_PER_REQUEST,
          description: `Customer profiles; unknown ones are created. At most ${MAX_CHANGES_PER_REQUEST} changes of memberships in total`,
        },
      ),
    ),
  },
  'AudienceMembershipChangeRequest',
);

const Events = message(
  'event_processing',
  {
    account: Account,
    mpid,
    user_identities: identities,
    events: Type.Array(
      Type.Object({
        name: Type.String(),
        type: Type.Enum(['custom_event']),
        session_id: Type.Optional(Type.Unknown()),
        id: Type.Optional(Type.Unknown()),
        source_id: Type.Optional(Type.Unknown()),
        attributes: optional(Open('Not kept')),
      }),
      { maxItems: MAX_ITEMS_PER_REQUEST, description: 'Not stored: events belong to a promotion engine' },
    ),
  },
  'EventProcessingRequest',
);

const ACCOUNT = {
  account_id: 1234567,
  account_settings: {
    apiKey: 'your-key',
    deploymentURL: 'promo.example.com',
    userIdField: 'customerId',
    runRuleEngine: false,
  },
};
const example = (type: string, rest: object) => ({ type, id: '62cdcd11', timestamp_ms: 1586980879793, ...rest });
const customerIdentity = [{ type: 'customerId', encoding: 'raw', value: 'ada' }];

/** The body of every message. */
const Message = Type.Union([Registration, Subscription, MembershipChange, Events], {
  title: 'MParticleRequest',
  'x-tag': 'type',
  examples: [
    example('audience_membership_change_request', {
      account: ACCOUNT,
      user_profiles: [
        {
          mpid: '6423',
          user_identities: customerIdentity,
          audiences: [
            {
              audience_id: 234,
              audience_name: 'Travel',
              action: 'add',
              user_attributes: [{ key: 'Tier', value: 'gold', action: 'upsert' }],
            },
          ],
        },
      ],
    }),
  ],
});

// ---- answers

const answer = (name: string, fields: Record<string, TSchema>, title: string): TObject =>
  Type.Object({ type: Type.Enum([`${name}_response`]), ...echoed, ...fields }, { title });

const Settings = Type.Array(
  Type.Object({
    type: Type.String(),
    id: Type.String(),
    name: Type.String(),
    description: Type.Optional(Type.String()),
    visible: Type.Boolean(),
    required: Type.Boolean(),
    confidential: Type.Optional(Type.Boolean()),
    default_value: Type.Optional(Type.Union([Type.String(), Type.Boolean()])),
  }),
);
const Texts = Type.Array(Type.String());

const RegistrationAnswer = answer(
  'module_registration',
  {
    name: Type.String(),
    description: Type.String(),
    version: Type.String(),
    permissions: Type.Object({
      allow_consent_state: Type.Boolean(),
      allow_access_mpid: Type.Boolean(),
      allow_user_attributes: Type.Boolean(),
      allow_audience_user_attributes: Type.Boolean(),
      user_identities: Type.Array(
        Type.Object({ type: Type.String(), encoding: Type.String(), required: Type.Boolean() }),
      ),
    }),
    audience_processing_registration: Type.Object({
      account_settings: Settings,
      audience_subscription_settings: Settings,
    }),
    event_processing_registration: Type.Object({
      account_settings: Settings,
      supported_event_types: Texts,
      supported_runtime_environments: Texts,
      supported_system_notification_types: Texts,
      max_data_age_hours: Type.Integer(),
    }),
  },
  'ModuleRegistrationResponse',
);

const Answer = Type.Union(
  [
    RegistrationAnswer,
    answer(
      'audience_subscription',
      {
        audience_subscription_settings: Type.Optional(
          Open('Those of the message, with `t1AudienceID`, the internal ID of the audience'),
        ),
      },
      'AudienceSubscriptionResponse',
    ),
    answer('audience_membership_change', {}, 'AudienceMembershipChangeResponse'),
    answer('event_processing', {}, 'EventProcessingResponse'),
  ],
  { title: 'MParticleResponse' },
);

export const sendEventSchema = {
  operationId: 'mparticle/sendevent',
  summary: 'Receive a message from mParticle',
  description:
    'The `type` determines the kind of message: a registration of the module, which needs no key; an audience subscription, which creates, renames or deletes an audience; changes to memberships and attributes of profiles; or events, of which only the profile is stored. The key is in the body. Either everything is applied or nothing.',
  tags: [TAG],
  security: [],
  body: Message,
  response: {
    200: {
      description: 'Applied; repeats the ID and the time of the message',
      content: {
        'application/json': {
          schema: Answer,
          examples: {
            registration: {
              summary: 'Of a registration',
              value: { type: 'module_registration_response', ...REGISTRATION },
            },
            memberships: {
              summary: 'Of memberships',
              value: { type: 'audience_membership_change_response', id: '62cdcd11', timestamp_ms: 1586980879793 },
            },
          },
        },
      },
    },
    ...errorResponses(THIRD_PARTY_ERROR, [
      {
        status: 400,
        when: 'The type of the message is unknown, or the message does not match it',
        example: 'type: must be one of module_registration_request, audience_subscription_request, …',
      },
      {
        status: 400,
        when: 'The deployment is not a host name, or is not served here',
        example: `account.account_settings.deploymentURL: expected ${DEPLOYMENT_FORM}`,
      },
      {
        status: 400,
        when: 'A profile lacks the identity that is its ID; nothing was applied',
        example: "user_profiles[3]: mpid '6423' has no identity of type email (userIdField)",
      },
      {
        status: 401,
        when: 'The key is missing, unknown, expired or deleted',
        example: 'API key missing, unknown or expired (send it in the body, at account.account_settings.apiKey)',
      },
      {
        status: 401,
        when: 'The key is of another kind',
        example: 'API key is not valid for mParticle (it is a generic key; create one of platform mParticle)',
      },
      { status: 409, when: 'The audience to add already exists', example: "Audience '234' already exists" },
      { status: 413, when: 'The body is too large', example: 'Body exceeds 1 MiB' },
      {
        status: 429,
        when: 'Too many requests per second, or registrations per minute; `Retry-After` says when to try again',
        example: 'Too many requests',
      },
    ]),
  },
};

// ---- messages as they are sent

interface Echoed {
  readonly id?: string | null;
  readonly timestamp_ms?: number | null;
  readonly firehose_version?: string | null;
}

export interface Account {
  readonly account_settings: {
    readonly deploymentURL: string;
    readonly userIdField: 'email' | 'customerId' | 'mpid';
    readonly runRuleEngine?: boolean | null;
  };
}

export interface UserIdentity {
  readonly type: string;
  readonly value?: string | null;
}

export interface UserAttribute {
  readonly key: string;
  readonly value?: unknown;
  readonly action?: 'upsert' | 'delete' | null;
}

export interface SentAudience {
  readonly audience_id: number;
  readonly audience_name: string;
  readonly action: 'add' | 'delete' | 'attribute_update';
  readonly user_attributes?: readonly UserAttribute[] | null;
}

/** A user, in a row of a message or as its sender. */
export interface SentUser {
  readonly mpid: string;
  readonly user_identities?: readonly UserIdentity[] | null;
}

export interface SubscriptionMessage extends Echoed {
  readonly type: 'audience_subscription_request';
  readonly account: Account;
  readonly audience_id: number;
  readonly audience_name: string;
  readonly action: 'add' | 'update' | 'remove';
  readonly audience_subscription_settings?: Readonly<Record<string, unknown>> | null;
}

/** A row of a message about memberships. */
export interface ProfileRow extends SentUser {
  readonly audiences?: readonly SentAudience[] | null;
}

export interface MembershipMessage extends Echoed {
  readonly type: 'audience_membership_change_request';
  readonly account: Account;
  readonly user_profiles?: readonly ProfileRow[] | null;
}

export interface EventMessage extends Echoed, SentUser {
  readonly type: 'event_processing_request';
  readonly account: Account;
}

export type SentMessage =
  | (Echoed & { readonly type: 'module_registration_request' })
  | SubscriptionMessage
  | MembershipMessage
  | EventMessage;
