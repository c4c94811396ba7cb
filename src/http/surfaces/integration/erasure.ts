/** Erases a person's data on behalf of an application. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { eraseProfile } from '../../../domain/privacy/erasure.ts';
import { callerOf, writesOf } from '../../caller.ts';
import type { SurfaceParts } from '../../surface.ts';
import { IdText } from '../../wire.ts';
import { emptyAnswer, errors, security, TAG } from './responses.ts';

const eraseSchema = {
  operationId: 'deleteCustomerData',
  summary: "Delete customer's personal data",
  description:
    'Removes the attributes and memberships of the profile for every Application of the environment, replaces its ID by a keyed hash, and removes everything that the access log contains about it, including this request. The same ID later creates a new profile, unless the environment keeps erased people out (`ROLLCALL_STAY_ERASED`).',
  tags: [TAG],
  security,
  params: Type.Object({ integrationId: IdText({ description: 'The customer’s ID, percent-encoded' }) }),
  response: {
    ...emptyAnswer('Erased'),
    ...errors({ status: 404, when: 'The profile is unknown', example: "Customer profile 'cust-1' not found" }),
  },
};

export async function erasureRoutes(app: FastifyInstance, { core }: SurfaceParts): Promise<void> {
  app.delete<{ Params: { integrationId: string } }>(
    '/v1/customer_data/:integrationId',
    { schema: eraseSchema },
    async (request, reply) => {
      await eraseProfile(
        { ...writesOf(core, request), accessLog: core.accessLog },
        callerOf(request),
        request.params.integrationId,
      );
      // The request's own access log entry is written after the answer, and would name the person again.
      if (request.capture !== undefined) request.capture.isErased = true;
      return reply.code(204).send();
    },
  );
}
