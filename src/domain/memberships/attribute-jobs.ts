/**
 * Brings profiles up to date with attribute jobs. A job is for everyone in its set who has not been written since it was recorded:
 * whatever writes a profile first gives it the values of all jobs that are pending for it, and a profile notes the newest of them.
 * So a job may be written step by step, the first to touch a profile does it, and later writes of the same attribute win. Who reads a
 * profile gets the values as well.
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

/** What decides which jobs are pending for a profile, and what they do to it. */
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

/** A profile's attributes as JSON text, with what the pending jobs of the same snapshot promise. */
export function promisedAttributes(profile: StoredForJobs, catalog: Catalog, limits: AttributeLimits): string {
  const { attributeJobs } = catalog;
  if (attributeJobs.length === 0) return profile.attributesJson;
  return withJobs(profile, attributeJobs, limits)?.attributesJson ?? profile.attributesJson;
}

/** Does for a profile what is pending. @param changes counts the jobs that would make the profile too large */
export function bringUpToDate(
  { catalog, limits }: Pick<BatchState, 'catalog' | 'limits'>,
  profile: ProfileDraft,
  { tooLarge }: Pick<BatchChanges, 'tooLarge'>,
): void {
  const { attributeJobs } = catalog;
  const newest = attributeJobs.at(-1);
  if (newest === undefined) return;
  const done = withJobs(profile, attributeJobs, limits);
  // Even if nothing is pending: the profile may be about to join the set of a job that is not for it.
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
    // A replayed job yields to what was written live since its request arrived: which attributes that set is not recorded.
    if (job.arrived !== undefined && attributesWritten >= job.arrived) continue;
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
