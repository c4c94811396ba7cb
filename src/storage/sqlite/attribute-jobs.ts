/** Writes attribute jobs to their profiles, step by step. */

import { bringUpToDate } from '../../domain/memberships/attribute-jobs.ts';
import { noChanges, type ProfileDraft } from '../../domain/memberships/batch.ts';
import type { AttributeJobReport, AttributeJobStep } from '../../domain/memberships/storage.ts';
import { ATTRIBUTE_JOB_REPORTS, toAttributeJobReport } from '../sql/attribute-jobs.ts';
import { inSlices } from './upkeep.ts';
import type { SqliteWriter, StoreSequences } from './writer.ts';

// Profiles of one slice: a few ms.
const SLICE_PROFILES = 50;
// The number of finished jobs that are kept for listing.
const KEPT_JOBS = 1000;

interface Place {
  readonly id: number;
  readonly member_set: number;
  readonly position: number;
  readonly members: number;
  readonly done: number;
}

export class SqliteAttributeJobs {
  readonly #writer: SqliteWriter;
  readonly #next;
  readonly #membersAfter;
  readonly #moveOn;
  readonly #finish;
  readonly #forget;
  readonly #report;

  constructor(writer: SqliteWriter) {
    const { database } = writer;
    this.#writer = writer;
    this.#next = database.prepare<[], Place>(
      'select id, member_set, position, members, done from attribute_jobs where finished is null order by id limit 1',
    );
    this.#membersAfter = database
      .prepare<[number, number, number], number>(
        'select profile_id from members where member_set = ? and profile_id > ? order by profile_id limit ?',
      )
      .pluck();
    this.#moveOn = database.prepare<[number, number, number]>(
      'update attribute_jobs set position = ?, done = ? where id = ?',
    );
    // The names stay, the values go.
    this.#finish = database.prepare<[number, number, number]>(`
      update attribute_jobs set finished = ?, done = ?,
        attributes = (select json_group_object(key, null) from json_each(attribute_jobs.attributes))
      where id = ?`);
    this.#forget = database.prepare<[number]>('delete from attribute_jobs where finished is not null and id <= ?');
    this.#report = database.prepare<[number], Parameters<typeof toAttributeJobReport>[0]>(
      `${ATTRIBUTE_JOB_REPORTS} where attribute_jobs.id = ?`,
    );
  }

  /** Writes a bounded number of profiles, in one transaction; the oldest job first. */
  step(): AttributeJobStep {
    if (this.#next.get() === undefined) return { more: false, finished: [] };
    return this.#writer.transaction((sequences) => {
      const finished: AttributeJobReport[] = [];
      const more = inSlices(() => this.#slice(sequences, finished));
      return { more, finished };
    });
  }

  /** @returns whether there was anything to do */
  #slice(sequences: StoreSequences, finished: AttributeJobReport[]): boolean {
    const job = this.#next.get();
    if (job === undefined) return false;
    const { id, member_set: set, position, members } = job;
    const ids = this.#membersAfter.all(set, position, SLICE_PROFILES);
    this.#write(ids, sequences);
    // The set also contains profiles that joined later, which are already up to date.
    const done = Math.min(job.done + ids.length, members);
    const last = ids.at(-1);
    if (ids.length === SLICE_PROFILES && last !== undefined) this.#moveOn.run(last, done, id);
    else {
      this.#finish.run(this.#writer.now(), members, id);
      this.#forget.run(id - KEPT_JOBS);
      this.#writer.raiseCatalogVersion();
      const report = this.#report.get(id);
      if (report !== undefined) finished.push(toAttributeJobReport(report));
    }
    return true;
  }

  #write(ids: readonly number[], sequences: StoreSequences): void {
    const catalog = this.#writer.catalog.current();
    const changes = noChanges();
    const drafts: ProfileDraft[] = [];
    for (const id of ids) {
      const draft = this.#writer.loadProfileById(id);
      if (draft === undefined) continue;
      bringUpToDate({ catalog, limits: this.#writer.limits }, draft, changes);
      drafts.push(draft);
    }
    this.#writer.save(changes, drafts, sequences, this.#writer.now());
  }
}
