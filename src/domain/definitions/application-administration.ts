/** Creates and changes Applications. */

import type { Environment } from '../environment.ts';
import type { Operation } from '../operation.ts';
import {
  type Application,
  type ApplicationChange,
  applicationNotFound,
  checkApplication,
  type NewApplication,
} from './applications.ts';
import type { DefinitionStorage } from './storage.ts';

/**
 * Creates an Application.
 * @throws DomainError `invalid` for a bad name, time zone or currency, `conflict` when the name is taken
 */
export async function createApplication(
  core: Operation<DefinitionStorage>,
  input: {
    name: string;
    environment?: Environment;
    timezone?: string | undefined;
    currency?: string | undefined;
    description?: string | undefined;
    staging?: boolean | undefined;
  },
): Promise<Application> {
  const application: NewApplication = {
    name: input.name.trim(),
    timezone: input.timezone ?? 'UTC',
    environment: input.environment ?? 'live',
    currency: input.currency ?? 'EUR',
    description: input.description ?? '',
    payloadLogging: 'full',
    staging: input.staging ?? false,
  };
  checkApplication(application);
  return core.storage.createApplication(core.actor, application);
}

/**
 * Applies a change to an Application.
 * @throws DomainError `invalid`, `not_found`, or `conflict` when the name is taken
 */
export async function updateApplication(
  core: Operation<DefinitionStorage>,
  id: number,
  change: ApplicationChange,
): Promise<Application> {
  const trimmed = change.name === undefined ? change : { ...change, name: change.name.trim() };
  checkApplication(trimmed);
  const application = await core.storage.updateApplication(core.actor, id, trimmed);
  if (application === undefined) throw applicationNotFound(id);
  return application;
}
