/**
 * Kills the real server under load with SIGKILL, again and again, and restarts it on the same file: every acknowledged
 * change is stored, no call is half applied, and `rollcall verify` finds no problem.
 */

import { describe, test } from 'vitest';
import { Random } from '../../src/simulate/random.ts';
import { BulkLoad, LifecycleLoad, type Load, SingleLoad } from './crash-load.ts';
import { Lab } from './lab.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const KILLS = size(3, 60);

/** Runs the loads until a random moment and kills the server: after some time, or as soon as an answer arrives. */
async function runAndKill(lab: Lab, loads: readonly Load[], random: Random): Promise<void> {
  let killed: Promise<void> | undefined;
  const kill = (): void => {
    killed ??= lab.stop('SIGKILL');
  };
  let answersLeft = random.below(3) > 0 ? 1 + random.below(random.pick([5, 100, 500])) : Number.POSITIVE_INFINITY;
  const wait = random.pick([random.below(20), random.below(150), random.below(400)]) + (answersLeft < 1000 ? 400 : 0);
  let timer: NodeJS.Timeout | undefined;
  const onAnswer = (): void => {
    // A load that never gets far shows nothing, and on a busy machine the first answers take a while.
    if (loads.some(({ count }) => count <= KILLS)) return;
    timer ??= setTimeout(kill, wait);
    answersLeft -= 1;
    if (answersLeft === 0) kill();
  };
  if (loads.every(({ count }) => count > KILLS)) timer = setTimeout(kill, wait);
  await Promise.all(
    loads.map(async (load) => load.run(load instanceof LifecycleLoad ? 1 : 1 + random.below(4), onAnswer)),
  );
  clearTimeout(timer);
  // All connections are gone: the server was killed, or has crashed.
  check(killed !== undefined, 'the server ended before it was killed');
  await killed;
}

/** Checks the file before the server opens it, or while it starts. */
async function restart(lab: Lab, random: Random): Promise<void> {
  if (random.below(3) === 0) await lab.verify();
  else await Promise.all([lab.verify(), lab.start()]);
  if (!lab.up) await lab.start();
}

describe('a server that is killed', () => {
  test('keeps what it acknowledged, and nothing by halves', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(seed);
      const lab = await Lab.open({ env: { ROLLCALL_LOG_LEVEL: 'warn' } });
      const loads: Load[] = [
        new BulkLoad(lab, 'bulk A'),
        new BulkLoad(lab, 'bulk B'),
        new SingleLoad(lab, 'single A'),
        new SingleLoad(lab, 'single B'),
        new LifecycleLoad(lab, 'life A'),
        new LifecycleLoad(lab, 'life B'),
      ];
      await Promise.all(loads.map(async (load) => load.prepare()));
      for (let kill = 0; kill < KILLS; kill += 1) {
        await runAndKill(lab, loads, random);
        await restart(lab, random);
        await Promise.all(loads.map(async (load) => load.settle(random)));
      }
      await Promise.all(loads.map(async (load) => load.settleAll()));
      check(lab.log === '', 'the server complained', lab.log);
      await lab.stop();
      await lab.verify();
      const counts = loads.map(({ count }) => count);
      return `${KILLS} kills, acknowledged ${counts.join(', ')}`;
    });
  });
});
