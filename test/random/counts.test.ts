/** Member counts are right at any moment: in the metrics, on the command line, and in the file. */

import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { Lab } from './lab.ts';
import { Model } from './model.ts';
import { CallGenerator, commonCall } from './model-calls.ts';
import { checkAudienceList } from './model-checks.ts';
import { CallConnection } from './model-wire.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const FROM = { environment: 'live', platform: 'Counting CDP' } as const;

let lab: Lab;
// Each round uses its own names.
let set = 0;

beforeAll(async () => {
  lab = await Lab.open({ env: { ROLLCALL_LOG_LEVEL: 'warn' } });
});

afterAll(async () => {
  await lab.stop();
});

describe('member counts', () => {
  const CALLS = size(50, 3000);
  const PAIRS = size(500, 50_000);

  function counters(database: Database.Database): Map<number, number> {
    const rows = database.prepare<[], { id: number; members: number }>(`
      select audiences.id, coalesce(sum(members), 0) as members
      from audiences left join audience_counters on audience_id = audiences.id
      where deleted is null group by audiences.id`);
    return new Map(rows.all().map(({ id, members }) => [id, members]));
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${lab.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  test('are those of the model after every answer', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 4));
      const own = await Lab.open();
      const model = new Model();
      const calls = new CallGenerator(
        model,
        { number: 0, environment: 'live', profiles: ['a', 'b', 'c', 'd', 'e'] },
        random,
      );
      const connection = await CallConnection.open(own);
      const database = new Database(own.file, { readonly: true, timeout: 10_000 });
      for (let number = 0; number < CALLS; number += 1) {
        const call = random.below(6) === 0 ? commonCall(random, 'live') : calls.next();
        const answer = await connection.send(call);
        model.apply(call, call.kind === 'create' && answer.status === 201 ? answer.json<{ id: number }>().id : 0);
        const expected = new Map([...model.audiences.values()].map(({ id, members }) => [id, members.size]));
        const actual = counters(database);
        check(isDeepStrictEqual(actual, expected), 'the counters are not those of the model', {
          call,
          actual: [...actual],
          expected: [...expected],
        });
        if (number % 10 === 0) {
          const text = await (await fetch(`${own.url}/metrics`)).text();
          const members = Number(/^rollcall_audience_members (\d+)$/m.exec(text)?.[1]);
          check(members === [...expected.values()].reduce((sum, each) => sum + each, 0), 'the metric differs', members);
        }
        if (number % 40 === 0) await checkAudienceList(own, model);
      }
      database.close();
      connection.close();
      await own.stop();
      return `${CALLS} calls`;
    });
  });

  test('never run ahead of what was sent, nor behind what was acknowledged', { timeout: PATIENCE_MS }, async () => {
    await rounds(async () => {
      const connections = await Promise.all(Array.from({ length: 4 }, async () => CallConnection.open(lab)));
      const [first] = connections;
      check(first !== undefined, 'no connection');
      set += 1;
      const audiences: number[] = [];
      for (let index = 0; index < 3; index += 1) audiences.push(await first.create(FROM, `counted ${set}/${index}`));
      const database = new Database(lab.file, { readonly: true, timeout: 10_000 });
      const before = await metric('rollcall_audience_members');
      let sent = 0;
      let acknowledged = 0;
      const write = async (connection: CallConnection, writer: number): Promise<void> => {
        for (let number = 0; number < PAIRS / 3 / 5; number += 1) {
          // Five new profiles, each in all three audiences; every seventh call contains them twice.
          const items = Array.from({ length: 5 }, (_, index) => ({
            profile: `count ${set} ${writer} ${number} ${index}`,
            adds: audiences,
            deletes: [],
          }));
          sent += 15;
          await connection.expect(
            { ...FROM, kind: 'bulk', items: number % 7 === 0 ? [...items, ...items] : items },
            204,
          );
          acknowledged += 15;
        }
      };
      let writing = true;
      const look = async (): Promise<void> => {
        while (writing) {
          const least = acknowledged;
          const inFile = audiences.reduce((sum, id) => sum + (counters(database).get(id) ?? 0), 0);
          const inMetric = (await metric('rollcall_audience_members')) - before;
          for (const count of [inFile, inMetric]) {
            check(count >= least && count <= sent, `counted ${count}`, { least, most: sent });
          }
        }
      };
      const written = Promise.all(connections.map(write)).finally(() => {
        writing = false;
      });
      await Promise.all([written, look()]);
      const total = audiences.map((id) => counters(database).get(id));
      check(
        total.every((count) => count === sent / 3),
        'the final counts are off',
        { total, sent },
      );
      database.close();
      for (const connection of connections) connection.close();
      return `${sent} memberships`;
    });
  });
});
