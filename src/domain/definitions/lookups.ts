/** Lists definitions, and finds them by number or name, as people enter them. */

import type { Environment } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { type Application, applicationNotFound } from './applications.ts';
import { type Attribute, attributeNotFound } from './attributes.ts';
import type { Audience } from './audiences.ts';
import type { DefinitionStorage } from './storage.ts';

/** Lists all Applications, ascending by number. */
export async function listApplications(core: Operation<DefinitionStorage>): Promise<Application[]> {
  return [...(await core.storage.catalog()).applications.values()].sort((a, b) => a.id - b.id);
}

/** Lists the attributes of every entity, ascending by number. */
export async function listAttributes(core: Operation<DefinitionStorage>): Promise<Attribute[]> {
  return [...(await core.storage.catalog()).allAttributes()].sort((a, b) => a.id - b.id);
}

/** The Application with an ID. @throws DomainError `not_found` */
export async function findApplication(core: Operation<DefinitionStorage>, id: number): Promise<Application> {
  const application = (await core.storage.catalog()).applications.get(id);
  if (application === undefined) throw applicationNotFound(id);
  return application;
}

/**
 * The Application with a name or ID; without one, the only one or the first live one.
 * @throws DomainError `not_found`, or `invalid` when a name fits several
 */
export async function chooseApplication(
  core: Operation<DefinitionStorage>,
  nameOrId: string | undefined,
): Promise<Application> {
  const applications = await listApplications(core);
  if (nameOrId === undefined) {
    const first = applications.find((each) => each.environment === 'live') ?? applications[0];
    if (first === undefined) throw new DomainError('not_found', 'There is no Application yet; create one first');
    return first;
  }
  const wanted = nameOrId.trim().toLowerCase();
  const byName = applications.filter((each) => each.name.toLowerCase() === wanted);
  const byId = /^\d+$/.test(wanted) ? applications.filter((each) => each.id === Number(wanted)) : [];
  const matches = [...new Set([...byName, ...byId])];
  if (matches.length > 1) {
    const list = matches.map((each) => `${each.id} '${each.name}'`).join(', ');
    throw invalid(`application: '${nameOrId}' fits several (${list}); give an ID that is not also a name`);
  }
  const match = matches[0];
  if (match === undefined) throw new DomainError('not_found', `Application '${nameOrId}' not found`);
  return match;
}

/** The attribute with that ID, of any entity. @throws DomainError `not_found` */
export async function findAttribute(core: Operation<DefinitionStorage>, id: number): Promise<Attribute> {
  const attribute = (await core.storage.catalog()).attribute(id);
  if (attribute === undefined) throw attributeNotFound(id);
  return attribute;
}

/** The audience with that internal ID, in any environment. @throws DomainError `not_found` */
export async function findAudience(core: Operation<DefinitionStorage>, id: number): Promise<Audience> {
  const audience = (await core.storage.catalog()).audience(id);
  if (audience === undefined) throw new DomainError('not_found', `Audience ${id} not found`);
  return audience;
}

/** The audience with this ID of a platform; undefined if there is none. */
export async function findAudienceByIntegrationId(
  core: Operation<DefinitionStorage>,
  environment: Environment,
  integration: string,
  integrationId: string,
): Promise<Audience | undefined> {
  return (await core.storage.catalog()).audienceByIntegrationId(environment, integration, integrationId);
}
