/** The routes of the test controls: bodies and parameters become calls of `TestControls`. */

import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { parseRfc3339 } from '../../../domain/definitions/attribute-values.ts';
import { invalid } from '../../../domain/errors.ts';
import type { ClockState } from '../../../test-controls/clock.ts';
import type { TestControls } from '../../../test-controls/controls.ts';
import { FAULT_STATUSES, type FaultInput } from '../../../test-controls/faults.ts';
import { viewAudiences, viewMembers, viewProfile } from '../../../test-controls/state.ts';
import { checkPathId, readPathNumber } from '../../path-ids.ts';
import { Defaulted } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { timestamp } from '../../wire.ts';

export const SURFACE_NAME = 'test controls';
export const PREFIX = '/test-controls';
export const TAG = 'Test controls';

const MAX_WAIT_MS = 60_000;
const MAX_PAGE = 1000;

const tags = [TAG];
const security = [{ TestToken: [] }];
// Marked as an extension, so that misspelled fields are refused.
const config = { extension: true };

const environmentQuery = Type.Object({
  environment: Defaulted(Type.Enum(['live', 'sandbox'], { default: 'live', description: 'Which data' })),
});
const receivedQuery = Type.Object({
  after: Defaulted(Type.Integer({ minimum: 0, default: 0, description: 'Only requests after this number' })),
  waitMs: Defaulted(
    Type.Integer({
      minimum: 0,
      maximum: MAX_WAIT_MS,
      default: 0,
      description: 'How long to wait for the first, in ms',
    }),
  ),
  limit: Defaulted(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 100, description: 'The most requests' })),
});
const ClockBody = Type.Object({
  set: Type.Optional(Type.String({ description: 'The time to set, as RFC 3339' })),
  advanceMs: Type.Optional(Type.Integer({ description: 'The time to advance by, in ms' })),
  frozen: Type.Optional(Type.Boolean({ description: 'Whether the clock stands still' })),
});
const FaultBody = Type.Object({
  method: Type.Optional(Type.String({ maxLength: 20 })),
  path: Type.Optional(Type.String({ maxLength: 2000 })),
  times: Type.Optional(Type.Integer()),
  answer: Type.Optional(Type.Integer({ minimum: 429, maximum: 504 })),
  retryAfter: Type.Optional(Type.Integer()),
  delayMs: Type.Optional(Type.Integer()),
  answerAfterMs: Type.Optional(Type.Integer()),
  drop: Type.Optional(Type.Enum(['before', 'after'])),
});

export async function testControlRoutes(
  app: FastifyInstance,
  controls: TestControls,
  ending: AbortSignal,
): Promise<void> {
  const route = (operationId: string, summary: string) => ({ operationId, summary, tags, security });
  // A test must always read the current state.
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get(PREFIX, { schema: route('getTestControls', 'Get the seeded labels'), config }, async () => controls.seeded);

  app.post(
    `${PREFIX}/seed`,
    {
      schema: {
        ...route('seed', 'Seed the server with what an object describes'),
        body: Type.Object({}, { additionalProperties: true }),
      },
      config,
    },
    async (request, reply) => reply.code(201).send(await controls.seed(request.body)),
  );

  app.post(`${PREFIX}/reset`, { schema: route('reset', 'Return to the state after the start'), config }, async () => {
    await controls.reset();
    return controls.seeded;
  });

  app.post(
    `${PREFIX}/admins`,
    { schema: route('createAdmin', 'Create an admin and sign them in'), config },
    async (_request, reply) => reply.code(201).send(await controls.admin()),
  );

  app.get(`${PREFIX}/clock`, { schema: route('getClock', 'Read the clock'), config }, async () =>
    toWireClock(controls.clock),
  );
  app.patch<{ Body: Static<typeof ClockBody> }>(
    `${PREFIX}/clock`,
    { schema: { ...route('changeClock', 'Set, advance or stop the clock'), body: ClockBody }, config },
    async ({ body: { set, ...change } }) => toWireClock(await controls.changeClock({ ...change, set: readTime(set) })),
  );

  app.get(`${PREFIX}/faults`, { schema: route('getFaults', 'List faults'), config }, async () => ({
    data: controls.faults.list(),
  }));
  app.post<{ Body: Static<typeof FaultBody> }>(
    `${PREFIX}/faults`,
    { schema: { ...route('addFault', 'Add a fault'), body: FaultBody }, config },
    async ({ body }, reply) => reply.code(201).send(controls.faults.add(readFault(body))),
  );
  app.delete(
    `${PREFIX}/faults`,
    { schema: route('clearFaults', 'Clear all faults'), config },
    async (_request, reply) => {
      controls.faults.clear();
      return reply.code(204).send();
    },
  );

  app.get<WithQuery<typeof receivedQuery>>(
    `${PREFIX}/requests`,
    { schema: { ...route('getReceived', 'List the requests received'), querystring: receivedQuery }, config },
    async ({ query: { after, waitMs, limit } }) => {
      await controls.received.wait(after, waitMs, ending);
      return { data: controls.received.list(after, limit), last: controls.received.last };
    },
  );
  app.delete(
    `${PREFIX}/requests`,
    { schema: route('clearReceived', 'Forget the requests received'), config },
    async (_request, reply) => {
      controls.received.clear();
      return reply.code(204).send();
    },
  );

  app.get<{ Params: { integrationId: string } } & WithQuery<typeof environmentQuery>>(
    `${PREFIX}/profiles/:integrationId`,
    { schema: { ...route('viewProfile', 'Read a profile'), querystring: environmentQuery }, config },
    async ({ params: { integrationId }, query }) => {
      checkPathId('integrationId', integrationId);
      return viewProfile(controls.core, query.environment, integrationId);
    },
  );
  app.get<WithQuery<typeof environmentQuery>>(
    `${PREFIX}/audiences`,
    { schema: { ...route('viewAudiences', 'List audiences'), querystring: environmentQuery }, config },
    async ({ query }) => ({ data: await viewAudiences(controls.core, query.environment) }),
  );
  app.get(
    `${PREFIX}/audiences/:audienceId/members`,
    { schema: route('viewMembers', 'List the members of an audience'), config },
    async (request) => ({ data: await viewMembers(controls.core, readPathNumber(request, 'audienceId')) }),
  );
}

function toWireClock({ now, frozen }: ClockState): { now: string; frozen: boolean } {
  return { now: timestamp(now), frozen };
}

/** @throws DomainError `invalid` */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseRfc3339(text);
  if (!Number.isNaN(time)) return time;
  throw invalid('set: expected an RFC 3339 time such as 2026-03-01T12:00:00Z', { pointer: '/set' });
}

/** @throws DomainError `invalid` */
function readFault({ answer, ...rest }: Static<typeof FaultBody>): FaultInput {
  const status = FAULT_STATUSES.find((each) => each === answer);
  if (answer !== undefined && status === undefined) {
    throw invalid(`answer: must be one of ${FAULT_STATUSES.join(', ')}`, { pointer: '/answer' });
  }
  return { ...rest, answer: status };
}
