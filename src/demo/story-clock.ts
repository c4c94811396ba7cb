/** The clock of the demo: stands where the story is, and tells the real time once the story is over. */

export class StoryClock {
  #time: number | undefined;

  /** @param start where the story begins, in ms since the epoch */
  constructor(start: number) {
    this.#time = start;
  }

  /** Current time in ms since the epoch. */
  readonly now = (): number => this.#time ?? Date.now();

  /** Goes on to a later moment; never back, for what is written must stay in order. */
  moveTo(time: number): void {
    if (this.#time !== undefined && time > this.#time) this.#time = time;
  }

  /** From now on the time is the real one. */
  release(): void {
    this.#time = undefined;
  }
}
