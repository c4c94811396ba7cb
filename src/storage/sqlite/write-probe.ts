/** A small write that needs space, as most writes do: readiness means that it is possible. */

import type { SqliteWriter } from './writer.ts';

// Takes a few pages, more than any row has to spare.
const ROOM_BYTES = 16 * 1024;

/** Allocates space in the file, commits with a sync, and leaves only free pages. @throws DomainError `unavailable` */
export function probeWriting(writer: SqliteWriter): void {
  const { database } = writer;
  const filler = 'probe'.padEnd(ROOM_BYTES, '.');
  writer.transaction(() => {
    database.prepare('insert into sequences values (?, 0)').run(filler);
    database.prepare('delete from sequences where name = ?').run(filler);
  });
}
