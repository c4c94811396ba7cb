/** Reads the ledger backwards: which entries concern a profile, and where a page of them ends. */

import type { HistoryPosition } from './storage.ts';

/** The part of a ledger entry that a history needs. */
export interface HistoryEntry {
  /** Number in the ledger. */
  readonly id: number;
  readonly audienceId: number;
}

/** An entry that concerns the profile, with its effect on it. */
export interface HistoryEvent<Entry extends HistoryEntry> {
  readonly entry: Entry;
  readonly action: 'joined' | 'left' | 'deleted' | 'emptied';
}

interface Noted<Entry extends HistoryEntry> extends HistoryEvent<Entry> {
  /** False for the end of an audience that the profile may not have been a member of. */
  certain: boolean;
  /** True for an entry of the profile's own chain. */
  readonly own: boolean;
}

/**
 * Collects one page of a profile's history from the profile's own entries, its changes by replacements, and the ends of
 * audiences, added newest first. The profile's previous entry shows whether the end of an audience concerned it, so the
 * end waits for that entry.
 */
export class ProfileHistoryPage<Entry extends HistoryEntry> {
  readonly #limit: number;
  readonly #events: Noted<Entry>[] = [];
  /** The end that is waiting, by audience. */
  readonly #waiting = new Map<number, Noted<Entry>>();
  #certain = 0;

  /** @param limit the number of events on a full page */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the page is full and nothing that is waiting could be on it. */
  get isComplete(): boolean {
    return this.#certain > this.#limit && this.#waiting.size === 0;
  }

  /**
   * Adds a join or leave of the profile. @param own true for an entry of its own chain, false for a replacement of all
   * members
   */
  add(entry: Entry, action: 'joined' | 'left', own: boolean): void {
    this.#settle(entry.audienceId, action);
    this.#events.push({ entry, action, certain: true, own });
    this.#certain += 1;
  }

  /** Adds the end of all memberships of an audience. */
  addEnd(entry: Entry, action: 'deleted' | 'emptied'): void {
    // Of two ends with no entry between them, the later one concerned no member.
    this.#waiting.delete(entry.audienceId);
    // Stryker disable next-line EqualityOperator: after a full page, whoever was a member has another event on the next.
    if (this.#certain > this.#limit) return;
    const event = { entry, action, certain: false, own: false };
    this.#waiting.set(entry.audienceId, event);
    this.#events.push(event);
  }

  /** Completes the page. @param rest where the two lists continue; undefined if they have ended */
  cut(rest: HistoryPosition | undefined): { events: HistoryEvent<Entry>[]; next: HistoryPosition | undefined } {
    const certain = this.#events.filter((each) => each.certain);
    const events = certain.slice(0, this.#limit);
    const last = events.at(-1);
    if (certain.length <= this.#limit || last === undefined) return { events, next: rest };
    const own = this.#events.find((each) => each.own && each.entry.id < last.entry.id);
    return { events, next: { before: last.entry.id, own: own?.entry.id ?? rest?.own ?? 0 } };
  }

  /** The profile was a member before a later end of the audience, or was not. */
  #settle(audienceId: number, action: 'joined' | 'left'): void {
    const waiting = this.#waiting.get(audienceId);
    if (waiting === undefined) return;
    this.#waiting.delete(audienceId);
    if (action === 'left') return;
    waiting.certain = true;
    this.#certain += 1;
  }
}

/**
 * Says where to continue reading the ledger backwards: below the last entry of a full page, otherwise below the range
 * just read.
 * @param found the matching entries of the range, newest first
 * @param range `bottom` is the lowest number examined; entries below `prunedBefore` are past their retention
 * @returns the number below which to continue; undefined at the end of the ledger
 */
export function nextRange(
  found: readonly { readonly id: number }[],
  limit: number,
  { bottom, prunedBefore }: { readonly bottom: number; readonly prunedBefore: number },
): number | undefined {
  const last = found.at(-1);
  const next = found.length === limit && last !== undefined ? last.id : bottom;
  return next > Math.max(prunedBefore, 1) ? next : undefined;
}
