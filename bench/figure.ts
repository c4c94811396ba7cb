/** What a figure is, which there are with what they should be, and how one is made of several rounds. */

export type Unit = '' | 'ms' | 'µs' | 'MiB';

export interface Target {
  readonly id: string;
  readonly title: string;
  /** Of what the value is: empty for a ratio. */
  readonly unit: Unit;
  readonly must: number | null;
  readonly goal: number | null;
  /** Whether more is better or less. */
  readonly better: 'higher' | 'lower';
}

export type Details = Readonly<Record<string, number>>;

export interface Figure extends Target {
  /** The median of the rounds; null if it could not be measured, and `note` says why. */
  readonly value: number | null;
  /** The lowest and the highest value of the rounds. */
  readonly spread: readonly [number, number] | null;
  /** What was measured of Rollcall and of its peer. */
  readonly ours: Details | null;
  readonly peer: Details | null;
  readonly note?: string;
}

/** Must and goal of each figure, in the order of the report. */
export const TARGETS = {
  B1: atLeast('B1', 'updates of a profile per second ÷ constant Fastify route', 0.45, 0.6),
  B2: atLeast('B2', 'membership changes per second in bulk calls ÷ the same in Redis, appendfsync always', 0.3, 0.5),
  B3: atLeast('B3', 'reads of the audiences of a profile per second ÷ constant Fastify route', 0.5, 0.75),
  B3b: atMost('B3b', 'p99 of reads while bulk calls are made', 'ms', 10, null),
  pacedReads: atMost('B3b-paced', 'p99 of 500 reads per second while bulk calls are made', 'ms', null, null),
  B6: atMost('B6', 'p99 of the delay of the event loop while bulk calls are made', 'ms', 20, 10),
  B4: atLeast('B4', 'updates of a profile per second ÷ the home-made version', 8, 12),
  homeMadeReads: atLeast(
    'B4-reads',
    'reads of the audiences of a profile per second ÷ the home-made version',
    null,
    null,
  ),
  updatesAtScale: atLeast('B5-updates', 'updates per second, largest ÷ smallest store', 0.6, 0.8),
  bulkAtScale: atLeast('B5-bulk', 'changes per second in bulk calls, largest ÷ smallest store', 0.6, 0.8),
  B7: atMost('B7', 'p99 of updates while a large audience is deleted and purged ÷ before', '', 2, null),
  deletion: atMost('B7-delete', 'deleting a large audience', 'ms', 50, null),
  B8: atMost('B8', 'import of a sorted list of new profiles ÷ sqlite3 .import, in time', '', 8, 4),
  shuffledImport: atMost(
    'B8-shuffled',
    'import of a shuffled list of new profiles ÷ sqlite3 .import, in time',
    '',
    8,
    4,
  ),
  B9: atMost('B9', 'peak of resident memory in bulk calls, largest ÷ smallest store', '', 1.25, null),
  B10: atMost('B10', 'longest wait of a write behind housekeeping', 'ms', 100, 30),
  updateCpu: atMost('B11-update', 'CPU time of the server per update', 'µs', null, 66),
  readCpu: atMost('B11-read', 'CPU time of the server per read', 'µs', null, 58),
  B12: atMost('B12', 'resident memory after updates and bulk calls, largest ÷ smallest store', '', 1.25, null),
  accessLog: atLeast('access-log', 'updates per second with the access log ÷ without', 0.9, null),
} satisfies Record<string, Target>;

function atLeast(id: string, title: string, must: number | null, goal: number | null): Target {
  return { id, title, unit: '', must, goal, better: 'higher' };
}

function atMost(id: string, title: string, unit: Unit, must: number | null, goal: number | null): Target {
  return { id, title, unit, must, goal, better: 'lower' };
}

/** @throws RangeError if there are no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing');
  return (lower + upper) / 2;
}

/** The medians of what each round measured, by name. */
export function medians(rounds: readonly Details[]): Details {
  const names = new Set(rounds.flatMap((each) => Object.keys(each)));
  return Object.fromEntries([...names].map((name) => [name, round(median(rounds.map((each) => each[name] ?? 0)))]));
}

/** Three significant digits at least: more would pretend to know. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** @param values one for each round */
export function figureOf(
  target: Target,
  values: readonly number[],
  { ours = null, peer = null, note }: { ours?: Details | null; peer?: Details | null; note?: string } = {},
): Figure {
  return {
    ...target,
    value: round(median(values)),
    spread: [round(Math.min(...values)), round(Math.max(...values))],
    ours,
    peer,
    ...(note !== undefined && { note }),
  };
}

/** A figure that could not be measured, with the reason. */
export function absent(target: Target, note: string, ours: Details | null = null): Figure {
  return { ...target, value: null, spread: null, ours, peer: null, note };
}

export type Verdict = 'goal' | 'must' | 'short' | 'none';

/** What a figure reaches: its goal, what it must, neither; none if it was not measured or must be nothing. */
export function verdictOf({ value, must, goal, better }: Figure): Verdict {
  const reaches = (target: number): boolean =>
    value !== null && (better === 'higher' ? value >= target : value <= target);
  if (value === null) return 'none';
  if (goal !== null && reaches(goal)) return 'goal';
  if (must === null) return 'none';
  return reaches(must) ? 'must' : 'short';
}
