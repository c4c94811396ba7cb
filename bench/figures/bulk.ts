/** B2, B3b and B6: bulk calls beside Redis, and what reads and the event loop feel of them. */

import { absent, type Details, type Figure, figureOf, medians, TARGETS } from '../figure.ts';
import { BulkOrder } from '../load/bulk-order.ts';
import { prepareLoad, rateOf, runLoad } from '../load/run.ts';
import { CHANGES_PER_CALL, type LoadResult } from '../load/task.ts';
import { type Redis, startRedis } from '../peers/redis.ts';
import { inTurns } from '../rounds.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { detailsOfLoad } from './load-details.ts';
import { workOn } from './single-requests.ts';

const CONNECTIONS = 4;
/** The most calls per second and connection to render, of each side. */
const CALLS = { ours: 100, peer: 250 } as const;
const READS_PER_SECOND = 500;

interface Turn {
  readonly load: LoadResult;
  readonly loopDelayMs: number;
}

async function members({ server }: World): Promise<number> {
  return (await server.metrics()).get('rollcall_audience_members') ?? Number.NaN;
}

/**
 * A turn of bulk calls to Rollcall.
 * @param beside what to do meanwhile @throws Error if the members do not add up afterwards
 */
export async function bulkTurn(world: World, seconds: number, beside?: () => Promise<unknown>): Promise<Turn> {
  const { server, size, cdpKey: key, bulkAudiences: audiences } = world;
  const order = new BulkOrder(size.profiles, CONNECTIONS);
  const before = world.cursors;
  const calls = Math.ceil(seconds * CALLS.ours);
  const work = { kind: 'bulk', key, audiences, profiles: size.profiles, cursors: before, calls } as const;
  const start = await prepareLoad({ port: server.port, work, connections: CONNECTIONS, seconds });
  // A period of the event loop's figure begins with this scrape, and ends with the next one.
  const membersBefore = await members(world);
  const [load] = await Promise.all([start(), beside?.()]);
  world.advance(load.answered);
  const metrics = await server.metrics();
  const loopDelayMs = (metrics.get('rollcall_event_loop_delay_p99_seconds') ?? Number.NaN) * 1000;
  const gained = (metrics.get('rollcall_audience_members') ?? Number.NaN) - membersBefore;
  const expected = order.balance(before, world.cursors);
  if (gained !== expected) throw new Error(`bulk calls added ${gained} memberships instead of ${expected}`);
  return { load, loopDelayMs };
}

/** The changes of earlier turns are remembered, as for Rollcall, so that each is a real one. */
class RedisTurns {
  readonly #redis: Redis;
  readonly #world: World;
  #cursors: readonly number[] = [];

  constructor(redis: Redis, world: World) {
    this.#redis = redis;
    this.#world = world;
  }

  async turn(seconds: number): Promise<LoadResult> {
    const { size, bulkAudiences: audiences } = this.#world;
    const calls = Math.ceil(seconds * CALLS.peer);
    const work = { kind: 'sets', key: '', audiences, profiles: size.profiles, cursors: this.#cursors, calls } as const;
    const load = await runLoad({ port: this.#redis.port, work, connections: CONNECTIONS, seconds });
    this.#cursors = load.answered.map((each, connection) => each + (this.#cursors[connection] ?? 0));
    return load;
  }
}

function detailsOf(loads: readonly LoadResult[]): Details {
  return medians(loads.map((load) => detailsOfLoad(load, CHANGES_PER_CALL)));
}

/** B2 and B6. */
export async function bulkFigures(world: World, settings: Settings): Promise<Figure[]> {
  const { rounds, seconds } = settings;
  const redis = await startRedis();
  try {
    await bulkTurn(world, Math.min(1, seconds));
    if (redis === undefined) {
      const turns = (await inTurns(rounds, ['ours'], async () => bulkTurn(world, seconds))).map(({ ours }) => ours);
      const ours = detailsOf(turns.map(({ load }) => load));
      return [absent(TARGETS.B2, 'redis-server is not installed', ours), loopDelay(turns)];
    }
    const peers = new RedisTurns(redis, world);
    await peers.turn(Math.min(1, seconds));
    const all = await inTurns(rounds, ['ours', 'peer'], async (side) =>
      side === 'ours' ? bulkTurn(world, seconds) : { load: await peers.turn(seconds), loopDelayMs: 0 },
    );
    const ratios = all.map(({ ours, peer }) => rateOf(ours.load) / rateOf(peer.load));
    const ours = detailsOf(all.map((each) => each.ours.load));
    const peer = detailsOf(all.map((each) => each.peer.load));
    const note = `Redis ${redis.version}, pipeline ${CHANGES_PER_CALL}, ${CONNECTIONS} connections`;
    return [figureOf(TARGETS.B2, ratios, { ours, peer, note }), loopDelay(all.map((each) => each.ours))];
  } finally {
    await redis?.stop();
  }
}

function loopDelay(turns: readonly Turn[]): Figure {
  return figureOf(
    TARGETS.B6,
    turns.map((each) => each.loopDelayMs),
  );
}

/** B3b: reads as fast as they are answered, and at a pace that leaves the server time. */
export async function readsBesideBulkFigures(world: World, settings: Settings): Promise<Figure[]> {
  const { rounds, seconds, connections } = settings;
  const reads = async (round: number, pace?: number): Promise<LoadResult> => {
    const work = workOn(world, 'read', round, seconds);
    const task = { port: world.server.port, work, connections, seconds, ...(pace !== undefined && { pace }) };
    const start = await prepareLoad(task);
    let load: LoadResult | undefined;
    // Bulk calls go on a little longer than the reads beside them.
    await bulkTurn(world, seconds + 0.2, async () => {
      load = await start();
    });
    if (load === undefined) throw new Error('the reads did not run');
    return load;
  };
  const all = await inTurns(rounds, ['full', 'paced'], async (side, round) =>
    side === 'full' ? reads(round) : reads(round, READS_PER_SECOND),
  );
  return (
    [
      [TARGETS.B3b, 'full'],
      [TARGETS.pacedReads, 'paced'],
    ] as const
  ).map(([target, side]) => {
    const loads = all.map((each) => each[side]);
    const ours = medians(loads.map((load) => detailsOfLoad(load)));
    return figureOf(
      target,
      loads.map(({ latency }) => latency.p99),
      { ours },
    );
  });
}
