/** Attribute definitions: what profiles and other entities may have. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createAttribute, updateAttribute } from '../../../domain/definitions/attribute-administration.ts';
import {
  ATTRIBUTE_ENTITIES,
  ATTRIBUTE_TYPES,
  type Attribute,
  appliesTo,
} from '../../../domain/definitions/attributes.ts';
import { findAttribute, listAttributes } from '../../../domain/definitions/lookups.ts';
import { AttributeSchema, toWireAttribute } from '../../attribute-wire.ts';
import { actingCore } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Numbers } from '../../query-parameters.ts';
import type { QueryOf, WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import {
  type AttributeUpdate,
  AttributeUpdateSchema,
  type NewAttribute,
  NewAttributeSchema,
} from './attributes-schemas.ts';
import { answers, conflict, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: attributes'];
const params = Type.Object({ attributeId: Id() });
const unknown = notFound('Attribute 7 not found');
const unknownApplication = notFound('Application 7 not found');

const listQuery = Type.Object({
  ...pageQuery(['id', 'name', 'title', 'entity', 'type', 'created']),
  entity: Type.Optional(Type.Enum(ATTRIBUTE_ENTITIES, { description: 'Only attributes of this entity' })),
  type: Type.Optional(Type.Enum(ATTRIBUTE_TYPES, { description: 'Only attributes of this type' })),
  applicationIds: Type.Optional(
    Numbers({ description: 'Only attributes that any of these Applications may use; comma-separated' }),
  ),
  loyaltyProgramIds: Type.Optional(
    Numbers({ description: 'Only for entity LoyaltyCard; no attribute here is limited to a loyalty program' }),
  ),
  kind: Type.Optional(Type.Enum(['builtin', 'custom'], { description: 'There are no built-in attributes here' })),
  search: Type.Optional(Type.String({ description: 'Part of the name, the description or the type, in any case' })),
});

export async function attributeRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/attributes',
    {
      schema: {
        operationId: 'getAttributes',
        summary: 'List attributes',
        description: 'Lists the attributes of every entity, unless `entity` names one. All given filters must match.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Attributes of every entity', TotalPage(AttributeSchema)),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const { query } = request;
      const all = (await listAttributes(core)).filter(filterOf(query));
      const sorted = sortForPage(all, query, (each, field) => each[field]);
      const { data, totalResultSize } = slicePage(sorted, query);
      return { totalResultSize, data: data.map(toWireAttribute) };
    },
  );

  app.get(
    '/v1/attributes/:attributeId',
    {
      schema: {
        operationId: 'getAttribute',
        summary: 'Get an attribute',
        description: 'Returns an attribute of any entity.',
        tags,
        security,
        params,
        response: answers(200, 'The attribute', AttributeSchema, [unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => toWireAttribute(await findAttribute(core, readPathNumber(request, 'attributeId'))),
  );

  app.post<{ Body: NewAttribute }>(
    '/v1/attributes',
    {
      schema: {
        operationId: 'createAttribute',
        summary: 'Define an attribute',
        description:
          'Names and titles are unique per entity. `/cdp` accepts values for attributes of the entity CustomerProfile.',
        tags,
        security,
        body: NewAttributeSchema,
        response: answers(201, 'The attribute', AttributeSchema, [
          unknownApplication,
          conflict(
            'The name or the title is taken for the entity',
            "An attribute with the name 'Tier' or the title 'Tier' already exists",
          ),
        ]),
      },
      config: { backOfficeAccess: 'admin' },
    },
    async (request, reply) => {
      const created = await createAttribute(actingCore(core, request), fromWire(request.body));
      return reply.code(201).send(toWireAttribute(created));
    },
  );

  app.put<{ Body: AttributeUpdate }>(
    '/v1/attributes/:attributeId',
    {
      schema: {
        operationId: 'updateAttribute',
        summary: 'Change an attribute',
        description:
          'Description, suggestions, restriction and Applications can change; absent optional fields stay unchanged. Existing values of customer profiles are not checked again.',
        tags,
        security,
        params,
        body: AttributeUpdateSchema,
        response: answers(200, 'The attribute', AttributeSchema, [unknown]),
      },
      config: { backOfficeAccess: 'admin' },
    },
    async (request) => {
      const id = readPathNumber(request, 'attributeId');
      return toWireAttribute(await updateAttribute(actingCore(core, request), id, fromWire(request.body)));
    },
  );
}

/** The published filters of the list. */
function filterOf(query: QueryOf<typeof listQuery>): (attribute: Attribute) => boolean {
  const { entity, type, kind, applicationIds, loyaltyProgramIds } = query;
  const search = query.search?.toLowerCase();
  return (attribute) =>
    kind !== 'builtin' &&
    (entity === undefined || attribute.entity === entity) &&
    (type === undefined || attribute.type === type) &&
    (loyaltyProgramIds === undefined || attribute.entity === 'LoyaltyCard') &&
    (applicationIds === undefined || applicationIds.some((id) => appliesTo(attribute, id))) &&
    (search === undefined ||
      [attribute.name, attribute.description, attribute.type].some((each) => each.toLowerCase().includes(search)));
}

function fromWire(body: NewAttribute) {
  const { eventType, subscribedCatalogsIds: catalogIds, allowedSubscriptions } = body;
  return {
    entity: body.entity,
    name: body.name,
    title: body.title,
    type: body.type,
    description: body.description,
    suggestions: body.suggestions,
    editable: body.editable,
    hasAllowedList: body.hasAllowedList ?? undefined,
    restrictedBySuggestions: body.restrictedBySuggestions ?? undefined,
    applicationIds: body.subscribedApplicationsIds ?? undefined,
    details: {
      ...(typeof eventType === 'string' && { eventType }),
      ...(Array.isArray(catalogIds) && { catalogIds }),
      ...(Array.isArray(allowedSubscriptions) && { allowedSubscriptions }),
    },
  };
}
