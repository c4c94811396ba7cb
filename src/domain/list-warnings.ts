/** Warnings about a list that can be read: shown before anything is replaced, and stored with the import. */

import { DomainError } from './errors.ts';

/**
 * - `shortenedNumber`: a number that a spreadsheet shortened, losing its last digits (`1.23457E+15`)
 * - `formula`: a formula that keeps a spreadsheet from changing a value (`="00123"`), imported as the value
 * - `outerBlank`: begins or ends with a blank, a no-break space or a zero-width character
 * - `separator`: every entry of a list with one column contains the same separator
 * - `repeated`: repeats an earlier entry, and counts once
 * - `endMark`: a Ctrl-Z at the end of the file, which is ignored
 */
export const LIST_WARNINGS = ['shortenedNumber', 'formula', 'outerBlank', 'separator', 'repeated', 'endMark'] as const;
export type ListWarningKind = (typeof LIST_WARNINGS)[number];

export interface ListWarning {
  readonly kind: ListWarningKind;
  /** The number of entries concerned. */
  readonly count: number;
  /** The first of them. */
  readonly samples: readonly { readonly line: number; readonly entry: string }[];
  /** For people: a description and the remedy. */
  readonly message: string;
}

/** The number of entries per kind of warning; stored with an import. */
export type WarningCounts = { readonly [Kind in ListWarningKind]?: number };

// Entries that are surely not what was meant.
const ALTERED: readonly ListWarningKind[] = ['shortenedNumber', 'formula'];
const MAX_NAMED_LINES = 5;

/** What was found while reading a list; stored with its import. */
export interface NoticedInList {
  /** The number of valid entries, including repeated ones. */
  readonly entries: number;
  readonly warnings: WarningCounts;
}

/** What is stored of an import's warnings. @param distinct the number of distinct entries */
export function recordedWarnings(noticed: NoticedInList | undefined, distinct: number): WarningCounts {
  if (noticed === undefined) return {};
  const repeated = noticed.entries - distinct;
  return repeated > 0 ? { ...noticed.warnings, repeated } : noticed.warnings;
}

/** The warnings in the form of an audit log entry: nothing if there were none. */
export function auditedWarnings(warnings: WarningCounts): { warnings?: { [kind: string]: number } } {
  return Object.keys(warnings).length === 0 ? {} : { warnings: { ...warnings } };
}

export function warningCounts(warnings: readonly ListWarning[]): WarningCounts {
  return Object.fromEntries(warnings.map(({ kind, count }) => [kind, count]));
}

/**
 * Refuses a list with entries that a spreadsheet altered, when nobody can be asked.
 * @param confirmation what confirms that they are intended, such as `asWritten=true`
 * @throws DomainError `invalid` naming the first lines
 */
export function refuseAlteredEntries(warnings: readonly ListWarning[], confirmation: string): void {
  const problems = warnings
    .filter(({ kind }) => ALTERED.includes(kind))
    .map(({ message, samples }) => {
      const lines = samples.slice(0, MAX_NAMED_LINES).map(({ line, entry }) => `line ${line}: ${entry}`);
      return {
        title: 'Invalid value',
        message: `${message} (${lines.join(', ')}). To import them as written, confirm with ${confirmation}`,
        source: { line: String(samples[0]?.line ?? 'N/A') },
      };
    });
  if (problems.length > 0) throw new DomainError('invalid', problems);
}
