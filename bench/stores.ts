/** Measures stores of several sizes, and makes the figures that compare them. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { absent, type Figure, figureOf, TARGETS, type Target } from './figure.ts';
import { bulkFigures, readsBesideBulkFigures } from './figures/bulk.ts';
import { deletionFigures } from './figures/deletion.ts';
import { homeMadeFigures } from './figures/home-made.ts';
import { singleRequestFigures } from './figures/single-requests.ts';
import { memoryOf, resetPeak } from './processes/usage.ts';
import { type Settings, wants } from './settings.ts';
import type { World } from './world.ts';

/** What was measured on a store of one size. */
export interface StoreReport {
  readonly profiles: number;
  readonly memberships: number;
  /** Seconds that loading it through the API took. */
  readonly loadSeconds: number;
  /** From the start of the process until it accepted requests. */
  readonly startMs: number;
  /** Size of the database when the server had just started on it. */
  readonly databaseMiB: number;
  /** Resident memory in MiB. */
  readonly afterUpdates: number | null;
  readonly afterBulk: number | null;
  readonly peakInBulk: number | null;
  readonly figures: readonly Figure[];
}

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

function speedOf({ figures }: StoreReport, target: Target, detail: string): number | undefined {
  return figures.find(({ id }) => id === target.id)?.ours?.[detail];
}

/** B5, B9 and B12: what the size of the data changes. */
export function figuresAcross(stores: readonly StoreReport[], settings: Settings): Figure[] {
  const [smallest, largest] = [stores[0], stores.at(-1)];
  const compare = (target: Target, valueOf: (store: StoreReport) => number | null | undefined): Figure => {
    if (smallest === undefined || largest === undefined || smallest === largest) {
      return absent(target, 'needs stores of two sizes');
    }
    const [small, large] = [valueOf(smallest), valueOf(largest)];
    if (typeof small !== 'number' || typeof large !== 'number') return absent(target, 'this system does not tell');
    const at = ({ profiles }: StoreReport): string => `at ${profiles}`;
    return figureOf(target, [large / small], { ours: { [at(smallest)]: small, [at(largest)]: large } });
  };
  const figures: Figure[] = [];
  if (wants(settings, 'B5')) {
    figures.push(
      compare(TARGETS.updatesAtScale, (store) => speedOf(store, TARGETS.B1, 'perSecond')),
      compare(TARGETS.bulkAtScale, (store) => speedOf(store, TARGETS.B2, 'changesPerSecond')),
    );
  }
  if (wants(settings, 'B9')) figures.push(compare(TARGETS.B9, ({ peakInBulk }) => peakInBulk));
  if (wants(settings, 'B12')) figures.push(compare(TARGETS.B12, ({ afterBulk }) => afterBulk));
  return figures;
}
