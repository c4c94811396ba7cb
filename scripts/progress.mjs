// Owns the output of a slow set-up step: one line when it starts, and its full output only when it fails.
import { spawn } from 'node:child_process';

/** A set-up failure described in one line, with the output of the tool that failed and the exit code to end with. */
export class SetupError extends Error {
  constructor(message, exitCode = 1, output = '') {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** Child processes of running steps, ended with this process when a signal stops the set-up. */
export const running = new Set();

/** Runs a command quietly under a one-line announcement; resolves when it has succeeded. */
export async function runStep(label, command, args, { cwd, env }) {
  process.stderr.write(`${label}…\n`);
  const chunks = [];
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  running.add(child);
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? '' : (signal ?? `exit code ${code}`)));
  });
  running.delete(child);
  if (outcome !== '') {
    throw new SetupError(`${label}: failed (${outcome}).`, 1, Buffer.concat(chunks).toString('utf8'));
  }
}

/** Prints a set-up failure and returns the exit code; anything but a SetupError is a bug and is rethrown. */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  if (error.output !== '') {
    process.stderr.write(error.output.endsWith('\n') ? error.output : `${error.output}\n`);
  }
  process.stderr.write(`${error.message}\n`);
  return error.exitCode;
}
