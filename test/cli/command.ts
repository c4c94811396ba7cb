/**
 * Runs commands in the process of the tests, which takes a small part of the time of a new one. A command that gets
 * input, a signal or an environment of its own, or must be alone with a file, needs `runCli`.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { runCommandLine } from '../../src/cli/program.ts';
import { runCli } from '../server-process.ts';

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const STREAMS = ['stdout', 'stderr'] as const;
/** What the running command has written: several may run at once, and the test runner writes, too. */
const written = new AsyncLocalStorage<{ stdout: string; stderr: string }>();

for (const name of STREAMS) {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
  stream.write = (...parameters: unknown[]): boolean => {
    const output = written.getStore();
    if (output === undefined) return write(...parameters);
    output[name] += String(parameters[0]);
    const done = parameters.at(-1);
    if (typeof done === 'function') setImmediate(done as () => void);
    return true;
  };
}

/** Ends with the last command. */
let running: Promise<unknown> = Promise.resolve();

/**
 * Runs one command until it ends, with what it prints and the code with which it would exit. One at a time: a command
 * that waits for a lock stops this process, and with it the command that holds the lock.
 */
export async function runCommand(args: readonly string[]): Promise<Result> {
  const result = running.then(async () => runAlone(args));
  running = result.catch(() => undefined);
  return result;
}

async function runAlone(args: readonly string[]): Promise<Result> {
  // These read standard input, which belongs to the test runner here.
  if (args[0] === 'user') return runCli(args);
  const before = STREAMS.map((name) => process[name].listeners('error'));
  const { result: code, ...output } = await captured(async () => runCommandLine(args));
  for (const [index, name] of STREAMS.entries()) {
    for (const listener of process[name].listeners('error')) {
      if (before[index]?.includes(listener) !== true) process[name].off('error', listener as () => void);
    }
  }
  return { code, ...output };
}

/** Runs a command with `--json` and returns its output; fails the test if the command fails. */
export async function commandJson<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await runCommand([...args, '--json']);
  if (code !== 0) throw new Error(`rollcall ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Runs a part of a command, with what it prints. */
export async function captured<T>(work: () => Promise<T>): Promise<{ result: T; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  const result = await written.run(output, work);
  return { result, ...output };
}
