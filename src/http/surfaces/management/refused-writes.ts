/** Refused writes that are kept in full: listing and replaying them. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { KeptRefusal } from '../../../access-log/access-log.ts';
import { findRefusedValues } from '../../../access-log/refused-values.ts';
import { recordPayloadView } from '../../../domain/access/payload-views.ts';
import type { ReplayEffect as DomainReplayEffect, RowVerdict } from '../../../domain/memberships/commands.ts';
import { actingCore, seesApplication } from '../../back-office-auth.ts';
import { MorePage, numberCursorQuery, pageSizeQuery } from '../../paging.ts';
import { Flag } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { type ReplayOutcome, replayRefusedWrites } from '../../replay.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  type RefusedValues,
  RefusedValuesSchema,
  type RefusedWrite,
  RefusedWriteSchema,
  type ReplayEffect,
  type ReplayResult,
  ReplayResultSchema,
} from './access-logs-schemas.ts';
import { cursorOf } from './profile-pages.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: access log'];
const MAX_REPLAYS = 100;
/** Longer names are not offered for definition. */
const MAX_NAME = 100;
/** The most characters of a value that are shown. */
const MAX_SAMPLE = 200;
/** The most rows of a replay whose reasons are shown. */
const MAX_REASONS = 20;

const listQuery = Type.Object({
  ...pageSizeQuery(),
  ...numberCursorQuery,
  applicationId: Type.Optional(Id()),
  cause: Type.Optional(Type.String({ description: 'In the wording of the list of causes' })),
});
const valuesQuery = Type.Object({
  name: Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'The attribute', examples: ['Tier'] }),
  samples: Flag('Return some of the values'),
  applicationId: Type.Optional(Id()),
});

const EXAMPLE_UUID = '0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00';
const UUID_PATTERN = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const ReplayRequestSchema = Type.Object(
  {
    uuids: Type.Array(Type.String({ maxLength: 36, pattern: UUID_PATTERN, examples: [EXAMPLE_UUID] }), {
      minItems: 1,
      maxItems: MAX_REPLAYS,
      description: 'UUIDs of the refused requests',
    }),
    dry: Type.Optional(Type.Boolean({ default: false, description: 'Only preview what would happen' })),
    override: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Apply attribute values and changes of whole audiences even if something newer was written. Memberships are never undone',
      }),
    ),
  },
  { title: 'ReplayRequest' },
);

function toRefusedWrite(refusal: KeptRefusal): RefusedWrite {
  return {
    uuid: refusal.uuid,
    time: timestamp(refusal.time),
    applicationId: refusal.applicationId,
    keyId: refusal.keyId,
    keyName: refusal.keyName === '' ? null : refusal.keyName,
    operation: refusal.operation,
    method: refusal.method,
    requestUri: refusal.uri,
    status: refusal.status,
    cause: refusal.cause ?? null,
    mend: refusal.mend ?? null,
    bytes: refusal.bytes,
    replayed: refusal.replayed === undefined ? null : timestamp(refusal.replayed),
  };
}

function toReplayEffect({ action, integrationId, attribute, audienceId }: DomainReplayEffect): ReplayEffect {
  return {
    action,
    integrationId: integrationId ?? null,
    attribute: attribute ?? null,
    audienceId: audienceId ?? null,
  };
}

function toRows(verdicts: ReplayOutcome['rows']): ReplayResult['rows'] {
  if (verdicts === undefined) return null;
  const count = (wanted: RowVerdict['verdict']): number => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const reasons = verdicts.flatMap(({ place, error }) =>
    error === undefined ? [] : { row: place, message: error.problems.map(({ message }) => message).join('; ') },
  );
  return {
    applied: count('applied'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    reasons: reasons.slice(0, MAX_REASONS),
  };
}

function toReplayResult({ message, newerWrites, effects, rows, ...rest }: ReplayOutcome): ReplayResult {
  const { applied, appliedCount, skipped, skippedCount } = effects;
  return {
    ...rest,
    message: message ?? null,
    applied: applied.map(toReplayEffect),
    appliedCount,
    skipped: skipped.flatMap((each) =>
      each.reason === undefined ? [] : { ...toReplayEffect(each), reason: each.reason },
    ),
    skippedCount,
    newerWrites: [...newerWrites],
    rows: toRows(rows),
  };
}

export async function refusedWriteRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/refused_writes',
    {
      schema: {
        operationId: 'getRefusedWrites',
        summary: 'List refused writes that can be replayed',
        description: 'Latest first. Replayed writes stay until their space is needed.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Refused writes', MorePage(RefusedWriteSchema)),
      },
      config: {
        extension: true,
        backOfficeAccess: 'read',
        ofAllApplications: 'unless named',
      },
    },
    async (request) => {
      const { pageSize, cursor, applicationId, cause } = request.query;
      const found = await core.accessLog.refusals({ applicationId, cause }, cursor, pageSize + 1);
      const page = found.slice(0, pageSize);
      const next = found.length > pageSize ? page.at(-1)?.id : undefined;
      return { hasMore: next !== undefined, ...cursorOf(next), data: page.map(toRefusedWrite) };
    },
  );

  app.get<WithQuery<typeof valuesQuery>>(
    '/v1/refused_writes/attribute_values',
    {
      schema: {
        operationId: 'getRefusedAttributeValues',
        summary: 'Get the values refused for an undefined attribute',
        description:
          'Returns the type to define it with, and whether the attribute as currently defined accepts what was refused. Viewing samples is recorded in the audit log.',
        tags,
        security,
        querystring: valuesQuery,
        response: answers(200, 'What refused writes held for the attribute', RefusedValuesSchema),
      },
      config: {
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: 'unless named',
      },
    },
    async (request): Promise<RefusedValues> => {
      const { name, applicationId } = request.query;
      const found = await findRefusedValues(core, name, applicationId);
      const samples = request.query.samples ? found.samples.map((each) => JSON.stringify(each)) : [];
      const path = '/v1/refused_writes/attribute_values';
      await recordPayloadView(actingCore(core, request), path, applicationId, samples.length);
      return {
        writes: found.writes,
        samples: samples.map((each) => (each.length > MAX_SAMPLE ? `${each.slice(0, MAX_SAMPLE)}…` : each)),
        type: found.type ?? null,
        fitsDefinition: found.fitsDefinition ?? null,
      };
    },
  );

  app.post<{ Body: { uuids: string[]; dry?: boolean; override?: boolean } }>(
    '/v1/refused_writes/replay',
    {
      schema: {
        operationId: 'replayRefusedWrites',
        summary: 'Replay refused writes',
        description:
          'Writes are replayed in the order they arrived, with the rights of their key, which must still be valid. Each counts from the time it first arrived: memberships that, according to the ledger, have changed since stay as they are, and so do attributes of profiles whose attributes have been written since, unless the attribute was defined after that or `override` is set. A request of which nothing is left gets 409 and stays. A dry run returns the same and keeps nothing.',
        tags,
        security,
        body: ReplayRequestSchema,
        response: answers(200, 'The result of each', MorePage(ReplayResultSchema)),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request) => {
      const { uuids, dry = false, override = false } = request.body;
      const outcomes = await replayRefusedWrites(app, actingCore(core, request), uuids, {
        dry,
        override,
        mayTouch: (applicationId) => seesApplication(request, applicationId),
      });
      return { hasMore: false, data: outcomes.map(toReplayResult) };
    },
  );
}
