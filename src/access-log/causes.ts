/** Why requests are refused, worded so that all of one kind read the same, and what would mend them. */

import type { DomainError, Mend, Problem } from '../domain/errors.ts';

const MAX_CAUSE = 200;

/**
 * A message without what differs from request to request: remedies in brackets, whatever is quoted, positions in lists,
 * numbers. What remains must not tell of a person, so from the first quotation to the last nothing is kept: an ID may hold
 * quotes itself.
 */
export function withoutParticulars(message: string): string {
  const text = message
    .replace(/ \(.*$/s, '')
    .replace(/['"].*['"]|['"].*$/s, '…')
    .replace(/\[\d+\]/g, '[]')
    .replace(/(?<![\w.])-?\d+(\.\d+)?(e[+-]?\d+)?(?![\w.])/gi, 'N')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim();
  return text.length > MAX_CAUSE ? `${text.slice(0, MAX_CAUSE)}…` : text;
}

/** The cause of one problem: as told where it was made, else its message without particulars. */
function causeOfProblem(problem: Problem): string {
  return problem.cause ?? withoutParticulars(problem.message);
}

/** The cause of a refusal and its mend: those of its first problem. */
export function causeOf(error: DomainError): { cause: string; mend: Mend | undefined } {
  const [first] = error.problems;
  if (first === undefined) return { cause: withoutParticulars(error.message), mend: undefined };
  return { cause: causeOfProblem(first), mend: first.mend };
}
