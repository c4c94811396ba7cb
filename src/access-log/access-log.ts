/**
 * The access log: every request of the platforms and Applications with its answer, kept beside the data and never in its
 * way. The port of whoever keeps it, and the shapes that cross it. Times are ms since the epoch.
 */

import type { ChangeCounts } from '../domain/change-counts.ts';
import type { PayloadLogging } from '../domain/definitions/applications.ts';
import type { Environment } from '../domain/environment.ts';
import type { Mend } from '../domain/errors.ts';
import type { Mark } from './marks.ts';
import type { ApplicationUse, TrafficMinute } from './traffic-meter.ts';

/** Most characters of a regular expression over paths. */
export const MAX_PATH_PATTERN = 200;

/** One request and its answer, as they are handed to the log. */
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
  readonly request: Buffer | undefined;
  readonly response: string | undefined;
  /** A body was sent, or announced, but not read to its end. */
  readonly requestUnread: boolean;
  /** Size of the request body as read or announced, which may be larger than what is known of it; 0 where nobody knows. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** False where only the figures are wanted: refusals of an address that sends too many. */
  readonly listed: boolean;
}

/** A refused write, whole: what it takes to send it again. */
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

/** The few headers that decide what a request means; of a refused write only, and none of them secret. */
export type ReplayHeaders = Readonly<Record<string, string>>;

/** What became of the payloads of an entry. */
export type PayloadState = 'full' | 'masked' | 'off' | 'dropped' | 'erased';

export interface LoggedExchange {
  /** Ascending in the order the answers were logged. */
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
  /** Kept whole, and not sent again yet. */
  readonly replayable: boolean;
  /** Empty when not asked for. */
  readonly requestPayload: string;
  readonly responsePayload: string;
}

export interface LoggedDetail extends LoggedExchange {
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Only the beginning of the request body is kept; nothing of it where it was not read. */
  readonly requestCut: boolean;
  readonly responseCut: boolean;
  readonly payloadState: PayloadState;
  readonly mend: Mend | undefined;
  readonly replayed: number | undefined;
}

export interface AccessLogFilter {
  readonly applicationId?: number | undefined;
  readonly keyId?: number | undefined;
  readonly operation?: string | undefined;
  readonly method?: string | undefined;
  readonly statusCode?: number | undefined;
  /** Below 400, or from 400 on. */
  readonly status?: 'success' | 'error' | undefined;
  /** Refused for it, or marked with a mark of this text. */
  readonly cause?: string | undefined;
  /** Regular expression that the path must hold; see `path-pattern.ts`. */
  readonly path?: string | undefined;
}

export interface TimeRange {
  /** First and last time, both included. */
  readonly start: number;
  readonly end: number;
}

/** Where a walk through the log goes on: behind this entry. */
export interface LogPosition {
  readonly time: number;
  readonly id: number;
}

/** A bounded part of a walk. `next` is undefined at its end; there may be more although `items` is empty. */
export interface LogSlice<Item> {
  readonly items: readonly Item[];
  readonly next: LogPosition | undefined;
}

export interface LogWalk {
  readonly filter: AccessLogFilter;
  readonly range: TimeRange;
  readonly newestFirst: boolean;
  readonly after: LogPosition | undefined;
  /** Most entries wanted. */
  readonly limit: number;
  readonly payloads: boolean;
}

/** What followers of the log get: entries since the last time, oldest first. */
export interface LogTail {
  readonly items: readonly LoggedExchange[];
  /** Where to go on. */
  readonly position: TailPosition;
  /** Entries that were passed over: more came than may be given at once, or they are gone. */
  readonly missed: number;
}

export interface TailPosition {
  /** Of the file: another one begins its numbers anew. */
  readonly epoch: string;
  readonly id: number;
}

/** Why requests were refused, or marked. */
export interface LoggedCause {
  readonly applicationId: number | undefined;
  /** Of a mark, its text. */
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
  /** Ascending in the order they were kept. */
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
  /** Entries logged without their payloads, and not logged at all, because the log fell behind; since the start. */
  readonly droppedPayloads: number;
  readonly droppedEntries: number;
  /** Refused writes that were not kept because too much was on its way; since the start. */
  readonly droppedRefusals: number;
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;
  /** Bytes of the log that are in use. */
  readonly logBytes: number;
}

export interface AccessLog {
  // ---- on the way of requests: returns at once, never throws, never waits

  record(exchange: Exchange): void;
  /** While held, nothing is written down: the disk is nearly full. What comes is counted as dropped. */
  hold(on: boolean): void;
  /** Keeps a refused write whole, as far as there is room; the oldest make way. */
  keep(refused: RefusedRequest): void;

  // ---- what people look at; sees every exchange recorded before the call
  // @throws DomainError `unavailable` while the log cannot be read

  walk(walk: LogWalk): Promise<LogSlice<LoggedExchange>>;
  find(uuid: string): Promise<LoggedDetail | undefined>;
  /** Biggest first, at most 200 refusals and as many marks behind them; ranges count in whole hours. */
  causes(range: TimeRange, applicationId: number | undefined): Promise<LoggedCause[]>;
  /** Entries behind `after` (from now on, without it), at most `limit`: the latest of what is there. */
  tail(filter: AccessLogFilter, after: TailPosition | undefined, limit: number): Promise<LogTail>;
  /** Calls `listener` soon after entries were added. @returns ends it */
  follow(listener: () => void): () => void;

  /** Minutes from `from` (start of one) on, ascending, those without traffic left out. */
  minutes(from: number, applicationId: number | undefined): Promise<TrafficMinute[]>;
  /** Last request and the last minutes of an Application. */
  use(applicationId: number, minutesBack: number): Promise<ApplicationUse>;
  /** Per second, over the last ten: requests, refusals, joins and leaves. */
  rates(applicationId: number | undefined): { requests: number; errors: number; changes: number };
  figures(): LogFigures;

  // ---- refused writes

  /** Latest first, behind `after`. */
  refusals(
    filter: { readonly applicationId?: number | undefined; readonly cause?: string | undefined },
    after: number | undefined,
    limit: number,
  ): Promise<KeptRefusal[]>;
  /** Those of the UUIDs that are kept, in order of arrival. */
  findRefusals(uuids: readonly string[]): Promise<KeptRefusal[]>;
  /** Marks it as being sent again and gives it out; undefined when it is not kept, or was sent again before. */
  takeRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined>;
  /** Gives it out for a look at what would happen. */
  readRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined>;
  /** Ends `takeRefusal`: it took effect at `replayed`, or (undefined) may be sent again. */
  settleRefusal(uuid: string, replayed: number | undefined): Promise<void>;

  // ---- upkeep

  /** Removes the payloads and paths that tell of a profile, and refused writes that name it. Takes long on a large log. */
  eraseProfile(environment: Environment, integrationId: string): Promise<void>;
  /** Removes a bounded part of what is too old or too much. @returns true when there is more to do */
  prune(): Promise<boolean>;
  /** Writes what waits and releases everything. */
  close(): Promise<void>;
}

/** What operations on the access log work with. */
export interface Logged {
  readonly accessLog: AccessLog;
}
