/** What a planted fault is: a change of the code that looks harmless, and the tests that must notice it. */

export interface PlantedFault {
  /** What goes wrong, for people. */
  readonly what: string;
  /** Occurs exactly once in all of `src` and `scripts`: faults name no file, as files move. */
  readonly text: string;
  /** What stands there instead. */
  readonly fault: string;
  /** Test files of which at least one must fail. */
  readonly tests: readonly string[];
  /** A part of the names of the tests to run there, as `vitest -t` takes it; undefined for all. */
  readonly only?: string;
}
