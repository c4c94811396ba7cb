/** Work that can wait: removing what deleted sets and lists left behind, ledger entries past their retention, and
 * answers that no repeat gets any more. */

import { type OldRequest, planPruning } from '../../domain/memberships/retention.ts';
import type { SqliteWriter, StoreSequences } from './writer.ts';

// A call ends after this time or this many slices: a write that arrives meanwhile waits hardly longer than for another
// write.
const STEP_MS = 10;
const STEP_SLICES = 10;
// Rows removed by one statement: well below a ms per thousand on a quiet machine.
const SLICE_ROWS = 500;
const SLICE_REQUESTS = 100;

export class SqliteUpkeep {
  readonly #writer: SqliteWriter;
  readonly #nextDeadSet;
  readonly #removeMembers;
  readonly #forgetSet;
  readonly #nextDeadList;
  readonly #removeValues;
  readonly #forgetList;
  readonly #oldestRequests;
  readonly #removeChanges;
  readonly #removeRequests;
  readonly #baseline;
  readonly #raiseBaseline;
  readonly #prunedReplacement;
  readonly #removeDetails;
  readonly #forgetReplacement;
  readonly #forgetReplays;

  constructor(writer: SqliteWriter) {
    const { database } = writer;
    this.#writer = writer;
    // The members of a dead set are still wanted where an attribute job is for them.
    this.#nextDeadSet = database
      .prepare<[], number>(`
      select member_set from dead_sets
      where member_set not in (select member_set from attribute_jobs where finished is null) limit 1`)
      .pluck();
    this.#removeMembers = database.prepare<[number, number, number]>(`
      delete from members where member_set = ? and profile_id in (
        select profile_id from members where member_set = ? order by profile_id limit ?)`);
    this.#forgetSet = database.prepare<[number]>('delete from dead_sets where member_set = ?');
    this.#nextDeadList = database.prepare<[], number>('select allowed_list from dead_allowed_lists limit 1').pluck();
    this.#removeValues = database.prepare<[number, number, number]>(`
      delete from allowed_values where allowed_list = ? and value in (
        select value from allowed_values where allowed_list = ? order by value limit ?)`);
    this.#forgetList = database.prepare<[number]>('delete from dead_allowed_lists where allowed_list = ?');
    this.#oldestRequests = database.prepare<[number], OldRequest>(
      'select id, time, first_change as firstChange from requests order by id limit ?',
    );
    this.#removeChanges = database.prepare<[number]>('delete from membership_changes where id < ?');
    this.#removeRequests = database.prepare<[number]>('delete from requests where id < ?');
    this.#baseline = database.prepare<[], number>('select pruned_before from ledger_baseline').pluck();
    this.#raiseBaseline = database.prepare<[number, number]>(
      'update ledger_baseline set pruned_before = ?, pruned_until = max(coalesce(pruned_until, 0), ?)',
    );
    this.#prunedReplacement = database
      .prepare<[], number>(
        'select member_set from replacements where change_id < (select pruned_before from ledger_baseline) limit 1',
      )
      .pluck();
    this.#removeDetails = database.prepare<[number, number, number]>(`
      delete from replacement_changes where member_set = ? and profile_id in (
        select profile_id from replacement_changes where member_set = ? order by profile_id limit ?)`);
    this.#forgetReplacement = database.prepare<[number]>('delete from replacements where member_set = ?');
    this.#forgetReplays = [
      database.prepare<[number, number]>(`
        delete from replayed_values where (profile_id, attribute_id) in (
          select profile_id, attribute_id from replayed_values where arrived < ? order by arrived limit ?)`),
      database.prepare<[number, number]>(`
        delete from replayed_memberships where (profile_id, audience_id) in (
          select profile_id, audience_id from replayed_memberships where arrived < ? order by arrived limit ?)`),
      database.prepare<[number, number]>(`
        delete from replayed_definitions where audience_id in (
          select audience_id from replayed_definitions where arrived < ? order by arrived limit ?)`),
    ];
  }

  purge(): boolean {
    if (this.#nextDeadSet.get() === undefined && this.#nextDeadList.get() === undefined) return false;
    this.#writer.transaction(() => inSlices(() => this.#purgeSet() || this.#purgeList()));
    return true;
  }

  /** @param before ms since the epoch */
  pruneLedger(before: number): boolean {
    return this.#writer.transaction((sequences) =>
      inSlices(() => this.#removeReplacementDetails() || this.#removeRequestsBefore(before, sequences)),
    );
  }

  #purgeSet(): boolean {
    const set = this.#nextDeadSet.get();
    if (set === undefined) return false;
    if (this.#removeMembers.run(set, set, SLICE_ROWS).changes < SLICE_ROWS) this.#forgetSet.run(set);
    return true;
  }

  #purgeList(): boolean {
    const list = this.#nextDeadList.get();
    if (list === undefined) return false;
    if (this.#removeValues.run(list, list, SLICE_ROWS).changes < SLICE_ROWS) this.#forgetList.run(list);
    return true;
  }

  /** Removes the oldest entries, and the requests that have none left. */
  #removeRequestsBefore(before: number, sequences: StoreSequences): boolean {
    const oldest = this.#oldestRequests.all(SLICE_REQUESTS + 1);
    const { request: nextRequest, change: nextChange } = sequences;
    const extent = { prunedBefore: this.#baseline.get() ?? 0, nextRequest, nextChange };
    const planned = planPruning(oldest, before, extent, { requests: SLICE_REQUESTS, entries: SLICE_ROWS });
    if (planned === undefined) return false;
    this.#removeChanges.run(planned.firstKeptChange);
    this.#raiseBaseline.run(planned.firstKeptChange, before);
    this.#removeRequests.run(planned.firstKeptRequest);
    return true;
  }

  /** @param before ms since the epoch; no refused write that arrived earlier is kept */
  forgetReplays(before: number): boolean {
    return this.#writer.transaction(() =>
      inSlices(() => this.#forgetReplays.some((forget) => forget.run(before, SLICE_ROWS).changes > 0)),
    );
  }

  /** @param before ms since the epoch */
  forgetAnswers(before: number): boolean {
    return this.#writer.transaction(() => inSlices(() => this.#writer.answers.forget(before, SLICE_REQUESTS)));
  }

  #removeReplacementDetails(): boolean {
    const set = this.#prunedReplacement.get();
    if (set === undefined) return false;
    if (this.#removeDetails.run(set, set, SLICE_ROWS).changes < SLICE_ROWS) this.#forgetReplacement.run(set);
    return true;
  }
}

/** Repeats `slice` until the step is over, or there is nothing more to do. @returns whether there is */
export function inSlices(slice: () => boolean): boolean {
  const until = performance.now() + STEP_MS;
  for (let slices = 0; slices < STEP_SLICES && performance.now() < until; slices += 1) if (!slice()) return false;
  return true;
}
