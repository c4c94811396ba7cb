// Owns the simulator's own books: who is in which audience after every acknowledged call, a few bytes per profile.

const BUSY = 1;
const TOUCHED = 2;
const UNKNOWN = 4;

/** Flat bitsets instead of objects: a million profiles in 64 audiences take 10 MB. */
export class MembershipRecord {
  readonly profiles: number;
  readonly audiences: number;
  readonly #wordsEach: number;
  readonly #words: Uint32Array;
  readonly #flags: Uint8Array;
  readonly #versions: Uint8Array;
  #touched = 0;
  #unknown = 0;

  constructor(profiles: number, audiences: number) {
    this.profiles = profiles;
    this.audiences = audiences;
    this.#wordsEach = Math.ceil(audiences / 32);
    this.#words = new Uint32Array(profiles * this.#wordsEach);
    this.#flags = new Uint8Array(profiles);
    this.#versions = new Uint8Array(profiles);
  }

  has(profile: number, audience: number): boolean {
    const word = this.#words[profile * this.#wordsEach + (audience >>> 5)] ?? 0;
    return (word & (1 << (audience & 31))) !== 0;
  }

  join(profile: number, audience: number): void {
    const at = profile * this.#wordsEach + (audience >>> 5);
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (audience & 31));
  }

  leave(profile: number, audience: number): void {
    const at = profile * this.#wordsEach + (audience >>> 5);
    this.#words[at] = (this.#words[at] ?? 0) & ~(1 << (audience & 31));
  }

  /** The number of audiences the profile is in. */
  count(profile: number): number {
    let total = 0;
    const start = profile * this.#wordsEach;
    for (let at = start; at < start + this.#wordsEach; at++) {
      let bits = this.#words[at] ?? 0;
      bits -= (bits >>> 1) & 0x55555555;
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      total += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return total;
  }

  /**
   * The first audience at or after `from` (wrapping around) whose membership is `member`, or -1 when there is none.
   */
  find(profile: number, from: number, member: boolean): number {
    for (let step = 0; step < this.audiences; step++) {
      const audience = (from + step) % this.audiences;
      if (this.has(profile, audience) === member) return audience;
    }
    return -1;
  }

  /** The number of acknowledged attribute updates of the profile, in 1..255; 0 for none. */
  version(profile: number): number {
    return this.#versions[profile] ?? 0;
  }

  /**
   * The version that the next update carries. After 255 it starts again at 2, so that the full first update stays
   * unique.
   */
  nextVersion(profile: number): number {
    const version = this.version(profile);
    return version === 255 ? 2 : version + 1;
  }

  setVersion(profile: number, version: number): void {
    this.#versions[profile] = version;
  }

  /** Busy: part of a call in flight, so no other call may include it. */
  isBusy(profile: number): boolean {
    return this.#is(profile, BUSY);
  }

  /**
   * Unknown: a call ended without an answer, so the server may or may not have applied it. Never used or checked again.
   */
  isUnknown(profile: number): boolean {
    return this.#is(profile, UNKNOWN);
  }

  /** Touched: some acknowledged call included it, so the server knows the profile. */
  isTouched(profile: number): boolean {
    return this.#is(profile, TOUCHED);
  }

  /** Touched and not unknown: its state on the server is exactly the one in this record. */
  isCertain(profile: number): boolean {
    return ((this.#flags[profile] ?? 0) & (TOUCHED | UNKNOWN)) === TOUCHED;
  }

  begin(profile: number): void {
    this.#flags[profile] = (this.#flags[profile] ?? 0) | BUSY;
  }

  acknowledge(profile: number): void {
    const flags = this.#flags[profile] ?? 0;
    if ((flags & TOUCHED) === 0) this.#touched++;
    this.#flags[profile] = (flags | TOUCHED) & ~BUSY;
  }

  giveUp(profile: number): void {
    const flags = this.#flags[profile] ?? 0;
    if ((flags & UNKNOWN) === 0) this.#unknown++;
    this.#flags[profile] = (flags | UNKNOWN) & ~BUSY;
  }

  get touchedCount(): number {
    return this.#touched;
  }

  get unknownCount(): number {
    return this.#unknown;
  }

  #is(profile: number, flag: number): boolean {
    return ((this.#flags[profile] ?? 0) & flag) !== 0;
  }
}
