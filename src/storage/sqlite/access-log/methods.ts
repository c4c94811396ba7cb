/** All methods of the log's thread, as one table of synchronous functions. */

import type { AccessLogFilter, LogWalk, RefusedRequest, TailPosition } from '../../../access-log/access-log.ts';
import type { RowReport } from '../../../access-log/row-reports.ts';
import type { TrafficMinute } from '../../../access-log/traffic-meter.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Connection } from '../database.ts';
import { translateErrors } from '../database.ts';
import { StatementCache } from '../statement-cache.ts';
import { LogAppender } from './appender.ts';
import { LogDictionary } from './dictionary.ts';
import { LogEntries } from './entries.ts';
import type { ErasedPerson } from './erasures.ts';
import { LogFiguresReader } from './figures.ts';
import { FilterPlanner } from './filter-plan.ts';
import { LogFile, type LogNotice } from './log-file.ts';
import { PayloadBlocks } from './payload-blocks.ts';
import { RefusedWrites } from './refused-writes.ts';
import { RingReader, type SharedRing } from './ring.ts';
import { RowReports } from './row-reports.ts';
import { LogTailReader } from './tail.ts';
import { LogUpkeep } from './upkeep.ts';
import { UuidGroups } from './uuid-groups.ts';

export interface LogLimits {
  /** Bytes of the log, without refused writes. */
  readonly maxBytes: number;
  /** Bytes of the refused writes that are kept. */
  readonly maxRefusedBytes: number;
}

/** The result of a drain. */
export interface Drained {
  /** Entries added. */
  readonly added: number;
  /** Records that could not be written and are lost. */
  readonly lost: number;
  readonly logBytes: number;
  readonly notices: readonly LogNotice[];
}

// For freeing space after each drain: enough to keep up, without making a read wait long.
const MAKE_ROOM_MS = 30;

/** Reports of rows may take up to this part of the log's size limit, in addition to it. */
const REPORTS_SHARE = 8;

function openContent(database: Connection, limits: LogLimits) {
  const dictionary = new LogDictionary(database);
  const statements = new StatementCache(database);
  const planner = new FilterPlanner(statements, dictionary);
  const refused = new RefusedWrites(database, dictionary, statements, limits.maxRefusedBytes);
  const reports = new RowReports(database, statements, Math.floor(limits.maxBytes / REPORTS_SHARE));
  const blocks = new PayloadBlocks(database);
  const uuids = new UuidGroups(database);
  const parts = { dictionary, refused, reports, blocks, uuids };
  const entries = new LogEntries(statements, planner, parts);
  return {
    appender: new LogAppender(database, dictionary, blocks, uuids),
    entries,
    tail: new LogTailReader(statements, planner, entries),
    figures: new LogFiguresReader(database),
    refused,
    reports,
    upkeep: new LogUpkeep(database, parts, limits.maxBytes),
  };
}

/** @param path the log's file, or `:memory:` */
export function createLogMethods(path: string, sharedRing: SharedRing, limits: LogLimits) {
  const ring = new RingReader(sharedRing);
  const file = new LogFile(path, (database) => openContent(database, limits));
  type Content = ReturnType<typeof openContent>;
  let logBytes = 0;
  // Reads drain the ring too; followers and the figures for losses are updated at the next regular drain.
  let added = 0;
  let lost = 0;

  /** Empties the ring, whatever happens to its content: it must never stay full. */
  function emptyRing(): void {
    for (;;) {
      try {
        const count = file.use(({ appender }) => appender.append(ring));
        ring.advance();
        added += count;
        if (count === 0) return;
      } catch (error) {
        while (ring.next() !== undefined) lost += 1;
        ring.advance();
        note(error);
        return;
      }
    }
  }

  const failures: LogNotice[] = [];
  function note(error: unknown): void {
    if (error instanceof DomainError) return;
    const reason = error instanceof Error ? error.message : String(error);
    failures.push({ message: 'the access log could not be written; some requests go unlogged', reason });
  }

  /** Reads include what was recorded before they were requested. */
  function read<T>(work: (content: Content) => T): T {
    emptyRing();
    return translateErrors(() => file.use(work));
  }

  const write = <T>(work: (content: Content) => T): T => translateErrors(() => file.use(work));

  return {
    drain(minutes: readonly TrafficMinute[]): Drained {
      file.checkInPlace();
      emptyRing();
      try {
        file.use(({ appender, upkeep }) => {
          appender.addTraffic(minutes);
          upkeep.keepWithinBytes(MAKE_ROOM_MS);
          logBytes = upkeep.usedBytes;
        });
      } catch (error) {
        note(error);
      }
      const taken = { added, lost };
      added = 0;
      lost = 0;
      return { ...taken, logBytes, notices: [...file.takeNotices(), ...failures.splice(0)] };
    },
    keep(refused: RefusedRequest): void {
      // Arrives as plain bytes from the other thread.
      const body = Buffer.from(refused.body.buffer, refused.body.byteOffset, refused.body.byteLength);
      try {
        file.use((content) => content.refused.keep({ ...refused, body }));
      } catch (error) {
        note(error);
      }
    },
    keepReport(report: RowReport): void {
      try {
        file.use(({ reports }) => reports.keep(report));
      } catch (error) {
        note(error);
      }
    },
    findReport: (uuid: string) => read(({ reports }) => reports.find(uuid)),
    walk: (walk: LogWalk) => read(({ entries }) => entries.walk(walk)),
    find: (uuid: string) => read(({ entries }) => entries.find(uuid)),
    tail: (filter: AccessLogFilter, after: TailPosition | undefined, limit: number) =>
      read(({ tail }) => tail.tail(filter, after, limit)),
    causes: (first: number, last: number, applicationId: number | undefined) =>
      read(({ figures }) => figures.causes(first, last, applicationId)),
    minutes: (from: number, limit: number) => read(({ figures }) => figures.minutes(from, limit)),
    use: (applicationId: number, from: number) => read(({ figures }) => figures.use(applicationId, from)),
    refusals: (
      filter: { readonly applicationId?: number | undefined; readonly cause?: string | undefined },
      after: number | undefined,
      limit: number,
    ) => read(({ refused }) => refused.list(filter, after, limit)),
    findRefusals: (uuids: readonly string[]) => read(({ refused }) => refused.find(uuids)),
    readRefusal: (uuid: string) => read(({ refused }) => refused.read(uuid)),
    takeRefusal: (uuid: string) => write(({ refused }) => refused.take(uuid)),
    settleRefusal: (uuid: string, replayed: number | undefined) =>
      write(({ refused }) => refused.settle(uuid, replayed)),
    eraseFromEntries: (people: readonly ErasedPerson[], after: number) =>
      read(({ upkeep }) => upkeep.eraseFromEntries(people, after)),
    eraseFromRefused: (people: readonly ErasedPerson[], after: number) =>
      write(({ upkeep }) => upkeep.eraseFromRefused(people, after)),
    eraseFromReports: (people: readonly ErasedPerson[], after: number) =>
      write(({ upkeep }) => upkeep.eraseFromReports(people, after)),
    prune: (before: number) => write(({ upkeep }) => upkeep.keepWithinBytes(MAKE_ROOM_MS) || upkeep.prune(before)),
    /** Writes what is left and closes the file. */
    finish(): void {
      emptyRing();
      file.close();
    },
  };
}

export type LogMethods = ReturnType<typeof createLogMethods>;
