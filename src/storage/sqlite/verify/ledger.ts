/**
 * Checks the ledger in its own order: numbers without gaps, each entry within its request, audience-level counts
 * correct.
 */

import { ACTION_NUMBERS } from '../../sql/rows.ts';
import type { Connection } from '../database.ts';
import type { Facts, ReplacementFacts } from './facts.ts';
import type { Problems } from './problems.ts';

/** What the retained ledger says about one audience. */
export interface AudienceTally {
  joins: number;
  leaves: number;
  /** Its members at the end; undefined if the evidence was pruned. */
  members: number | undefined;
}

type EntryRow = [
  id: number,
  requestId: number,
  audienceId: number,
  profileId: number | null,
  action: number,
  count: number,
];

/** @returns what the ledger says about each audience it names */
export function checkLedger(facts: Facts, problems: Problems): Map<number, AudienceTally> {
  const { database, baseline } = facts;
  const requests = new RequestRanges(database, problems);
  const pass = new LedgerPass(facts, problems);
  const entries = database
    .prepare<[], EntryRow>(
      'select id, request_id, audience_id, profile_id, action, count from membership_changes order by id',
    )
    .raw()
    .iterate();
  let expected = baseline;
  try {
    for (const entry of entries) {
      const [id, requestId] = entry;
      if (id < baseline) {
        problems.add('ledger', `entry ${id} lies below the baseline ${baseline} and should be gone`);
        continue;
      }
      if (id !== expected) problems.add('ledger', `entries ${expected} to ${id - 1} are missing`);
      expected = id + 1;
      const owner = requests.ownerOf(id);
      if (owner !== requestId) {
        const range = owner === undefined ? 'no request' : `request ${owner}`;
        problems.add('requests', `entry ${id} belongs to request ${requestId}, but lies in the range of ${range}`);
      }
      pass.apply(entry);
    }
    const next = facts.sequences.get('change') ?? expected;
    if (next > expected) problems.add('ledger', `entries ${expected} to ${next - 1} are missing`);
    requests.finish();
  } finally {
    requests.close();
  }
  pass.checkReplacements();
  return pass.tallies;
}

/** Follows the requests in step with their entries. */
class RequestRanges {
  readonly #problems: Problems;
  readonly #rows: IterableIterator<[id: number, firstChange: number]>;
  #current: number | undefined;
  #next: [id: number, firstChange: number] | undefined;

  constructor(database: Connection, problems: Problems) {
    this.#problems = problems;
    this.#rows = database
      .prepare<[], [number, number]>('select id, first_change from requests order by id')
      .raw()
      .iterate();
    this.#advance();
  }

  /** The request whose range contains the entry; requested in ascending order. */
  ownerOf(entry: number): number | undefined {
    while (this.#next !== undefined && this.#next[1] <= entry) {
      const [id, firstChange] = this.#next;
      this.#current = id;
      this.#advance();
      if (this.#next !== undefined && this.#next[1] <= firstChange) {
        const [later, start] = this.#next;
        this.#problems.add(
          'requests',
          `request ${later} starts at entry ${start}, not after request ${id} at ${firstChange}`,
        );
      }
    }
    return this.#current;
  }

  /** After the last entry: no request may be left. */
  finish(): void {
    while (this.#next !== undefined) {
      this.#problems.add('requests', `request ${this.#next[0]} starts at entry ${this.#next[1]}, which does not exist`);
      this.#advance();
    }
  }

  close(): void {
    this.#rows.return?.();
  }

  #advance(): void {
    const step = this.#rows.next();
    this.#next = step.done === true ? undefined : step.value;
  }
}

class LedgerPass {
  readonly tallies = new Map<number, AudienceTally>();
  readonly #facts: Facts;
  readonly #problems: Problems;
  readonly #replacements = new Map<number, ReplacementFacts>();

  constructor(facts: Facts, problems: Problems) {
    this.#facts = facts;
    this.#problems = problems;
    for (const each of facts.replacements)
      if (each.changeId >= facts.baseline) this.#replacements.set(each.changeId, each);
  }

  apply([id, , audienceId, profileId, action, count]: EntryRow): void {
    if (!this.#facts.audiences.has(audienceId)) {
      this.#problems.add('ledger', `entry ${id} names audience ${audienceId}, which never existed`);
    }
    const tally = this.#tally(audienceId);
    const ofProfile = action === ACTION_NUMBERS.joined || action === ACTION_NUMBERS.left;
    if (ofProfile !== (profileId !== null) || (ofProfile && count !== 1) || count < 0) {
      this.#problems.add(
        'ledger',
        `entry ${id} has action ${action}, profile ${profileId} and count ${count}, which do not go together`,
      );
    }
    switch (action) {
      case ACTION_NUMBERS.joined:
        this.#change(tally, 1, 0);
        return;
      case ACTION_NUMBERS.left:
        this.#change(tally, 0, 1);
        return;
      case ACTION_NUMBERS.deleted:
      case ACTION_NUMBERS.emptied:
        this.#expectCount(id, audienceId, tally.members, count);
        tally.leaves += count;
        tally.members = 0;
        return;
      case ACTION_NUMBERS.replaced:
        this.#replace(id, audienceId, tally, count);
        return;
      default:
        this.#problems.add('ledger', `entry ${id} has action ${action}, which does not exist`);
    }
  }

  /** After the last entry: the details of replacements each belong to one of them. */
  checkReplacements(): void {
    for (const [changeId, { set }] of this.#replacements) {
      this.#problems.add('ledger', `the details of set ${set} belong to entry ${changeId}, which replaced nothing`);
    }
    const strays = this.#facts.database
      .prepare<[], number>(`
        select member_set from replacement_changes
        where member_set not in (select member_set from replacements) group by member_set`)
      .pluck()
      .iterate();
    for (const set of strays) this.#problems.add('ledger', `the details of set ${set} belong to no replacement`);
  }

  #replace(id: number, audienceId: number, tally: AudienceTally, count: number): void {
    const replacement = this.#replacements.get(id);
    this.#replacements.delete(id);
    if (replacement === undefined)
      this.#problems.add('ledger', `entry ${id} replaced audience ${audienceId}, but its details are missing`);
    else {
      this.#change(tally, replacement.joins, replacement.leaves);
      this.#expectCount(id, audienceId, tally.members, count);
    }
    tally.members = count;
  }

  #expectCount(id: number, audienceId: number, members: number | undefined, count: number): void {
    if (members === undefined || members === count) return;
    this.#problems.add('ledger', `entry ${id} counts ${count} members of audience ${audienceId}, expected ${members}`);
  }

  #change(tally: AudienceTally, joins: number, leaves: number): void {
    tally.joins += joins;
    tally.leaves += leaves;
    if (tally.members !== undefined) tally.members += joins - leaves;
  }

  #tally(audienceId: number): AudienceTally {
    let tally = this.tallies.get(audienceId);
    if (tally === undefined) {
      tally = { joins: 0, leaves: 0, members: this.#facts.baseline === 1 ? 0 : undefined };
      this.tallies.set(audienceId, tally);
    }
    return tally;
  }
}
