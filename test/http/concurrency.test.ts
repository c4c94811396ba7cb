/** Many concurrent senders, and senders that repeat requests: nothing is lost, half done or done twice. */

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { commandJson } from '../cli/command.ts';
import { sendJson } from './client.ts';
import { expectStatus, reach } from './scenario.ts';

interface Found {
  readonly data: readonly { readonly integrationId: string; readonly audiences: readonly { readonly id: number }[] }[];
}

/** The calls of these tests, for one server and its keys. */
function client(url: string, writer: string, reader: string) {
  const put = async (path: string, body: object) => sendJson(url, writer, 'PUT', path, body);
  return {
    put,
    createAudience: async (audienceId: string): Promise<number> => {
      const answer = await sendJson(url, writer, 'POST', '/cdp/audiences', { audienceId, audienceName: 'Crowd' });
      expectStatus(answer, 201);
      return (answer.json() as { id: number }).id;
    },
    audiencesOf: async (integrationIds: readonly string[]): Promise<number[][]> => {
      const answer = await sendJson(url, reader, 'POST', '/v1/customer_profiles/audiences/lookup', { integrationIds });
      return (answer.json() as Found).data.map(({ audiences }) => audiences.map(({ id }) => id));
    },
  };
}

describe('many at once', () => {
  test('bulk calls over the same profiles from several connections: none fails, none is lost', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { put, createAudience, audiencesOf } = client(url, keys.customer_data, keys.readOnly);
    const run = randomUUID();
    const audiences = await Promise.all([0, 1, 2, 3].map(async (index) => createAudience(`${run}-${index}`)));
    const profiles = Array.from({ length: 1000 }, (_, index) => `${run}-${index}`);
    const batches = audiences.map(async (id, index) => {
      // Two different orders, which would deadlock if locks were taken in the order of arrival.
      const order = index % 2 === 0 ? profiles : profiles.toReversed();
      const adds = await put('/cdp/customer_profiles/audiences', {
        data: order.map((customerProfileId) => ({ customerProfileId, adds: [id] })),
      });
      const deletes = await put('/cdp/v2/customer_profiles/audiences', {
        data: order.slice(0, 500).map((customerProfileId) => ({ customerProfileId, deletes: [`${run}-${index}`] })),
      });
      return [adds.status, deletes.status];
    });
    expect(await Promise.all(batches)).toEqual(audiences.map(() => [204, 204]));
    const found = await audiencesOf(profiles);
    const left = profiles.map((_, at) => audiences.filter((_id, index) => (index % 2 === 0 ? at >= 500 : at < 500)));
    expect(found).toEqual(left);
  });

  test('a bulk call that moves profiles from one audience to another is visible completely or not at all', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { put, createAudience, audiencesOf } = client(url, keys.customer_data, keys.readOnly);
    const run = randomUUID();
    const audiences = [await createAudience(`${run}-a`), await createAudience(`${run}-b`)] as const;
    const profiles = Array.from({ length: 200 }, (_, index) => `${run}-${index}`);
    const move = async (adds: number, deletes: number): Promise<void> => {
      const data = profiles.map((customerProfileId) => ({ customerProfileId, adds: [adds], deletes: [deletes] }));
      expectStatus(await put('/cdp/customer_profiles/audiences', { data }), 204);
    };
    await move(audiences[0], audiences[1]);
    let done = false;
    const seen: string[] = [];
    const look = async (): Promise<void> => {
      while (!done) seen.push([...new Set((await audiencesOf(profiles)).map(String))].join(' and '));
    };
    const lookers = Array.from({ length: 4 }, look);
    for (let round = 0; round < 30; round += 1) {
      await (round % 2 === 0 ? move(audiences[1], audiences[0]) : move(audiences[0], audiences[1]));
    }
    done = true;
    await Promise.all(lookers);
    expect(new Set(seen)).toEqual(new Set(audiences.map(String)));
  });

  test('updates of one profile from many connections all count', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { put, createAudience, audiencesOf } = client(url, keys.customer_data, keys.readOnly);
    const run = randomUUID();
    const audiences = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => createAudience(`${run}-${index}`)),
    );
    const answers = await Promise.all(
      audiences.map(async (id) => put(`/cdp/customer_profile/${run}`, { audiencesChanges: { adds: [id] } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(audiences.map(() => 200));
    const [found] = await audiencesOf([run]);
    expect(found).toEqual(audiences.toSorted((a, b) => a - b));
  });

  test('a write that races with the deletion of its audience leaves nothing behind', async (context) => {
    const { url, process, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { put, createAudience, audiencesOf } = client(url, keys.customer_data, keys.readOnly);
    const run = randomUUID();
    const profiles = Array.from({ length: 20 }, (_, index) => `${run}-${index}`);
    for (let round = 0; round < 10; round += 1) {
      const id = await createAudience(run);
      const add = async (profile: string) =>
        put(`/cdp/customer_profile/${profile}`, { audiencesChanges: { adds: [id] } });
      const writes = profiles.map(add);
      const deletion = await sendJson(url, keys.customer_data, 'DELETE', `/cdp/audiences/${run}`);
      expectStatus(deletion, 204);
      const statuses = new Set((await Promise.all(writes)).map(({ status }) => status));
      expect([...statuses].filter((status) => status !== 200 && status !== 404)).toEqual([]);
      expect(await audiencesOf(profiles)).toEqual(profiles.map(() => []));
    }
    const last = await createAudience(run);
    expect(await audiencesOf(profiles)).toEqual(profiles.map(() => []));
    if (process === undefined) return;
    const list = await commandJson<{ id: number; members: number }[]>([
      'audience',
      'list',
      '--database',
      process.database,
    ]);
    expect(list.find(({ id }) => id === last)?.members).toBe(0);
  });
});

describe('sent again', () => {
  test('every write may be repeated: the same answer, the same state', async (context) => {
    const { url, keys } = await reach(context, ['customer_data', 'readOnly']);
    const { put, createAudience, audiencesOf } = client(url, keys.customer_data, keys.readOnly);
    const run = randomUUID();
    const [kept, left] = [await createAudience(`${run}-kept`), await createAudience(`${run}-left`)];
    const writes: readonly (readonly [path: string, body: object])[] = [
      [`/cdp/customer_profile/${run}`, { attributes: { Tier: 'gold' }, audiencesChanges: { adds: [kept, left] } }],
      [`/cdp/customer_profile/${run}/audiences`, { data: { deletes: [`${run}-left`] } }],
      ['/cdp/customer_profiles/audiences', { data: [{ customerProfileId: run, adds: [kept], deletes: [left] }] }],
      ['/cdp/v2/customer_profiles/audiences', { data: [{ customerProfileId: run, adds: [`${run}-kept`] }] }],
      [`/cdp/audiences/${run}-kept`, { audienceName: 'Kept' }],
    ];
    const withoutActivity = (text: string): string => text.replace(/"lastActivity":"[^"]*"/, '');
    for (const [path, body] of writes) {
      const first = await put(path, body);
      const state = await audiencesOf([run]);
      const again = await put(path, body);
      expect({ path, status: again.status, text: withoutActivity(again.text) }).toEqual({
        path,
        status: first.status,
        text: withoutActivity(first.text),
      });
      expect(await audiencesOf([run])).toEqual(state);
    }
    expect(await audiencesOf([run])).toEqual([[kept]]);
  });
});
