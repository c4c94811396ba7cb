// Owns what a slow step of the set-up shows: one line when it starts, its full output only when it fails.
import { spawn } from 'node:child_process';

/** A set-up failure told in one line, with the output of the tool that failed and the exit code to end with. */
export class SetupError extends Error {
  constructor(message, exitCode = 1, output = '') {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** Children of steps under way, ended with us when a signal stops the set-up. */
export const running = new Set();

/** Runs a command quietly under a one-line announcement; resolves when it succeeded. */
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

/** Prints a set-up failure and answers the exit code; anything that is no SetupError is a bug and goes up. */
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
