/** Management keys: created by admins, shown once, each for selected operations. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import {
  createManagementKey,
  deleteManagementKey,
  disableManagementKey,
  listManagementKeys,
} from '../../../domain/access/management-key-administration.ts';
import {
  type Endpoint,
  type ManagementKeyWithCreator,
  managementKeyState,
} from '../../../domain/access/management-keys.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  CreatedManagementKeySchema,
  GrantableEndpointSchema,
  ManagementKeySchema,
  ManagementKeyUpdateSchema,
  type NewManagementKey,
  NewManagementKeySchema,
  type ManagementKey as WireManagementKey,
} from './management-keys-schemas.ts';
import { answers, conflict, emptyAnswers, notFound, sessionSecurity as security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: management keys'];
const listQuery = Type.Object(pageQuery(['-id', 'name', 'expiryDate', 'created', 'lastUsed']));
const params = Type.Object({ keyId: Id() });
const unknown = notFound('Management key 7 not found');

/** An operation that can be granted to management keys, and what it does. */
export interface GrantableEndpoint extends Endpoint {
  readonly summary: string;
}

function sortValue({ key }: ManagementKeyWithCreator, field: string): string | number {
  if (field === 'name') return key.name;
  if (field === 'expiryDate') return key.expires;
  if (field === 'created') return key.created;
  return field === 'lastUsed' ? (key.lastUsedAt ?? 0) : key.id;
}

/** A key at `now` (ms since the epoch), with no more of it than its first and last four characters. */
function toWireKey({ key, creator }: ManagementKeyWithCreator, now: number): WireManagementKey {
  return {
    id: key.id,
    name: key.name,
    createdBy: key.createdBy,
    createdByEmail: creator?.email ?? null,
    accountID: ACCOUNT_ID,
    created: timestamp(key.created),
    expiryDate: timestamp(key.expires),
    endpoints: key.endpoints.map(({ method, path }) => ({ method, path })),
    allowedApplicationIds: [...key.applicationIds],
    disabled: key.disabled,
    lastUsed: key.lastUsedAt === undefined ? null : timestamp(key.lastUsedAt),
    state: managementKeyState({ key, creator }, now),
    maskedKey: `${key.prefix}…${key.suffix}`,
  };
}

export async function managementKeyRoutes(
  app: FastifyInstance,
  { core, grantable }: ManagementSurface & { readonly grantable: readonly GrantableEndpoint[] },
): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/management_keys',
    {
      schema: {
        operationId: 'getManagementKeys',
        summary: 'List management keys',
        description: 'Includes expired keys, but not deleted ones. Newest first unless `sort` says otherwise.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Management keys', TotalPage(ManagementKeySchema)),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request) => {
      const page = request.query;
      const all = await listManagementKeys(core);
      const { data, totalResultSize } = slicePage(sortForPage(all, page, sortValue), page);
      const now = core.now();
      return { totalResultSize, data: data.map((each) => toWireKey(each, now)) };
    },
  );

  app.get(
    '/v1/management_keys/endpoints',
    {
      schema: {
        operationId: 'getGrantableEndpoints',
        summary: 'List the operations that can be granted to a management key',
        description: 'Operations by method and path, in the form that `createManagementKey` accepts.',
        tags,
        security,
        response: answers(200, 'Operations, in the order of their paths', TotalPage(GrantableEndpointSchema)),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async () => {
      const data = [...grantable].sort((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method));
      return { totalResultSize: data.length, data };
    },
  );

  app.post<{ Body: NewManagementKey }>(
    '/v1/management_keys',
    {
      schema: {
        operationId: 'createManagementKey',
        summary: 'Create a management key',
        description:
          'The response contains the key, which is shown only once: only a hash of it is stored. The key has the rights of its creator, and stops working with them.',
        tags,
        security,
        body: NewManagementKeySchema,
        response: answers(201, 'The management key', CreatedManagementKeySchema, [
          conflict('There are too many keys', 'There are 200 unexpired management keys; delete some first'),
        ]),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request, reply) => {
      const { name, expiryDate, endpoints, allowedApplicationIds = [] } = request.body;
      const creator = principalOf(request).user;
      const { key, secret } = await createManagementKey(
        actingCore(core, request),
        {
          name,
          creator,
          expires: expiryDate,
          endpoints,
          applicationIds: allowedApplicationIds,
        },
        grantable,
      );
      return reply.code(201).send({ ...toWireKey({ key, creator }, core.now()), key: secret });
    },
  );

  app.put<{ Body: { disabled: boolean } }>(
    '/v1/management_keys/:keyId',
    {
      schema: {
        operationId: 'updateManagementKey',
        summary: 'Switch a management key off or on',
        description: 'A key that is switched off is refused until it is switched on again.',
        tags,
        security,
        params,
        body: ManagementKeyUpdateSchema,
        response: answers(200, 'The management key', ManagementKeySchema, [unknown]),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request) => {
      const keyId = readPathNumber(request, 'keyId');
      const found = await disableManagementKey(actingCore(core, request), keyId, request.body.disabled);
      return toWireKey(found, core.now());
    },
  );

  app.delete(
    '/v1/management_keys/:keyId',
    {
      schema: {
        operationId: 'deleteManagementKey',
        summary: 'Delete a management key',
        description: 'Calls with the key are refused from then on. This cannot be undone.',
        tags,
        security,
        params,
        response: emptyAnswers('Deleted', [unknown]),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request, reply) => {
      await deleteManagementKey(actingCore(core, request), readPathNumber(request, 'keyId'));
      return reply.code(204).send();
    },
  );
}
