/**
 * Runs commands in the process of the tests, which takes a small part of the time of a new one. A command that
 * reads standard input, gets a signal, has an environment of its own, or must be alone with a file needs `runCli`.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { runCommandLine } from '../../src/cli/program.ts';

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

/** Runs one command until it ends, with what it prints and the code with which it would exit. */
export async function runCommand(args: readonly string[]): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  const before = STREAMS.map((name) => process[name].listeners('error'));
  const code = await written.run(output, async () => runCommandLine(args));
  for (const [index, name] of STREAMS.entries()) {
    for (const listener of process[name].listeners('error')) {
      if (before[index]?.includes(listener) !== true) process[name].off('error', listener as () => void);
    }
  }
  return { code, ...output };
}
