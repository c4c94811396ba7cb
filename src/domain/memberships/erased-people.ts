/**
 * Pseudonyms of erased people. The empty row of an erased profile has one in place of its ID, so that no history leads
 * from an ID to a person. Only somebody who has both the ID and the store's key can find it again.
 */

import { createHmac } from 'node:crypto';
import type { Environment } from '../environment.ts';

/** A person whose profile has been erased; traces outside the store may remain. */
export interface ErasedPerson {
  /** Number of the erased profile. */
  readonly profileId: number;
  readonly environment: Environment;
  readonly integrationId: string;
}

/** Look-ups among those erased before the batch. */
export interface ErasedPeople {
  /** The store's key for pseudonyms. */
  key(): Buffer;
  /** When a profile whose pseudonym starts with this was last erased, in ms since the epoch. */
  lastErased(environment: Environment, pseudonymStart: string): number | undefined;
  /** Whether the environment is to keep erased people out. */
  staysErased(environment: Environment): boolean;
  /** Number of the person's erased profile, while traces of the person may remain outside the store. */
  unfinished(environment: Environment, integrationId: string): number | undefined;
}

/** The part of a person's pseudonyms that does not depend on the profile; it ends with a colon. */
export function pseudonymStart(key: Buffer, environment: Environment, integrationId: string): string {
  const hash = createHmac('sha256', key).update(`${environment}:${integrationId}`).digest();
  // 128 bits are enough: without the key, nobody can search for two IDs with the same hash.
  return `erased:${hash.subarray(0, 16).toString('base64url')}:`;
}

/** What replaces the ID of an erased profile. Its number distinguishes profiles of one person erased one after another. */
export function pseudonymOf(key: Buffer, { profileId, environment, integrationId }: ErasedPerson): string {
  return `${pseudonymStart(key, environment, integrationId)}${profileId}`;
}

/** Reports whether a text has the form of the pseudonym of a profile; anybody can write such a text. */
export function looksLikePseudonym(text: string, profileId: number): boolean {
  return /^erased:[\w-]{22}:(\d+)$/.exec(text)?.[1] === String(profileId);
}
