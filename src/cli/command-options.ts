/** What all sub-commands share: how they report their exit code, and how they read options. */

import { InvalidArgumentError } from 'commander';

/** Receives the exit code of a sub-command. */
export type Done = (work: Promise<number>) => Promise<void>;

/** For options that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Parses a whole number of at least `minimum` from the command line. */
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
