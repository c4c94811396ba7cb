/**
 * Gathers concurrent writes and commits them together: one durable sync serves many, each gets its own answer, and
 * nobody is answered before the commit is durable. Writes are applied in order of arrival.
 */

import type { ChangeCounts } from '../change-counts.ts';
import { type IsAllowed, NO_LISTS } from '../definitions/attribute-values.ts';
import type { AllowedEntry } from '../definitions/attributes.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { DomainError, unavailable } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { listedValues, profilesToLookUp, type StoredAttributes } from './attribute-checks.ts';
import { checkCommand } from './checks.ts';
import {
  freesSpace,
  type ReplayEffects,
  type RowVerdict,
  type WriteCommand,
  type WriteOutcome,
  type WriteResult,
  type WriteResults,
} from './commands.ts';
import { idempotencyOf, stillRunning } from './idempotency.ts';
import type { MembershipStorage } from './storage.ts';

export interface WriteQueueLimits {
  /** Requests that may wait; beyond that new ones are shed. */
  readonly maxRequests: number;
  /** Bytes of requests that may wait. */
  readonly maxBytes: number;
}

export interface BatchReport {
  readonly requests: number;
  /** Time from the hand-over to the store until durable, in ms. */
  readonly milliseconds: number;
}

interface Pause {
  readonly reason: string;
  readonly what: 'all' | 'growing';
}

/** What a caller wants to know about a write. It stays with the caller: commands are data, and travel. */
export interface WriteWatch {
  /** Called with the number of changes once the write is durable. */
  applied?(changed: ChangeCounts): void;
  /** Called if the write repeats an earlier one with its idempotency key, and gets the same answer. */
  repeated?(): void;
  /** Called with what a replay applied and skipped, even if it was refused because all of it was superseded. */
  replayed?(effects: ReplayEffects): void;
  /** Called if the write named people who were erased, whom it left alone. */
  leftOutErased?(): void;
  /** Called with the verdicts on the rows of a write, whether applied or refused, if the write requests them. */
  judged?(verdicts: readonly RowVerdict[]): void;
  /** Decides a dry write together with others; without it, the write is decided alone. */
  readonly preview?: ((command: WriteCommand) => Promise<WriteOutcome>) | undefined;
}

interface Waiting {
  readonly command: WriteCommand;
  readonly watch: WriteWatch | undefined;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (reason: unknown) => void;
}

// One commit serves up to this many; larger batches gain little and make the first request wait for the last.
const BATCH_REQUESTS = 256;
const BATCH_BYTES = 512 * 1024;
// A second batch waits at the writer while the first commits, so that it is never idle between two.
const BATCHES_IN_FLIGHT = 2;
const PAUSE_RETRY_SECONDS = 5;

function isDry(waiting: Waiting | undefined): boolean {
  return waiting?.command.caller.dry === true;
}

export class WriteQueue {
  readonly #storage: Pick<MembershipStorage, 'write' | 'preview'>;
  readonly #limits: WriteQueueLimits;
  readonly #onBatch: (report: BatchReport) => void;
  readonly #waiting: Waiting[] = [];
  #head = 0;
  #waitingBytes = 0;
  #inFlight = 0;
  #unanswered = 0;
  readonly #pauses = new Map<string, Pause>();
  /** Scopes of the idempotency keys whose writes are in progress. */
  readonly #running = new Set<string>();
  readonly #whenIdle: (() => void)[] = [];

  constructor(
    storage: Pick<MembershipStorage, 'write' | 'preview'>,
    limits: WriteQueueLimits,
    onBatch: (report: BatchReport) => void = () => {},
  ) {
    this.#storage = storage;
    this.#limits = limits;
    this.#onBatch = onBatch;
  }

  /** The number of requests that are waiting or being committed. */
  get depth(): number {
    return this.#unanswered;
  }

  /** Why not every write is accepted at the moment, for people; undefined while all are. */
  get pausedBecause(): string | undefined {
    return this.#refusal(false);
  }

  /**
   * Refuses new writes from now on; accepted ones are still finished.
   * @param cause identifies the caller: each may pause and resume independently of the others
   * @param reason for callers to read
   * @param what all writes, or only those that may need space: deletions and erasures continue, because they free some
   */
  pause(cause: string, reason: string, what: 'all' | 'growing'): void {
    this.#pauses.set(cause, { reason, what });
  }

  /** Accepts writes again, as far as this cause is concerned. */
  resume(cause: string): void {
    this.#pauses.delete(cause);
  }

  isPausedBy(cause: string): boolean {
    return this.#pauses.has(cause);
  }

  #refusal(isRoomMade: boolean): string | undefined {
    for (const { reason, what } of this.#pauses.values()) if (what === 'all' || !isRoomMade) return reason;
    return undefined;
  }

  /** Resolves once nothing is waiting or being committed. */
  async idle(): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  /**
   * Accepts a write, or sheds it at once.
   * @returns its result, once durable
   * @throws DomainError `unavailable` when shed (nothing applied), `conflict` while this queue has another write with
   * the same idempotency key, or the refusal of the write
   */
  async submit(command: WriteCommand, watch?: WriteWatch): Promise<WriteResult> {
    const scope = idempotencyOf(command)?.scope;
    if (scope === undefined) return this.#enqueue(command, watch);
    if (this.#running.has(scope)) throw stillRunning();
    this.#running.add(scope);
    try {
      return await this.#enqueue(command, watch);
    } finally {
      this.#running.delete(scope);
    }
  }

  async #enqueue(command: WriteCommand, watch: WriteWatch | undefined): Promise<WriteResult> {
    const refusal = this.#refusal(freesSpace(command));
    if (refusal !== undefined) throw unavailable(refusal, PAUSE_RETRY_SECONDS);
    const { bytes } = command.caller;
    const waiting = this.#waiting.length - this.#head;
    if (waiting >= this.#limits.maxRequests || (waiting > 0 && this.#waitingBytes + bytes > this.#limits.maxBytes)) {
      throw unavailable('The server has too many writes waiting; try again in a moment');
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, watch, resolve, reject });
      this.#waitingBytes += bytes;
      this.#unanswered += 1;
      // Not at once: requests parsed in the same turn of the event loop travel together.
      if (this.#inFlight < BATCHES_IN_FLIGHT && waiting === 0) setImmediate(() => this.#dispatch());
    });
  }

  #dispatch(): void {
    while (this.#inFlight < BATCHES_IN_FLIGHT && this.#head < this.#waiting.length) {
      const batch = this.#takeBatch();
      this.#inFlight += 1;
      void this.#commit(batch);
    }
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    while (this.#head < this.#waiting.length && batch.length < BATCH_REQUESTS) {
      const next = this.#waiting[this.#head] as Waiting;
      if (batch.length > 0 && bytes + next.command.caller.bytes > BATCH_BYTES) break;
      // A dry run must not see another one, nor a write that has not been committed.
      if (batch.length > 0 && (isDry(next) || isDry(batch[0]))) break;
      batch.push(next);
      bytes += next.command.caller.bytes;
      this.#head += 1;
    }
    this.#waitingBytes -= bytes;
    // The array is a queue with a moving head; the part before it is dropped in one go, not item by item.
    // Stryker disable next-line ConditionalExpression,EqualityOperator,LogicalOperator: only memory depends on when.
    if (this.#head === this.#waiting.length || this.#head > 4096) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    return batch;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const started = performance.now();
    try {
      const commands = batch.map((each) => each.command);
      const outcomes = await (isDry(batch[0]) ? this.#storage.preview(commands) : this.#storage.write(commands));
      for (const [index, each] of batch.entries()) this.#answer(each, outcomes[index]);
    } catch (error) {
      for (const each of batch) each.reject(error);
    } finally {
      this.#onBatch({ requests: batch.length, milliseconds: performance.now() - started });
      this.#inFlight -= 1;
      this.#unanswered -= batch.length;
      this.#dispatch();
      if (this.#unanswered === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #answer({ watch, resolve, reject }: Waiting, outcome: WriteOutcome | undefined): void {
    try {
      resolve(resultOf(outcome, watch));
    } catch (error) {
      reject(error);
    }
  }
}

async function lookUp(storage: DefinitionStorage, entries: readonly AllowedEntry[]): Promise<IsAllowed> {
  const found = await storage.findAllowed(entries);
  const allowed = new Set(entries.filter((_, index) => found[index]).map(({ list, value }) => `${list} ${value}`));
  return (list, value) => allowed.has(`${list} ${value}`);
}

/** The result of a write, reported to whoever watches it. @throws the refusal of the write */
function resultOf(outcome: WriteOutcome | undefined, watch: WriteWatch | undefined): WriteResult {
  if (outcome === undefined) throw new Error('The store returned no outcome for a command');
  if ('failure' in outcome) throw new Error(outcome.failure);
  if (outcome.effects !== undefined) watch?.replayed?.(outcome.effects);
  if (outcome.leftOut !== undefined) watch?.leftOutErased?.();
  if (outcome.verdicts !== undefined) watch?.judged?.(outcome.verdicts);
  if ('error' in outcome) throw DomainError.fromRecord(outcome.error);
  watch?.applied?.(outcome.changed);
  if (outcome.isRepeat === true) watch?.repeated?.();
  return outcome.result;
}

/** What operations that write need. */
export interface WriteOperation extends Operation<DefinitionStorage & MembershipStorage> {
  /** The only way to the hot writes: gathers concurrent requests and commits them together. */
  readonly queue: WriteQueue;
  /** Watches the writes of one request; most operations have no watcher. */
  readonly watch?: WriteWatch | undefined;
}

/**
 * Checks a write against the current state, then queues it; a dry run is decided and rolled back.
 * @returns its result, once durable
 * @throws DomainError as the checks do, or `unavailable`
 */
export async function submit<Kind extends WriteCommand['kind']>(
  core: WriteOperation,
  command: Extract<WriteCommand, { kind: Kind }>,
): Promise<WriteResults[Kind]> {
  if (command.caller.dry === true) return (await dryRun(core, command)) as WriteResults[Kind];
  // A repeat gets the first answer even if the request would now be refused, and only the writer can tell a repeat.
  if (idempotencyOf(command) !== undefined) return (await core.queue.submit(command, core.watch)) as WriteResults[Kind];
  const catalog = await core.storage.catalog();
  const listed = listedValues(catalog, command);
  const isAllowed = listed.length === 0 ? NO_LISTS : await lookUp(core.storage, listed);
  const { attributeLimits: limits } = core.storage;
  const stored = new Map<string, StoredAttributes | undefined>();
  for (const integrationId of profilesToLookUp(command, limits)) {
    const profile = await core.storage.findProfile(command.caller.environment, integrationId);
    stored.set(integrationId, profile?.attributes);
  }
  checkCommand(catalog, command, { isAllowed, limits }, (integrationId) => stored.get(integrationId));
  return (await core.queue.submit(command, core.watch)) as WriteResults[Kind];
}

/** Without a preview, it waits its turn like other writes, and no change is reported for it. */
async function dryRun({ queue, watch }: WriteOperation, command: WriteCommand): Promise<WriteResult> {
  if (watch?.preview === undefined) return queue.submit(command, { leftOutErased: () => watch?.leftOutErased?.() });
  return resultOf(await watch.preview(command), watch);
}
