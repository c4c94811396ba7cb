/** Many writers at once: overlapping bulk calls, and the order of requests on one connection. */

import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { lookUp } from './hot-reads.ts';
import { Lab } from './lab.ts';
import { type Call, Model } from './model.ts';
import { CallGenerator, commonCall } from './model-calls.ts';
import { CallConnection } from './model-wire.ts';
import type { Json } from './openapi-document.ts';
import type { Answer } from './raw-client.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const FROM = { environment: 'live', platform: 'Concurrent CDP' } as const;

let lab: Lab;
// Each test, and each round of it, uses its own names.
let set = 0;

beforeAll(async () => {
  lab = await Lab.open({ env: { ROLLCALL_LOG_LEVEL: 'warn' } });
});

afterAll(async () => {
  await lab.stop();
});

/** Audiences by the set of their members. */
function audienceSets(database: Database.Database): [number, number][] {
  return database
    .prepare<[], { id: number; member_set: number }>('select id, member_set from audiences where deleted is null')
    .all()
    .map((row) => [row.member_set, row.id]);
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.below(rest.length), 1)[0] as T);
}

interface Named {
  readonly externalId: string;
  readonly id: number;
}

interface Writer {
  readonly connection: CallConnection;
  readonly place: Named;
  readonly mark: Named;
}

describe('overlapping bulk calls', () => {
  const WRITERS = 6;
  const CALLS = size(40, 400);
  const PROFILES = 50;

  test('all succeed, each completely, and none is lost', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 2));
      set += 1;
      const connections = await Promise.all(Array.from({ length: WRITERS }, async () => CallConnection.open(lab)));
      // Every call moves all profiles from everybody's audiences to the writer's own, and marks some as seen by it.
      const writers: Writer[] = [];
      for (const [index, connection] of connections.entries()) {
        const place = {
          externalId: `place ${set}/${index}`,
          id: await connection.create(FROM, `place ${set}/${index}`),
        };
        const mark = { externalId: `mark ${set}/${index}`, id: await connection.create(FROM, `mark ${set}/${index}`) };
        writers.push({ connection, place, mark });
      }
      const profiles = Array.from({ length: PROFILES }, (_, index) => `everybody's ${set}/${index}`);
      const placeIds = new Set(writers.map(({ place }) => place.id));
      const write = async ({ connection, place, mark }: Writer): Promise<void> => {
        for (let number = 0; number < CALLS; number += 1) {
          const external = random.below(2) === 0;
          const ref = ({ id, externalId }: Named): number | string => (external ? externalId : id);
          const others = writers.filter((each) => each.place !== place).map((each) => ref(each.place));
          // Only one call marks each profile, so a lost mark would never come back.
          const items = profiles.map((profile, index) => ({
            profile,
            adds: index % CALLS === number ? [ref(place), ref(mark)] : [ref(place)],
            deletes: others,
          }));
          const kind = external ? 'bulk external' : random.below(2) === 0 ? 'bulk' : 'bulk alias';
          await connection.expect({ ...FROM, kind, items: shuffled(items, random) }, 204);
        }
      };
      let writing = true;
      let looks = 0;
      // One statement reads all profiles, and so sees one state of the store.
      const lookInside = async (): Promise<void> => {
        const database = new Database(lab.file, { readonly: true, timeout: 10_000 });
        const ids = new Map(audienceSets(database));
        const query = database
          .prepare<[string], string>(`select sets from profiles where integration_id like ? || '%'`)
          .pluck();
        while (writing) {
          const seen = query
            .all(`everybody's ${set}/`)
            .map((sets) =>
              (JSON.parse(sets) as number[]).map((set) => ids.get(set) ?? 0).filter((id) => placeIds.has(id)),
            );
          const distinct = [...new Set(seen.map((each) => each.join()))];
          check(
            distinct.length <= 1 && (seen.length === 0 || seen.length === PROFILES),
            'half of a bulk call is stored',
            distinct,
          );
          looks += 1;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        database.close();
      };
      const look = async (): Promise<void> => {
        while (writing) {
          const found = await lookUp(lab, profiles);
          const counts = [...found.values()].map((list) => list.filter(({ id }) => placeIds.has(id)).length);
          check(
            counts.every((count) => count <= 1),
            'a reader saw a profile in the middle of a call',
            counts,
          );
        }
      };
      const written = Promise.all(writers.map(write)).finally(() => {
        writing = false;
      });
      await Promise.all([written, look(), lookInside()]);
      const found = await lookUp(lab, profiles);
      for (const [profile, audiences] of found) {
        const ids = new Set(audiences.map(({ id }) => id));
        check(
          writers.every(({ mark }) => ids.has(mark.id)),
          `'${profile}' lost a change`,
          audiences,
        );
      }
      for (const connection of connections) connection.close();
      await lab.verify();
      return `${looks} looks`;
    });
  });
});

describe('requests on one connection', () => {
  const CONNECTIONS = 4;
  const REQUESTS = size(250, 5000);
  const AT_ONCE = 50;

  test('apply in the order they were sent, though none was waited for', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 3));
      const model = new Model();
      set += 1;
      const run = async (number: number): Promise<void> => {
        const environment = number % 2 === 0 ? ('live' as const) : ('sandbox' as const);
        const profiles = [`one ${set}/${number}`, `two ${set}/${number}`];
        const calls = new CallGenerator(model, { number, environment, profiles }, random);
        const connection = await CallConnection.open(lab);
        for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
          const burst = Array.from({ length: AT_ONCE }, () => {
            const call = calls.onShared(profiles);
            // The model is ahead of the server: it applies calls when they are sent.
            return { call, status: model.apply(call), state: stateOf(model, call) };
          });
          await Promise.all(
            burst.map(async ({ call, status, state }) =>
              checkAnswer(await connection.expect(call, status), state, call),
            ),
          );
        }
        connection.close();
      };
      const connection = await CallConnection.open(lab);
      for (const environment of ['live', 'sandbox'] as const) {
        for (let attempt = 0; attempt < 20; attempt += 1)
          await makeCommon(connection, model, commonCall(random, environment));
      }
      connection.close();
      await Promise.all(Array.from({ length: CONNECTIONS }, async (_, number) => run(number)));
      await makeRoom(model);
      return `${CONNECTIONS * REQUESTS} requests`;
    });
  });

  async function makeCommon(connection: CallConnection, model: Model, call: Call): Promise<void> {
    const answer = await connection.expect(call, model.expect(call));
    model.apply(call, call.kind === 'create' && answer.status === 201 ? answer.json<{ id: number }>().id : 0);
  }

  /** Removes the shared audiences, so that a further round can create them again. */
  async function makeRoom(model: Model): Promise<void> {
    const connection = await CallConnection.open(lab);
    for (const { environment, platform, externalId } of model.audiences.values()) {
      await connection.expect({ environment, platform, externalId, kind: 'delete' }, 204);
    }
    connection.close();
  }

  function stateOf(model: Model, call: Call): { attributes: Record<string, Json>; memberships: object[] } | undefined {
    if (call.kind !== 'profile' && call.kind !== 'profile audiences') return undefined;
    const memberships = model.audiencesOf(call.environment, call.profile).map(({ id, name }) => ({ id, name }));
    return {
      memberships,
      attributes: Object.fromEntries(model.profiles.get(`${call.environment}/${call.profile}`) ?? []),
    };
  }

  function checkAnswer(answer: Answer, state: ReturnType<typeof stateOf>, call: Call): void {
    if (state === undefined || answer.status !== 200) return;
    const { customerProfile } = answer.json<{
      customerProfile: { attributes: object; audienceMemberships: object[] };
    }>();
    const { attributes, audienceMemberships: memberships } = customerProfile;
    check(
      isDeepStrictEqual({ memberships, attributes }, state),
      'the answer shows another state than that after its request',
      {
        call,
        customerProfile,
        state,
      },
    );
  }
});
