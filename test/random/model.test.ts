/**
 * Random interleavings of all writes by several clients, with repeated calls, idempotency keys, lenient batches, cut connections, restarts
 * and kills, end in the state of a model made of plain sets and maps. The answer to each call shows that state.
 */

import { describe, test } from 'vitest';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { StateWatch } from './fingerprint.ts';
import { Lab } from './lab.ts';
import { Model } from './model.ts';
import { CallGenerator, commonCall } from './model-calls.ts';
import { attributeJobsDone, checkAudienceList, checkExport, checkFile, checkHotReads } from './model-checks.ts';
import { ModelClient, type Shared } from './model-client.ts';
import { callBytes, PersistentClient } from './model-wire.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const LIVE_CLIENTS = 6;
const SANDBOX_CLIENTS = 2;
const PROFILES_PER_CLIENT = 12;
const SHARED_PROFILES = ['shared 1', 'shared/2', 'shared 😀'];
const PHASES = size(4, 40);
const STEPS = size(50, 200);

/** Both environments use the same profile IDs, which must never meet. */
function makeClients(shared: Shared, random: Random): ModelClient[] {
  return Array.from({ length: LIVE_CLIENTS + SANDBOX_CLIENTS }, (_, index) => {
    const environment = index < LIVE_CLIENTS ? 'live' : 'sandbox';
    const number = index % LIVE_CLIENTS;
    const profiles = Array.from({ length: PROFILES_PER_CLIENT }, (_, profile) => `c${number} p${profile}`);
    const caller = { number, environment, profiles } as const;
    const own = new Random(random.next());
    return new ModelClient(shared, caller, new CallGenerator(shared.model, caller, own, { updates: true }), own);
  });
}

/** Runs all clients concurrently, each on its own profiles and, one at a time, on the shared ones. */
async function phase(clients: readonly ModelClient[], random: Random): Promise<void> {
  let turn: Promise<void> = Promise.resolve();
  const run = async (client: ModelClient): Promise<void> => {
    for (let step = 0; step < STEPS; step += 1) {
      await client.step();
      if (random.below(4) > 0) continue;
      turn = turn.then(async () => client.stepOn(SHARED_PROFILES));
      await turn;
    }
  };
  await Promise.all(clients.map(run));
}

/** Stops the server during a phase and restarts it. */
async function disturb(lab: Lab, random: Random): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50 + random.below(400)));
  await lab.stop(random.pick(['SIGTERM', 'SIGKILL']));
  await lab.start();
}

async function lookAtEverything(shared: Shared, clients: readonly ModelClient[]): Promise<void> {
  for (const key of shared.model.profiles.keys()) {
    const [environment = '', ...rest] = key.split('/');
    await clients.find((client) => client.environment === environment)?.look(rest.join('/'));
  }
}

describe('random interleavings', () => {
  test('end in the state of the model', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(seed);
      const lab = await Lab.open({ env: { ROLLCALL_LOG_LEVEL: 'warn' } });
      const model = new Model();
      const tally = { calls: 0, repeated: 0, answeredAgain: 0, refusedRows: 0 };
      const shared: Shared = { lab, model, seen: new Map(), answers: new Map(), tally };
      const clients = makeClients(shared, random);
      for (let number = 0; number < PHASES; number += 1) {
        for (const environment of ['live', 'sandbox'] as const) {
          const client = clients.find((each) => each.environment === environment);
          for (let call = 0; call < 4; call += 1) await client?.perform(commonCall(random, environment));
        }
        const disturbed = number % 4 > 0 ? disturb(lab, random) : Promise.resolve();
        await Promise.all([phase(clients, random), disturbed]);
        await checkHotReads(lab, model);
      }
      await lookAtEverything(shared, clients);
      await checkAudienceList(lab, model);
      const largest = [...model.audiences.values()].sort((a, b) => b.members.size - a.members.size).slice(0, 4);
      for (const audience of largest) await checkExport(lab, audience);
      await attributeJobsDone(lab);
      checkFile(lab, model);
      await lab.verify();
      check(tally.repeated > 50, 'next to nothing was left without an answer: the disturbances do not disturb', tally);
      check(tally.answeredAgain > 50, 'almost no call was repeated under its key', tally);
      check(tally.refusedRows > 20, 'almost no row of a lenient call was refused', tally);
      check(lab.log === '', 'the server complained', lab.log);
      for (const client of clients) client.close();
      await lab.stop();
      return `${tally.calls} calls, ${tally.repeated} of them repeated without an answer`;
    });
  });

  test('an immediate repeat changes at most lastActivity', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 1));
      const lab = await Lab.open();
      const model = new Model();
      const caller = { number: 0, environment: 'live', profiles: ['a', 'b', 'c'] } as const;
      const calls = new CallGenerator(model, caller, random, { updates: true });
      const client = new PersistentClient(lab);
      const watch = new StateWatch(lab.file);
      for (let step = 0; step < size(120, 20_000); step += 1) {
        const call = random.below(10) === 0 ? commonCall(random, 'live') : calls.next();
        const { answer } = await client.send(callBytes(lab, call));
        const id = call.kind === 'create' && answer.status === 201 ? answer.json<{ id: number }>().id : 0;
        const expected = model.apply(call, id);
        check(answer.status === expected, `answered with ${answer.status}, not ${expected}`, call);
        watch.mark();
        const again = await client.send(callBytes(lab, call));
        const due = model.expect(call);
        check(again.answer.status === due, `repeated, and answered with ${again.answer.status}, not ${due}`, call);
        const changed = watch.changed({ ignoreLastActivity: true });
        check(changed.length === 0, `repeated, and ${changed.join(', ')} changed`, call);
      }
      watch.close();
      client.close();
      await lab.stop();
      return 'no repeat left a trace';
    });
  });
});
