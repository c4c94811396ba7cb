/**
 * Values are stored as they were sent, within limits: integers that a double would alter, large values, large profiles.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { authorization, type HttpAnswer, send, sendJson } from './client.ts';
import { expectStatus } from './scenario.ts';

const ADMIN = { ROLLCALL_ADMIN_EMAIL: 'admin@example.com', ROLLCALL_ADMIN_PASSWORD: 'correct horse battery' };
const LARGE = 'x'.repeat(100_000);

let office: BackOffice;
let key = '';

beforeAll(async () => {
  // The limits of an earlier version, which had none.
  office = await start({ ROLLCALL_MAX_ATTRIBUTE_BYTES: '1M', ROLLCALL_MAX_PROFILE_BYTES: '8M' });
  key = (
    await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', {
      body: { title: 'test', platform: 'customer_data', expires: new Date(Date.now() + 86_400_000).toISOString() },
    })
  ).key;
  for (const [name, type] of [
    ['Points', 'number'],
    ['Scores', '(list number)'],
    ['Home', 'location'],
    ['Bio', 'string'],
    ['Notes', '(list string)'],
  ] as const) {
    const body = {
      entity: 'CustomerProfile',
      name,
      title: name,
      type,
      description: '',
      suggestions: [],
      editable: true,
    };
    await office.ask(201, 'POST', '/v1/attributes', { body });
  }
  for (const id of ['old', 'old-list']) await expectUpdate(id, id === 'old' ? { Bio: LARGE } : { Notes: [LARGE, 'a'] });
  const { database } = office.server;
  await office.server.stop();
  office = await start({ ROLLCALL_MAX_PROFILE_BYTES: '128K' }, database);
});
afterAll(async () => office.server.stop());

async function start(env: Record<string, string>, database?: string): Promise<BackOffice> {
  return startBackOffice({
    ephemeral: false,
    env: { ...ADMIN, ...env },
    ...(database === undefined ? {} : { database }),
  });
}

const update = async (id: string, attributes: unknown, query = ''): Promise<HttpAnswer> =>
  sendJson(office.server.url, key, 'PUT', `/cdp/customer_profile/${id}${query}`, { attributes });

/** A literal JSON text, because JSON.stringify would alter the value. */
const updateText = async (id: string, body: string, query = ''): Promise<HttpAnswer> =>
  send(office.server.url, {
    method: 'PUT',
    path: `/cdp/customer_profile/${id}${query}`,
    headers: { ...authorization(key), 'Content-Type': 'application/json' },
    body,
  });

async function expectUpdate(id: string, attributes: unknown): Promise<void> {
  expectStatus(await update(id, attributes), 200);
}

const refusal = (answer: HttpAnswer): string => {
  expectStatus(answer, 400);
  return (answer.json() as { Error: string }).Error;
};

const stored = async (id: string): Promise<Record<string, unknown>> => {
  const path = `/v1/customers/no_total?integrationId=${id}`;
  const { data } = await office.ask<{ data: { attributes: Record<string, unknown> }[] }>(200, 'GET', path);
  return data[0]?.attributes ?? {};
};

describe('an integer that a double would alter', () => {
  test('is refused with the remedy, and nothing is stored', async () => {
    const answer = await updateText('altered', '{"attributes":{"Tier":"gold","Points":9007199254740993}}');
    expect(refusal(answer)).toBe(
      "Attribute 'Points' cannot hold 9007199254740993: as a number it would be changed to 9007199254740992 (define it as a string attribute and send it in quotes)",
    );
    expect(await stored('altered')).toEqual({});
  });

  test.each([
    ['in a list', '{"attributes":{"Scores":[1,-9007199254740993,9007199254740995]}}', 'Scores'],
    ['in a location', '{"attributes":{"Home":{"latitude":1,"longitude":9007199254740993}}}', 'Home'],
    ['after a blank and a line break', '{"attributes":{"Points": \n 9007199254740993}}', 'Points'],
    ['with a fraction of zeros', '{"attributes":{"Points":9007199254740993.0}}', 'Points'],
    [
      'under the last of two equal names',
      '{"attributes":{"Points":1},"attributes":{"Points":9007199254740993}}',
      'Points',
    ],
    ['behind a byte order mark', '\ufeff{"attributes":{"Points":9007199254740993}}', 'Points'],
  ])('is found %s', async (_where, body, name) => {
    expect(refusal(await updateText('altered', body))).toContain(`Attribute '${name}' cannot hold `);
  });

  test('matters only where it would be stored', async () => {
    for (const body of [
      '{"attributes":{"Points":1},"attributes":{"Points":2},"sequence":9007199254740993}',
      '{"attributes":{"Bio":"id, 9007199254740993, as text"}}',
      '{"attributes":{"Points":9007199254740993},"attributes":{"Points":0.1}}',
    ]) {
      expectStatus(await updateText('harmless', body), 200);
    }
    const skipped = '{"attributes":{"Points":3,"Unknown":9007199254740993}}';
    expectStatus(await updateText('harmless', skipped, '?skipNonExistingAttributes=true'), 200);
    expect(await stored('harmless')).toEqual({ Points: 3, Bio: 'id, 9007199254740993, as text' });
  });

  test('is none when the digits come back', async () => {
    const text =
      '{"attributes":{"Points":9007199254740992,"Scores":[0.1,1e3,123456789012345680000,-9007199254740992]}}';
    expectStatus(await updateText('exact', text), 200);
    expect(await stored('exact')).toEqual({
      Points: 9007199254740992,
      Scores: [0.1, 1000, 123456789012345680000, -9007199254740992],
    });
  });

  test('is refused as an audience ID and in a search too', async () => {
    const adds = await updateText('altered', '{"audiencesChanges":{"adds":[9007199254740993]}}');
    expect(refusal(adds)).toBe('audiencesChanges.adds[0]: must be 1 to 9007199254740991');
    const headers = { Authorization: office.admin, 'Content-Type': 'application/json' };
    const body = '{"attributes":{"Points":9007199254740993}}';
    for (const path of ['/v1/customer_search/no_total', '/v1/applications/1/customer_search']) {
      const answer = await send(office.server.url, { method: 'POST', path, headers, body });
      expectStatus(answer, 400);
      expect(answer.text).toContain("Attribute 'Points' cannot hold 9007199254740993");
    }
  });
});

describe('a value', () => {
  test('of 64 KiB as JSON is taken, one byte more is not', async () => {
    const most = 'y'.repeat(64 * 1024 - 2);
    await expectUpdate('both', { Bio: most });
    expect(refusal(await update('both', { Tier: 'gold', Bio: `${most}y` }))).toBe(
      "Attribute 'Bio' has 65537 bytes; at most 65536 per value (ROLLCALL_MAX_ATTRIBUTE_BYTES)",
    );
    expect(await stored('both')).toEqual({ Bio: most });
    await expectUpdate('both', { Bio: null });
  });

  test('is measured in bytes of JSON, a list as a whole', async () => {
    // Each is three bytes in UTF-8, and six characters in JSON.
    for (const character of ['€', '\u0001']) {
      const bytes = character === '€' ? 3 : 6;
      const fits = Math.floor((64 * 1024 - 2) / bytes);
      await expectUpdate('bytes', { Bio: character.repeat(fits) });
      expect(refusal(await update('bytes', { Bio: character.repeat(fits + 1) }))).toContain("Attribute 'Bio' has");
    }
    const items = Array.from({ length: 7000 }, () => 'abcdefg');
    expect(refusal(await update('bytes', { Notes: items }))).toContain("Attribute 'Notes' has 70001 bytes");
  });

  test('stored before there was a limit may stay and shrink, not grow', async () => {
    await expectUpdate('old', { Tier: 'gold' });
    await expectUpdate('old', { Tier: 'silver', Bio: LARGE });
    expect(refusal(await update('old', { Bio: `${LARGE}x` }))).toContain("Attribute 'Bio' has 100003 bytes");
    await expectUpdate('old', { Bio: LARGE.slice(0, 90_000) });
    expect(refusal(await update('old', { Bio: LARGE }))).toContain("Attribute 'Bio' has 100002 bytes");
    expect(refusal(await update('old-list', { Bio: LARGE }))).toContain("Attribute 'Bio' has 100002 bytes");
    await expectUpdate('old-list', { Notes: [LARGE] });
  });
});

describe('a profile', () => {
  const part = 'z'.repeat(60_000);

  test('may not grow beyond its limit, and says which attribute would make it', async () => {
    await expectUpdate('full', { Bio: part, Notes: [part] });
    expect(refusal(await update('full', { Tier: 'w'.repeat(20_000), Points: 1 }))).toMatch(
      /^Attribute 'Tier' \(20002 bytes\) would make the profile's attributes 140\d\d\d bytes; at most 131072 per profile \(ROLLCALL_MAX_PROFILE_BYTES\)$/,
    );
    const kept = await stored('full');
    expect(Object.keys(kept).sort()).toEqual(['Bio', 'Notes']);
    // The same change fits if another one in the same request frees space.
    await expectUpdate('full', { Tier: 'w'.repeat(20_000), Notes: null });
  });

  test('joins no audience with a change that is refused', async () => {
    const created = await sendJson(office.server.url, key, 'POST', '/cdp/audiences', {
      audienceId: 'a',
      audienceName: 'A',
    });
    const { id } = created.json() as { id: number };
    const body = { attributes: { Bio: part, Notes: [part], Tier: part }, audiencesChanges: { adds: [id] } };
    refusal(await sendJson(office.server.url, key, 'PUT', '/cdp/customer_profile/never', body));
    const { data } = await office.ask<{ data: unknown[] }>(200, 'GET', '/v1/customers/no_total?integrationId=never');
    expect(data).toEqual([]);
  });
});

test('texts of definitions have bounds too', async () => {
  const attribute = {
    entity: 'CustomerProfile',
    name: 'Bounded',
    title: 'Bounded',
    type: 'string',
    description: '',
    suggestions: [] as string[],
    editable: true,
  };
  const refused = async (change: object, field: string): Promise<void> => {
    const answer = await office.call('POST', '/v1/attributes', { body: { ...attribute, ...change } });
    expectStatus(answer, 400);
    expect(answer.text).toContain(`"/${field}"`);
  };
  await refused({ suggestions: ['s'.repeat(1001)] }, 'suggestions');
  await refused({ subscribedCatalogsIds: Array.from({ length: 1001 }, (_, id) => id + 1) }, 'subscribedCatalogsIds');
  await office.ask(201, 'POST', '/v1/attributes', { body: { ...attribute, suggestions: ['s'.repeat(1000)] } });
});
