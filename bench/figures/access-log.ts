/** What the access log costs: single updates per second with it, divided by those without. */

import { join } from 'node:path';
import { type Figure, figureOf, medians, TARGETS } from '../figure.ts';
import { rateOf, runLoad } from '../load/run.ts';
import type { LoadResult } from '../load/task.ts';
import { inTurns } from '../rounds.ts';
import type { Settings } from '../settings.ts';
import { openWorld, type World } from '../world.ts';
import { detailsOfLoad } from './load-details.ts';
import { workOn } from './single-requests.ts';

const PROFILES = 20_000;

/** @param folder for the two databases */
export async function accessLogFigure(
  folder: string,
  settings: Settings,
  say: (line: string) => void,
): Promise<Figure> {
  const size = { profiles: PROFILES, membershipsPerProfile: 5 };
  const worlds: World[] = [];
  const open = async (name: 'on' | 'off'): Promise<World> => {
    const env = { ROLLCALL_ACCESS_LOG: String(name === 'on') };
    const world = await openWorld(join(folder, `access-log-${name}`), size, say, env);
    worlds.push(world);
    return world;
  };
  try {
    const servers = { on: await open('on'), off: await open('off') };
    const run = async (side: 'on' | 'off', round: number): Promise<LoadResult> => {
      const world = servers[side];
      const work = workOn(world, 'update', round, settings.seconds);
      return runLoad({ port: world.server.port, work, connections: settings.connections, seconds: settings.seconds });
    };
    for (const side of ['on', 'off'] as const) await run(side, 0);
    const rounds = await inTurns(settings.rounds, ['on', 'off'], run);
    const ratios = rounds.map(({ on, off }) => rateOf(on) / rateOf(off));
    const detailsOf = (side: 'on' | 'off') => medians(rounds.map((each) => detailsOfLoad(each[side])));
    return figureOf(TARGETS.accessLog, ratios, { ours: detailsOf('on'), peer: detailsOf('off') });
  } finally {
    for (const world of worlds) await world.stop();
  }
}
