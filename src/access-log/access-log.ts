/**
 * The access log: every request from platforms and Applications with its response, kept next to the data without ever
 * delaying it. The port of its store, and the types that cross it. Times are ms since the epoch.
 */

import type { ChangeCounts } from '../domain/change-counts.ts';
import type { PayloadLogging } from '../domain/definitions/applications.ts';
import type { Environment } from '../domain/environment.ts';
import type { Mend } from '../domain/errors.ts';
import type { Mark } from './marks.ts';
import type { RowReport } from './row-reports.ts';
import type { ApplicationUse, TrafficMinute } from './traffic-meter.ts';

/** Longest regular expression for paths, in characters. */
export const MAX_PATH_PATTERN = 200;
/** Replaces a path that named an erased person. */
export const ERASED_URI = '(erased)';

/** One request and its response, as passed to the log. */
export interface Exchange {
  readonly uuid: string;
  /** Arrival. */
  readonly time: number;
  readonly durationMs: number;
  readonly status: number;
  readonly method: string;
  /** Path and query as received. */
  readonly uri: string;
  readonly operation: string;
  /** Undefined while nobody knows whose request it is. */
  readonly application: { readonly id: number; readonly environment: Environment } | undefined;
  readonly key: { readonly id: number; readonly title: string } | undefined;
  /** First characters of the key that was sent. */
  readonly keyPrefix: string | undefined;
  readonly address: string | undefined;
  readonly changed: ChangeCounts | undefined;
  /** Of a refusal; see `causes.ts`. */
  readonly cause: string | undefined;
  readonly mend: Mend | undefined;
  readonly marks: readonly Mark[];
  readonly payloadLogging: PayloadLogging;
  /** True if it names a person who has been erased: no payload is kept, and `uri` must not name them. */
  readonly isErased?: boolean;
  readonly request: Buffer | undefined;
  readonly response: string | undefined;
  /** Whether a body was sent or announced, but not read to its end. */
  readonly requestUnread: boolean;
  /** Size of the request body as read or announced, which may exceed what is known of it; 0 if unknown. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** False if only the figures are wanted: for refusals of an address that sends too many. */
  readonly listed: boolean;
}

/** A refused write with everything needed to replay it. */
export interface RefusedRequest {
  readonly uuid: string;
  readonly time: number;
  readonly method: string;
  readonly uri: string;
  readonly operation: string;
  readonly status: number;
  readonly cause: string | undefined;
  readonly mend: Mend | undefined;
  readonly application: { readonly id: number; readonly environment: Environment };
  readonly key: { readonly id: number; readonly title: string };
  readonly headers: ReplayHeaders;
  readonly body: Buffer;
}

/** The few headers that decide what a request means; only for a refused write, and none of them secret. */
export type ReplayHeaders = Readonly<Record<string, string>>;

/** What happened to the payloads of an entry. */
export type PayloadState = 'full' | 'masked' | 'off' | 'dropped' | 'erased';

export interface LoggedExchange {
  /** Ascending in the order in which the responses were logged. */
  readonly id: number;
  readonly uuid: string;
  readonly time: number;
  readonly durationMs: number;
  readonly status: number;
  readonly method: string;
  readonly uri: string;
  readonly operation: string;
  readonly applicationId: number | undefined;
  readonly keyId: number | undefined;
  readonly keyName: string | undefined;
  readonly keyPrefix: string | undefined;
  readonly address: string | undefined;
  readonly joins: number;
  readonly leaves: number;
  readonly profiles: number;
  readonly cause: string | undefined;
  readonly marks: readonly Mark[];
  /** Whether the refused write is kept and has not been replayed. */
  readonly replayable: boolean;
  /** Empty unless requested. */
  readonly requestPayload: string;
  readonly responsePayload: string;
}

export interface LoggedDetail extends LoggedExchange {
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Whether only the beginning of the request body is kept; none of it is kept if it was not read. */
  readonly requestCut: boolean;
  readonly responseCut: boolean;
  readonly payloadState: PayloadState;
  readonly mend: Mend | undefined;
  readonly replayed: number | undefined;
  /** Whether a report of its rows is kept. */
  readonly hasReport: boolean;
}

export interface AccessLogFilter {
  readonly applicationId?: number | undefined;
  readonly keyId?: number | undefined;
  readonly operation?: string | undefined;
  readonly method?: string | undefined;
  readonly statusCode?: number | undefined;
  /** Below 400, or 400 and above. */
  readonly status?: 'success' | 'error' | undefined;
  /** Refused for this cause, or with a mark that has this text. */
  readonly cause?: string | undefined;
  /** Regular expression that the path must match; see `path-pattern.ts`. */
  readonly path?: string | undefined;
}

export interface TimeRange {
  /** First and last time, both inclusive. */
  readonly start: number;
  readonly end: number;
}

/** Where a walk through the log continues: after this entry. */
export interface LogPosition {
  readonly time: number;
  readonly id: number;
}

/** A bounded part of a walk. `next` is undefined at the end; there may be more even if `items` is empty. */
export interface LogSlice<Item> {
  readonly items: readonly Item[];
  readonly next: LogPosition | undefined;
}

export interface LogWalk {
  readonly filter: AccessLogFilter;
  readonly range: TimeRange;
  readonly newestFirst: boolean;
  readonly after: LogPosition | undefined;
  /** The most entries wanted. */
  readonly limit: number;
  readonly payloads: boolean;
}

/** What followers of the log receive: entries since the last time, oldest first. */
export interface LogTail {
  readonly items: readonly LoggedExchange[];
  /** Where to continue. */
  readonly position: TailPosition;
  /** Entries that were skipped: more arrived than can be delivered at once, or they are gone. */
  readonly missed: number;
}

export interface TailPosition {
  /** Identifies the file: another file starts its numbering anew. */
  readonly epoch: string;
  readonly id: number;
}

/** Why requests were refused or marked. */
export interface LoggedCause {
  readonly applicationId: number | undefined;
  /** For a mark, its text. */
  readonly cause: string;
  /** Undefined for a refusal. */
  readonly mark: Mark | undefined;
  readonly status: number;
  readonly operation: string;
  readonly count: number;
  readonly lastTime: number;
  readonly lastUuid: string;
  readonly mend: Mend | undefined;
}

export interface KeptRefusal {
  /** Ascending in the order in which they were kept. */
  readonly id: number;
  readonly uuid: string;
  readonly time: number;
  readonly method: string;
  readonly uri: string;
  readonly operation: string;
  readonly status: number;
  readonly cause: string | undefined;
  readonly mend: Mend | undefined;
  readonly applicationId: number;
  readonly environment: Environment;
  readonly keyId: number;
  readonly keyName: string;
  readonly bytes: number;
  readonly replayed: number | undefined;
}

export interface KeptRefusalWithBody extends KeptRefusal {
  readonly headers: ReplayHeaders;
  readonly body: Buffer;
}

export interface LogFigures {
  /** Entries logged without their payloads, and entries not logged, because the log fell behind; since the start. */
  readonly droppedPayloads: number;
  readonly droppedEntries: number;
  /** Refused writes that were not kept because too many were on their way; since the start. */
  readonly droppedRefusals: number;
  /** Bytes waiting to be written. */
  readonly waitingBytes: number;
  /** Bytes of the log in use. */
  readonly logBytes: number;
}

export interface AccessLog {
  // ---- on the path of requests: returns at once, never throws, never waits

  record(exchange: Exchange): void;
  /** While held, nothing is written, because the disk is nearly full. New entries count as dropped. */
  hold(on: boolean): void;
  /** Keeps a refused write if there is room; the oldest are removed first. */
  keep(refused: RefusedRequest): void;

  // ---- for people; includes every exchange recorded before the call
  // @throws DomainError `unavailable` while the log cannot be read

  walk(walk: LogWalk): Promise<LogSlice<LoggedExchange>>;
  find(uuid: string): Promise<LoggedDetail | undefined>;
  /** Most frequent first, at most 200 refusals followed by at most 200 marks; ranges count in whole hours. */
  causes(range: TimeRange, applicationId: number | undefined): Promise<LoggedCause[]>;
  /** Entries after `after` (without it, from now on), at most `limit`: the latest ones. */
  tail(filter: AccessLogFilter, after: TailPosition | undefined, limit: number): Promise<LogTail>;
  /** Calls `listener` soon after entries were added. @returns a function that ends it */
  follow(listener: () => void): () => void;

  /** Minutes starting with `from` (the start of one), ascending, without those that had no traffic. */
  minutes(from: number, applicationId: number | undefined): Promise<TrafficMinute[]>;
  /** Last request and the last minutes of an Application. */
  use(applicationId: number, minutesBack: number): Promise<ApplicationUse>;
  /** Per second, over the last ten seconds: requests, refusals, joins and leaves. */
  rates(applicationId: number | undefined): { requests: number; errors: number; changes: number };
  figures(): LogFigures;

  // ---- refused writes

  /** Latest first, after `after`. */
  refusals(
    filter: { readonly applicationId?: number | undefined; readonly cause?: string | undefined },
    after: number | undefined,
    limit: number,
  ): Promise<KeptRefusal[]>;
  /** The refused writes with these UUIDs that are kept, in order of arrival. */
  findRefusals(uuids: readonly string[]): Promise<KeptRefusal[]>;
  /**
   * Marks the refused write as being replayed and returns it; undefined if it is not kept or has already been replayed.
   */
  takeRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined>;
  /** Returns the refused write for a preview. */
  readRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined>;
  /** Ends `takeRefusal`: the write took effect at `replayed` or, if that is undefined, may be replayed again. */
  settleRefusal(uuid: string, replayed: number | undefined): Promise<void>;

  // ---- verdicts on rows

  /** Keeps a report if there is room; the oldest are removed first. Returns at once, and never throws. */
  keepReport(report: RowReport): void;
  findReport(uuid: string): Promise<RowReport | undefined>;

  // ---- upkeep

  /**
   * Removes the payloads and paths that mention a profile, and the refused writes that name it. Takes long on a large
   * log.
   */
  eraseProfile(environment: Environment, integrationId: string): Promise<void>;
  /** Removes a bounded part of what exceeds the retention or the size limit. @returns true when there is more to do */
  prune(): Promise<boolean>;
  /** Writes what is waiting and releases everything. */
  close(): Promise<void>;
}

/** What operations on the access log need. */
export interface Logged {
  readonly accessLog: AccessLog;
}
