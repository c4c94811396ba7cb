/** Runs a TypeScript module of the tests in a process of its own. */

import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts the module. What Node makes of its TypeScript is kept for the run, since that takes two thirds of its start: a module
 * that may be killed calls `flushCompileCache` once it is loaded.
 */
export function forkModule(module: URL, args: readonly string[], serialization?: 'advanced'): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'compiled') };
  return fork(fileURLToPath(module), [...args], { env, serialization: serialization ?? 'json' });
}
