/** B4: updates and reads beside the version that many would write first. */

import { absent, type Details, type Figure, figureOf, medians, TARGETS } from '../figure.ts';
import { rateOf, runLoad } from '../load/run.ts';
import type { LoadResult } from '../load/task.ts';
import { homeMadeMissing, startHomeMade } from '../peers/home-made.ts';
import { inTurns } from '../rounds.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { detailsOfLoad } from './load-details.ts';
import { workOn } from './single-requests.ts';

const KINDS = { update: TARGETS.B4, read: TARGETS.homeMadeReads } as const;

function detailsOf(loads: readonly LoadResult[]): Details {
  return medians(loads.map((load) => detailsOfLoad(load)));
}

export async function homeMadeFigures(world: World, settings: Settings): Promise<Figure[]> {
  const missing = homeMadeMissing();
  if (missing !== undefined) return Object.values(KINDS).map((target) => absent(target, missing));
  const { rounds, seconds, connections } = settings;
  const peer = await startHomeMade(world);
  try {
    const figures: Figure[] = [];
    for (const kind of ['update', 'read'] as const) {
      const run = async (side: 'ours' | 'peer', round: number): Promise<LoadResult> => {
        const { size, cdpKey, genericKey } = world;
        const { audienceIds } = side === 'ours' ? world : peer;
        const { port } = side === 'ours' ? world.server : peer;
        const work = workOn({ size, cdpKey, genericKey, audienceIds }, kind, 500 + round, seconds);
        return runLoad({ port, work, connections, seconds });
      };
      for (const side of ['ours', 'peer'] as const) await run(side, 0);
      const all = await inTurns(rounds, ['ours', 'peer'], run);
      const ratios = all.map((each) => rateOf(each.ours) / rateOf(each.peer));
      const ours = detailsOf(all.map((each) => each.ours));
      figures.push(figureOf(KINDS[kind], ratios, { ours, peer: detailsOf(all.map((each) => each.peer)) }));
    }
    return figures;
  } finally {
    await peer.stop();
  }
}
