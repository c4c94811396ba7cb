/** Creates, changes and deletes audiences by commands like those on their members, so that all share one order. */

import type { Audience } from '../definitions/audiences.ts';
import { DomainError, invalid } from '../errors.ts';
import type { AudienceChange, AudienceTarget, Caller, ExternalTarget } from './commands.ts';
import { submit, type WriteOperation } from './queue.ts';

/**
 * Creates an audience that a platform identifies by `integrationId`.
 * @throws DomainError `conflict` when the ID is taken in this namespace and environment
 */
export async function createAudience(
  core: WriteOperation,
  caller: Caller,
  { name, ...target }: ExternalTarget & { name: string },
): Promise<Audience> {
  return submit(core, { kind: 'createAudience', caller, target, name, details: undefined });
}

/** Creates an audience that a platform identifies by `integrationId`, or renames the existing one with that ID. */
export async function createOrRenameAudience(
  core: WriteOperation,
  caller: Caller,
  { name, ...target }: ExternalTarget & { name: string },
): Promise<Audience> {
  return submit(core, { kind: 'createAudience', caller, target, name, renames: true, details: undefined });
}

/** An audience that a user creates, with the platform that feeds it and that platform's ID for it, or with neither. */
export interface NewAudience {
  readonly name: string;
  readonly description?: string | undefined;
  readonly integration?: string | undefined;
  readonly integrationId?: string | undefined;
  readonly applicationIds?: readonly number[] | undefined;
}

/**
 * Creates an audience by hand.
 * @throws DomainError `invalid` for a platform without an ID or an ID without a platform, `not_found` for an
 * Application that is
 *   not in the environment, `conflict` when the ID is taken
 */
export async function createAudienceByHand(
  core: WriteOperation,
  caller: Caller,
  input: NewAudience,
): Promise<Audience> {
  const { name, description = '', integration, integrationId, applicationIds = [] } = input;
  if ((integration === undefined) !== (integrationId === undefined)) {
    const pointer = integration === undefined ? '/integration' : '/integrationId';
    throw invalid(`${pointer.slice(1)}: a platform and its ID for the audience go together: give both or neither`, {
      pointer,
    });
  }
  // Stryker disable next-line ConditionalExpression,LogicalOperator: either both are defined, or neither.
  const target = integration === undefined || integrationId === undefined ? undefined : { integration, integrationId };
  const details = { description, applicationIds, createdInThirdParty: false };
  return submit(core, { kind: 'createAudience', caller, target, name, details });
}

/** An audience that an application creates. */
export interface AudienceOfApplication extends NewAudience {
  readonly createdInThirdParty: boolean;
}

/**
 * Creates an audience for an application. It may have a platform without an ID, or an ID without a platform; the ID is
 * then unique among audiences without a platform, and no platform finds the audience by it.
 * @param input.applicationIds the caller's Application if absent
 * @throws DomainError `not_found` for an Application of another environment, `conflict` when the ID is taken
 */
export async function createAudienceFor(
  core: WriteOperation,
  caller: Caller,
  input: AudienceOfApplication,
): Promise<Audience> {
  const { name, description = '', integration, integrationId, applicationIds, createdInThirdParty } = input;
  const target = integrationId === undefined ? undefined : { integration: integration ?? '', integrationId };
  const details = { description, integration, applicationIds, createdInThirdParty };
  return submit(core, { kind: 'createAudience', caller, target, name, details });
}

/** @throws DomainError `not_found` for an unknown audience, or an Application that is not in the environment */
export async function updateAudience(
  core: WriteOperation,
  caller: Caller,
  target: AudienceTarget,
  change: AudienceChange,
): Promise<Audience> {
  return submit(core, { kind: 'updateAudience', caller, target, change });
}

/**
 * Ends all memberships of an audience in one step, whatever their number.
 * @throws DomainError `not_found`
 */
export async function emptyAudience(core: WriteOperation, caller: Caller, target: AudienceTarget): Promise<void> {
  await submit(core, { kind: 'emptyAudience', caller, target });
}

/**
 * Deletes an audience with all its memberships, at once, whatever its size.
 * @throws DomainError `not_found`
 */
export async function deleteAudience(core: WriteOperation, caller: Caller, target: AudienceTarget): Promise<void> {
  await submit(core, { kind: 'deleteAudience', caller, target });
}

/** Deletes an audience like `deleteAudience`, but does nothing if there is none. */
export async function deleteAudienceIfKnown(
  core: WriteOperation,
  caller: Caller,
  target: AudienceTarget,
): Promise<void> {
  try {
    await deleteAudience(core, caller, target);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
  }
}
