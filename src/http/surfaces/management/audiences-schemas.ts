/** Wire shapes of audiences: an audience, its size over time, and request bodies. */

import { type Static, Type } from 'typebox';
import { AudienceSchema } from '../../audience-wire.ts';
import { Id, IdText, NameText, Nullable, Timestamp } from '../../wire.ts';

export type { Audience } from '../../audience-wire.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const MAX_DESCRIPTION = 10_000;
const MAX_APPLICATIONS = 1000;

/** The request that changed an audience's members last. */
export const LastFedBySchema = Type.Object(
  {
    time: Timestamp('When'),
    requestUuid: Type.String({ format: 'uuid', description: 'UUID of the request, as in the access log' }),
    keyId: Nullable(Id(), { description: 'The API key of the request' }),
    keyName: Nullable(Type.String(), { description: 'Set even for a key that is expired or deleted' }),
    userId: Nullable(Id(), { description: 'The user of the back office who made the request' }),
    userEmail: Nullable(Type.String(), { description: 'Null if the user no longer exists' }),
  },
  { title: 'LastFedBy', description: 'Whether it came from the command line, that is, from neither a key nor a user' },
);
export type LastFedBy = Static<typeof LastFedBySchema>;

export const AudienceDetailSchema = Type.Object(
  {
    ...AudienceSchema.properties,
    lastFedBy: Nullable(LastFedBySchema, {
      description: 'Null if its members never changed, or if the ledger no longer knows',
    }),
  },
  { title: 'AudienceDetail' },
);
export type AudienceDetail = Static<typeof AudienceDetailSchema>;

export const AudienceAnalyticsSchema = Type.Object(
  { audienceId: Id(), membersCount: Count('Exact current number of members') },
  { title: 'AudienceAnalytics' },
);
export type AudienceAnalytics = Static<typeof AudienceAnalyticsSchema>;

/** One hour or day of an audience. */
export const TimelinePointSchema = Type.Object(
  {
    time: Timestamp('Start of the interval'),
    joins: Count('Memberships started in it'),
    leaves: Count('Memberships ended in it'),
    members: Count('Number of members at its end, or now if it is not over'),
  },
  { title: 'TimelinePoint' },
);
export type TimelinePoint = Static<typeof TimelinePointSchema>;

/** An audience whose members changed. */
export const AudienceMoverSchema = Type.Object(
  {
    id: Id(),
    name: Type.String(),
    sandbox: Type.Boolean(),
    membersCount: Count('Exact current number of members'),
    joins: Count('Memberships started in the range'),
    leaves: Count('Memberships ended in the range'),
  },
  { title: 'AudienceMover' },
);
export type AudienceMover = Static<typeof AudienceMoverSchema>;

const Description = Type.String({ maxLength: MAX_DESCRIPTION, pattern: '^[^\\u0000\\ud800-\\udfff]*$' });
const ApplicationIds = Type.Array(Id(), {
  maxItems: MAX_APPLICATIONS,
  description: "Applications of the audience's environment",
});

export const NewAudienceSchema = Type.Object(
  {
    name: NameText({ description: 'Display name; need not be unique' }),
    sandbox: Type.Optional(Type.Boolean({ default: false, description: 'The environment it belongs to' })),
    description: Type.Optional(Description),
    integration: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^\\s*[^\\s\\u0000\\ud800-\\udfff][^\\u0000\\ud800-\\udfff]*$',
        description: 'The platform that will update it; absent for one created by hand',
      }),
    ),
    integrationId: Type.Optional(IdText({ description: "The platform's own ID, unique per platform and environment" })),
    subscribedApplicationsIds: Type.Optional(ApplicationIds),
  },
  { title: 'NewAudience' },
);
export type NewAudience = Static<typeof NewAudienceSchema>;

export const AudienceUpdateSchema = Type.Object(
  {
    name: Type.Optional(NameText()),
    description: Type.Optional(Description),
    subscribedApplicationsIds: Type.Optional(ApplicationIds),
  },
  { title: 'AudienceUpdate', description: 'Fields that are left out stay unchanged' },
);
export type AudienceUpdate = Static<typeof AudienceUpdateSchema>;
