/**
 * Whether an integer survives as a number: a double represents all integers of up to 15 digits, and some longer ones.
 */

const INTEGER = /^\s*-?(\d+)(?:\.0+)?\s*$/;

/** The digits of a positive integer as a double prints them, without an exponent. */
function digitsOf(value: number): string {
  return String(value).replace(
    /(\d)(?:\.(\d+))?e\+(\d+)/,
    (_, whole: string, fraction: string | undefined, exponent: string) =>
      whole + (fraction ?? '').padEnd(Number(exponent), '0'),
  );
}

/**
 * True for the text of a JSON integer that would come back with other digits. Fractions and exponents are never meant
 * exactly.
 */
export function isInexactInteger(text: string): boolean {
  const digits = INTEGER.exec(text)?.[1];
  // Stryker disable next-line ConditionalExpression,EqualityOperator: of up to 15 digits, all are kept.
  return digits !== undefined && digits.length > 15 && digitsOf(Number(digits)) !== digits;
}
