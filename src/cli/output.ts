/** What commands print: results on standard output, for people or machines, and messages on standard error. */

import { codePointLength } from '../domain/environment.ts';

// Control characters, and characters that reorder or hide text; joiners stay, because scripts and emoji need them.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
// Characters that JSON leaves unescaped and a terminal may act upon.
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Makes foreign text safe for a terminal: a name must not control it, nor look like a line of ours. */
export function plain(text: string): string {
  return text.replace(UNSAFE, '�');
}

/**
 * Writes to standard output and waits until the text is accepted, so that piped output arrives in full.
 * @param signal ends the wait, since the reader may have stopped reading
 */
export async function print(text: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', giveUp, { once: true });
    process.stdout.write(text, (error) => {
      signal?.removeEventListener('abort', giveUp);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Prints a message that is not the result, as a line on standard error. */
export function say(line: string): void {
  process.stderr.write(`${plain(line)}\n`);
}

/** Formats one line of JSON without characters that a terminal acts upon. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE_IN_JSON, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

export async function printJson(value: unknown): Promise<void> {
  await print(`${toJsonText(value)}\n`);
}

/** Prints a line for people. */
export async function printLine(line: string): Promise<void> {
  await print(`${plain(line)}\n`);
}

/** Prints rows as aligned columns under a heading, or `empty` when there are none. */
export async function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): Promise<void> {
  if (rows.length === 0) {
    await printLine(empty);
    return;
  }
  const all = [headings, ...rows.map((row) => row.map(plain))];
  const widths = headings.map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, codePointLength(row[column] ?? '')), 0),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - codePointLength(cell)))
      .join('  ')
      .trimEnd(),
  );
  await print(`${lines.join('\n')}\n`);
}

/** ms since the epoch as RFC 3339. */
export function when(time: number): string {
  return new Date(time).toISOString();
}

/** Quotes a text as one shell word. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
