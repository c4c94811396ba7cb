/** B7: updates while an audience that contains everybody is deleted and its members are purged. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Figure, figureOf, medians, TARGETS } from '../figure.ts';
import { runLoad } from '../load/run.ts';
import type { LoadResult } from '../load/task.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { workOn } from './single-requests.ts';

const NAME = 'everybody';
const FILL_CONNECTIONS = 4;
// Under full load the purge pauses, so it might outlast any number of turns.
const MOST_TURNS = 4;
const PURGED_WITHIN_MS = 600_000;
const POLL_MS = 100;

async function createFull({ server, cdpKey: key, size }: World): Promise<void> {
  const body = { audienceId: NAME, audienceName: 'Everybody' };
  const { id } = (await server.call('POST', '/cdp/audiences', key, body)) as { id: number };
  const fill = { from: 0, to: size.profiles, memberships: 1 };
  const work = { kind: 'fill', key, audienceIds: [id], fill } as const;
  await runLoad({ port: server.port, work, connections: FILL_CONNECTIONS });
}

/** Looks into the file, because no answer tells how far a purge is. */
class Purge {
  readonly #reader: Database.Database;

  constructor(world: World) {
    this.#reader = new Database(join(world.folder, 'bench.db'), { readonly: true });
  }

  get done(): boolean {
    return this.#reader.prepare('select 1 from dead_sets limit 1').get() === undefined;
  }

  /** @returns ms until it was done */
  async end(): Promise<number> {
    const started = performance.now();
    while (!this.done) {
      if (performance.now() - started > PURGED_WITHIN_MS) throw new Error('the members are not purged in time');
      await sleep(POLL_MS);
    }
    return performance.now() - started;
  }

  close(): void {
    this.#reader.close();
  }
}

interface Round {
  readonly beforeMs: number;
  readonly duringMs: number;
  readonly deleteMs: number;
  /** How long the purge took after the load had ended. */
  readonly purgeLeftMs: number;
}

async function deleteUnderLoad(world: World, settings: Settings, seed: number): Promise<Round> {
  const { seconds, connections } = settings;
  let next = seed;
  const update = async (): Promise<LoadResult> => {
    next += 1;
    return runLoad({ port: world.server.port, work: workOn(world, 'update', next, seconds), connections, seconds });
  };
  await createFull(world);
  const before = await update();
  const purge = new Purge(world);
  try {
    const [first, deleteMs] = await Promise.all([update(), deleteSoon(world, seconds)]);
    const during = [first];
    while (!purge.done && during.length < MOST_TURNS) during.push(await update());
    const purgeLeftMs = await purge.end();
    const duringMs = Math.max(...during.map(({ latency }) => latency.p99));
    return { beforeMs: before.latency.p99, duringMs, deleteMs, purgeLeftMs };
  } finally {
    purge.close();
  }
}

/** Deletes the audience once the load beside it is under way. */
async function deleteSoon({ server, cdpKey }: World, seconds: number): Promise<number> {
  await sleep((seconds * 1000) / 3);
  const started = performance.now();
  await server.call('DELETE', `/cdp/audiences/${NAME}`, cdpKey);
  return performance.now() - started;
}

export async function deletionFigures(world: World, settings: Settings): Promise<Figure[]> {
  const rounds: Round[] = [];
  for (let round = 1; round <= settings.longRounds; round += 1) {
    rounds.push(await deleteUnderLoad(world, settings, 10_000 * round));
  }
  const ours = medians(rounds.map((each) => ({ ...each, members: world.size.profiles })));
  const note = 'during: the worst turn until the purge was done';
  return [
    figureOf(
      TARGETS.B7,
      rounds.map(({ duringMs, beforeMs }) => duringMs / beforeMs),
      { ours, note },
    ),
    figureOf(
      TARGETS.deletion,
      rounds.map(({ deleteMs }) => deleteMs),
      { ours },
    ),
  ];
}
