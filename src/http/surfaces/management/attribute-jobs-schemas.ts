/** Wire shape of attribute updates of whole audiences. */

import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from '../../wire.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const AttributeJobSchema = Type.Object(
  {
    id: Id(),
    audienceId: Id(),
    audienceName: Type.String({ description: 'Its last name, if it has been deleted', examples: ['Win-back EU'] }),
    sandbox: Type.Boolean(),
    attributeNames: Type.Array(Type.String({ examples: ['Tier'] }), {
      description: 'Names of the attributes that are set or removed',
    }),
    created: Timestamp('When it was recorded'),
    requestUuid: Type.String({ format: 'uuid', description: 'UUID of the request, as in the access log' }),
    keyId: Nullable(Id(), { description: 'The API key of the request' }),
    membersCount: Count('Members of the audience when it was recorded'),
    doneCount: Count('The number of these that have been written or needed no change'),
    tooLargeCount: Count('The number of these that were not changed because they would have become too large'),
    finished: Nullable(Timestamp('When the last member was written'), { description: 'Null while it is in progress' }),
  },
  { title: 'AttributeJob', description: 'Attributes for everyone in an audience, written in the background' },
);
export type AttributeJob = Static<typeof AttributeJobSchema>;
