/** How many refusals of strangers are listed one by one: so many per address and minute, the others only count. */

const PER_MINUTE = 30;
const MINUTE_MS = 60_000;
// Addresses told apart per minute; those beyond share one allowance.
const MAX_ADDRESSES = 1000;
const OTHERS = '';

export class RefusalAllowance {
  #minute = 0;
  readonly #taken = new Map<string, number>();

  /** True while the address has some left. @param time ms since the epoch */
  take(address: string, time: number): boolean {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#taken.clear();
    }
    const name = this.#taken.has(address) || this.#taken.size < MAX_ADDRESSES ? address : OTHERS;
    const taken = this.#taken.get(name) ?? 0;
    this.#taken.set(name, taken + 1);
    return taken < PER_MINUTE;
  }
}
