/** Secrets from standard input: never from arguments, which other users of the machine can read. */

import { text } from 'node:stream/consumers';

/** What was piped in, without its line end; undefined on a terminal or when nothing came. */
export async function readSecretFromInput(): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  const secret = (await text(process.stdin)).replace(/\r?\n$/, '');
  return secret === '' ? undefined : secret;
}
