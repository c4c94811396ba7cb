/** A small write that needs room, as most writes do: whether it is possible now is what readiness means. */

import type { SqliteWriter } from './writer.ts';

// Takes a few pages that no row has to spare.
const ROOM_BYTES = 16 * 1024;

/** Takes room in the file, commits with a sync, and leaves nothing but free pages. @throws DomainError `unavailable` */
export function probeWriting(writer: SqliteWriter): void {
  const { database } = writer;
  const filler = 'probe'.padEnd(ROOM_BYTES, '.');
  writer.transaction(() => {
    database.prepare('insert into sequences values (?, 0)').run(filler);
    database.prepare('delete from sequences where name = ?').run(filler);
  });
}
