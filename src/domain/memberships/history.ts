/** Reading the ledger backwards, as people do: which entries tell of one profile, and where a page of them ends. */

import type { HistoryPosition } from './storage.ts';

/** An entry of the ledger, as far as a history is concerned with it. */
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
  /** False for the end of an audience that the profile may not have been in. */
  certain: boolean;
  /** True for an entry of the profile's own chain. */
  readonly own: boolean;
}

/**
 * Collects one page of a profile's history from the profile's own entries, what replacements did to it, and the ends of audiences,
 * added newest first. The profile's entry before an end shows whether that end concerned the profile, so an end waits for it.
 */
export class ProfileHistoryPage<Entry extends HistoryEntry> {
  readonly #limit: number;
  readonly #events: Noted<Entry>[] = [];
  /** The end that is waiting, by audience. */
  readonly #waiting = new Map<number, Noted<Entry>>();
  #certain = 0;

  /** @param limit events of a full page */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True when the page is full and nothing that waits could stand on it. */
  get isComplete(): boolean {
    return this.#certain > this.#limit && this.#waiting.size === 0;
  }

  /** The profile joined or left. @param own true for an entry of its own chain, false for a replacement of all members */
  add(entry: Entry, action: 'joined' | 'left', own: boolean): void {
    this.#settle(entry.audienceId, action);
    this.#events.push({ entry, action, certain: true, own });
    this.#certain += 1;
  }

  /** The audience lost all its members. */
  addEnd(entry: Entry, action: 'deleted' | 'emptied'): void {
    // Of two ends with no entry between them, the later one concerned no member.
    this.#waiting.delete(entry.audienceId);
    if (this.#certain > this.#limit) return;
    const event = { entry, action, certain: false, own: false };
    this.#waiting.set(entry.audienceId, event);
    this.#events.push(event);
  }

  /** Cuts the page. @param rest where the two lists go on that were read; undefined when they ended */
  cut(rest: HistoryPosition | undefined): { events: HistoryEvent<Entry>[]; next: HistoryPosition | undefined } {
    const certain = this.#events.filter((each) => each.certain);
    const events = certain.slice(0, this.#limit);
    const last = events.at(-1);
    if (certain.length <= this.#limit || last === undefined) return { events, next: rest };
    const own = this.#events.find((each) => each.own && each.entry.id < last.entry.id);
    return { events, next: { before: last.entry.id, own: own?.entry.id ?? rest?.own ?? 0 } };
  }

  /** Before a later end of the audience the profile was a member, or was none. */
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
 * Where a walk down the ledger goes on after one stretch of it: below the last entry of a full page, else below the stretch.
 * @param found the matching entries of the stretch, newest first
 * @param stretch `bottom` is the lowest number looked at; entries below `prunedBefore` are past their retention
 * @returns the number below which to go on; undefined at the end of the ledger
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
