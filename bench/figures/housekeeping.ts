/** B10: writes behind housekeeping, including the start of a server whose predecessor left a full write-ahead log. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Figure, figureOf, TARGETS } from '../figure.ts';
import { runLoad } from '../load/run.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { bulkTurn } from './bulk.ts';
import { workOn } from './single-requests.ts';

const FILL_SECONDS = 4;

/**
 * Kills a server whose log a reader kept from being emptied, and updates profiles from the moment the next one listens.
 * @returns the size of the log at that moment, in MiB
 */
export async function startWithFullLog(world: World, settings: Settings): Promise<number> {
  const file = join(world.folder, 'bench.db');
  // Opened for reading, so that closing it does not empty the log either.
  const reader = new Database(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select * from catalog_version').all();
  await bulkTurn(world, Math.min(FILL_SECONDS, 2 * settings.seconds));
  const mebibytes = statSync(`${file}-wal`).size / 2 ** 20;
  await world.crash();
  reader.close();
  const { seconds, connections } = settings;
  const work = workOn(world, 'update', 1000, seconds);
  await runLoad({ port: world.server.port, work, connections, seconds });
  return mebibytes;
}

/** @param logMiB what `startWithFullLog` returned; call it once the servers are stopped */
export function housekeepingFigure(worlds: readonly World[], logMiB: number): Figure {
  const longest: Record<string, number> = {};
  for (const { waits } of worlds) {
    for (const [reason, ms] of Object.entries(waits.longest)) longest[reason] = Math.max(ms, longest[reason] ?? 0);
  }
  const note = `in all that was measured, and after a start with a write-ahead log of ${Math.round(logMiB)} MiB`;
  return figureOf(TARGETS.B10, [Math.max(0, ...Object.values(longest))], { ours: longest, note });
}
