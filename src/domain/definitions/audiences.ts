/** Audiences: what they are, and how they are identified. */

import type { Environment } from '../environment.ts';

export interface Audience {
  /** Internal ID; never reused after deletion. */
  readonly id: number;
  readonly environment: Environment;
  readonly name: string;
  readonly description: string;
  /** The platform it came from, in its first spelling; the namespace of its external ID. */
  readonly integration: string | undefined;
  /** The platform's own ID, unique per (environment, integration). */
  readonly integrationId: string | undefined;
  readonly createdInThirdParty: boolean;
  readonly applicationIds: readonly number[];
  /** The set of its current members: emptying or replacing an audience gives it another set. */
  readonly memberSet: number;
  /** A set being filled to replace `memberSet`; hidden until then. */
  readonly stagedSet: number | undefined;
  /** ms since the epoch */
  readonly created: number;
  readonly modified: number;
}

/** An audience in the state of one profile. */
export interface Membership {
  readonly id: number;
  readonly name: string;
}

/** An audience as the hot reads return it. */
export interface AudienceReference extends Membership {
  readonly integration: string | undefined;
  readonly integrationId: string | undefined;
}

export interface AudienceWithSize extends Audience {
  readonly members: number;
  /** ms since the epoch of the last change to the audience or its members */
  readonly lastUpdate: number;
}

/**
 * An audience with its size.
 * @param lastChange ms since the epoch of the last change to its members, 0 if there was none
 */
export function withSize(audience: Audience, members: number, lastChange: number): AudienceWithSize {
  return { ...audience, members, lastUpdate: Math.max(audience.modified, lastChange) };
}

/** Namespaces of partners whose APIs give callers no choice. */
export const FIXED_INTEGRATIONS: ReadonlySet<string> = new Set(['segment', 'mparticle', 'emarsys']);

/** Platform names are compared trimmed and without case, so that one platform configured twice keeps one namespace. */
export function integrationKey(integration: string): string {
  return integration.trim().toLowerCase();
}
