/** What was measured on a store of each size, and the figures that compare them. */

import { absent, type Figure, figureOf, TARGETS, type Target } from './figure.ts';
import { type Settings, wants } from './settings.ts';

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
  /** How long checking and copying it took, in s; only for a store that is kept. */
  readonly verifySeconds?: number;
  readonly backupSeconds?: number;
  readonly figures: readonly Figure[];
}

/** What Rollcall did per second in the run of a figure; undefined if it was not measured. */
export function speedOf({ figures }: StoreReport, target: Target): number | undefined {
  return figures.find(({ id }) => id === target.id)?.ours?.['perSecond'];
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
      compare(TARGETS.updatesAtScale, (store) => speedOf(store, TARGETS.B1)),
      compare(TARGETS.bulkAtScale, (store) => speedOf(store, TARGETS.B2)),
    );
  }
  if (wants(settings, 'B9')) figures.push(compare(TARGETS.B9, ({ peakInBulk }) => peakInBulk));
  if (wants(settings, 'B12')) figures.push(compare(TARGETS.B12, ({ afterBulk }) => afterBulk));
  return figures;
}
