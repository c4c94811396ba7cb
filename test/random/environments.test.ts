/** Live and sandbox never see each other, though both use the same names. */

import { isDeepStrictEqual } from 'node:util';
import { describe, test } from 'vitest';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { lookUp, profileOf } from './hot-reads.ts';
import { Lab } from './lab.ts';
import { type Call, type Environment, Model } from './model.ts';
import { CallGenerator, commonCall } from './model-calls.ts';
import { checkAudienceList } from './model-checks.ts';
import { CallConnection } from './model-wire.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const PROFILES = ['same 1', 'same 2', 'same 3'];
const CALLS = size(150, 10_000);

/** Everything that the API shows of one environment. */
async function everythingIn(lab: Lab, environment: Environment): Promise<unknown> {
  const audiences = [...(await lookUp(lab, PROFILES, environment))];
  const profiles = await Promise.all(PROFILES.map(async (profile) => profileOf(lab, profile, environment)));
  return [audiences, profiles];
}

/** Every way to name an audience that does not belong to the caller. */
function callsNaming(environment: Environment, platform: string, id: number, externalId: string): Call[] {
  const from = { environment, platform };
  const change = { profile: 'nosy', deletes: [] };
  return [
    { ...from, kind: 'profile', ...change, adds: [id] },
    { ...from, kind: 'profile audiences', ...change, adds: [externalId] },
    { ...from, kind: 'bulk', items: [{ ...change, adds: [id] }] },
    { ...from, kind: 'bulk', items: [{ profile: 'nosy', adds: [], deletes: [id] }] },
    { ...from, kind: 'bulk alias', items: [{ ...change, adds: [id] }] },
    { ...from, kind: 'bulk alias', items: [{ ...change, adds: [externalId] }] },
    { ...from, kind: 'bulk external', items: [{ ...change, adds: [externalId] }] },
    { ...from, kind: 'rename', externalId, name: 'mine now' },
    { ...from, kind: 'delete', externalId },
  ];
}

describe('the two environments', () => {
  test('never see each other', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 6));
      const lab = await Lab.open();
      const model = new Model();
      const connection = await CallConnection.open(lab);
      const generators = {
        live: new CallGenerator(model, { number: 0, environment: 'live', profiles: PROFILES }, random),
        sandbox: new CallGenerator(model, { number: 0, environment: 'sandbox', profiles: PROFILES }, random),
      };
      for (let number = 0; number < CALLS; number += 1) {
        const [here, there] = random.below(2) === 0 ? (['live', 'sandbox'] as const) : (['sandbox', 'live'] as const);
        const before = number % 5 === 0 ? await everythingIn(lab, there) : undefined;
        const call = random.below(5) === 0 ? commonCall(random, here) : generators[here].next();
        const answer = await connection.expect(call, model.expect(call));
        model.apply(call, call.kind === 'create' && answer.status === 201 ? answer.json<{ id: number }>().id : 0);
        if (before !== undefined)
          check(isDeepStrictEqual(await everythingIn(lab, there), before), `a call in ${here} shows in ${there}`, call);
      }
      await checkAudienceList(lab, model);
      await checkForeignAudiences(connection, random);
      connection.close();
      await lab.verify();
      await lab.stop();
      return `${CALLS} calls`;
    });
  });

  /** An audience of the other environment is not found, with the same answer as one that never existed. */
  async function checkForeignAudiences(connection: CallConnection, random: Random): Promise<void> {
    for (const [here, there] of [
      ['live', 'sandbox'],
      ['sandbox', 'live'],
    ] as const) {
      const platform = 'Nosy CDP';
      const secret = `secret ${random.next()}`;
      const id = await connection.create({ environment: there, platform }, secret);
      const foreign = callsNaming(here, platform, id, secret);
      const unknown = callsNaming(here, platform, 987_654_321, 'nobody made this');
      for (const [index, call] of foreign.entries()) {
        const answer = await connection.expect(call, 404);
        const other = unknown[index];
        check(other !== undefined, 'no call to compare with');
        const neutral = await connection.expect(other, 404);
        const error = answer
          .json<{ Error: string }>()
          .Error.replace(secret, 'nobody made this')
          .replace(`Audience ${id} `, 'Audience 987654321 ');
        check(error === neutral.json<{ Error: string }>().Error, 'the answer gives the other environment away', {
          error,
          call,
        });
      }
      // A number as text, or text as a number, gives no hint of the other environment either.
      const hint = await connection.expect(
        { environment: here, platform, kind: 'delete', externalId: String(id) },
        404,
      );
      check(!hint.text.includes(secret), 'the answer names an audience of the other environment', hint.text);
    }
  }
});
