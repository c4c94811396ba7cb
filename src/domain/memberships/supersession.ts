/**
 * What newer writes have superseded of a replayed write. Requests count in the order they first arrived, however late
 * they are replayed.
 */

import { resolveAudiences } from './audience-checks.ts';
import type { BatchChanges, BatchState } from './batch.ts';
import {
  type Arrival,
  type AttributesChange,
  type Caller,
  type MembershipChange,
  type MembershipsOfProfiles,
  ofAcceptedItems,
  type ReplayedArrival,
  type RowHandling,
  type RowVerdict,
  type WriteCommand,
} from './commands.ts';
import { noteArrival } from './replay-history.ts';
import { reduceAttributeJob } from './supersession/attribute-jobs.ts';
import { reduceCreation, reduceDeletion, reduceEmptying, reduceUpdate } from './supersession/audiences.ts';
import { NewestArrivals } from './supersession/newest.ts';
import { profileOf, reduceMemberships, reduceProfile, reduceProfiles } from './supersession/profiles.ts';
import type { Reduced } from './supersession/reduced.ts';

/** Judges the replayed commands of one batch in order, each on what the previous ones left. */
export class Supersession {
  readonly #state: BatchState;
  readonly #changes: BatchChanges;
  readonly #newest: NewestArrivals;

  constructor(state: BatchState, changes: BatchChanges) {
    this.#state = state;
    this.#changes = changes;
    this.#newest = new NewestArrivals(state, changes);
  }

  /** Leaves out what is superseded. @throws DomainError as the command's own checks do */
  reduce(command: WriteCommand, replay: ReplayedArrival): Reduced {
    const ground = { state: this.#state, newest: this.#newest };
    switch (command.kind) {
      case 'updateProfile':
        return reduceProfile(ground, command, replay);
      case 'updateProfiles':
        return reduceProfiles(ground, command, replay);
      case 'updateMemberships':
        return reduceMemberships(ground, command, replay);
      case 'createAudience':
        return reduceCreation(ground, command, replay);
      case 'updateAudience':
        return reduceUpdate(ground, command, replay);
      case 'emptyAudience':
        return reduceEmptying(ground, command, replay);
      case 'deleteAudience':
        return reduceDeletion(ground, command, replay);
      case 'setAudienceAttributes':
        return reduceAttributeJob(ground, command, replay);
      case 'eraseProfile':
        return { command, effects: [], skipped: [], isEmpty: false };
    }
  }

  /** Records the arrival of what has been applied. @param verdicts on its rows, if they were judged */
  note({ command }: Reduced, arrival: Arrival, verdicts: readonly RowVerdict[] | undefined): void {
    if (command.kind === 'updateProfile') this.#noteValues(command.caller, command, arrival);
    if (command.kind === 'updateProfiles') {
      for (const item of acceptedItems(command, verdicts)) this.#noteValues(command.caller, item, arrival);
    }
    const changes = membershipsOf(command, verdicts);
    if (changes === undefined) return;
    const { caller } = command;
    const { integration, items, named } = changes;
    for (const item of items) {
      const profile = profileOf(this.#state, caller, item.integrationId);
      if (profile === undefined) continue;
      const audiences = resolveAudiences(this.#state.catalog, caller, integration, [item], named);
      for (const ref of [...item.adds, ...item.deletes]) {
        const audience = audiences.find(ref);
        if (audience !== undefined) noteArrival(this.#changes.replayed.memberships, profile.id, audience.id, arrival);
      }
    }
  }

  #noteValues(caller: Caller, { integrationId, attributes = {} }: AttributesChange, arrival: Arrival): void {
    const profile = profileOf(this.#state, caller, integrationId);
    if (profile === undefined) return;
    for (const name of Object.keys(attributes)) {
      const attribute = this.#state.catalog.attributes.get(name);
      if (attribute !== undefined) noteArrival(this.#changes.replayed.values, profile.id, attribute.id, arrival);
    }
  }
}

/** Changes of single memberships, and where their audiences are found. */
interface Memberships extends Pick<MembershipsOfProfiles, 'integration' | 'named'> {
  readonly items: readonly MembershipChange[];
}

/** The changes of single memberships in a command; undefined if it has none. */
function membershipsOf(command: WriteCommand, verdicts: readonly RowVerdict[] | undefined): Memberships | undefined {
  if (command.kind === 'updateProfile') return { ...command, items: [command] };
  if (command.kind === 'updateMemberships') return { ...command, items: acceptedItems(command, verdicts) };
  if (command.kind !== 'updateProfiles' || command.memberships === undefined) return undefined;
  const refused = refusedItems(command, verdicts);
  return ofAcceptedItems(command.memberships, (item) => !refused.has(item));
}

interface Rows<Item> {
  readonly items: readonly Item[];
  readonly rows?: RowHandling | undefined;
}

/** The items whose rows were not refused. */
function acceptedItems<Item>(command: Rows<Item>, verdicts: readonly RowVerdict[] | undefined): readonly Item[] {
  const refused = refusedItems(command, verdicts);
  return refused.size === 0 ? command.items : command.items.filter((_, index) => !refused.has(index));
}

/** Positions of the items whose rows were refused. */
function refusedItems({ items, rows }: Rows<unknown>, verdicts: readonly RowVerdict[] = []): ReadonlySet<number> {
  if (rows === undefined) return new Set();
  const places = new Set(verdicts.filter(({ verdict }) => verdict === 'refused').map(({ place }) => place));
  return new Set([...items.keys()].filter((index) => places.has(rows.places[index] ?? index)));
}
