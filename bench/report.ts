/** The result as a table and as JSON, with the machine and the commit it was measured on. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { type Details, type Figure, verdictOf } from './figure.ts';
import type { Measured } from './plan.ts';
import type { Settings } from './settings.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the folder with the databases. */
  readonly fileSystem: string;
}

export interface Result extends Measured {
  readonly time: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly settings: Settings;
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs: nothing is durable, and writes cost too little',
  0x794c7630: 'overlayfs',
};

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        encoding: 'utf8',
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', with changes');
  } catch {
    return 'unknown';
  }
}

export function resultOf(settings: Settings, folder: string, measured: Measured): Result {
  const { type } = statfsSync(folder);
  return {
    time: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
      fileSystem: FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`,
    },
    settings,
    ...measured,
  };
}

export function writeResult(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

const VERDICTS = { goal: 'reaches the goal', must: 'passes', short: 'FALLS SHORT', none: '' } as const;

function cell(value: number | null): string {
  return value === null ? '–' : String(value);
}

/** The figures as a table in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { id, title, value, unit, spread, must, goal, better } = figure;
    const bound = (target: number | null): string =>
      target === null ? '–' : `${better === 'higher' ? '≥' : '≤'} ${target}${unit === '' ? '' : ` ${unit}`}`;
    const shown = value === null ? 'not measured' : `${value}${unit === '' ? '' : ` ${unit}`}`;
    const range = spread === null ? '–' : `${cell(spread[0])}–${cell(spread[1])}`;
    return `| ${[id, title, shown, range, bound(must), bound(goal), VERDICTS[verdictOf(figure)]].join(' | ')} |`;
  });
  return ['| id | figure | value | rounds | must | goal | |', '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

function listed(details: Details): string {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** What stands behind a figure, as it is printed during the run. */
export function linesOf({ id, value, unit, spread, ours, peer, note }: Figure): string {
  const lines = [`${id}: ${value ?? 'not measured'} ${unit}${spread === null ? '' : ` (${spread[0]}–${spread[1]})`}`];
  if (ours !== null) lines.push(`  ours: ${listed(ours)}`);
  if (peer !== null) lines.push(`  peer: ${listed(peer)}`);
  if (note !== undefined) lines.push(`  ${note}`);
  return lines.join('\n');
}
