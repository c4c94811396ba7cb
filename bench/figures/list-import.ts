/** B8: `rollcall audience import` of people nobody has heard of, beside the import of SQLite's own command line. */

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, figureOf, medians, TARGETS, type Target } from '../figure.ts';
import { type TableImport, tableImport } from '../peers/table-import.ts';
import { timedCommand } from '../processes/server.ts';
import { inTurns } from '../rounds.ts';
import type { Settings } from '../settings.ts';
import { openWorld } from '../world.ts';

const HEAD = 'profileintegrationid';

/** IDs of equal length, so that their order as text is that of their numbers. */
function idsOf(members: number): string[] {
  return Array.from({ length: members }, (_, index) => `member-${String(index).padStart(9, '0')}`);
}

/** Steps by a prime, so that no two neighbours of the sorted list remain neighbours. */
function shuffled(ids: readonly string[]): string[] {
  const step = 7_368_787;
  return ids.map((_, index) => ids[(index * step) % ids.length] ?? '');
}

interface Import {
  readonly ms: number;
  readonly peakMiB: number;
}

async function compare(
  target: Target,
  [empty, audienceId]: readonly [folder: string, audienceId: number],
  file: string,
  peer: TableImport,
  settings: Settings,
): Promise<Figure> {
  const run = async (side: 'ours' | 'peer', round: number): Promise<Import> => {
    const folder = `${empty}-${round}`;
    try {
      if (side === 'peer') return { ms: await peer.run(file, settings.members), peakMiB: 0 };
      // A database in which nobody is known yet.
      cpSync(empty, folder, { recursive: true });
      return await timedCommand(folder, ['audience', 'import', String(audienceId), file, '--yes']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const rounds = await inTurns(settings.longRounds, ['ours', 'peer'], run);
  return figureOf(
    target,
    rounds.map(({ ours, peer: theirs }) => ours.ms / theirs.ms),
    {
      ours: medians(
        rounds.map(({ ours }) => ({ seconds: ours.ms / 1000, peakMiB: ours.peakMiB, members: settings.members })),
      ),
      peer: medians(rounds.map(({ peer: theirs }) => ({ seconds: theirs.ms / 1000 }))),
      note: peer.name,
    },
  );
}

/** @param folder for databases and files */
export async function importFigures(
  folder: string,
  settings: Settings,
  say: (line: string) => void,
): Promise<Figure[]> {
  const empty = join(folder, 'import');
  const world = await openWorld(empty, { profiles: 0, membershipsPerProfile: 0 }, say);
  await world.stop();
  const sorted = idsOf(settings.members);
  const files = { sorted: join(folder, 'sorted.csv'), shuffled: join(folder, 'shuffled.csv') };
  writeFileSync(files.sorted, `${[HEAD, ...sorted].join('\n')}\n`);
  writeFileSync(files.shuffled, `${[HEAD, ...shuffled(sorted)].join('\n')}\n`);
  const peer = tableImport(folder);
  const place = [empty, world.audienceIds[0] ?? 0] as const;
  try {
    return [
      await compare(TARGETS.B8, place, files.sorted, peer, settings),
      await compare(TARGETS.shuffledImport, place, files.shuffled, peer, settings),
    ];
  } finally {
    for (const each of [empty, ...Object.values(files)]) rmSync(each, { recursive: true, force: true });
  }
}
