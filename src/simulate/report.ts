// Owns the report of a simulation: its stable shape for programs, and the summary for people.
import type { AudienceSetup } from './audience-setup.ts';
import type { LatencySummary } from './latency.ts';
import type { MembershipRecord } from './membership-record.ts';
import type { Settings } from './options.ts';
import type { ProfileCheck } from './profile-check.ts';
import { RETRY_CAUSES, type RetryCause } from './retry.ts';
import type { Tally } from './tally.ts';
import { counted, duration, latency, short, whole } from './wording.ts';

/** The output of `--json`. Fields may be added, but are never renamed. */
export interface SimulationReport {
  /** Whether everything acknowledged was found, nothing else was, and the run finished. */
  ok: boolean;
  /** Interrupted by the user; nothing was verified. */
  aborted: boolean;
  /** Why the simulation ended early, for people, or null. */
  stopped: string | null;
  url: string;
  platformName: string;
  seed: number;
  profiles: {
    population: number;
    /** Included in at least one acknowledged call. */
    touched: number;
    /** Included in a call that was not acknowledged; left alone afterwards and not verified. */
    unknown: number;
  };
  audiences: { count: number; replaced: number };
  changes: { planned: number; acknowledged: number; joins: number; leaves: number; unacknowledged: number };
  calls: { batches: number; singles: number; repeats: number; gaveUp: number };
  /** HTTP requests of the push, including retries. */
  requests: number;
  retries: { total: number } & Record<RetryCause, number>;
  seconds: number;
  requestsPerSecond: number;
  changesPerSecond: number;
  latencyMs: { batch: LatencySummary; single: LatencySummary };
  verification: {
    /** Profiles chosen to be read back; null when nothing was verified. */
    sample: number | null;
    checked: number;
    missing: number;
    unexpected: number;
    wrongAttributes: number;
    /** The first findings, for people. */
    examples: string[];
  };
}

const CAUSE_WORDS: Record<RetryCause, string> = {
  rateLimited: '429 too many requests',
  unavailable: '503 unavailable',
  serverError: 'other 5xx',
  timeout: 'time-out',
  connection: 'connection errors',
};

/** What a simulation knows when it ends. */
export interface ReportSources {
  settings: Settings;
  record: MembershipRecord;
  setup: AudienceSetup;
  tally: Tally;
  check: ProfileCheck;
  seconds: number;
  requests: number;
  sample: readonly number[] | null;
  stopped: string | null;
  aborted: boolean;
}

/** Builds the report and decides whether the run was a success. */
export function buildReport(sources: ReportSources): SimulationReport {
  const { settings, record, setup, tally, check, seconds, requests, sample, stopped, aborted } = sources;
  const complete = sample !== null && tally.verified === sample.length;
  const perSecond = (count: number): number => (seconds > 0 ? Math.round((count / seconds) * 10) / 10 : 0);
  return {
    ok: check.clean && complete && stopped === null && !aborted,
    aborted,
    stopped: aborted ? null : stopped,
    url: settings.url.origin,
    platformName: settings.platformName,
    seed: settings.seed,
    profiles: { population: settings.profiles, touched: record.touchedCount, unknown: record.unknownCount },
    audiences: { count: setup.audiences.length, replaced: setup.replacedIds.size },
    changes: {
      planned: settings.changes,
      acknowledged: tally.changes,
      joins: tally.joins,
      leaves: tally.leaves,
      unacknowledged: tally.unacknowledged,
    },
    calls: { batches: tally.batches, singles: tally.singles, repeats: tally.repeats, gaveUp: tally.gaveUp },
    requests,
    retries: { total: tally.retryCount, ...tally.retries },
    seconds: Math.round(seconds * 1000) / 1000,
    requestsPerSecond: perSecond(requests),
    changesPerSecond: perSecond(tally.changes),
    latencyMs: { batch: tally.batchLatency.summary(), single: tally.singleLatency.summary() },
    verification: {
      sample: sample === null ? null : sample.length,
      checked: tally.verified,
      missing: check.missing.size,
      unexpected: check.unexpected.size,
      wrongAttributes: check.wrongAttributes.size,
      examples: [...check.examples],
    },
  };
}

/** The summary as printed: a heading, one line per subject, and the verdict. */
export function renderSummary(report: SimulationReport): string {
  const { profiles, audiences, changes, calls, latencyMs } = report;
  const rows: [string, string][] = [
    ['profiles', `${whole(profiles.population)}, ${whole(profiles.touched)} of them synced${unknownPart(report)}`],
    ['audiences', whole(audiences.count) + replacedPart(audiences.replaced)],
    [
      'changes',
      `${whole(changes.acknowledged)} acknowledged: ${counted(changes.joins, 'join')}, ` +
        counted(changes.leaves, 'leave') +
        (changes.unacknowledged === 0 ? '' : `; ${whole(changes.unacknowledged)} without an answer`),
    ],
    [
      'calls',
      `${counted(calls.batches, 'batch', 'batches')}, ${counted(calls.singles, 'single update')}, ` +
        `${counted(calls.repeats, 'repeat')}${calls.gaveUp === 0 ? '' : `, ${whole(calls.gaveUp)} abandoned`}`,
    ],
    ['retries', retryPart(report)],
    [
      'speed',
      `${duration(report.seconds)}, ${short(report.changesPerSecond)} changes/s, ` +
        `${counted(report.requests, 'request')}, ${short(report.requestsPerSecond)} requests/s`,
    ],
    ['batch call', latencyPart(latencyMs.batch)],
    ['single update', latencyPart(latencyMs.single)],
    ['verified', verifiedPart(report)],
  ];
  const lines = rows.map(([label, text]) => `  ${label.padEnd(14)} ${text}`);
  const findings = report.verification.examples.map((example) => `  - ${example}`);
  return [
    `Simulated "${report.platformName}" syncing to ${report.url}`,
    ...lines,
    ...findings,
    verdict(report),
    '',
  ].join('\n');
}

function verdict(report: SimulationReport): string {
  const { sample, checked, missing, unexpected, wrongAttributes } = report.verification;
  if (missing > 0) return `FAILED: ${counted(missing, 'acknowledged membership')} missing.`;
  if (unexpected > 0) return `FAILED: ${counted(unexpected, 'membership')} that should not be there.`;
  if (wrongAttributes > 0) return `FAILED: ${counted(wrongAttributes, 'acknowledged attribute')} lost or changed.`;
  if (report.aborted) return 'Interrupted: the figures cover only what was sent.';
  if (report.stopped !== null) return `STOPPED: ${report.stopped}`;
  if (sample !== null && checked < sample) return 'FAILED: not every profile of the sample could be read back.';
  return 'OK: everything acknowledged is there, and nothing else.';
}

function unknownPart({ profiles }: SimulationReport): string {
  return profiles.unknown === 0 ? '' : `, ${whole(profiles.unknown)} unknown after a call without an answer`;
}

function replacedPart(replaced: number): string {
  return replaced === 0 ? '' : `, ${whole(replaced)} of them already existed and were re-created`;
}

function retryPart({ retries }: SimulationReport): string {
  const causes = RETRY_CAUSES.filter((cause) => retries[cause] > 0);
  if (causes.length === 0) return 'none';
  return `${whole(retries.total)}: ${causes.map((cause) => `${whole(retries[cause])} × ${CAUSE_WORDS[cause]}`).join(', ')}`;
}

function latencyPart(summary: LatencySummary): string {
  if (summary.count === 0) return 'none sent';
  return `p50 ${latency(summary.p50)}, p99 ${latency(summary.p99)}, max ${latency(summary.max)}`;
}

function verifiedPart({ verification }: SimulationReport): string {
  if (verification.sample === null) return 'no';
  const { checked, missing, unexpected, wrongAttributes } = verification;
  const attributes = wrongAttributes === 0 ? '' : `, ${whole(wrongAttributes)} wrong attributes`;
  return `${counted(checked, 'profile')} read back: ${whole(missing)} missing, ${whole(unexpected)} unexpected${attributes}`;
}
