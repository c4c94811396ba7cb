/** What looks wrong in a list that can be read nonetheless: told before anything is replaced, and kept with the import. */

import { DomainError } from './errors.ts';

/**
 * - `shortenedNumber`: a number that a spreadsheet wrote in short, its last digits lost (`1.23457E+15`)
 * - `formula`: a formula that keeps a spreadsheet from changing a value (`="00123"`), taken for the value
 * - `outerBlank`: begins or ends with a blank, a no-break space or a character without width
 * - `separator`: every entry of a list of one column holds the same separator
 * - `repeated`: an entry that was there before, and counts once
 * - `endMark`: a Ctrl-Z that ended the file, which is left out
 */
export const LIST_WARNINGS = ['shortenedNumber', 'formula', 'outerBlank', 'separator', 'repeated', 'endMark'] as const;
export type ListWarningKind = (typeof LIST_WARNINGS)[number];

export interface ListWarning {
  readonly kind: ListWarningKind;
  /** Entries it is about. */
  readonly count: number;
  /** The first of them. */
  readonly samples: readonly { readonly line: number; readonly entry: string }[];
  /** For people: what it is, and the remedy. */
  readonly message: string;
}

/** How many entries each warning is about; kept with an import. */
export type WarningCounts = { readonly [Kind in ListWarningKind]?: number };

// Entries that are surely not the ones that were meant.
const SPOILED: readonly ListWarningKind[] = ['shortenedNumber', 'formula'];
const MAX_NAMED_LINES = 5;

/** What was noticed while a list was read; kept with its import. */
export interface NoticedInList {
  /** Entries that were taken, repeated ones included. */
  readonly entries: number;
  readonly warnings: WarningCounts;
}

/** What is kept of the warnings of an import. @param distinct entries it came to */
export function recordedWarnings(noticed: NoticedInList | undefined, distinct: number): WarningCounts {
  if (noticed === undefined) return {};
  const repeated = noticed.entries - distinct;
  return repeated > 0 ? { ...noticed.warnings, repeated } : noticed.warnings;
}

/** The warnings as an entry of the audit log has them: nothing where there were none. */
export function auditedWarnings(warnings: WarningCounts): { warnings?: { [kind: string]: number } } {
  return Object.keys(warnings).length === 0 ? {} : { warnings: { ...warnings } };
}

export function warningCounts(warnings: readonly ListWarning[]): WarningCounts {
  return Object.fromEntries(warnings.map(({ kind, count }) => [kind, count]));
}

/**
 * Refuses a list with entries that a spreadsheet spoiled, where nobody is there to be asked.
 * @param confirmation what confirms that they are meant, such as `asWritten=true`
 * @throws DomainError `invalid` naming the first lines
 */
export function refuseSpoiledEntries(warnings: readonly ListWarning[], confirmation: string): void {
  const problems = warnings
    .filter(({ kind }) => SPOILED.includes(kind))
    .map(({ message, samples }) => {
      const lines = samples.slice(0, MAX_NAMED_LINES).map(({ line, entry }) => `line ${line}: ${entry}`);
      return {
        title: 'Invalid value',
        message: `${message} (${lines.join(', ')}). To take them as they are written, confirm it with ${confirmation}`,
        source: { line: String(samples[0]?.line ?? 'N/A') },
      };
    });
  if (problems.length > 0) throw new DomainError('invalid', problems);
}
