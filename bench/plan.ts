/** Which stores a run opens, what it measures on each, and the figures in their order. */

import { existsSync, mkdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, TARGETS } from './figure.ts';
import { accessLogFigure } from './figures/access-log.ts';
import { housekeepingFigure, startWithFullLog } from './figures/housekeeping.ts';
import { importFigures } from './figures/list-import.ts';
import { timedCommand } from './processes/server.ts';
import { SCALE, type Settings, wants } from './settings.ts';
import { figuresAcross, type StoreReport } from './store-report.ts';
import { measureStore, needsStore, type Place } from './stores.ts';
import { openWorld, type World, type WorldSize } from './world.ts';

export interface Measured {
  readonly figures: readonly Figure[];
  readonly stores: readonly StoreReport[];
}

/** What a run reports while it is in progress. */
export interface Progress {
  readonly say: (line: string) => void;
  readonly measured: (figures: readonly Figure[]) => void;
}

interface PlannedStore {
  readonly size: WorldSize;
  readonly place: Place;
  readonly folder: string;
  readonly kept: boolean;
}

/** Figures that are taken from the largest store, apart from that of `--scale`; others from the smallest. */
const OF_LARGEST: ReadonlySet<string> = new Set(
  [TARGETS.B2, TARGETS.B3b, TARGETS.pacedReads, TARGETS.B6, TARGETS.B7, TARGETS.deletion].map(({ id }) => id),
);

function storesOf(settings: Settings, folder: string): PlannedStore[] {
  const standard = settings.stores.map((size, index) => ({
    size,
    place: { smallest: index === 0, largest: index === settings.stores.length - 1 },
    folder: join(folder, `store-${index}`),
    kept: false,
  }));
  const { scale } = settings;
  const large = { size: SCALE, place: { smallest: false, largest: false }, folder: scale ?? '', kept: true };
  return [...standard, ...(scale === undefined ? [] : [large])].filter(({ place }) => needsStore(settings, place));
}

/** With its copy, a large store needs this for each membership. */
const BYTES_PER_MEMBERSHIP = 400;

/** @throws RangeError if the disk is too small for a store and its copy */
function requireFreeSpace(folder: string, { profiles, membershipsPerProfile }: WorldSize): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const file = join(folder, 'bench.db');
  const present = existsSync(file) ? statSync(file).size : 0;
  const missing = profiles * membershipsPerProfile * BYTES_PER_MEMBERSHIP - present - bavail * bsize;
  if (missing > 0) throw new RangeError(`${folder}: free another ${Math.ceil(missing / 2 ** 30)} GiB for the store`);
}

/** The time that commands on a large store take, while no server runs. */
async function timeUpkeep(folder: string): Promise<Pick<StoreReport, 'verifySeconds' | 'backupSeconds'>> {
  const copy = join(folder, 'copy.db');
  rmSync(copy, { force: true });
  try {
    const verify = await timedCommand(folder, ['verify']);
    const backup = await timedCommand(folder, ['backup', copy]);
    return { verifySeconds: verify.ms / 1000, backupSeconds: backup.ms / 1000 };
  } finally {
    rmSync(copy, { force: true });
  }
}

/** @param folder for everything that is not kept */
export async function measureAll(settings: Settings, folder: string, progress: Progress): Promise<Measured> {
  const stores: { readonly report: StoreReport; readonly place: Place }[] = [];
  const worlds: World[] = [];
  let logMiB: number | undefined;
  for (const { size, place, folder: own, kept } of storesOf(settings, folder)) {
    progress.say(`\n# ${size.profiles.toLocaleString('en')} profiles`);
    if (kept) requireFreeSpace(own, size);
    const world = await openWorld(own, size, progress.say);
    worlds.push(world);
    const report = await measureStore(world, settings, place, progress.measured);
    if (place.smallest && wants(settings, 'B10')) logMiB = await startWithFullLog(world, settings);
    await world.stop();
    stores.push({ report: kept ? { ...report, ...(await timeUpkeep(own)) } : report, place });
    if (!kept) rmSync(own, { recursive: true, force: true });
  }
  const reports = stores.map(({ report }) => report);
  const others: Figure[] = [];
  const add = (more: readonly Figure[]): void => {
    others.push(...more);
    progress.measured(more);
  };
  progress.say('\n# of all');
  add(figuresAcross(reports, settings));
  if (logMiB !== undefined) add([housekeepingFigure(worlds, logMiB)]);
  if (wants(settings, 'B8')) add(await importFigures(folder, settings, progress.say));
  // It is not part of a quick run, unless it is asked for.
  const wantsAccessLog = settings.quick ? settings.only.includes('access-log') : wants(settings, 'access-log');
  if (wantsAccessLog) add([await accessLogFigure(folder, settings, progress.say)]);
  const own = stores.flatMap(({ report, place }) =>
    report.figures.filter(({ id }) => (OF_LARGEST.has(id) ? place.largest : place.smallest)),
  );
  const order = Object.values(TARGETS).map(({ id }) => id);
  const figures = [...own, ...others].toSorted((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
  return { figures, stores: reports };
}
