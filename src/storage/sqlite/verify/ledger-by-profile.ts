/** Reads the ledger profile by profile: sorted on disk, returned in step with the profiles. */

import type { Facts } from './facts.ts';

/** An entry of a profile, or the effect on it of an audience's replacement. */
export interface LedgerEvent {
  /** Number of the entry. */
  readonly position: number;
  readonly audienceId: number;
  readonly action: number;
  readonly previous: number;
  /** True when it comes from the details of a replacement. */
  readonly detail: boolean;
}

type EventRow = [
  profileId: number,
  position: number,
  audienceId: number | null,
  action: number,
  previous: number,
  detail: number,
];

const NONE: readonly LedgerEvent[] = [];

export class LedgerByProfile {
  readonly #rows: IterableIterator<EventRow>;
  #next: EventRow | undefined;

  constructor(facts: Facts) {
    this.#rows = facts.database
      .prepare<[number, number], EventRow>(`
        select profile_id, id, audience_id, action, previous, 0
        from membership_changes where profile_id is not null and id >= ?
        union all
        select details.profile_id, change_id, audience_id, details.action, 0, 1
        from replacement_changes as details join replacements using (member_set)
        left join membership_changes on membership_changes.id = change_id
        where change_id >= ?
        order by 1, 2`)
      .raw()
      .iterate(facts.baseline, facts.baseline);
    this.#advance();
  }

  /** Events of the profile, in order. Profiles are requested in ascending order; skipped ones go to `onSkipped`. */
  eventsOf(profileId: number, onSkipped: (id: number, events: readonly LedgerEvent[]) => void): readonly LedgerEvent[] {
    while (this.#next !== undefined && this.#next[0] < profileId) onSkipped(this.#next[0], this.#take(this.#next[0]));
    return this.#next?.[0] === profileId ? this.#take(profileId) : NONE;
  }

  /** After the last profile. */
  finish(onSkipped: (id: number, events: readonly LedgerEvent[]) => void): void {
    while (this.#next !== undefined) onSkipped(this.#next[0], this.#take(this.#next[0]));
  }

  close(): void {
    this.#rows.return?.();
  }

  #take(profileId: number): LedgerEvent[] {
    const events: LedgerEvent[] = [];
    while (this.#next?.[0] === profileId) {
      const [, position, audienceId, action, previous, detail] = this.#next;
      // Details without an entry are reported by the check of the ledger; they are ignored here.
      if (audienceId !== null) events.push({ position, audienceId, action, previous, detail: detail === 1 });
      this.#advance();
    }
    return events;
  }

  #advance(): void {
    const step = this.#rows.next();
    this.#next = step.done === true ? undefined : step.value;
  }
}
