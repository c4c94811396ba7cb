// Owns the lock that lets only one process at a time install or build in a folder.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

import { running, SetupError } from './progress.mjs';

const heartbeatMs = 5_000;
// An owner on this machine can be asked whether it is alive; one elsewhere (a shared folder) is judged by its
// heartbeat.
const staleHereMs = 5 * 60_000;
const staleElsewhereMs = 60_000;

/**
 * Runs `work` while holding the folder's set-up lock, after waiting for another holder or taking over from a dead one.
 */
export async function withSetupLock(root, work) {
  const lock = path.join(root, '.setup-lock');
  await acquire(lock);
  const heartbeat = setInterval(() => touch(lock), heartbeatMs);
  const release = () => {
    clearInterval(heartbeat);
    rmSync(lock, { recursive: true, force: true });
  };
  const stop = (signal) => {
    for (const child of running) {
      child.kill(signal);
    }
    release();
    process.off(signal, stop);
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, stop);
  }
  try {
    return await work();
  } finally {
    for (const signal of signals) {
      process.off(signal, stop);
    }
    release();
  }
}

async function acquire(lock) {
  for (let told = false; ; ) {
    try {
      mkdirSync(lock);
      writeFileSync(path.join(lock, 'owner'), `${hostname()} ${process.pid}`);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw new SetupError(
          `Rollcall must install or build here first, but cannot write to ${path.dirname(lock)} (${error.code}).`,
        );
      }
    }
    if (isStale(lock)) {
      remove(lock);
      continue;
    }
    if (!told) {
      process.stderr.write('Waiting for another set-up in this folder…\n');
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isStale(lock) {
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const [host, pid] = readFileSync(path.join(lock, 'owner'), 'utf8').split(' ');
    return host === hostname() ? !isAlive(Number(pid)) || age > staleHereMs : age > staleElsewhereMs;
  } catch {
    // The lock has no owner between its creation and the writing of the owner's name, and just after its release: look
    // again, unless it stays that way.
    return ageOf(lock) > staleElsewhereMs;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ageOf(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** Renamed before it is removed, so that of several processes that find it stale only one takes it away. */
function remove(lock) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
  }
}

function touch(lock) {
  try {
    const now = new Date();
    utimesSync(lock, now, now);
  } catch {
    // The lock was taken over, so there is nothing left to keep fresh.
  }
}
