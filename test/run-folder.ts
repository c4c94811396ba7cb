/**
 * Gives each run of the tests a temporary folder of its own, and removes it at the end, whatever it contains. The
 * folder is in memory if possible: the tests commit some ten thousand transactions, each of which takes milliseconds on
 * a disk.
 */

import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** A run uses only a part of this at a time. */
const ENOUGH_BYTES = 4 * 1024 ** 3;

/**
 * Creates the folder and passes it to the workers, which inherit the environment. @returns a function that removes it
 */
export function setup(): () => void {
  const folder = makeFolder();
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function makeFolder(): string {
  const inMemory = process.env['TMPDIR'] === undefined && hasRoom(MEMORY) ? makeIn(MEMORY) : undefined;
  if (inMemory !== undefined && runsPrograms(inMemory)) return inMemory;
  if (inMemory !== undefined) rmSync(inMemory, { recursive: true });
  const onDisk = makeIn(tmpdir());
  if (onDisk === undefined) throw new Error(`The tests need a temporary folder, and cannot make one in ${tmpdir()}`);
  return onDisk;
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}

function makeIn(path: string): string | undefined {
  try {
    removeAbandoned(path);
    const folder = mkdtempSync(join(path, `rollcall-tests-${process.pid}-`));
    // Some tests run programs as another user, who must be able to reach the folders inside.
    chmodSync(folder, 0o711);
    return folder;
  } catch {
    return undefined;
  }
}

/** Removes the folders of killed runs, which take up memory in shared memory. */
function removeAbandoned(path: string): void {
  for (const name of readdirSync(path)) {
    const pid = /^rollcall-tests-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(path, name), { recursive: true, force: true });
    } catch {
      // A file system that a test mounted there is still in place; it must not keep other runs from starting.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Reports whether programs can run in the folder, as some tests need; many containers forbid it in shared memory. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, 'program');
  writeFileSync(program, '', { mode: 0o700 });
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program);
  }
}
