/** The clock of the demo: it follows the story, and shows the real time once the story is over. */

export class StoryClock {
  #time: number | undefined;

  /** @param start the beginning of the story, in ms since the epoch */
  constructor(start: number) {
    this.#time = start;
  }

  /** Current time in ms since the epoch. */
  readonly now = (): number => this.#time ?? Date.now();

  /** Advances to a later moment, never back: writes must stay in order. */
  moveTo(time: number): void {
    if (this.#time !== undefined && time > this.#time) this.#time = time;
  }

  /** Switches to the real time. */
  release(): void {
    this.#time = undefined;
  }
}
