/** Runs the real program in its own process, for tests: servers that clean up after themselves, and single commands. */

import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The built program as it ships, or another entry during development. */
const ENTRY = join(ROOT, process.env['ROLLCALL_TEST_ENTRY'] ?? 'bin/rollcall.js');
/** Loaded before a program, ends it when the tests end. */
const ENDS_WITH_PARENT = new URL('./ends-with-parent.mjs', import.meta.url).href;
const READY_WITHIN_MS = 60_000;

export interface ServerOptions {
  /** `sqlite:PATH`; a database in a new folder if absent. */
  readonly database?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps everything in memory and yields `keys`. */
  readonly ephemeral?: boolean;
}

export interface ServerProcess {
  readonly url: string;
  readonly database: string;
  readonly child: ChildProcess;
  /** The keys of an ephemeral server by purpose, as it prints them. */
  readonly keys: Readonly<Record<string, string>>;
  /** The admin of an ephemeral server. */
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** The standard output and error so far. */
  readonly output: () => { stdout: string; stderr: string };
  /** Ends it with SIGTERM or another signal, and waits. @returns its exit code; null if a signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  folders.add(folder);
  return folder;
}

/** The environment without any Rollcall settings, plus `extra`. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Starts a program that runs until it is stopped, or until the tests end. */
function startProgram(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ['--import', ENDS_WITH_PARENT, ENTRY, ...args], {
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
}

/** Starts `rollcall serve` on a free port and waits until it listens. */
export async function startServerProcess(options: ServerOptions = {}): Promise<ServerProcess> {
  const database = options.database ?? `sqlite:${join(temporaryFolder(), 'rollcall.db')}`;
  const where = options.ephemeral === true ? ['--ephemeral'] : ['--database', database];
  const child = startProgram(['serve', '--port', '0', ...where, ...(options.args ?? [])], options.env);
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const ready = new Promise<Pick<ServerProcess, 'url' | 'keys' | 'adminEmail' | 'adminPassword'>>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time\n${stdout}\n${stderr}`)), READY_WITHIN_MS);
    const fail = (code: number | null) => reject(new Error(`the server exited with ${code}\n${stdout}\n${stderr}`));
    void exited.then(fail).finally(() => clearTimeout(timer));
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const listening = /listening on (http\S+)\n/.exec(stdout);
      if (listening?.[1] !== undefined) resolve({ url: listening[1], keys: {}, adminEmail: '', adminPassword: '' });
      else if (options.ephemeral === true && stdout.includes('\n')) {
        resolve(JSON.parse(stdout) as Pick<ServerProcess, 'url' | 'keys' | 'adminEmail' | 'adminPassword'>);
      }
      if (listening !== null || options.ephemeral === true) clearTimeout(timer);
    });
  });
  const { url, keys, adminEmail, adminPassword } = await ready;
  return {
    url,
    keys,
    adminEmail,
    adminPassword,
    database,
    child,
    output: () => ({ stdout, stderr }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** The output of `rollcall demo --json`. */
export interface DemoFacts {
  readonly url: string;
  readonly admin: { readonly email: string; readonly password: string };
  readonly readOnly: { readonly email: string; readonly password: string };
  readonly keys: Readonly<Record<string, string>>;
}

export interface DemoProcess extends DemoFacts {
  /** Ends it with SIGTERM and waits. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts `rollcall demo` on a free port and waits until its history is complete. */
export async function startDemoProcess(args: readonly string[] = ['--still']): Promise<DemoProcess> {
  const child = startProgram(['demo', '--port', '0', '--json', ...args]);
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const facts = await new Promise<DemoFacts>((resolve, reject) => {
    void exited.then((code) => reject(new Error(`the demo exited with ${code}\n${stdout}\n${stderr}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(JSON.parse(stdout) as DemoFacts);
    });
  });
  return {
    ...facts,
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Runs one command until it ends. `input` is its standard input. */
export async function runCli(
  args: readonly string[],
  options: { input?: string; env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: cleanEnvironment(options.env),
    cwd: options.cwd ?? ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  return { code, stdout, stderr };
}
