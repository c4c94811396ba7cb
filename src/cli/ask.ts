/** Asks the operator on the terminal before something is done that cannot be undone. */

import { createInterface } from 'node:readline/promises';
import { plain } from './output.ts';

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY;
}

/**
 * @param question ends with what to do, such as `Type yes: `
 * @param signal takes the question back, which is a no
 * @returns whether the answer was yes
 */
export async function askForYes(question: string, signal?: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The end of the input (Ctrl-D) or Ctrl-C is an answer too: without it nothing would ever come.
  const closed = new Promise<string>((settle) => terminal.once('close', () => settle('')));
  const asked =
    signal === undefined ? terminal.question(plain(question)) : terminal.question(plain(question), { signal });
  const answer = await Promise.race([asked.catch(() => ''), closed]);
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}
