/** Runs loads, each in a process of its own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadTask } from './task.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** @throws Error if any answer is wrong, with the answer */
export async function runLoad(task: LoadTask): Promise<LoadResult> {
  return (await prepareLoad(task))();
}

/**
 * Starts the process, which renders the requests and connects.
 * @returns what starts the load, so that two can begin at the same time
 */
export async function prepareLoad(task: LoadTask): Promise<() => Promise<LoadResult>> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = (): boolean => child.kill('SIGKILL');
  process.once('exit', stop);
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  // An input that breaks off is reported by how the process ends.
  child.stdin.on('error', () => undefined);
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => {
    process.off('exit', stop);
    return code;
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('\n')) resolve();
    });
  });
  child.stdin.write(`${JSON.stringify(task)}\n`);
  await Promise.race([ready, ended]);
  return async () => {
    child.stdin.end('go\n');
    const code = await ended;
    if (code !== 0) throw new Error(`the load '${task.work.kind}' failed: ${errors.trim()}`);
    return JSON.parse(output.slice(output.indexOf('\n'))) as LoadResult;
  };
}

export function rateOf({ requests, seconds }: LoadResult): number {
  return requests / seconds;
}
