// Owns a simulation from start to report: a customer data platform that syncs to a Rollcall server over HTTP.
import { setMaxListeners } from 'node:events';
import type { Writable } from 'node:stream';
import { audienceCatalogue } from './audience-catalogue.ts';
import { type AudienceSetup, checkConnection, createAudiences } from './audience-setup.ts';
import { MembershipRecord } from './membership-record.ts';
import { MessageWriter } from './messages.ts';
import { checkOptions, type Settings, type SimulateOptions } from './options.ts';
import { People } from './people.ts';
import { TrafficPlan } from './plan.ts';
import { ProfileCheck } from './profile-check.ts';
import { ProgressDisplay } from './progress.ts';
import { deriveSeed, Random } from './random.ts';
import { buildReport, renderSummary, type SimulationReport } from './report.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry.ts';
import { Sender } from './sender.ts';
import { SimulationError } from './simulation-error.ts';
import { chooseSample, pushAll, type SyncParts, verifySample } from './sync.ts';
import { Tally } from './tally.ts';

export type { SimulateOptions } from './options.ts';
export type { SimulationReport } from './report.ts';
export { SimulationError } from './simulation-error.ts';

const SAMPLE_SIZE = 1000;

export interface SimulateIo {
  /** Receives the summary, or the report as one line of JSON. */
  out: Writable;
  /** Receives progress. */
  err: Writable & { columns?: number | undefined };
  /** Whether `err` is a terminal, on which one line can be redrawn. */
  isTerminal: boolean;
  /** Stops sending at once; what was acknowledged until then is still reported. */
  signal: AbortSignal;
}

/**
 * Runs a simulation and prints its summary. Throws a SimulationError when it cannot start: wrong options (kind
 * `usage`), unreachable server, refused key or audience (kind `failed`). Anything that happens after the first
 * membership was sent is in the report: `ok` is false when something acknowledged is missing, something unexpected
 * shows up, or the run did not finish.
 */
export async function simulate(
  options: SimulateOptions,
  io: SimulateIo,
  policy: RetryPolicy = DEFAULT_RETRY_POLICY,
): Promise<SimulationReport> {
  const settings = checkOptions(options);
  const halt = new AbortController();
  // Every waiting connection listens to it.
  setMaxListeners(0, halt.signal);
  const tally = new Tally();
  const random = new Random(deriveSeed(settings.seed, 5));
  const sender = new Sender({ ...settings, policy, random, tally, halt: halt.signal });
  const interrupt = (): void => {
    halt.abort();
    sender.abort();
  };
  io.signal.addEventListener('abort', interrupt, { once: true });
  if (io.signal.aborted) interrupt();
  try {
    const report = await run({ settings, io, sender, tally, halt });
    io.out.write(settings.json ? `${JSON.stringify(report)}\n` : renderSummary(report));
    return report;
  } finally {
    io.signal.removeEventListener('abort', interrupt);
    sender.close();
  }
}

interface Run {
  settings: Settings;
  io: SimulateIo;
  sender: Sender;
  tally: Tally;
  halt: AbortController;
}

async function run({ settings, io, sender, tally, halt }: Run): Promise<SimulationReport> {
  const people = new People(settings.seed);
  const record = new MembershipRecord(settings.profiles, settings.audiences);
  const setup = await begin({ settings, io, sender, tally, halt });
  const check = new ProfileCheck(record, people, setup);
  const parts: SyncParts = {
    sender,
    plan: new TrafficPlan(record, settings),
    writer: new MessageWriter(people, setup.audiences),
    check,
    tally,
    concurrency: settings.concurrency,
    halt,
  };
  const progress = new ProgressDisplay(
    (text) => io.err.write(text),
    io.isTerminal,
    () => io.err.columns ?? 80,
  );

  const requestsBefore = tally.requests;
  const started = performance.now();
  const requestsSoFar = (): number => tally.requests - requestsBefore;
  progress.start(() => ({
    done: tally.changes,
    total: settings.changes,
    unit: 'changes',
    requests: requestsSoFar(),
    retries: tally.retryCount,
  }));
  let stopped = await reasonToStop(pushAll(parts));
  progress.stop();
  const seconds = (performance.now() - started) / 1000;
  const requests = requestsSoFar();

  let sample: number[] | null = null;
  if (stopped === null && !halt.signal.aborted) {
    const chosen = chooseSample(record, SAMPLE_SIZE, new Random(deriveSeed(settings.seed, 6)));
    sample = chosen;
    // With a server that limits requests per second, this is the longer part of a small run.
    progress.start(() => ({
      done: tally.verified,
      total: chosen.length,
      unit: 'profiles read back',
      requests: tally.requests,
      retries: tally.retryCount,
    }));
    stopped = await reasonToStop(verifySample(parts, chosen));
    progress.stop();
  }
  // A short run may have ended unnoticed, if no profile with a certain state was left before all changes were planned.
  if (stopped === null && !halt.signal.aborted && parts.plan.changesLeft > 0) {
    stopped = 'no profile with a certain state is left; too many calls were not answered';
  }
  const aborted = io.signal.aborted;
  return buildReport({ settings, record, setup, tally, check, seconds, requests, sample, stopped, aborted });
}

/** Checks server and key and creates the audiences. If interrupted, it returns none, and the rest has nothing to do. */
async function begin({ settings, io, sender, halt }: Run): Promise<AudienceSetup> {
  try {
    await checkConnection(sender, settings.url);
    const catalogue = audienceCatalogue(settings.seed, settings.audiences);
    return await createAudiences(sender, catalogue, settings.concurrency, halt);
  } catch (error) {
    if (io.signal.aborted) return { audiences: [], replacedIds: new Set() };
    throw error;
  }
}

/** Why the run ended early, for people; null when it finished. Unexpected errors are rethrown. */
async function reasonToStop(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof SimulationError) return error.message;
    throw error;
  }
}
