/** Inspects the entries of a list for anything suspicious: counts each kind, and keeps its first few samples. */

import type { ListWarning, ListWarningKind } from '../domain/list-warnings.ts';

const MAX_SAMPLES = 5;
const MAX_SAMPLE_LENGTH = 100;

// One digit, a fraction, and an exponent of 11 or more: the form in which a spreadsheet shows a long number, and writes
// it to a file.
const SHORTENED = /^\d[.,]\d+E\+(?:1[1-9]|[2-9]\d|\d{3})$/;
const FORMULA = /^="[^"]*"$/;
const OUTER_BLANK = /^[\s\p{Cf}]|[\s\p{Cf}]$/u;
const SEPARATORS = [',', ';', '\t', '|'];

/** The characters that `ListWarning` `outerBlank` is about, at both ends. */
export function withoutOuterBlanks(entry: string): string {
  return entry.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '');
}

interface Found {
  count: number;
  readonly samples: { line: number; entry: string }[];
}

export class ListWarnings {
  readonly #found = new Map<ListWarningKind, Found>();
  readonly #firstEntries: { line: number; entry: string }[] = [];
  #separators = SEPARATORS;
  /** The number of entries so far. */
  entries = 0;

  /** Inspects an entry. */
  watch(line: number, entry: string): void {
    this.entries += 1;
    if (this.#separators.length > 0) {
      this.#separators = this.#separators.filter((each) => entry.includes(each));
      if (this.#firstEntries.length < MAX_SAMPLES) this.#firstEntries.push(sample(line, entry));
    }
    const first = entry.charCodeAt(0);
    const last = entry.charCodeAt(entry.length - 1);
    if (isDigit(first) && isDigit(last) && SHORTENED.test(entry)) this.add('shortenedNumber', line, entry);
    if (first === 0x3d && FORMULA.test(entry)) this.add('formula', line, entry);
    if ((!isPlain(first) || !isPlain(last)) && OUTER_BLANK.test(entry)) this.add('outerBlank', line, entry);
  }

  /** Adds a warning found elsewhere. */
  add(kind: ListWarningKind, line: number, entry: string): void {
    const found = this.#found.get(kind) ?? { count: 0, samples: [] };
    this.#found.set(kind, found);
    found.count += 1;
    if (found.samples.length < MAX_SAMPLES) found.samples.push(sample(line, entry));
  }

  has(kind: ListWarningKind): boolean {
    return this.#found.has(kind);
  }

  /**
   * @param wouldBeSame how many more entries would be equal without outer blanks; undefined when nobody compared them
   */
  list(wouldBeSame?: number): ListWarning[] {
    const found = new Map(this.#found);
    const [separator] = this.#separators;
    if (separator !== undefined && this.entries > 0) {
      found.set('separator', { count: this.entries, samples: this.#firstEntries });
    }
    return [...found].map(([kind, { count, samples }]) => {
      const message = MESSAGES[kind]({ count, of: this.entries, separator, wouldBeSame });
      return { kind, count, samples, message };
    });
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** False for every kind of blank. */
function isPlain(code: number): boolean {
  return code > 0x20 && code < 0x80;
}

function sample(line: number, entry: string): { line: number; entry: string } {
  return { line, entry: entry.length > MAX_SAMPLE_LENGTH ? `${entry.slice(0, MAX_SAMPLE_LENGTH)}…` : entry };
}

interface Figures {
  readonly count: number;
  readonly of: number;
  readonly separator: string | undefined;
  readonly wouldBeSame: number | undefined;
}

const MESSAGES: Readonly<Record<ListWarningKind, (figures: Figures) => string>> = {
  shortenedNumber: ({ count, of }) =>
    `${count} of ${of} look like numbers that a spreadsheet shortened, losing their last digits; format the column as text and export it again`,
  formula: ({ count, of }) =>
    `${count} of ${of} are formulas that keep a spreadsheet from changing the value; export only the values, as text`,
  outerBlank: ({ count, of, wouldBeSame = 0 }) => {
    const same = wouldBeSame === 0 ? '' : `; without it ${wouldBeSame} would equal another entry`;
    return `${count} of ${of} begin or end with a blank, which counts as part of them${same}`;
  },
  separator: ({ of, separator = ',' }) =>
    `${of === 1 ? 'The only entry contains' : `Each of the ${of} contains`} ${NAMES[separator] ?? 'a separator'}, although the header names one column; check whether the header lacks columns`,
  repeated: ({ count, of }) => `${count} of ${of} repeat an earlier one, and count once`,
  endMark: () => 'The file ends with a Ctrl-Z, which is ignored; check whether the file is complete',
};

const NAMES: Readonly<Record<string, string>> = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab', '|': 'a bar' };
