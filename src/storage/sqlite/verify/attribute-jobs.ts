/**
 * Checks attribute jobs: their attributes are defined, the members of pending ones still exist, and no profile was
 * skipped.
 */

import { parseJson } from './definitions.ts';
import type { Facts } from './facts.ts';
import type { Problems } from './problems.ts';

interface JobRow {
  id: number;
  audience_id: number;
  member_set: number;
  attributes: string;
  members: number;
  position: number;
  done: number;
  finished: number | null;
}

export function checkAttributeJobs(facts: Facts, problems: Problems): void {
  const { database } = facts;
  const names = new Set(
    facts.attributes.filter(({ entity }) => entity === 'CustomerProfile').map((attribute) => attribute.name),
  );
  const passedOver = database
    .prepare<[number, number, number], number>(`
      select profile_id from members join profiles on profiles.id = profile_id
      where member_set = ? and profile_id <= ? and attribute_job < ?`)
    .pluck();
  for (const job of database.prepare<[], JobRow>('select * from attribute_jobs order by id').iterate()) {
    const name = `attribute job ${job.id}`;
    if (!facts.audiences.has(job.audience_id)) {
      problems.add('references', `${name} is of audience ${job.audience_id}, which does not exist`);
    }
    const attributes = parseJson(job.attributes);
    if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
      problems.add('json', `${name}: attributes is not an object`);
      continue;
    }
    for (const each of Object.keys(attributes)) {
      if (!names.has(each)) problems.add('attributes', `${name} sets attribute '${each}', which is not defined`);
    }
    if (job.done < 0 || job.done > job.members) {
      problems.add('attribute jobs', `${name} has been written to ${job.done} of ${job.members} members`);
    }
    if (job.finished !== null) {
      if (Object.values(attributes).some((value) => value !== null)) {
        problems.add('attribute jobs', `${name} is finished, yet holds values`);
      }
      continue;
    }
    if (!facts.sets.has(job.member_set) && !facts.deadSets.has(job.member_set)) {
      problems.add('attribute jobs', `${name} is for set ${job.member_set}, whose members are gone`);
    }
    for (const profileId of passedOver.iterate(job.member_set, job.position, job.id)) {
      problems.add('attribute jobs', `${name} passed over profile ${profileId}`);
    }
  }
}
