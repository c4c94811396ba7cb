/**
 * Brings profiles up to date with attribute jobs. A job applies to the profiles of its set that have not been written
 * since it was recorded. Every write to a profile first gives it the values of all jobs pending for it, and records the
 * newest of them in the profile. A job can therefore be written step by step, or by the first write to a profile, and
 * later writes of the same attribute win. Reads of a profile add the values as well.
 */

import type { AttributeJob } from '../definitions/attribute-jobs.ts';
import { type AttributeLimits, outgrowsProfile } from '../definitions/attribute-sizes.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { JsonValue } from '../json-value.ts';
import {
  type BatchChanges,
  type BatchState,
  namedProfiles,
  noteValue,
  type ProfileDraft,
  profileKey,
  type ValueChange,
} from './batch.ts';
import type { WriteCommand } from './commands.ts';

/** The state that determines which jobs are pending for a profile, and their effect on it. */
export interface StoredForJobs extends Pick<ProfileDraft, 'attributesJson' | 'attributesWritten' | 'attributeJob'> {
  readonly sets: readonly number[];
}

interface JobsDone {
  readonly attributesJson: string;
  readonly attributesWritten: number;
  readonly values: ReadonlyMap<string, ValueChange>;
  /** Jobs that would have made the profile too large. */
  readonly tooLarge: readonly AttributeJob[];
}

/** A profile's attributes as JSON text, with the values of pending jobs in the same snapshot. */
export function promisedAttributes(profile: StoredForJobs, catalog: Catalog, limits: AttributeLimits): string {
  const { attributeJobs } = catalog;
  // Stryker disable next-line ConditionalExpression: this only saves work, for every read while no job is pending.
  if (attributeJobs.length === 0) return profile.attributesJson;
  return withJobs(profile, attributeJobs, limits)?.attributesJson ?? profile.attributesJson;
}

/** Applies the pending jobs to a profile. @param changes counts the jobs that would make the profile too large */
export function bringUpToDate(
  { catalog, limits }: Pick<BatchState, 'catalog' | 'limits'>,
  profile: ProfileDraft,
  { tooLarge }: Pick<BatchChanges, 'tooLarge'>,
): void {
  const { attributeJobs } = catalog;
  const newest = attributeJobs.at(-1);
  if (newest === undefined) return;
  const done = withJobs(profile, attributeJobs, limits);
  // Even if no job is pending, because the profile may be about to join the set of a job that does not apply to it.
  profile.attributeJob = Math.max(profile.attributeJob, newest.id);
  if (done === undefined) return;
  for (const [name, { before, after }] of done.values) noteValue(profile, name, before, after);
  profile.attributesJson = done.attributesJson;
  profile.attributesWritten = done.attributesWritten;
  profile.changed = true;
  for (const { id } of done.tooLarge) tooLarge.set(id, (tooLarge.get(id) ?? 0) + 1);
}

/** Brings the profiles that a command names up to date, before it is decided. */
export function bringCommandUpToDate(state: BatchState, changes: BatchChanges, command: WriteCommand): void {
  // Stryker disable next-line ConditionalExpression: this only saves work, for every write while no job is pending.
  if (state.catalog.attributeJobs.length === 0) return;
  for (const { environment, integrationId } of namedProfiles([command])) {
    const profile = state.profiles.get(profileKey(environment, integrationId));
    if (profile !== undefined) bringUpToDate(state, profile, changes);
  }
}

/** @returns undefined when no job is pending for the profile */
function withJobs(
  profile: StoredForJobs,
  jobs: readonly AttributeJob[],
  limits: AttributeLimits,
): JobsDone | undefined {
  const pending = jobs.filter(({ id, memberSet }) => id > profile.attributeJob && profile.sets.includes(memberSet));
  if (pending.length === 0) return undefined;
  let { attributesJson, attributesWritten } = profile;
  const values = new Map<string, ValueChange>();
  const tooLarge: AttributeJob[] = [];
  for (const job of pending) {
    // A replayed job yields to any live write since its request arrived, because nothing records which attributes that
    // write set.
    if (attributesWritten >= (job.arrived ?? Number.POSITIVE_INFINITY)) continue;
    const attributes = JSON.parse(attributesJson) as Record<string, JsonValue>;
    const own = new Map<string, ValueChange>();
    for (const [name, value] of Object.entries(job.attributes)) {
      const before = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      own.set(name, { before, after: value ?? undefined });
      if (value === null) delete attributes[name];
      else attributes[name] = value;
    }
    const json = JSON.stringify(attributes);
    if (outgrowsProfile(attributesJson, json, limits)) {
      tooLarge.push(job);
      continue;
    }
    for (const [name, { before, after }] of own)
      values.set(name, { before: (values.get(name) ?? { before }).before, after });
    attributesJson = json;
    attributesWritten = Math.max(attributesWritten, job.arrived ?? job.recorded);
  }
  return { attributesJson, attributesWritten, values, tooLarge };
}
