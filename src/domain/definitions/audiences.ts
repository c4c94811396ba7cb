/** Audiences: what they are, how they are named, and the operations on one audience. */

import type { Environment } from '../environment.ts';

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
