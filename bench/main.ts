/** `npm run bench`: measures the real server beside its peers and prints the figures as a table and as JSON. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, verdictOf } from './figure.ts';
import { accessLogFigure } from './figures/access-log.ts';
import { singleRequestFigures } from './figures/single-requests.ts';
import { linesOf, resultOf, tableOf, writeResult } from './report.ts';
import { readSettings, type Settings, USAGE, wants } from './settings.ts';
import { openWorld } from './world.ts';

const MEMBERSHIPS_PER_PROFILE = 5;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function measureAll(settings: Settings, folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (more: readonly Figure[]): void => {
    figures.push(...more);
    for (const each of more) say(linesOf(each));
  };
  const size = { profiles: settings.profiles, membershipsPerProfile: MEMBERSHIPS_PER_PROFILE };
  say(`loading ${size.profiles.toLocaleString('en')} profiles`);
  const world = await openWorld(join(folder, 'small'), size, say);
  try {
    if (wants(settings, 'B1', 'B11-update')) add(await singleRequestFigures('update', world, settings));
    if (wants(settings, 'B3', 'B11-read')) add(await singleRequestFigures('read', world, settings));
  } finally {
    await world.stop();
  }
  if (wants(settings, 'access-log')) add([await accessLogFigure(folder, settings, say)]);
  return figures;
}

async function run(settings: Settings): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  // Also runs when a signal ends the benchmark.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const figures = await measureAll(settings, folder);
  const result = resultOf(settings, folder, figures);
  writeResult(settings.out, result);
  say(`\n${tableOf(figures)}\n\n${settings.out}`);
  return figures.some((each) => verdictOf(each) === 'short') ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const settings = readSettings(process.argv.slice(2));
if (settings === undefined) process.stdout.write(USAGE);
else process.exitCode = await run(settings);
