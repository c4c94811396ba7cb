/** Audiences: what they are, how they are named, and the operations on one audience. */

import type { Core } from '../core.ts';
import type { Environment } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import type { AudienceChange, AudienceTarget, Caller, ExternalTarget } from '../memberships/commands.ts';
import { submit } from '../memberships/queue.ts';

export interface Audience {
  /** Internal number; never used again after deletion. */
  readonly id: number;
  readonly environment: Environment;
  readonly name: string;
  readonly description: string;
  /** The platform it came from, as first spelled; its audience namespace. */
  readonly integration: string | undefined;
  /** The platform's own ID, unique per (environment, integration). */
  readonly integrationId: string | undefined;
  readonly createdInThirdParty: boolean;
  readonly applicationIds: readonly number[];
  /** The set that holds its members now: emptying or replacing an audience gives it another. */
  readonly memberSet: number;
  /** A set being filled to replace `memberSet`; invisible until then. */
  readonly stagedSet: number | undefined;
  /** ms since the epoch */
  readonly created: number;
  readonly modified: number;
}

/** An audience as one profile's state shows it. */
export interface Membership {
  readonly id: number;
  readonly name: string;
}

/** An audience as the hot reads give it. */
export interface AudienceReference extends Membership {
  readonly integration: string | undefined;
  readonly integrationId: string | undefined;
}

export interface AudienceWithSize extends Audience {
  readonly members: number;
  /** ms since the epoch of the last change to the audience or its members */
  readonly lastUpdate: number;
}

/** Platform names are compared trimmed and without case, so that one platform configured twice keeps one namespace. */
export function integrationKey(integration: string): string {
  return integration.trim().toLowerCase();
}

/**
 * Creates the audience a platform knows by `externalId`.
 * @throws DomainError `conflict` when the ID is taken in this namespace and environment
 */
export async function createAudience(
  core: Core,
  caller: Caller,
  { name, ...target }: ExternalTarget & { name: string },
): Promise<Audience> {
  return submit(core, { kind: 'createAudience', caller, target, name, byHand: undefined });
}

/** An audience as people create it. The platform that shall feed it is named with its ID for it, or not at all. */
export interface NewAudience {
  readonly name: string;
  readonly description?: string | undefined;
  readonly integration?: string | undefined;
  readonly externalId?: string | undefined;
  readonly applicationIds?: readonly number[] | undefined;
}

/**
 * Creates an audience by hand.
 * @throws DomainError `invalid` for a platform without an ID or an ID without a platform, `not_found` for an Application that
 *   is not of the environment, `conflict` when the ID is taken
 */
export async function createAudienceByHand(core: Core, caller: Caller, input: NewAudience): Promise<Audience> {
  const { name, description = '', integration, externalId, applicationIds = [] } = input;
  if ((integration === undefined) !== (externalId === undefined)) {
    const pointer = integration === undefined ? '/integration' : '/integrationId';
    throw invalid(`${pointer.slice(1)}: a platform and its ID for the audience go together: give both or none`, {
      pointer,
    });
  }
  const target = integration === undefined || externalId === undefined ? undefined : { integration, externalId };
  return submit(core, { kind: 'createAudience', caller, target, name, byHand: { description, applicationIds } });
}

/** @throws DomainError `not_found` for an unknown audience, or an Application that is not of the environment */
export async function updateAudience(
  core: Core,
  caller: Caller,
  target: AudienceTarget,
  change: AudienceChange,
): Promise<Audience> {
  return submit(core, { kind: 'updateAudience', caller, target, change });
}

/**
 * Deletes an audience with all its memberships; at once, whatever its size.
 * @throws DomainError `not_found`
 */
export async function deleteAudience(core: Core, caller: Caller, target: AudienceTarget): Promise<void> {
  await submit(core, { kind: 'deleteAudience', caller, target });
}

/** The audience of that internal number, whichever its environment. @throws DomainError `not_found` */
export async function findAudience(core: Core, id: number): Promise<Audience> {
  const audience = (await core.storage.catalog()).audience(id);
  if (audience === undefined) throw new DomainError('not_found', `Audience ${id} not found`);
  return audience;
}
