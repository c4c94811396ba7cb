/** Runs a TypeScript module of the tests in its own process. */

import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts the module. Its compiled code is cached for the run, because compiling takes two thirds of the start. A module
 * that may be killed calls `flushCompileCache` once it is loaded.
 */
export function forkModule(module: URL, args: readonly string[], serialization?: 'advanced'): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'compiled') };
  return fork(fileURLToPath(module), [...args], { env, serialization: serialization ?? 'json' });
}
