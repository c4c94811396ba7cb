/** Judges the rows of one request: a refused row changes nothing, and the others are applied in order. */

import { DomainError, MAX_PROBLEMS, type Problem } from '../../errors.ts';
import type { RefusedRow, RowHandling, RowVerdict } from '../commands.ts';

/** Collects the verdicts on the rows of a command. */
export class RowJudge {
  readonly #rows: RowHandling;
  readonly #verdicts: RowVerdict[];

  constructor(rows: RowHandling) {
    this.#rows = rows;
    this.#verdicts = rows.refused.map(({ place, error }) => ({ place, verdict: 'refused', error }));
  }

  /**
   * Runs the check of an item. @returns its result; undefined if it refuses the item @throws any error that is not a
   * refusal
   */
  check<Result>(item: number, check: () => Result): Result | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#verdicts.push({ place: this.placeOf(item), verdict: 'refused', error: error.toRecord() });
      return undefined;
    }
  }

  /** Records that an item was applied. @param isChange whether it changed anything */
  note(item: number, isChange: boolean): void {
    this.#verdicts.push({ place: this.placeOf(item), verdict: isChange ? 'applied' : 'unchanged' });
  }

  /** Refuses an item in an accepted request, whatever the request says about refused rows. */
  leaveOut(item: number, error: DomainError): void {
    this.#verdicts.push({ place: this.placeOf(item), verdict: 'refused', error: error.toRecord() });
  }

  /** The verdicts so far, in the order of the rows. */
  get verdicts(): readonly RowVerdict[] {
    return this.#verdicts.sort((a, b) => a.place - b.place);
  }

  /**
   * Must be called before the first row is applied. @throws DomainError if more rows are refused than the request
   * allows
   */
  requireFewRefused(): void {
    const refused = this.verdicts.flatMap(({ place, error }): RefusedRow[] =>
      error === undefined ? [] : [{ place, error }],
    );
    const { isLenient, maxErrors = Number.POSITIVE_INFINITY } = this.#rows;
    if (refused.length > (isLenient ? maxErrors : 0)) throw tooManyRefused(refused, isLenient ? maxErrors : undefined);
  }

  /** The row of an item, counted from 0. */
  placeOf(item: number): number {
    return this.#rows.places[item] ?? item;
  }
}

/** The refusal of a request because of its rows, with the code of the first refused one. */
function tooManyRefused(refused: readonly RefusedRow[], maxErrors: number | undefined): DomainError {
  const code = refused[0]?.error.code ?? 'invalid';
  const [first, ...others] = problemsOf(refused);
  if (maxErrors === undefined || first === undefined) return new DomainError(code, problemsOf(refused));
  const count = refused.length === 1 ? '1 row is refused' : `${refused.length} rows are refused`;
  return new DomainError(code, [
    { ...first, message: `${count}, and max-errors is ${maxErrors}: ${first.message}` },
    ...others,
  ]);
}

/** The problems of rows, each with the first rows that have it. */
function problemsOf(refused: readonly RefusedRow[]): Problem[] {
  const byMessage = new Map<string, Problem & { readonly rows: number[] }>();
  for (const { place, error } of refused) {
    for (const problem of error.problems) {
      const known = byMessage.get(problem.message);
      if (known === undefined) byMessage.set(problem.message, { ...problem, rows: [place] });
      else if (known.rows.length < MAX_PROBLEMS) known.rows.push(place);
    }
  }
  return [...byMessage.values()];
}
