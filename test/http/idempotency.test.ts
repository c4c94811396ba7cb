/** The `Idempotency-Key` of the two profile updates of the Integration API. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessLogDetail, ReplayResult } from '../../src/http/surfaces/management/access-logs-schemas.ts';
import { startServerProcess } from '../server-process.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { authorization, type HttpAnswer, send, sendJson } from './client.ts';
import { checkErrorBody, expectStatus } from './scenario.ts';

const ADMIN = { ROLLCALL_ADMIN_EMAIL: 'ada@example.com', ROLLCALL_ADMIN_PASSWORD: 'correct horse battery' };
const MANY = '/v2/customer_profiles?silent=no';

let office: BackOffice;
let generic: string;
let other: string;
beforeAll(async () => {
  office = await startBackOffice({ ephemeral: false, env: ADMIN });
  const createKey = async (): Promise<string> => {
    const body = { title: 'generic', platform: 'none', expires: new Date(Date.now() + 86_400_000).toISOString() };
    return (await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key;
  };
  [generic, other] = [await createKey(), await createKey()];
});
afterAll(async () => office.server.stop());

const one = (id: string): string => `/v2/customer_profiles/${id}`;
const tier = (value: string) => ({ attributes: { Tier: value } });

async function put(path: string, idempotencyKey: string, body: unknown, key = generic): Promise<HttpAnswer> {
  return sendJson(office.server.url, key, 'PUT', path, body, { 'Idempotency-Key': idempotencyKey });
}
async function tierOf(id: string, url = office.server.url): Promise<unknown> {
  const answer = await sendJson(url, generic, 'GET', `/v1/customer_profiles/${id}/inventory?profile=true`);
  return (answer.json() as { profile?: { attributes: Record<string, unknown> } }).profile?.attributes['Tier'];
}
const isRepeat = ({ headers }: HttpAnswer): boolean => headers['idempotent-replayed'] === 'true';
/** The parts of an answer that a repeat must have in common with the first. */
const told = ({ status, text }: HttpAnswer) => ({ status, text });

async function detailOf(answer: HttpAnswer): Promise<AccessLogDetail> {
  return office.ask<AccessLogDetail>(200, 'GET', `/v1/access_logs/${String(answer.headers['x-request-id'])}`);
}

describe('Idempotency-Key', () => {
  test('one profile: the repeat gets the first answer, is not applied, and shows as a repeat in Activity', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const path = `${one(id)}?runRuleEngine=true`;
    const first = await put(path, key, tier('gold'));
    expectStatus(first, 200);
    expectStatus(await put(one(id), randomUUID(), tier('blue')), 200);
    const again = await put(path, key, tier('gold'));
    expect(told(again)).toEqual(told(first));
    expect([isRepeat(first), isRepeat(again)]).toEqual([false, true]);
    expect(await tierOf(id)).toBe('blue');
    const text = 'a repeat with the same `Idempotency-Key`: it got the first answer and was not applied again';
    expect(await detailOf(again)).toMatchObject({ profiles: 0, marks: [{ kind: 'repeat', text }] });
    expect(await detailOf(first)).toMatchObject({ profiles: 1, marks: [] });
  });

  test('many profiles, answered or silent', async () => {
    const [id, key, silent] = [randomUUID(), randomUUID(), randomUUID()];
    const body = { customerProfiles: [{ integrationId: id, ...tier('gold') }] };
    const first = await put(MANY, key, body);
    expectStatus(await put('/v2/customer_profiles', silent, body), 204);
    expectStatus(await put(one(id), randomUUID(), tier('blue')), 200);
    const again = await put(MANY, key, body);
    expect(told(again)).toEqual(told(first));
    const silentAgain = await put('/v2/customer_profiles', silent, body);
    expect([silentAgain.status, isRepeat(again), isRepeat(silentAgain)]).toEqual([204, true, true]);
    expect(await tierOf(id)).toBe('blue');
  });

  test('another body or another query under the key is refused, and changes nothing', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    expectStatus(await put(one(id), key, tier('gold')), 200);
    for (const [path, body] of [
      [one(id), tier('blue')],
      [`${one(id)}?runRuleEngine=true`, tier('gold')],
    ] as const) {
      const refused = await put(path, key, body);
      expectStatus(refused, 400);
      checkErrorBody(refused, 'integration');
      expect(refused.json()).toMatchObject({ errors: [{ source: { parameter: 'Idempotency-Key' } }] });
    }
    expect(await tierOf(id)).toBe('gold');
  });

  test('so is the same body with its rows handled in another way', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const rows = [
      { integrationId: id, ...tier('gold') },
      { integrationId: randomUUID(), attributes: { Nope: 1 } },
    ];
    const send = async (prefer: object) =>
      sendJson(
        office.server.url,
        generic,
        'PUT',
        '/v2/customer_profiles',
        { customerProfiles: rows },
        {
          'Idempotency-Key': key,
          ...prefer,
        },
      );
    const lenient = { Prefer: 'handling=lenient, return=representation' };
    const first = await send(lenient);
    expectStatus(first, 200);
    expect(first.json()).toMatchObject({ applied: 1, refused: 1 });
    const again = await send(lenient);
    expect([again.status, isRepeat(again)]).toEqual([200, true]);
    expect(again.json()).toMatchObject({ applied: 1, refused: 1 });
    // A plain 204 would say that all of it was applied.
    expectStatus(await send({}), 400);
  });

  test('a key counts for one API key, one method and one path', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    expectStatus(await put(one(id), key, tier('gold')), 200);
    for (const answer of [
      await put(one(randomUUID()), key, tier('gold')),
      await put(one(id), key, tier('gold'), other),
      await put(MANY, key, { customerProfiles: [{ integrationId: randomUUID() }] }),
    ]) {
      expect([answer.status, isRepeat(answer)]).toEqual([200, false]);
    }
  });

  test('what was refused can be corrected and sent again', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    expectStatus(await put(one(id), key, { attributes: { Nope: 1 } }), 400);
    const corrected = await put(one(id), key, tier('gold'));
    expect([corrected.status, isRepeat(corrected)]).toEqual([200, false]);
  });

  test('while the first is running, others are told to wait', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 8 }, async () => put(one(id), key, tier('gold'))));
    expect(answers.filter((answer) => answer.status === 200 && !isRepeat(answer))).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 200) continue;
      expectStatus(answer, 409);
      expect(checkErrorBody(answer, 'integration')).toContain('still running');
    }
  });

  test('a dry run is not kept, and is not answered for what was applied', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const path = `${one(id)}?runRuleEngine=true`;
    expectStatus(await put(`${path}&dry=true`, key, tier('gold')), 200);
    const applied = await put(path, key, tier('gold'));
    expect([applied.status, isRepeat(applied)]).toEqual([200, false]);
    const dry = await put(`${path}&dry=true`, key, tier('blue'));
    expect([dry.status, isRepeat(dry)]).toEqual([200, false]);
    expect(await tierOf(id)).toBe('gold');
  });

  test('a key has 1 to 255 characters', async () => {
    const id = randomUUID();
    expectStatus(await put(one(id), 'k'.repeat(255), {}), 200);
    for (const key of ['', ' ', 'k'.repeat(256)]) {
      for (const path of [one(id), MANY]) {
        const refused = await put(path, key, { customerProfiles: [{ integrationId: id }] });
        expectStatus(refused, 400);
        expect(checkErrorBody(refused, 'integration')).toContain('length must be 1 to 255');
      }
    }
    const headers = { ...authorization(generic), 'Idempotency-Key': 'k'.repeat(300) };
    expectStatus(await send(office.server.url, { method: 'GET', path: '/v2/authping', headers }), 204);
  });

  test('an operator’s replay of a refused request neither uses nor takes its key', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const attribute = `Replayed${Date.now()}`;
    const refused = await put(one(id), key, { attributes: { Tier: 'gold', [attribute]: 'x' } });
    expectStatus(refused, 400);
    // The client removes what was refused, and sends the rest with its key.
    expectStatus(await put(one(id), key, {}), 200);
    const definition = {
      entity: 'CustomerProfile',
      name: attribute,
      title: attribute,
      type: 'string',
      description: '',
    };
    await office.ask(201, 'POST', '/v1/attributes', { body: { ...definition, suggestions: [], editable: true } });
    const body = { uuids: [String(refused.headers['x-request-id'])], dry: false };
    const { data } = await office.ask<{ data: ReplayResult[] }>(200, 'POST', '/v1/refused_writes/replay', { body });
    expect(data).toMatchObject([{ status: 200, replayed: true }]);
    expect(await tierOf(id)).toBe('gold');
    expect(isRepeat(await put(one(id), key, {}))).toBe(true);
    expectStatus(await put(one(id), key, { attributes: { Tier: 'gold', [attribute]: 'x' } }), 400);
  });

  test('an erasure removes the content of the answer, and a late repeat brings nothing back', async () => {
    const [id, friend, key, shared] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const both = { customerProfiles: [id, friend].map((integrationId) => ({ integrationId, ...tier('gold') })) };
    expectStatus(await put(one(id), key, tier('gold')), 200);
    expectStatus(await put(MANY, shared, both), 200);
    expectStatus(await sendJson(office.server.url, generic, 'DELETE', `/v1/customer_data/${id}`), 204);
    const again = await put(one(id), key, tier('gold'));
    expect(isRepeat(again)).toBe(true);
    expect(again.json()).toMatchObject({ customerProfile: { attributes: {}, audienceMemberships: [] } });
    const { integrationStates } = (await put(MANY, shared, both)).json() as {
      integrationStates: { customerProfile: { attributes: object } }[];
    };
    expect(integrationStates.map(({ customerProfile }) => customerProfile.attributes)).toEqual([{}, { Tier: 'gold' }]);
    expect(await tierOf(id)).toBeUndefined();
  });

  test('an audience deleted since does not affect a repeat; another node knows the key, even if the first was killed', async () => {
    const [id, key] = [randomUUID(), randomUUID()];
    const path = one(id);
    const made = await sendJson(office.server.url, generic, 'POST', '/v2/audiences', { name: 'Short-lived' });
    const body = { audiencesChanges: { adds: [(made.json() as { id: number }).id] } };
    const first = await put(path, key, body);
    expectStatus(first, 200);
    const deletion = `/v2/audiences/${(made.json() as { id: number }).id}`;
    expectStatus(await sendJson(office.server.url, generic, 'DELETE', deletion), 204);
    const node = await startServerProcess({ database: office.server.database });
    try {
      const put2 = async () => sendJson(node.url, generic, 'PUT', path, body, { 'Idempotency-Key': key });
      const elsewhere = await put2();
      expect([told(elsewhere), isRepeat(elsewhere)]).toEqual([told(first), true]);
      await office.server.stop('SIGKILL');
      expect(told(await put2())).toEqual(told(first));
    } finally {
      await node.stop();
    }
  });
});
