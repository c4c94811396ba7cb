/** Operation by which applications set attributes of everyone in an audience. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { DomainError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { setAudienceAttributes } from '../../../domain/memberships/audience-attributes.ts';
import { callerOf, keySkipsUndefined, writesOf } from '../../caller.ts';
import { inexactNumbersIn } from '../../exact-numbers.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { SurfaceParts } from '../../surface.ts';
import { Id } from '../../wire.ts';
import { emptyAnswer, errors, security, TAG, TOO_LARGE } from './responses.ts';

type AttributesBody = Readonly<Record<string, JsonValue>>;

const AttributesBody = Type.Unsafe<AttributesBody>(
  Type.Object(
    {},
    {
      additionalProperties: true,
      title: 'UpdateAudienceCustomersAttributesBody',
      description: 'Values by attribute name, at the top level; null removes one',
      examples: [{ Tier: 'gold', City: null }],
    },
  ),
);

const schema = {
  operationId: 'updateAudienceCustomersAttributes',
  summary: 'Update profile attributes for all customers in an audience',
  description:
    'Sets attributes of all current members. After the answer, every read returns the values, whatever the number of members; they are written to the profiles in the background, and a later write of the same attribute wins. Customers who join later do not get them, and those who leave keep them. A member whose attributes would exceed the limit of a profile is not changed. `GET /v1/audiences/attribute_jobs` of the Management API shows the progress.',
  tags: [TAG],
  security,
  params: Type.Object({ audienceId: Id({ description: 'Internal number of the audience' }) }),
  body: AttributesBody,
  response: {
    ...emptyAnswer('Recorded durably, or nothing to do'),
    ...errors(
      {
        status: 400,
        when: 'An attribute is not defined, or a value does not fit its attribute; nothing was applied',
        example: 'Request validation failed',
      },
      { status: 404, when: 'There is no such audience', example: 'Audience 7 not found' },
      TOO_LARGE,
    ),
  },
};

export async function audienceAttributeRoutes(app: FastifyInstance, { core }: SurfaceParts): Promise<void> {
  app.put<{ Body: AttributesBody }>(
    '/v2/audience_customers/:audienceId/attributes',
    { schema },
    async (request, reply) => {
      const audienceId = readPathNumber(request, 'audienceId');
      const [inexactNumbers] = inexactNumbersIn(request, (body) => [body]) ?? [];
      const skipUndefinedAttributes = keySkipsUndefined(request);
      const change = { attributes: request.body, inexactNumbers, skipUndefinedAttributes };
      try {
        await setAudienceAttributes(writesOf(core, request), callerOf(request), { audienceId }, change);
      } catch (error) {
        throw unwrapped(error);
      }
      return reply.code(204).send();
    },
  );
}

/** The refusal with pointers into this body, in which the attributes are at the top level. */
function unwrapped(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.code !== 'invalid') return error;
  const problems = error.problems.map((problem) => {
    const { source } = problem;
    if (source === undefined || !('pointer' in source)) return problem;
    return { ...problem, source: { pointer: source.pointer.replace(/^\/attributes(?=\/)/, '') } };
  });
  return new DomainError('invalid', problems);
}
