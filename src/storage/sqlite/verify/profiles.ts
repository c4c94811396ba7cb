/**
 * Checks each profile once, together with its part of the ledger: its lists and attributes are well-formed and indexed,
 * its memberships have their rows, its entries form one chain, and they result in its current memberships.
 */

import { checkAttributeValue, NO_LISTS } from '../../../domain/definitions/attribute-values.ts';
import type { Attribute } from '../../../domain/definitions/attributes.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { looksLikePseudonym } from '../../../domain/memberships/erased-people.ts';
import { ACTION_NUMBERS, ofProfileEnvironment } from '../../sql/rows.ts';
import { parseJson } from './definitions.ts';
import type { Facts } from './facts.ts';
import { ProfileHistory } from './history.ts';
import { LedgerByProfile, type LedgerEvent } from './ledger-by-profile.ts';
import { type Problems, profileName } from './problems.ts';
import { FiledValues } from './values.ts';

type ProfileRow = [
  id: number,
  environment: number,
  integrationId: string,
  sets: string,
  lastChange: number,
  attributes: string,
];

interface Profile {
  readonly id: number;
  readonly environment: number;
  readonly lastChange: number;
  readonly name: string;
}

/** @returns for each set in use, how many of its rows a profile lists */
export function checkProfiles(facts: Facts, problems: Problems): Map<number, number> {
  const pass = new ProfilePass(facts, problems);
  const ledger = new LedgerByProfile(facts);
  const rows = facts.database
    .prepare<[], ProfileRow>(
      'select id, environment, integration_id, sets, last_change, attributes from profiles order by id',
    )
    .raw()
    .iterate();
  const onUnknown = (id: number, events: readonly LedgerEvent[]): void =>
    problems.add('ledger', `entry ${events[0]?.position} is of profile ${id}, which does not exist`);
  try {
    for (const row of rows) pass.check(row, ledger.eventsOf(row[0], onUnknown));
    ledger.finish(onUnknown);
  } finally {
    ledger.close();
  }
  pass.values.finish();
  return pass.listed;
}

class ProfilePass {
  readonly listed = new Map<number, number>();
  readonly values: FiledValues;
  readonly #facts: Facts;
  readonly #problems: Problems;
  readonly #history: ProfileHistory;
  readonly #findRow;
  readonly #nextSet: number;
  /** Definitions without their allowed lists, which may have changed since the value was set. */
  readonly #definitions = new Map<string, Attribute>();

  constructor(facts: Facts, problems: Problems) {
    this.#facts = facts;
    this.#problems = problems;
    this.#history = new ProfileHistory(facts, problems);
    this.values = new FiledValues(facts, problems);
    this.#findRow = facts.database
      .prepare<[number, number], number>('select 1 from members where member_set = ? and profile_id = ?')
      .pluck();
    this.#nextSet = facts.sequences.get('member_set') ?? Number.MAX_SAFE_INTEGER;
    for (const definition of facts.attributes.filter(({ entity }) => entity === 'CustomerProfile')) {
      this.#definitions.set(definition.name, { ...definition, restrictedBySuggestions: false });
    }
  }

  check(
    [id, environment, integrationId, sets, lastChange, attributes]: ProfileRow,
    events: readonly LedgerEvent[],
  ): void {
    if (typeof integrationId !== 'string' || typeof sets !== 'string' || typeof attributes !== 'string') {
      this.#problems.add('file', `profile ${id} holds values of another kind than its columns`);
      return;
    }
    const profile = { id, environment, lastChange, name: profileName(id, integrationId) };
    if (![0, 1, 2, 3].includes(environment)) {
      this.#problems.add('environments', `${profile.name} is in environment ${environment}, which does not exist`);
    } else if (ofProfileEnvironment(environment).isErased) {
      if (sets !== '[]' || attributes !== '{}')
        this.#problems.add('erasures', `${profile.name} is erased, but not empty`);
      if (!looksLikePseudonym(integrationId, id)) {
        this.#problems.add('erasures', `erased profile ${id} has an ID in place of its pseudonym`);
      }
    }
    this.#checkAttributes(profile, attributes);
    this.#checkChain(profile, events);
    const memberships = this.#checkSets(profile, sets);
    if (memberships !== undefined) this.#history.check(profile.name, events, memberships);
  }

  /** @returns the audiences the profile is a member of; undefined when the list cannot be read */
  #checkSets(profile: Profile, text: string): Set<number> | undefined {
    const memberships = new Set<number>();
    if (text === '[]') return memberships;
    const sets = parseJson(text);
    if (!Array.isArray(sets) || !sets.every(Number.isInteger)) {
      this.#problems.add('json', `${profile.name}: sets is not a list of numbers`);
      return undefined;
    }
    const seen = new Set<number>();
    for (const set of sets as number[]) {
      if (seen.has(set)) this.#problems.add('members', `${profile.name} lists set ${set} twice`);
      else this.#checkSet(profile, set, memberships);
      seen.add(set);
    }
    return memberships;
  }

  #checkSet(profile: Profile, set: number, memberships: Set<number>): void {
    if (set >= this.#nextSet) {
      this.#problems.add(
        'sequences',
        `${profile.name} lists set ${set}, but sequence member_set gives ${this.#nextSet} next`,
      );
    }
    const used = this.#facts.sets.get(set);
    if (used === undefined) return;
    const { audience, staged } = used;
    if (!staged) memberships.add(audience.id);
    if (audience.environment !== profile.environment) {
      this.#problems.add(
        'environments',
        `${profile.name} is in set ${set} of audience ${audience.id}, of the other environment`,
      );
    }
    if (this.#findRow.get(set, profile.id) === 1) this.listed.set(set, (this.listed.get(set) ?? 0) + 1);
    else
      this.#problems.add(
        'members',
        `${profile.name} lists set ${set} of audience ${audience.id}, which does not hold it`,
      );
  }

  #checkAttributes(profile: Profile, text: string): void {
    if (text === '{}') return;
    const attributes = parseJson(text);
    if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
      this.#problems.add('json', `${profile.name}: attributes is not an object`);
      return;
    }
    for (const [name, value] of Object.entries(attributes as Record<string, JsonValue>)) {
      const definition = this.#definitions.get(name);
      if (definition === undefined)
        this.#problems.add('attributes', `${profile.name} has attribute '${name}', which is not defined`);
      else {
        const checked = checkAttributeValue(definition, value, NO_LISTS);
        if ('message' in checked) this.#problems.add('attributes', `${profile.name}: ${checked.message}`);
        else this.values.check(profile, definition, value);
      }
    }
  }

  /** Each entry refers to the one before it; below the baseline they may refer to pruned entries. */
  #checkChain(profile: Profile, events: readonly LedgerEvent[]): void {
    const { baseline } = this.#facts;
    let last: number | undefined;
    for (const { position, action, previous, detail } of events) {
      if (detail || (action !== ACTION_NUMBERS.joined && action !== ACTION_NUMBERS.left)) continue;
      const fits = last === undefined ? previous >= 0 && previous < baseline : previous === last;
      if (!fits) {
        const expected = last ?? (baseline === 1 ? 0 : `0 to ${baseline - 1}`);
        this.#problems.add(
          'chains',
          `entry ${position} of ${profile.name} follows entry ${previous}, expected ${expected}`,
        );
      }
      last = position;
    }
    const fits =
      last === undefined ? profile.lastChange >= 0 && profile.lastChange < baseline : profile.lastChange === last;
    if (!fits) {
      const expected = last ?? (baseline === 1 ? 0 : `0 to ${baseline - 1}`);
      this.#problems.add(
        'chains',
        `the last entry of ${profile.name} is said to be ${profile.lastChange}, expected ${expected}`,
      );
    }
  }
}
