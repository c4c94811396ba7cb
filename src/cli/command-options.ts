/** What sub-commands of all kinds take: how they end, and how they read options. */

import { InvalidArgumentError } from 'commander';

/** Takes what a sub-command ends with. */
export type Done = (work: Promise<number>) => Promise<void>;

/** For options that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Reads a whole number of at least `minimum` from the command line. */
export function atLeast(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`It must be a whole number, ${minimum} or more.`);
    }
    return value;
  };
}

export const positive = atLeast(1);
