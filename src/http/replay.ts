/**
 * Replays refused writes in the order they arrived, each as the request it was: through the same routes, checks and
 * log. What newer writes have superseded is left out, as `domain/memberships/supersession.ts` decides in the write's
 * own transaction. A dry run decides all of them in one transaction that is rolled back.
 */

import type { FastifyInstance } from 'fastify';
import type { KeptRefusalWithBody, Logged } from '../access-log/access-log.ts';
import { findUsableKey } from '../domain/access/api-key-administration.ts';
import { recordReplay } from '../domain/access/replay-records.ts';
import type { ChangeCounts } from '../domain/change-counts.ts';
import type { Core } from '../domain/core.ts';
import type { ReplayEffects, RowVerdict, WriteCommand } from '../domain/memberships/commands.ts';
import { listWrittenSince, PreviewBatch } from '../domain/memberships/preview.ts';
import type { Principal } from './auth.ts';
import { type Replay, runReplay } from './replay-context.ts';
import { rowsOfHeaders } from './replay-rows.ts';

export interface ReplayOutcome {
  readonly uuid: string;
  /** Its new HTTP status. */
  readonly status: number;
  /** Why it is refused again. */
  readonly message: string | undefined;
  readonly joins: number;
  readonly leaves: number;
  /** What it does, and what it skips because something newer was written. */
  readonly effects: ReplayEffects;
  /** Integration IDs of some of the profiles it affects that have been written since it was refused. */
  readonly newerWrites: readonly string[];
  /** The verdicts on its rows; undefined unless they were judged one by one. */
  readonly rows: readonly RowVerdict[] | undefined;
  /** Whether it took effect, now or earlier. */
  readonly replayed: boolean;
}

interface Answer {
  readonly status: number;
  readonly message: string | undefined;
}

const NOTHING: ChangeCounts = { joins: 0, leaves: 0, profiles: 0 };
const NO_EFFECTS: ReplayEffects = { applied: [], appliedCount: 0, skipped: [], skippedCount: 0 };

/**
 * @param core of the admin who makes the request
 * @param mayTouch whether the caller may access an Application
 * @param options.dry shows what would happen, and keeps nothing
 * @param options.override applies values and definitions although something newer was written
 * @returns one outcome per UUID, in the order they arrived; those that are not kept come last
 */
export async function replayRefusedWrites(
  app: FastifyInstance,
  core: Core & Logged,
  uuids: readonly string[],
  { dry, override, mayTouch }: { dry: boolean; override: boolean; mayTouch: (applicationId: number) => boolean },
): Promise<ReplayOutcome[]> {
  const wanted = [...new Set(uuids.map((uuid) => uuid.toLowerCase()))];
  const kept = (await core.accessLog.findRefusals(wanted)).filter(({ applicationId }) => mayTouch(applicationId));
  const run = new ReplayRun(app, core, override);
  const outcomes = dry ? await run.preview(kept.map(({ uuid }) => uuid)) : [];
  if (!dry) for (const { uuid } of kept) outcomes.push(await run.send(uuid));
  const found = new Set(outcomes.map(({ uuid }) => uuid));
  const missing = wanted.filter((uuid) => !found.has(uuid)).map((uuid) => notKept(uuid));
  return [...outcomes, ...missing];
}

class ReplayRun {
  readonly #app: FastifyInstance;
  readonly #core: Core & Logged;
  readonly #override: boolean;

  constructor(app: FastifyInstance, core: Core & Logged, override: boolean) {
    this.#app = app;
    this.#core = core;
    this.#override = override;
  }

  async send(uuid: string): Promise<ReplayOutcome> {
    const refusal = await this.#core.accessLog.takeRefusal(uuid);
    if (refusal === undefined) return this.#sentBefore(uuid);
    let replayed: number | undefined;
    try {
      const principal = await this.#principalOf(refusal);
      if (principal === undefined) return keyIsGone(uuid);
      const newerWrites = await this.#touchedSince(refusal, principal);
      const told = new Told();
      const { answer } = await this.#inject(refusal, principal, told, undefined);
      const { status, message } = await answer;
      if (status < 400 && !told.isUnfinished) replayed = this.#core.now();
      const { joins, leaves } = told.changed;
      const { applicationId } = refusal;
      const skipped = told.effects.skippedCount;
      await recordReplay(this.#core, {
        uuid,
        applicationId,
        status,
        joins,
        leaves,
        skipped,
        override: this.#override,
      });
      return { uuid, status, message, ...told.outcome, newerWrites, replayed: replayed !== undefined };
    } finally {
      await this.#core.accessLog.settleRefusal(uuid, replayed);
    }
  }

  /** Determined before the replay: afterwards every profile it affects has just been written. */
  async #touchedSince(refusal: KeptRefusalWithBody, principal: Principal): Promise<string[]> {
    const batch = this.#batch();
    const { answer, commands } = await this.#inject(refusal, principal, new Told(), batch);
    await batch.decide();
    await answer;
    return this.#newerWrites(refusal, commands);
  }

  /** The outcome of replaying all of them in this order, without keeping anything. */
  async preview(uuids: readonly string[]): Promise<ReplayOutcome[]> {
    const batch = this.#batch();
    const pending: (() => Promise<ReplayOutcome>)[] = [];
    for (const uuid of uuids) {
      const refusal = await this.#core.accessLog.readRefusal(uuid);
      const principal = refusal === undefined ? undefined : await this.#principalOf(refusal);
      if (refusal === undefined || refusal.replayed !== undefined) pending.push(async () => this.#sentBefore(uuid));
      else if (principal === undefined) pending.push(async () => keyIsGone(uuid));
      else {
        const told = new Told();
        const { answer, commands } = await this.#inject(refusal, principal, told, batch);
        pending.push(async () => {
          const { status, message } = await answer;
          const newerWrites = await this.#newerWrites(refusal, commands);
          return { uuid, status, message, ...told.outcome, newerWrites, replayed: false };
        });
      }
    }
    await batch.decide();
    const outcomes: ReplayOutcome[] = [];
    for (const each of pending) outcomes.push(await each());
    return outcomes;
  }

  #batch(): PreviewBatch {
    return new PreviewBatch(this.#core);
  }

  /**
   * Sends it; if into a batch, only until its command waits there or it was refused before that.
   * @returns the response to come, and the commands it added to the batch
   */
  async #inject(
    refusal: KeptRefusalWithBody,
    principal: Principal,
    told: Told,
    batch: PreviewBatch | undefined,
  ): Promise<{ answer: Promise<Answer>; commands: readonly WriteCommand[] }> {
    const before = batch?.commands.length ?? 0;
    const added = batch?.nextAdded();
    const userId = this.#core.actor.userId ?? 0;
    const arrival = { time: refusal.time, place: refusal.id, override: this.#override };
    const { applied, replayed, judged } = told;
    const { rows, headers } = rowsOfHeaders(refusal.headers);
    const replay: Replay = {
      principal,
      userId,
      uri: refusal.uri,
      arrival,
      preview: batch,
      rows,
      applied,
      replayed,
      judged,
    };
    const answer = runReplay(replay, async () => {
      const response = await this.#app.inject({
        method: refusal.method as 'PUT',
        url: '/',
        headers: { host: 'localhost', ...headers },
        ...(refusal.body.length === 0 ? {} : { payload: refusal.body }),
      });
      return { status: response.statusCode, message: response.statusCode < 400 ? undefined : messageOf(response.body) };
    });
    if (added !== undefined) await Promise.race([added, answer]);
    return { answer, commands: batch?.commands.slice(before) ?? [] };
  }

  /** The key it was first sent with, if it is still valid. */
  async #principalOf({ keyId, applicationId }: KeptRefusalWithBody): Promise<Principal | undefined> {
    // Checked for each: a key may be deleted during a long replay.
    return findUsableKey(this.#core, keyId, applicationId);
  }

  async #newerWrites({ time, environment }: KeptRefusalWithBody, commands: readonly WriteCommand[]): Promise<string[]> {
    return listWrittenSince(this.#core, environment, commands, time);
  }

  async #sentBefore(uuid: string): Promise<ReplayOutcome> {
    const [refusal] = await this.#core.accessLog.findRefusals([uuid]);
    if (refusal === undefined) return notKept(uuid);
    if (refusal.replayed === undefined) return refusedAgain(uuid, 409, 'Somebody else is replaying it at the moment');
    return { ...refusedAgain(uuid, 409, 'It has already been replayed'), replayed: true };
  }
}

/** The write's reports while it is decided. */
class Told {
  changed = NOTHING;
  effects = NO_EFFECTS;
  verdicts: readonly RowVerdict[] | undefined;

  readonly applied = (changed: ChangeCounts): void => {
    this.changed = changed;
  };
  readonly replayed = (effects: ReplayEffects): void => {
    this.effects = effects;
  };
  readonly judged = (verdicts: readonly RowVerdict[]): void => {
    this.verdicts = verdicts;
  };

  get outcome(): Pick<ReplayOutcome, 'joins' | 'leaves' | 'effects' | 'rows'> {
    const { joins, leaves } = this.changed;
    return { joins, leaves, effects: this.effects, rows: this.verdicts };
  }

  /** Reports whether a row is still refused, so that there is something left to replay. */
  get isUnfinished(): boolean {
    return this.verdicts?.some(({ verdict }) => verdict === 'refused') === true;
  }
}

function refusedAgain(uuid: string, status: number, message: string): ReplayOutcome {
  return {
    uuid,
    status,
    message,
    joins: 0,
    leaves: 0,
    effects: NO_EFFECTS,
    newerWrites: [],
    rows: undefined,
    replayed: false,
  };
}

function notKept(uuid: string): ReplayOutcome {
  return refusedAgain(uuid, 404, 'It is not (or no longer) kept');
}

function keyIsGone(uuid: string): ReplayOutcome {
  return refusedAgain(uuid, 401, 'Its API key has been deleted or has expired');
}

/** The line for people in an error body of either form. */
function messageOf(body: string): string {
  const { Error: thirdParty, message } = JSON.parse(body) as { Error?: string; message?: string };
  return thirdParty ?? message ?? 'Refused';
}
