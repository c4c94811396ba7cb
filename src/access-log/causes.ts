/** Why requests are refused, worded so that all refusals of one kind read the same, and the remedy. */

import type { DomainError, Mend, Problem } from '../domain/errors.ts';

const MAX_CAUSE = 200;

/**
 * A message without the details that differ between requests: remedies in brackets, quoted text, positions in lists,
 * numbers. The rest must not identify a person, so everything from the first quote to the last is dropped: an ID may
 * itself contain quotes.
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

/** The cause of one problem: as declared by the code that reports it, or else its message without details. */
function causeOfProblem(problem: Problem): string {
  return problem.cause ?? withoutParticulars(problem.message);
}

/** The cause and the remedy of a refusal: those of its first problem. */
export function causeOf(error: DomainError): { cause: string; mend: Mend | undefined } {
  const [first] = error.problems;
  if (first === undefined) return { cause: withoutParticulars(error.message), mend: undefined };
  return { cause: causeOfProblem(first), mend: first.mend };
}
