/** Wire shapes of Applications. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, Timestamp } from '../../wire.ts';

const Name = () => Type.String({ minLength: 1, maxLength: 255, examples: ['Shop'] });
const Timezone = () =>
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'IANA time zone; API keys expire by it',
    examples: ['Europe/Berlin'],
  });
const Currency = () =>
  Type.String({ minLength: 3, maxLength: 3, pattern: '^[A-Z]{3}$', description: 'ISO 4217', examples: ['EUR'] });
const Description = () => Type.String({ maxLength: 1000, examples: ['The web shop'] });

export const ApplicationSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('When it was created'),
    modified: Timestamp('When it last changed'),
    accountId: Id(),
    name: Name(),
    description: Description(),
    timezone: Timezone(),
    currency: Currency(),
    loyaltyPrograms: Type.Array(Type.Object({}), { description: 'Always empty', examples: [[]] }),
    caseSensitivity: Type.Enum(['sensitive'], { description: 'Always `sensitive`' }),
    sandbox: Type.Boolean({ description: 'Which of the two environments it belongs to' }),
    enableCampaignStateManagement: Type.Boolean({ description: 'Test keys may be created; cannot be undone' }),
    ...extended({
      payloadLogging: Type.Union([Type.Literal('off'), Type.Literal('masked'), Type.Literal('full')], {
        description: 'What the access log keeps of bodies',
      }),
    }),
  },
  { title: 'Application' },
);
export type Application = Static<typeof ApplicationSchema>;

export const NewApplicationSchema = Type.Object(
  {
    name: Name(),
    sandbox: Type.Optional(Type.Boolean({ description: 'True for the sandbox environment' })),
    timezone: Type.Optional(Timezone()),
    currency: Type.Optional(Currency()),
    description: Type.Optional(Description()),
  },
  { title: 'NewApplication' },
);
export type NewApplication = Static<typeof NewApplicationSchema>;

export const ApplicationUpdateSchema = Type.Object(
  {
    name: Type.Optional(Name()),
    description: Type.Optional(Description()),
    timezone: Type.Optional(Timezone()),
    currency: Type.Optional(Currency()),
    enableCampaignStateManagement: Type.Optional(
      Type.Boolean({ description: 'True switches Test keys on, for good; false only where it is off already' }),
    ),
    payloadLogging: Type.Optional(
      Type.Enum(['off', 'masked', 'full'], {
        description: 'What the access log keeps of bodies',
        examples: ['masked'],
      }),
    ),
  },
  { title: 'ApplicationUpdate' },
);
export type ApplicationUpdate = Static<typeof ApplicationUpdateSchema>;
