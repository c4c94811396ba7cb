/** B1, B3 and B11: single updates and reads beside a constant route, and the CPU time that each thread spends on one. */

import { type Details, type Figure, figureOf, medians, TARGETS } from '../figure.ts';
import { rateOf, runLoad } from '../load/run.ts';
import type { LoadResult, ReadWork, UpdateWork } from '../load/task.ts';
import { type ConstantRoute, startConstantRoute } from '../peers/constant-route.ts';
import { threadTimes, timeBetween } from '../processes/usage.ts';
import { inTurns } from '../rounds.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { detailsOfLoad } from './load-details.ts';

type Kind = 'update' | 'read';

/** More requests per second than any server here answers, so that none is sent twice in a turn. */
const RENDERED_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 2;

interface Turn {
  readonly load: LoadResult;
  /** µs per request, by name of thread. */
  readonly cpu: ReadonlyMap<string, number>;
}

/** What requests need to know about a store. */
type Addressed = Pick<World, 'size' | 'cdpKey' | 'genericKey' | 'audienceIds'>;

/** The requests of a turn. */
export function workOn(world: Addressed, kind: Kind, seed: number, seconds: number): UpdateWork | ReadWork {
  const { profiles } = world.size;
  const requests = Math.max(1000, Math.ceil(seconds * RENDERED_PER_SECOND));
  const common = { profiles, seed, requests };
  return kind === 'update'
    ? { ...common, kind, key: world.cdpKey, audienceIds: world.audienceIds }
    : { ...common, kind, key: world.genericKey };
}

/** What the turns of one side measured. */
function detailsOf(turns: readonly Turn[]): Details {
  return medians(turns.map(({ load, cpu }) => ({ ...detailsOfLoad(load), cpuMicroseconds: total(cpu) })));
}

function total(cpu: ReadonlyMap<string, number>): number {
  return [...cpu.values()].reduce((sum, each) => sum + each, 0);
}

async function turn(pid: number, run: () => Promise<LoadResult>): Promise<Turn> {
  const before = threadTimes(pid);
  const load = await run();
  const after = threadTimes(pid);
  const spent = before === undefined || after === undefined ? new Map<string, number>() : timeBetween(before, after);
  return { load, cpu: new Map([...spent].map(([name, microseconds]) => [name, microseconds / load.requests])) };
}

/** Rounds of requests to Rollcall and to a route that answers them with a constant. */
async function compare(kind: Kind, world: World, constant: ConstantRoute, settings: Settings): Promise<Figure[]> {
  const answers = JSON.stringify(kind === 'update' ? constant.answers.state : constant.answers.audiences);
  const run = async (side: 'ours' | 'peer', seed: number, seconds: number): Promise<Turn> => {
    const { pid, port } = side === 'ours' ? world.server : constant;
    const work = { ...workOn(world, kind, seed, seconds), ...(side === 'peer' && { constant: answers }) };
    return turn(pid, async () => runLoad({ port, work, connections: settings.connections, seconds }));
  };
  for (const side of ['ours', 'peer'] as const) await run(side, 0, Math.min(WARM_UP_SECONDS, settings.seconds));
  const rounds = await inTurns(settings.rounds, ['ours', 'peer'], async (side, round) =>
    run(side, round, settings.seconds),
  );
  const ours = rounds.map((each) => each.ours);
  const peer = rounds.map((each) => each.peer);
  const ratios = rounds.map((each) => rateOf(each.ours.load) / rateOf(each.peer.load));
  const threads = medians(ours.map(({ cpu }) => Object.fromEntries(cpu)));
  const [speed, cpu] = kind === 'update' ? [TARGETS.B1, TARGETS.updateCpu] : [TARGETS.B3, TARGETS.readCpu];
  return [
    figureOf(speed, ratios, { ours: detailsOf(ours), peer: detailsOf(peer) }),
    figureOf(
      cpu,
      ours.map((each) => total(each.cpu)),
      { ours: threads, peer: medians(peer.map((each) => ({ total: total(each.cpu) }))) },
    ),
  ];
}

/** The answers of the real server to one request of each kind, which the constant route then gives to all. */
async function answersOf(world: World): Promise<{ state: unknown; audiences: unknown }> {
  const { server, cdpKey, genericKey, audienceIds } = world;
  const change = { attributes: { Tier: 'gold' }, audiencesChanges: { adds: audienceIds.slice(0, 2) } };
  return {
    state: await server.call('PUT', '/cdp/customer_profile/p0', cdpKey, change),
    audiences: await server.call('GET', '/v1/customer_profiles/p0/audiences', genericKey),
  };
}

/** @returns the speed of one kind of request, and its CPU time by thread */
export async function singleRequestFigures(kind: Kind, world: World, settings: Settings): Promise<Figure[]> {
  const constant = await startConstantRoute(await answersOf(world));
  try {
    return await compare(kind, world, constant, settings);
  } finally {
    await constant.stop();
  }
}
