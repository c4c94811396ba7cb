/** Programs that run beside the benchmark until they are stopped, at the latest with it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const READY_WITHIN_MS = 600_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Program {
  readonly pid: number;
  /** What it wrote to tell that it is ready: the match of `ready`. */
  readonly told: RegExpExecArray;
  /** Ends it and waits until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Part of what it writes when it is ready. */
  readonly ready: RegExp;
  readonly input?: string;
  /** Added to an environment without settings of Rollcall. */
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** The environment of this process without any setting of Rollcall, so that everybody measures the same. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_'));
  return { ...Object.fromEntries(own), ...extra };
}

/** @throws Error with what the program wrote, if it ends before it is ready */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { command, args, ready, input = '', env, uid, gid } = options;
  const child = spawn(command, args, {
    env: plainEnvironment(env),
    stdio: 'pipe',
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  running.add(child);
  const ended = once(child, 'close').finally(() => running.delete(child));
  child.stdin.end(input);
  let output = '';
  const told = await new Promise<RegExpExecArray>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`${command} ${args.join(' ')}: ${reason}\n${output}`));
    const timer = setTimeout(() => fail('is not ready in time'), READY_WITHIN_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    const hear = (chunk: Buffer): void => {
      // Later output is read too, so that the program never waits for us, but is of no interest.
      if (output.length < 1_000_000) output += chunk.toString();
      const match = ready.exec(output);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  return {
    pid: child.pid ?? 0,
    told,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
