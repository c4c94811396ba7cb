/**
 * Whether an integer survives as a number: a double represents all integers of up to 15 digits, and some longer ones.
 */

const INTEGER = /^\s*-?(\d+)(?:\.0+)?\s*$/;

/** The digits of a finite integer as a double prints them, without an exponent. */
function digitsOf(value: number): string {
  const [mantissa = '', exponent] = String(Math.abs(value)).split('e+');
  if (exponent === undefined) return mantissa;
  const [whole = '', fraction = ''] = mantissa.split('.');
  return whole + fraction.padEnd(Number(exponent), '0');
}

/**
 * True for the text of a JSON integer that would come back with other digits. Fractions and exponents are never meant
 * exactly.
 */
export function isInexactInteger(text: string): boolean {
  const digits = INTEGER.exec(text)?.[1];
  return digits !== undefined && digits.length > 15 && digitsOf(Number(digits)) !== digits;
}
