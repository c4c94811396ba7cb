/** The event loop's side of the access log: writes into the ring, and asks the thread for everything else. */

import type {
  AccessLog,
  AccessLogFilter,
  Exchange,
  KeptRefusal,
  KeptRefusalWithBody,
  LogFigures,
  LoggedCause,
  LoggedDetail,
  LoggedExchange,
  LogSlice,
  LogTail,
  LogWalk,
  RefusedRequest,
  TailPosition,
  TimeRange,
} from '../../../access-log/access-log.ts';
import type { RowReport } from '../../../access-log/row-reports.ts';
import { type ApplicationUse, MINUTE_MS, TrafficMeter, type TrafficMinute } from '../../../access-log/traffic-meter.ts';
import type { Environment } from '../../../domain/environment.ts';
import { ThreadClient } from '../thread-client.ts';
import { type ErasedPerson, Erasures } from './erasures.ts';
import type { LogNotice } from './log-file.ts';
import type { LogLimits, LogMethods } from './methods.ts';
import { createRing, RingWriter } from './ring.ts';

// Bytes of the ring: more than a second of the heaviest traffic, and all the memory that waiting entries take.
const RING_BYTES = 16 * 1024 * 1024;
/** With this many bytes waiting, the thread is woken without waiting for the timer. */
const HURRY_BYTES = RING_BYTES / 8;
// What arrives within this time is written together; a follower sees an entry at most this much later.
const DRAIN_AFTER_MS = 100;
/** Bytes of refused writes that may be on their way to the thread. */
const MAX_REFUSED_UNDER_WAY = 16 * 1024 * 1024;
/** Reports of rows that may be on their way to the thread, each of half a MiB at most. */
const MAX_REPORTS_UNDER_WAY = 64;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const MAX_CAUSES = 200;
const MAX_MINUTES = 100_000;

export interface AccessLogOptions extends LogLimits {
  /** Longest part of each payload that is kept, in bytes. */
  readonly payloadBytes: number;
  /** Days that entries are kept. */
  readonly retentionDays: number;
  readonly now: () => number;
  /** Called with what an operator should know. */
  readonly onNotice?: (notice: LogNotice) => void;
  /** Called with the reason when the thread dies; a new one replaces it. */
  readonly onFailure?: (error: Error) => void;
}

export class SqliteAccessLog implements AccessLog {
  readonly #options: AccessLogOptions;
  readonly #ring: RingWriter;
  readonly #thread: ThreadClient<LogMethods>;
  readonly #meter = new TrafficMeter();
  readonly #followers = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  readonly #erasures = new Erasures(async (people) => this.#erase(people));
  #closed = false;
  #held = false;
  #refusedUnderWay = 0;
  #reportsUnderWay = 0;
  #droppedPayloads = 0;
  #droppedEntries = 0;
  #droppedRefusals = 0;
  #logBytes = 0;

  /** @param path the log's file, or `:memory:` */
  constructor(path: string, options: AccessLogOptions) {
    const ring = createRing(RING_BYTES);
    const limits: LogLimits = { maxBytes: options.maxBytes, maxRefusedBytes: options.maxRefusedBytes };
    this.#options = options;
    this.#ring = new RingWriter(ring, options.payloadBytes);
    this.#thread = new ThreadClient<LogMethods>({
      module: 'access-log/thread',
      title: 'access log',
      data: { path, ring, limits },
      onFailure: options.onFailure,
    });
  }

  record(exchange: Exchange): void {
    if (this.#closed) return;
    this.#meter.count(exchange.application?.id ?? 0, exchange, this.#options.now());
    const result = this.#held ? 'dropped' : this.#ring.write(exchange);
    if (result === 'dropped') this.#droppedEntries += 1;
    else if (result === 'payloads dropped') this.#droppedPayloads += 1;
    this.#wake();
  }

  hold(on: boolean): void {
    this.#held = on;
  }

  keep(refused: RefusedRequest): void {
    const bytes = refused.body.length;
    if (this.#closed || this.#options.maxRefusedBytes === 0) return;
    if (this.#held || this.#refusedUnderWay + bytes > MAX_REFUSED_UNDER_WAY) {
      this.#droppedRefusals += 1;
      return;
    }
    this.#refusedUnderWay += bytes;
    // Copied out of the buffer it arrived in: whole buffers travel, however small the part.
    const body = Buffer.from(new Uint8Array(refused.body).buffer);
    this.#thread
      .call('keep', { ...refused, body })
      .catch(() => {
        this.#droppedRefusals += 1;
      })
      .finally(() => {
        this.#refusedUnderWay -= bytes;
      });
  }

  keepReport(report: RowReport): void {
    if (this.#closed || this.#held || this.#reportsUnderWay >= MAX_REPORTS_UNDER_WAY) return;
    this.#reportsUnderWay += 1;
    this.#thread
      .call('keepReport', report)
      .catch(() => undefined)
      .finally(() => {
        this.#reportsUnderWay -= 1;
      });
  }

  async findReport(uuid: string): Promise<RowReport | undefined> {
    return this.#thread.call('findReport', uuid);
  }

  async walk(walk: LogWalk): Promise<LogSlice<LoggedExchange>> {
    return this.#thread.call('walk', walk);
  }

  async find(uuid: string): Promise<LoggedDetail | undefined> {
    return this.#thread.call('find', uuid);
  }

  async causes(range: TimeRange, applicationId: number | undefined): Promise<LoggedCause[]> {
    const sums = new Map<string, LoggedCause>();
    const last = Math.floor(range.end / HOUR_MS);
    const oldest = Math.floor(this.#options.now() / HOUR_MS) - (this.#options.retentionDays + 1) * DAY_HOURS;
    // A day at a time, so that nothing waits long behind it.
    for (let hour = Math.max(Math.floor(range.start / HOUR_MS), oldest); hour <= last; hour += DAY_HOURS) {
      if (hour * HOUR_MS > this.#options.now()) break;
      const until = Math.min(hour + DAY_HOURS - 1, last);
      for (const each of await this.#thread.call('causes', hour, until, applicationId)) addCause(sums, each);
    }
    const all = [...sums.values()].sort((a, b) => b.count - a.count || b.lastTime - a.lastTime);
    const [refusals, marks] = [
      all.filter(({ mark }) => mark === undefined),
      all.filter(({ mark }) => mark !== undefined),
    ];
    return [...refusals.slice(0, MAX_CAUSES), ...marks.slice(0, MAX_CAUSES)];
  }

  async tail(filter: AccessLogFilter, after: TailPosition | undefined, limit: number): Promise<LogTail> {
    return this.#thread.call('tail', filter, after, limit);
  }

  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  async minutes(from: number, applicationId: number | undefined): Promise<TrafficMinute[]> {
    await this.#drain();
    const all = await this.#thread.call('minutes', from, MAX_MINUTES);
    return applicationId === undefined ? all : all.filter((each) => each.applicationId === applicationId);
  }

  async use(applicationId: number, minutesBack: number): Promise<ApplicationUse> {
    await this.#drain();
    return this.#thread.call('use', applicationId, this.#options.now() - minutesBack * MINUTE_MS);
  }

  rates(applicationId: number | undefined): { requests: number; errors: number; changes: number } {
    return this.#meter.rates(applicationId, this.#options.now());
  }

  figures(): LogFigures {
    return {
      droppedPayloads: this.#droppedPayloads,
      droppedEntries: this.#droppedEntries,
      droppedRefusals: this.#droppedRefusals,
      waitingBytes: this.#ring.waiting,
      logBytes: this.#logBytes,
    };
  }

  async refusals(
    filter: { readonly applicationId?: number | undefined; readonly cause?: string | undefined },
    after: number | undefined,
    limit: number,
  ): Promise<KeptRefusal[]> {
    return this.#thread.call('refusals', filter, after, limit);
  }

  async findRefusals(uuids: readonly string[]): Promise<KeptRefusal[]> {
    return this.#thread.call('findRefusals', uuids);
  }

  async takeRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined> {
    return withBuffer(await this.#thread.call('takeRefusal', uuid));
  }

  async readRefusal(uuid: string): Promise<KeptRefusalWithBody | undefined> {
    return withBuffer(await this.#thread.call('readRefusal', uuid));
  }

  async settleRefusal(uuid: string, replayed: number | undefined): Promise<void> {
    await this.#thread.call('settleRefusal', uuid, replayed);
  }

  async eraseProfile(environment: Environment, integrationId: string): Promise<void> {
    await this.#erasures.add({ environment, integrationId });
  }

  async prune(): Promise<boolean> {
    const { retentionDays, now } = this.#options;
    return this.#thread.call('prune', now() - retentionDays * DAY_HOURS * HOUR_MS);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#drain();
    await this.#thread.close();
  }

  async #erase(people: readonly ErasedPerson[]): Promise<void> {
    let after: number | undefined = 0;
    while (after !== undefined) after = await this.#thread.call('eraseFromRefused', people, after);
    after = 0;
    while (after !== undefined) after = await this.#thread.call('eraseFromReports', people, after);
    after = 0;
    while (after !== undefined) after = await this.#thread.call('eraseFromEntries', people, after);
  }

  #wake(): void {
    if (this.#draining !== undefined) return;
    if (this.#ring.waiting > HURRY_BYTES) void this.#drain();
    else this.#timer ??= setTimeout(() => void this.#drain(), DRAIN_AFTER_MS).unref();
  }

  /** Makes the thread write what is waiting; resolves once it has. Never rejects. */
  async #drain(): Promise<void> {
    // The drain in progress may have missed what was recorded after its start.
    if (this.#draining !== undefined) await this.#draining;
    this.#draining ??= this.#drainOnce().finally(() => {
      this.#draining = undefined;
      if (this.#ring.waiting > 0 && !this.#closed) this.#wake();
    });
    await this.#draining;
  }

  async #drainOnce(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const minutes = this.#meter.take();
    try {
      const { added, lost, logBytes, notices } = await this.#thread.call('drain', minutes);
      this.#droppedEntries += lost;
      this.#logBytes = logBytes;
      for (const notice of notices) this.#options.onNotice?.(notice);
      if (added > 0) for (const listener of this.#followers) listener();
    } catch {
      // The thread died, which was reported; its replacement writes what is waiting.
      this.#meter.giveBack(minutes);
    }
  }
}

function addCause(sums: Map<string, LoggedCause>, cause: LoggedCause): void {
  const key = JSON.stringify([cause.applicationId, cause.status, cause.operation, cause.cause]);
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, cause);
  else {
    const later = cause.lastTime > sum.lastTime ? cause : sum;
    sums.set(key, { ...later, count: sum.count + cause.count });
  }
}

/** Between threads a buffer becomes plain bytes. */
function withBuffer(kept: KeptRefusalWithBody | undefined): KeptRefusalWithBody | undefined {
  if (kept === undefined) return undefined;
  const { body } = kept;
  return { ...kept, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
}
