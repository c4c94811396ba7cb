/** Wire shapes of audiences: one, its size over time, and what a body may ask of it. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, IdText, NameText, Nullable, Timestamp } from '../../wire.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const MAX_DESCRIPTION = 10_000;
const MAX_APPLICATIONS = 1000;

const published = {
  id: Id({ description: 'Internal number; never used again after deletion' }),
  created: Timestamp('When it was created'),
  accountId: Id(),
  name: Type.String(),
  sandbox: Type.Boolean({ description: 'True in the sandbox environment' }),
  description: Type.String({ description: 'Empty when there is none' }),
  subscribedApplicationsIds: Type.Array(Id(), { description: 'Applications it is connected to' }),
  integration: Type.Optional(Type.String({ description: 'The platform it came from; absent for one made by hand' })),
  integrationId: Type.Optional(
    Type.String({ description: "The platform's own ID, unique per platform and environment" }),
  ),
  createdIn3rdParty: Type.Boolean({ description: 'True when a platform created it' }),
  lastUpdate: Timestamp('Last change to it or to its members'),
};

/** An audience. */
export const AudienceSchema = Type.Object(
  { ...published, ...extended({ membersCount: Count('Its members now, exactly') }) },
  { title: 'Audience' },
);
export type Audience = Static<typeof AudienceSchema>;

/** The request that changed an audience's members last. */
export const LastFedBySchema = Type.Object(
  {
    time: Timestamp('When'),
    requestUuid: Type.String({ format: 'uuid', description: 'The request, as the access log names it' }),
    keyId: Nullable(Id(), { description: 'The API key it was made with' }),
    keyName: Nullable(Type.String(), { description: 'Also of a key that is expired or deleted' }),
    userId: Nullable(Id(), { description: 'The user of the back office who asked for it' }),
    userEmail: Nullable(Type.String(), { description: 'Null when there is no such user any more' }),
  },
  { title: 'LastFedBy', description: 'Neither a key nor a user: it came from the command line' },
);
export type LastFedBy = Static<typeof LastFedBySchema>;

export const AudienceDetailSchema = Type.Object(
  {
    ...AudienceSchema.properties,
    lastFedBy: Nullable(LastFedBySchema, {
      description: 'Null while its members never changed, or when that is forgotten',
    }),
  },
  { title: 'AudienceDetail' },
);
export type AudienceDetail = Static<typeof AudienceDetailSchema>;

export const AudienceAnalyticsSchema = Type.Object(
  { audienceId: Id(), membersCount: Count('Its members now, exactly') },
  { title: 'AudienceAnalytics' },
);
export type AudienceAnalytics = Static<typeof AudienceAnalyticsSchema>;

/** One hour or day of an audience. */
export const TimelinePointSchema = Type.Object(
  {
    time: Timestamp('Where the interval begins'),
    joins: Count('Memberships that began in it'),
    leaves: Count('Memberships that ended in it'),
    members: Count('Members at its end, or now where it is not over'),
  },
  { title: 'TimelinePoint' },
);
export type TimelinePoint = Static<typeof TimelinePointSchema>;

/** An audience that moved. */
export const AudienceMoverSchema = Type.Object(
  {
    id: Id(),
    name: Type.String(),
    sandbox: Type.Boolean(),
    membersCount: Count('Its members now, exactly'),
    joins: Count('Memberships that began in the range'),
    leaves: Count('Memberships that ended in the range'),
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
    sandbox: Type.Optional(Type.Boolean({ default: false, description: 'The environment it lives in' })),
    description: Type.Optional(Description),
    integration: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^\\s*[^\\s\\u0000\\ud800-\\udfff][^\\u0000\\ud800-\\udfff]*$',
        description: 'The platform that shall feed it; leave out for one made by hand',
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
  { title: 'AudienceUpdate', description: 'What is left out stays as it is' },
);
export type AudienceUpdate = Static<typeof AudienceUpdateSchema>;
