/** Wire shapes of Applications. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, Timestamp } from '../../wire.ts';

const Name = () => Type.String({ minLength: 1, maxLength: 255, examples: ['Shop'] });
const Timezone = () =>
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'IANA time zone in which API keys expire',
    examples: ['Europe/Berlin'],
  });
const Currency = () =>
  Type.String({ minLength: 3, maxLength: 3, pattern: '^[A-Z]{3}$', description: 'ISO 4217', examples: ['EUR'] });
const Description = () => Type.String({ maxLength: 1000, examples: ['The web shop'] });

export const ApplicationSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('Time of creation'),
    modified: Timestamp('Time of the last change'),
    accountId: Id(),
    name: Name(),
    description: Description(),
    timezone: Timezone(),
    currency: Currency(),
    loyaltyPrograms: Type.Array(Type.Object({}), { description: 'Always empty', examples: [[]] }),
    caseSensitivity: Type.Enum(['sensitive'], { description: 'Always `sensitive`' }),
    sandbox: Type.Boolean({ description: 'The environment it belongs to' }),
    enableCampaignStateManagement: Type.Boolean({
      description: 'Whether Test keys may be created; cannot be switched off again',
    }),
    ...extended({
      payloadLogging: Type.Union([Type.Literal('off'), Type.Literal('masked'), Type.Literal('full')], {
        description: 'How much of bodies the access log keeps',
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
      Type.Boolean({
        description: 'True permits Test keys, permanently; false is accepted only while they are not permitted',
      }),
    ),
    payloadLogging: Type.Optional(
      Type.Enum(['off', 'masked', 'full'], {
        description: 'How much of bodies the access log keeps',
        examples: ['masked'],
      }),
    ),
  },
  { title: 'ApplicationUpdate' },
);
export type ApplicationUpdate = Static<typeof ApplicationUpdateSchema>;
