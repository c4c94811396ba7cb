/** Tells when files were taken away under their connections: what is written to them then is lost at the latest with the process. */

import { statSync } from 'node:fs';
import { type DomainError, unavailable } from '../../domain/errors.ts';

/** A database, and what SQLite keeps beside it while it is open. */
const SUFFIXES = ['', '-wal', '-shm'];

/** Which file each path was when it was opened, as device and inode. */
export type FileIdentities = Readonly<Record<string, string>>;

/** The identities of a database that is open and was read from; what does not exist is left out. */
export function identitiesOf(path: string): FileIdentities {
  const found = SUFFIXES.flatMap((suffix) => {
    const identity = identityOf(path + suffix);
    return identity === undefined ? [] : [[path + suffix, identity]];
  });
  return Object.fromEntries(found) as FileIdentities;
}

/** The first path at which no longer the same file is; undefined while all is as it was. Takes some microseconds. */
export function findTakenAway(identities: FileIdentities): string | undefined {
  for (const path in identities) if (identityOf(path) !== identities[path]) return path;
  return undefined;
}

function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev}:${found.ino}`;
  } catch {
    // A folder on the way that may not be looked into any more.
    return undefined;
  }
}

/** What callers are told: their write may stand in a file that nobody will find again. */
export function takenAway(): DomainError {
  return unavailable(
    'The database file was removed or replaced under the server; nothing is stored until it is restarted',
    60,
  );
}
