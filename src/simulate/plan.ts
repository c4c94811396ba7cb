// Owns what the simulated CDP sends next: which profiles a call carries and which audiences they join or leave.
import { popularityTable } from './audience-catalogue.ts';
import type { MembershipRecord } from './membership-record.ts';
import { deriveSeed, Random } from './random.ts';

/** Published limit of joins and leaves in one call. */
const BATCH_SIZE = 1000;
/** One attribute update for every this many profiles of a batch. */
const PROFILES_PER_SINGLE = 100;
/** One call in this many is sent twice, as after a time-out. */
const CALLS_PER_REPEAT = 200;
/** One profile in this many has been sent before, until every profile has been. */
const SLOTS_PER_RETURN = 10;

/** No membership change: the call carries only attributes. */
export const NO_AUDIENCE = -1;

/** A planned call: `size` distinct profiles with at most one membership change each. */
export interface PlannedCall {
  kind: 'batch' | 'single';
  size: number;
  profiles: Uint32Array;
  /** Index of the audience that the profile at the same position joins or leaves, or NO_AUDIENCE. */
  audiences: Int32Array;
  /** 1 where the change is a join, 0 where it is a leave. */
  joins: Uint8Array;
  /** Attribute version that a single update carries. */
  version: number;
  /** Send the call a second time right after its acknowledgement. */
  repeat: boolean;
}

/** `wait`: the next profile is still part of a call in flight; ask again when one has been settled. */
export type NextCall = PlannedCall | 'wait' | 'done';

/**
 * A strict sequence: the same seed, sizes and concurrency give the same calls, however fast the server answers. Two
 * calls in flight never include the same profile, so that the expected end state is defined. For that, a call waits for
 * the profile whose turn it is instead of taking another one.
 */
export class TrafficPlan {
  readonly batchSize: number;
  readonly #record: MembershipRecord;
  readonly #random: Random;
  readonly #popularity: Uint16Array;
  readonly #warmUp: number;
  #changesLeft: number;
  #singlesDue = 0;
  /** A call that waits for its remaining profiles. */
  #draft: PlannedCall | undefined;
  #slots = 0;
  #nextNew = 0;
  #nextReturning = 0;
  #inFlight = 0;

  constructor(record: MembershipRecord, settings: { changes: number; concurrency: number; seed: number }) {
    this.#record = record;
    this.#changesLeft = settings.changes;
    this.#random = new Random(deriveSeed(settings.seed, 4));
    this.#popularity = popularityTable(record.audiences);
    // Small populations get smaller batches, so that every connection finds profiles that are not in flight.
    const share = Math.floor(record.profiles / (settings.concurrency + 1));
    this.batchSize = Math.max(1, Math.min(BATCH_SIZE, share));
    this.#warmUp = this.batchSize * (settings.concurrency + 1);
  }

  /** Joins and leaves that have not been planned yet. */
  get changesLeft(): number {
    return this.#changesLeft;
  }

  /** The next call; its profiles are reserved until it is settled. */
  next(): NextCall {
    if (this.#draft === undefined && this.#changesLeft === 0) return 'done';
    const call = this.#draft ?? this.#begin();
    const complete = this.#fill(call);
    if (!complete && this.#inFlight > 0) {
      this.#draft = call;
      return 'wait';
    }
    // With nothing in flight, the missing profiles will never be free: all others are unknown.
    this.#draft = undefined;
    if (call.size === 0) return 'done';
    call.repeat = this.#random.below(CALLS_PER_REPEAT) === 0;
    this.#inFlight++;
    return call;
  }

  /**
   * Records the outcome of a call. Only an acknowledged call enters the record; otherwise its profiles become unknown.
   */
  settle(call: PlannedCall, acknowledged: boolean): void {
    this.#inFlight--;
    for (let at = 0; at < call.size; at++) {
      const profile = call.profiles[at] ?? 0;
      const audience = call.audiences[at] ?? NO_AUDIENCE;
      if (!acknowledged) {
        this.#record.giveUp(profile);
        continue;
      }
      if (audience !== NO_AUDIENCE) {
        if (call.joins[at] === 1) this.#record.join(profile, audience);
        else this.#record.leave(profile, audience);
      }
      if (call.kind === 'single') this.#record.setVersion(profile, call.version);
      this.#record.acknowledge(profile);
    }
  }

  #begin(): PlannedCall {
    const kind = this.#singlesDue > 0 ? 'single' : 'batch';
    this.#singlesDue = kind === 'single' ? this.#singlesDue - 1 : Math.ceil(this.batchSize / PROFILES_PER_SINGLE);
    const wanted = kind === 'single' ? 1 : Math.min(this.batchSize, this.#changesLeft);
    return {
      kind,
      size: 0,
      profiles: new Uint32Array(wanted),
      audiences: new Int32Array(wanted),
      joins: new Uint8Array(wanted),
      version: 0,
      repeat: false,
    };
  }

  /** Adds profiles until the call is complete; false if the next one is in flight. */
  #fill(call: PlannedCall): boolean {
    while (call.size < call.profiles.length) {
      const profile = this.#takeProfile();
      if (profile === undefined) return false;
      this.#record.begin(profile);
      call.profiles[call.size] = profile;
      // Half of the attribute updates do not mention audiences.
      if (call.kind === 'single' && this.#random.below(2) === 0) call.audiences[call.size] = NO_AUDIENCE;
      else this.#chooseChange(call, profile);
      if (call.kind === 'single') call.version = this.#record.nextVersion(profile);
      call.size++;
    }
    return true;
  }

  #chooseChange(call: PlannedCall, profile: number): void {
    const member = this.#record.count(profile);
    // The more audiences a profile is in, the likelier it leaves one: the number settles around three per profile.
    const leaves = member === this.#record.audiences || (member > 0 && this.#random.below(member + 3) < member);
    call.audiences[call.size] = leaves
      ? this.#record.find(profile, this.#random.below(this.#record.audiences), true)
      : this.#chooseJoin(profile);
    call.joins[call.size] = leaves ? 0 : 1;
    this.#changesLeft--;
  }

  #chooseJoin(profile: number): number {
    for (let attempt = 0; attempt < 8; attempt++) {
      const audience = this.#popularity[this.#random.next() & (this.#popularity.length - 1)] ?? 0;
      if (!this.#record.has(profile, audience)) return audience;
    }
    return this.#record.find(profile, this.#random.below(this.#record.audiences), false);
  }

  /**
   * The profile whose turn it is, or undefined while it is in flight (or none is left). Two cursors walk the
   * population: one over profiles never sent, and one far behind over those sent before; from the end of the first walk
   * on, both go round and round. Within one call they cannot meet.
   */
  #takeProfile(): number | undefined {
    const { profiles } = this.#record;
    const following = this.#nextReturning + this.#warmUp <= this.#nextNew;
    const returning = following && this.#slots % SLOTS_PER_RETURN === SLOTS_PER_RETURN - 1;
    if (this.#nextNew < profiles && !returning) {
      this.#slots++;
      return this.#nextNew++;
    }
    for (let skipped = 0; skipped < profiles; skipped++) {
      const profile = this.#nextReturning % profiles;
      if (this.#record.isBusy(profile)) return undefined;
      this.#nextReturning++;
      if (this.#record.isUnknown(profile)) continue;
      this.#slots++;
      return profile;
    }
    return undefined;
  }
}
