/** A planted fault: a change of the code that looks harmless, and the tests that must notice it. */

export interface PlantedFault {
  /** The consequence, in words. */
  readonly what: string;
  /** Occurs exactly once in all of `src` and `scripts`; a fault names no file, because files move. */
  readonly text: string;
  /** Replaces the text. */
  readonly fault: string;
  /** Test files, at least one of which must fail. */
  readonly tests: readonly string[];
  /** A part of the names of the tests to run, as for `vitest -t`; undefined for all. */
  readonly only?: string;
}
