/** Secrets from standard input; never from arguments, which other users of the machine can read. */

import { isUtf8 } from 'node:buffer';
import { ConfigError } from '../config.ts';
import { say } from './output.ts';

// A pipe that nobody writes to must not make the program look hung.
const SAY_AFTER_MS = 1000;
const MAX_BYTES = 64 * 1024;

/**
 * Reads what was piped in, without its line end; undefined on a terminal or when nothing came.
 * @param what names the secret, for people
 */
export async function readSecretFromInput(what: string): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  const waiting = setTimeout(() => say(`Reading ${what} from standard input …`), SAY_AFTER_MS);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of process.stdin as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length > MAX_BYTES) throw new ConfigError(`${what} on standard input is too long`);
    }
  } finally {
    clearTimeout(waiting);
  }
  const bytes = Buffer.concat(pieces);
  if (!isUtf8(bytes)) throw new ConfigError(`${what} on standard input is not valid UTF-8`);
  const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
  return secret === '' ? undefined : secret;
}
