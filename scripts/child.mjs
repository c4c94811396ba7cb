// Owns our place between a parent and a child process: same terminal, signals passed on, and the child's end becomes
// ours.
import { spawn } from 'node:child_process';

// npm and a terminal may both pass on one key press; the child should see it once.
const repeatMs = 1_000;

/** Runs a command on our own standard streams and resolves with how it ended. */
export function runAttached(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
  const last = new Map();
  const forward = (signal) => {
    const now = performance.now();
    if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) >= repeatMs) {
      last.set(signal, now);
      child.kill(signal);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, forward);
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) {
        process.off(name, forward);
      }
      resolve({ code, signal });
    });
  });
}

/**
 * Under npm, ends when the shell between npm and this process ends: a SIGTERM sent to npm reaches that shell, which
 * dies without telling us. Under any other parent, its end (a closed terminal, nohup) means nothing.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') {
    return;
  }
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(watch);
      process.kill(process.pid, 'SIGTERM');
    }
  }, 100);
  watch.unref();
}

/** Ends this process the way its child ended. */
export function endLike({ code, signal }) {
  if (signal !== null) {
    process.kill(process.pid, signal);
    return;
  }
  process.exitCode = code;
}
