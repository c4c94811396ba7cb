/** Reads the parameters of an address. Invalid ones are dropped, so that a mistyped link still opens its page. */

/** The router parses what looks like a number. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value) === '' ? undefined : String(value);
}

/** An ID assigned by the server. */
export function idOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

export function oneOf<Choice extends string>(value: unknown, choices: readonly Choice[]): Choice | undefined {
  return choices.find((each) => each === value);
}

/** Drops undefined values, so that an address shows only what was chosen. */
export function given<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search;
}
