/** The hidden set in which the new members of an audience are gathered: who may begin one, and who is added to it. */

import type { Environment } from '../environment.ts';
import { DomainError } from '../errors.ts';
import { bringUpToDate } from './attribute-jobs.ts';
import { type BatchChanges, type BatchState, newProfile, profileKey } from './batch.ts';
import { isLeftOut } from './erased-ids.ts';

/** A hidden set that the store finds when another replacement begins. */
export interface StagedSet {
  readonly set: number;
  /** Whether the set is still being filled; see `isUnderWay` in `domain/staging.ts`. */
  readonly isUnderWay: boolean;
}

/**
 * Decides what happens to the set that an earlier replacement left behind.
 * @returns the set that is dead from now on; undefined if there is none
 * @throws DomainError `conflict` while another replacement is in progress
 */
export function takeOver(audienceId: number, staged: StagedSet | undefined): number | undefined {
  if (staged?.isUnderWay === true) {
    throw new DomainError('conflict', `Another import into audience ${audienceId} is in progress`);
  }
  return staged?.set;
}

/** Checks that nobody has taken the replacement over. @throws DomainError `conflict` */
export function requireStaged(audienceId: number, staged: number | undefined, set: number): void {
  if (staged === set) return;
  throw new DomainError('conflict', `This import into audience ${audienceId} was abandoned and taken over by another`);
}

/**
 * Adds profiles to a hidden set, creating unknown ones; erased people stay out if their environment says so. They are not
 * members yet, so nothing is recorded except the effects of attribute jobs on them.
 * @param state its profiles contain every known one of `integrationIds`
 */
export function stageMembers(
  state: Pick<BatchState, 'catalog' | 'profiles' | 'sequences' | 'limits' | 'erased' | 'now'>,
  changes: Pick<BatchChanges, 'tooLarge' | 'erased'>,
  environment: Environment,
  set: number,
  integrationIds: readonly string[],
): void {
  const { catalog, profiles, sequences, now } = state;
  const jobs = catalog.attributeJobs;
  for (const integrationId of integrationIds) {
    if (isLeftOut({ state, changes }, { environment }, integrationId)) continue;
    const key = profileKey(environment, integrationId);
    const profile = profiles.get(key) ?? newProfile(sequences.profile++, environment, integrationId, jobs, now);
    profiles.set(key, profile);
    bringUpToDate(state, profile, changes);
    if (profile.sets.includes(set)) continue;
    profile.sets = [...profile.sets, set];
    profile.changed = true;
  }
}
