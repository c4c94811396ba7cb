/** API keys of an Application: the list, creation (the only time a key is shown), changes, and deletion. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  changeApiKey,
  createApiKey,
  deleteApiKey,
  listApiKeys,
} from '../../../domain/access/api-key-administration.ts';
import { type ApiKey, keyState } from '../../../domain/access/api-keys.ts';
import { userEmails } from '../../../domain/access/user-lookups.ts';
import type { Application } from '../../../domain/definitions/applications.ts';
import { findApplication } from '../../../domain/definitions/lookups.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { actingCore } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  type ApiKeyChange,
  ApiKeyChangeSchema,
  ApiKeySchema,
  CreatedApiKeySchema,
  type NewApiKey,
  NewApiKeySchema,
  type ApiKey as WireApiKey,
} from './api-keys-schemas.ts';
import { answers, conflict, emptyAnswers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: API keys'];
const listQuery = Type.Object(pageQuery(['-id', 'title', 'expires', 'created', 'lastUsed']));
const unknownApplication = notFound('Application 7 not found');
const full = conflict(
  'There are 100 unexpired keys, or there already is a Test key',
  'This Application has 100 unexpired keys; delete some first',
);

function sortValue(key: ApiKey, field: string): string | number {
  if (field === 'title') return key.title;
  if (field === 'expires') return key.expires;
  if (field === 'created') return key.created;
  return field === 'lastUsed' ? (key.lastUsedAt ?? 0) : key.id;
}

export async function apiKeyRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  const applicationOf = async (request: FastifyRequest): Promise<Application> =>
    findApplication(core, readPathNumber(request, 'applicationId'));

  /** How keys are shown: never more of them than their first and last four characters. */
  async function presenter(): Promise<(key: ApiKey) => WireApiKey> {
    const emails = await userEmails(core);
    const now = core.now();
    return (key) => ({
      id: key.id,
      title: key.title,
      expires: timestamp(key.expires),
      platform: key.platform,
      type: key.type,
      timeOffset: key.timeOffset ?? 0,
      createdBy: key.createdBy ?? null,
      createdByEmail: emails.get(key.createdBy ?? 0) ?? null,
      accountID: ACCOUNT_ID,
      applicationID: key.applicationId,
      created: timestamp(key.created),
      lastUsed: key.lastUsedAt === undefined ? null : timestamp(key.lastUsedAt),
      state: keyState(key, now),
      maskedKey: `${key.prefix}…${key.suffix}`,
      readOnly: key.readOnly,
      rateLimit: key.rateLimit ?? null,
      lenientRows: key.lenientRows,
      rowReports: key.rowReports,
      skipUndefinedAttributes: key.skipUndefinedAttributes,
    });
  }

  app.get<WithQuery<typeof listQuery>>(
    '/v1/applications/:applicationId/apikeys',
    {
      schema: {
        operationId: 'getApiKeys',
        summary: 'List API keys of an Application',
        description: 'Includes expired keys, but not deleted ones. Newest first unless `sort` says otherwise.',
        tags,
        security,
        params: Type.Object({ applicationId: Id() }),
        querystring: listQuery,
        response: answers(200, 'API keys', TotalPage(ApiKeySchema), [unknownApplication]),
      },
      config: { extension: true, backOfficeAccess: 'read' },
    },
    async (request) => {
      const application = await applicationOf(request);
      const page = request.query;
      const all = await listApiKeys(core, application);
      const { data, totalResultSize } = slicePage(sortForPage(all, page, sortValue), page);
      return { totalResultSize, data: data.map(await presenter()) };
    },
  );

  app.post<{ Body: NewApiKey }>(
    '/v1/applications/:applicationId/apikeys',
    {
      schema: {
        operationId: 'createApiKey',
        summary: 'Create an API key',
        description: 'The response contains the key, which is shown only once: only a hash of it is stored.',
        tags,
        security,
        params: Type.Object({ applicationId: Id() }),
        body: NewApiKeySchema,
        response: answers(201, 'The API key', CreatedApiKeySchema, [unknownApplication, full]),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request, reply) => {
      const application = await applicationOf(request);
      const { rateLimit, ...rest } = request.body;
      const { apiKey, secret } = await createApiKey(actingCore(core, request), {
        ...rest,
        application,
        rateLimit: rateLimit ?? undefined,
      });
      const present = await presenter();
      return reply.code(201).send({ ...present(apiKey), key: secret });
    },
  );

  app.put<{ Body: ApiKeyChange }>(
    '/v1/applications/:applicationId/apikeys/:keyId',
    {
      schema: {
        operationId: 'updateApiKey',
        summary: 'Update the options of an API key',
        description:
          'For callers that cannot send headers. Absent options stay as they are, and so does the key itself: its name, platform and expiry cannot be changed. Requests that arrive from then on are handled accordingly.',
        tags,
        security,
        params: Type.Object({ applicationId: Id(), keyId: Id() }),
        body: ApiKeyChangeSchema,
        response: answers(200, 'The API key', ApiKeySchema, [notFound('API key 7 not found')]),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request) => {
      const application = await applicationOf(request);
      const keyId = readPathNumber(request, 'keyId');
      const key = await changeApiKey(actingCore(core, request), keyId, request.body, application);
      const present = await presenter();
      return present(key);
    },
  );

  app.delete(
    '/v1/applications/:applicationId/apikeys/:keyId',
    {
      schema: {
        operationId: 'deleteApiKey',
        summary: 'Delete an API key',
        description: 'Calls with the key are refused from then on. This cannot be undone.',
        tags,
        security,
        params: Type.Object({ applicationId: Id(), keyId: Id() }),
        response: emptyAnswers('Deleted', [notFound('API key 7 not found')]),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request, reply) => {
      const application = await applicationOf(request);
      await deleteApiKey(actingCore(core, request), readPathNumber(request, 'keyId'), application);
      return reply.code(204).send();
    },
  );
}
