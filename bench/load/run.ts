/** Runs a load in its own process. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadTask } from './task.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** @throws Error if any answer is wrong, with the answer */
export async function runLoad(task: LoadTask): Promise<LoadResult> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[code: number | null]>;
  child.stdin.end(JSON.stringify(task));
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`the load '${task.work.kind}' failed: ${errors.trim()}`);
  return JSON.parse(output) as LoadResult;
}

export function rateOf({ requests, seconds }: LoadResult): number {
  return requests / seconds;
}
