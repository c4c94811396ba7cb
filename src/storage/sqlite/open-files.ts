/**
 * Detects when files are removed or replaced under their connections: what is written to them is then lost when the
 * process ends, at the latest.
 */

import { statSync } from 'node:fs';
import { type DomainError, unavailable } from '../../domain/errors.ts';

/** A database, and the files SQLite keeps next to it while it is open. */
const SUFFIXES = ['', '-wal', '-shm'];

/** Which file each path was when it was opened, by device and inode. */
export type FileIdentities = Readonly<Record<string, string>>;

/** The identities of the files of a database that is open and has been read; missing files are left out. */
export function identitiesOf(path: string): FileIdentities {
  const found = SUFFIXES.flatMap((suffix) => {
    const identity = identityOf(path + suffix);
    return identity === undefined ? [] : [[path + suffix, identity]];
  });
  return Object.fromEntries(found) as FileIdentities;
}

/** The first path that is no longer the same file; undefined while nothing has changed. Takes some microseconds. */
export function findReplacedFile(identities: FileIdentities): string | undefined {
  for (const path in identities) if (identityOf(path) !== identities[path]) return path;
  return undefined;
}

function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev}:${found.ino}`;
  } catch {
    // A folder on the way that can no longer be read.
    return undefined;
  }
}

/** The error for callers: their write may be in a file that nobody will find again. */
export function fileReplaced(): DomainError {
  return unavailable(
    'The database file was removed or replaced while the server ran; nothing is stored until it is restarted',
    60,
  );
}
