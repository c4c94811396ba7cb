/** Measures everything that depends on the size of the data on one store. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { bulkFigures, readsBesideBulkFigures } from './figures/bulk.ts';
import { deletionFigures } from './figures/deletion.ts';
import { homeMadeFigures } from './figures/home-made.ts';
import { singleRequestFigures } from './figures/single-requests.ts';
import { memoryOf, resetPeak } from './processes/usage.ts';
import { type Settings, wants } from './settings.ts';
import type { StoreReport } from './store-report.ts';
import type { World } from './world.ts';

/** Where a store is among those of a run. */
export interface Place {
  readonly smallest: boolean;
  readonly largest: boolean;
}

/** Whether a run needs this store for any of the figures it wants. */
export function needsStore(settings: Settings, { smallest, largest }: Place): boolean {
  return (
    wants(settings, 'B5', 'B9', 'B12') ||
    (smallest && wants(settings, 'B1', 'B3', 'B4', 'B10', 'B11')) ||
    (largest && wants(settings, 'B2', 'B3b', 'B6', 'B7'))
  );
}

export async function measureStore(
  world: World,
  settings: Settings,
  place: Place,
  tell: (figures: readonly Figure[]) => void,
): Promise<StoreReport> {
  const { server, size } = world;
  const figures: Figure[] = [];
  const add = (more: readonly Figure[]): void => {
    figures.push(...more);
    tell(more);
  };
  const databaseMiB = statSync(join(world.folder, 'bench.db')).size / 2 ** 20;
  const across = ['B5', 'B9', 'B12'];
  if (wants(settings, 'B1', 'B11-update', ...across)) add(await singleRequestFigures('update', world, settings));
  const afterUpdates = memoryOf(server.pid)?.now ?? null;
  if (wants(settings, 'B3', 'B11-read')) add(await singleRequestFigures('read', world, settings));
  resetPeak(server.pid);
  if (wants(settings, 'B2', 'B6', ...across)) add(await bulkFigures(world, settings));
  const memory = memoryOf(server.pid);
  if (place.largest && wants(settings, 'B3b')) add(await readsBesideBulkFigures(world, settings));
  if (place.smallest && wants(settings, 'B4')) add(await homeMadeFigures(world, settings));
  if (place.largest && wants(settings, 'B7')) add(await deletionFigures(world, settings));
  return {
    profiles: size.profiles,
    memberships: size.profiles * size.membershipsPerProfile,
    loadSeconds: world.loadSeconds,
    startMs: server.startMs,
    databaseMiB,
    afterUpdates,
    afterBulk: memory?.now ?? null,
    peakInBulk: memory?.peak ?? null,
    figures,
  };
}
