/** Asks for confirmation on the terminal before something that cannot be undone. */

import { createInterface } from 'node:readline/promises';
import { plain } from './output.ts';

/** Reports whether somebody is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY;
}

/**
 * @param question ends with what to do, such as `Type yes: `
 * @param signal withdraws the question, which counts as a no
 * @returns whether the answer was yes
 */
export async function askForYes(question: string, signal?: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The end of the input (Ctrl-D) and Ctrl-C count as answers too; otherwise the question would wait for ever.
  const closed = new Promise<string>((settle) => terminal.once('close', () => settle('')));
  const asked =
    signal === undefined ? terminal.question(plain(question)) : terminal.question(plain(question), { signal });
  const answer = await Promise.race([asked.catch(() => ''), closed]);
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}
