/** Writes the figures of a run into docs/performance.md, between two marks, and its charts beside it. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Details, type Figure, TARGETS, type Target } from '../figure.ts';
import { type Result, tableOf } from '../report.ts';
import { type StoreReport, speedOf } from '../store-report.ts';
import { drawLineChart, type LineChart } from './line-chart.ts';
import { sizingOf } from './sizing.ts';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const BEGIN = '<!-- Written by `npm run bench -- --write-docs`. -->';
const END = '<!-- End of what the benchmark writes. -->';

const PERCENTILES = { p50: 'p50', p75: 'p75', p90: 'p90', p95: 'p95', p99: 'p99', p999: 'p99.9' } as const;

/** The page with other figures. @throws Error if the marks are missing */
export function withFigures(page: string, figures: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error('docs/performance.md does not have the two marks');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures.trim()}\n\n${page.slice(end)}`;
}

/** @returns the files it wrote */
export function writePerformancePage(result: Result): string[] {
  const page = join(DOCS, 'performance.md');
  const folder = join(DOCS, 'performance');
  // Charts of earlier runs do not belong to these figures.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const charts = chartsOf(result);
  const files = charts.map(({ file, chart }) => {
    writeFileSync(join(folder, file), drawLineChart(chart));
    return join(folder, file);
  });
  const images = charts.map(({ file, chart }) => `![${chart.title}](performance/${file})`);
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), figuresOf(result, images)));
  return [page, ...files];
}

function figuresOf(result: Result, images: readonly string[]): string {
  const { machine, commit, time, settings, figures, stores } = result;
  const about = [
    `Measured on ${time.slice(0, 10)} at commit \`${commit.slice(0, 12)}\`: ${machine.cpu}, ${machine.cores} cores that the load tool`,
    `shares, ${machine.memoryGiB} GiB of memory, Linux ${machine.kernel}, ${machine.fileSystem}, Node.js ${machine.node};`,
    `${settings.rounds} rounds of ${settings.seconds} s on each side.`,
  ].join(' ');
  return [
    about,
    tableOf(figures),
    ...images,
    '### By size of the data',
    storesTable(stores),
    '### CPU time per request, by thread',
    threadsTable(figures),
    '### What was measured of each side',
    sidesTable(figures),
    '### What this means for sizing',
    sizingOf(result),
  ].join('\n\n');
}

function chartsOf({ stores, figures }: Result): { file: string; chart: LineChart }[] {
  const over = (target: Target) => stores.map((store) => speedOf(store, target) ?? null);
  const detail = (target: Target) => {
    const ours = figures.find(({ id }) => id === target.id)?.ours ?? {};
    return Object.keys(PERCENTILES).map((name) => ours[`${name}Ms`] ?? null);
  };
  const throughput = {
    title: 'Throughput against the size of the data',
    places: stores.map(({ profiles }) => profiles.toLocaleString('en')),
    xLabel: 'profiles',
    yLabel: 'per second',
    series: [
      { name: 'updates', values: over(TARGETS.B1) },
      { name: 'reads', values: over(TARGETS.B3) },
      { name: 'bulk changes', values: over(TARGETS.B2) },
    ],
  };
  const latency = {
    title: 'Latency under full load',
    places: Object.values(PERCENTILES),
    xLabel: 'percentile',
    yLabel: 'ms',
    series: [
      { name: 'update', values: detail(TARGETS.B1) },
      { name: 'read', values: detail(TARGETS.B3) },
      { name: 'bulk call', values: detail(TARGETS.B2) },
      { name: 'read beside bulk', values: detail(TARGETS.pacedReads) },
    ],
  };
  return [
    { file: 'throughput.svg', chart: measuredOnly(throughput) },
    { file: 'latency.svg', chart: measuredOnly(latency) },
  ].filter(({ chart }) => chart.series.length > 0);
}

function measuredOnly(chart: LineChart): LineChart {
  return { ...chart, series: chart.series.filter(({ values }) => values.some((each) => each !== null)) };
}

function storesTable(stores: readonly StoreReport[]): string {
  const number = (value: number | null | undefined): string =>
    typeof value === 'number' ? Math.round(value).toLocaleString('en') : '–';
  const rows: [string, (store: StoreReport) => string][] = [
    ['memberships', ({ memberships }) => number(memberships)],
    ['loaded through the API in, s', ({ loadSeconds }) => number(loadSeconds)],
    ['database, MiB', ({ databaseMiB }) => number(databaseMiB)],
    ['bytes per membership', ({ databaseMiB, memberships }) => number((databaseMiB * 2 ** 20) / memberships)],
    ['start until ready, ms', ({ startMs }) => number(startMs)],
    ['`rollcall verify`, s', ({ verifySeconds }) => number(verifySeconds)],
    ['`rollcall backup`, s', ({ backupSeconds }) => number(backupSeconds)],
    ['updates per second', (store) => number(speedOf(store, TARGETS.B1))],
    ['reads per second', (store) => number(speedOf(store, TARGETS.B3))],
    ['bulk changes per second', (store) => number(speedOf(store, TARGETS.B2))],
    ['resident memory after updates, MiB', ({ afterUpdates }) => number(afterUpdates)],
    ['resident memory after bulk calls, MiB', ({ afterBulk }) => number(afterBulk)],
    ['its peak in bulk calls, MiB', ({ peakInBulk }) => number(peakInBulk)],
  ];
  const head = ['profiles', ...stores.map(({ profiles }) => number(profiles))];
  return table(
    head,
    rows.map(([name, valueOf]) => [name, ...stores.map(valueOf)]),
  );
}

function threadsTable(figures: readonly Figure[]): string {
  const [update, read] = [TARGETS.updateCpu, TARGETS.readCpu].map(
    (target) => figures.find(({ id }) => id === target.id)?.ours ?? {},
  ) as [Details, Details];
  const names = [...new Set([...Object.keys(update), ...Object.keys(read)])];
  const rows = names.map((name) => [name, String(update[name] ?? '–'), String(read[name] ?? '–')]);
  return table(['thread', 'update, µs', 'read, µs'], rows);
}

function sidesTable(figures: readonly Figure[]): string {
  const side = (details: Details | null): string =>
    details === null
      ? '–'
      : Object.entries(details)
          .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
          .join('; ');
  const rows = figures
    .filter(({ id }) => !id.startsWith('B11'))
    .map(({ id, ours, peer, note }) => [id, side(ours), side(peer), note ?? '']);
  return table(['id', 'Rollcall', 'peer', ''], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
