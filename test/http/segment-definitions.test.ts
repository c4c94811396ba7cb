/** Segment's deprecated updates of one profile, over HTTP: what they create, report and refuse. */

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type HttpAnswer, send } from './client.ts';
import { any, checkErrorBody, expectStatus, reach } from './scenario.ts';

type Context = Parameters<typeof reach>[0];

interface Update {
  readonly customerProfile: {
    attributes: Record<string, unknown>;
    audienceMemberships: { id: number; name: string }[];
  };
  readonly createdAttributes: { id: number; name: string; type: string }[];
  readonly audiences: { id: number; name: string; integrationId: string; status: string }[];
}

/** A unique ID for a profile, which also serves as a prefix for names of attributes and audiences. */
const unique = (): string => `S${randomBytes(5).toString('hex')}`;

async function ask(context: Context, method: string, path: string, body: object): Promise<HttpAnswer> {
  const { url, keys } = await reach(context, ['segment']);
  return send(url, {
    method,
    path: `/segment/${path}`,
    headers: {
      'destination-hostname': 'https://promo.example.com',
      Authorization: `ApiKey-v1 ${keys.segment}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(body),
  });
}

async function update(context: Context, version: 'v1' | 'v2', id: string, body: object): Promise<Update> {
  const answer = await ask(context, 'PUT', `customer_profile${version === 'v1' ? '' : '_v2'}/${id}`, body);
  expectStatus(answer, 200);
  return answer.json() as Update;
}

async function refusal(context: Context, version: 'v1' | 'v2', body: object, status: number): Promise<string> {
  const answer = await ask(context, 'PUT', `customer_profile${version === 'v1' ? '' : '_v2'}/${unique()}`, body);
  expectStatus(answer, status);
  return checkErrorBody(answer, 'third-party');
}

describe.each(['v1', 'v2'] as const)('%s', (version) => {
  test('creates attributes of the types their values show, or that are declared', async (context) => {
    const id = unique();
    const attributes = {
      [`${id}Text`]: 'pro',
      [`${id}Time`]: '2026-01-31T09:30:00Z',
      [`${id}Number`]: 17,
      [`${id}Flag`]: true,
      [`${id}List`]: ['a', 'b'],
      [`${id}Clicked`]: false,
      [`${id}Place`]: { latitude: 54.3, longitude: 10.1 },
    };
    const attributesInfo = [
      { name: `${id}Clicked`, type: 'string' },
      { name: `${id}Place`, type: 'location' },
      { name: `${id}Unsent`, type: 'string' },
    ];
    const first = await update(context, version, id, { attributes, attributesInfo });
    expect(first.customerProfile.attributes).toEqual({ ...attributes, [`${id}Clicked`]: 'false' });
    expect(first.createdAttributes.map(({ name, type }) => [name.slice(id.length), type])).toEqual([
      ['Text', 'string'],
      ['Time', 'time'],
      ['Number', 'number'],
      ['Flag', 'boolean'],
      ['List', '(list string)'],
      ['Clicked', 'string'],
      ['Place', 'location'],
    ]);
    expect(first.createdAttributes[0]).toEqual({
      id: any.id,
      created: any.time,
      accountId: 1,
      entity: 'CustomerProfile',
      name: `${id}Text`,
      title: `${id}Text`,
      type: 'string',
      description: 'Created by Segment',
      suggestions: [],
      editable: true,
      hasAllowedList: false,
      restrictedBySuggestions: false,
      subscribedApplicationsIds: [],
    });
    const again = await update(context, version, id, { attributes, attributesInfo });
    expect(again).toEqual({ ...first, createdAttributes: [] });
  });

  test('refuses what cannot be defined, and then defines nothing', async (context) => {
    const id = unique();
    const bad = { [`${id}Good`]: 'x', 'no name': 'x', [`${id}Nothing`]: null, [`${id}Mixed`]: [1, 'a'] };
    const message = await refusal(context, version, { attributes: bad }, 400);
    expect(message).toContain("Attribute 'no name' cannot be created");
    expect(message).toContain(`Attribute '${id}Nothing' is not defined, and its type cannot be inferred from null`);
    expect(message).toContain(`Attribute '${id}Mixed' is not defined, and its type cannot be inferred from an empty`);
    const info = [{ name: `${id}Good`, type: '(list string)' }];
    expect(await refusal(context, version, { attributesInfo: info }, 400)).toContain(
      'attributesInfo[0].type: must be one of string, time, number, boolean, location',
    );
    const { createdAttributes } = await update(context, version, id, { attributes: { [`${id}Good`]: 1 } });
    expect(createdAttributes).toMatchObject([{ name: `${id}Good`, type: 'number' }]);
  });

  test('creates an attribute once, however many profiles come with it at once', async (context) => {
    const id = unique();
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      numbers.map(async (number) => update(context, version, `${id}-${number}`, { attributes: { [id]: number } })),
    );
    expect(answers.map(({ customerProfile }) => customerProfile.attributes[id])).toEqual(numbers);
    expect(answers.flatMap(({ createdAttributes }) => createdAttributes)).toMatchObject([{ name: id }]);
  });

  test.for([
    {},
    { attributes: null },
    { attributes: {}, attributesInfo: [], audiencesChanges: {} },
    { audiencesChanges: null },
  ])('takes %j for no change', async (body, context) => {
    const id = unique();
    const { customerProfile, createdAttributes } = await update(context, version, id, body);
    expect(customerProfile).toMatchObject({ integrationId: id, attributes: {}, audienceMemberships: [] });
    expect(createdAttributes).toEqual([]);
  });
});

describe('v1', () => {
  test('names audiences by number, which must exist whether or not they change', async (context) => {
    const id = unique();
    for (const runRuleEngine of [true, false]) {
      const body = { attributes: { [id]: 'x' }, runRuleEngine, audiencesChanges: { deletes: [987654321] } };
      expect(await refusal(context, 'v1', body, 404)).toBe('Audience 987654321 not found');
    }
    const made = await ask(context, 'POST', 'audiences', { audienceId: id, audienceName: 'Gold' });
    const { id: audience } = made.json() as { id: number };
    const audiencesChanges = { adds: [audience] };
    const unchanged = await update(context, 'v1', id, { attributes: { [id]: 'x' }, audiencesChanges });
    expect(unchanged).toMatchObject({
      createdAttributes: [{ name: id }],
      customerProfile: { audienceMemberships: [] },
    });
    expect(unchanged).not.toHaveProperty('audiences');
    const changed = await update(context, 'v1', id, { runRuleEngine: true, audiencesChanges });
    expect(changed.customerProfile.audienceMemberships).toEqual([{ id: audience, name: 'Gold' }]);
  });

  test('takes no audiences by name', async (context) => {
    const body = { audiencesChanges: { adds: [{ name: 'Gold' }] } };
    expect(await refusal(context, 'v1', body, 400)).toContain(
      'audiencesChanges.adds[0]: expected an integer audience ID',
    );
  });
});

describe('v2', () => {
  const item = (name: string, integrationId?: string) => ({
    name,
    ...(integrationId !== undefined && { integrationId }),
  });

  test('creates audiences, those that are left as well, and says what became of each', async (context) => {
    const id = unique();
    const audiencesChanges = {
      adds: [item('Gold', `${id} gold`), item(`${id} silver!`)],
      deletes: [item('Old', `${id}-old`)],
    };
    const first = await update(context, 'v2', id, { runRuleEngine: true, audiencesChanges });
    expect(first.audiences).toEqual(
      [
        ['Gold', `${id}_gold`],
        [`${id} silver!`, `${id}_silver_`],
        ['Old', `${id}_old`],
      ].map(([name, integrationId]) => ({
        id: any.id,
        created: any.time,
        name,
        integration: 'segment',
        integrationId,
        status: 'new',
      })),
    );
    expect(first.customerProfile.audienceMemberships.map(({ name }) => name)).toEqual(['Gold', `${id} silver!`]);

    const renamed = {
      adds: [item('Gold 2', `${id} gold`), item(`${id} silver!`)],
      deletes: [item('Gold 2', `${id}_gold`)],
    };
    const second = await update(context, 'v2', id, { runRuleEngine: true, audiencesChanges: renamed });
    expect(second.audiences.map(({ name, status }) => [name, status])).toEqual([
      ['Gold 2', 'updated'],
      [`${id} silver!`, 'unmodified'],
    ]);
    expect(second.customerProfile.audienceMemberships.map(({ name }) => name)).toEqual([`${id} silver!`]);
  });

  test('finds an audience whose ID is not like those it gives', async (context) => {
    const id = unique();
    const made = await ask(context, 'POST', 'audiences', { audienceId: `${id}-gold`, audienceName: 'Gold' });
    const body = { runRuleEngine: true, audiencesChanges: { adds: [item('Gold', `${id}-gold`)] } };
    const { audiences } = await update(context, 'v2', id, body);
    const { id: number } = made.json() as { id: number };
    expect(audiences).toMatchObject([{ id: number, integrationId: `${id}-gold`, status: 'unmodified' }]);
  });

  test('creates audiences without the rule engine too, and changes no membership', async (context) => {
    const id = unique();
    const body = { audiencesChanges: { adds: [item('Gold', id)] } };
    const { audiences, customerProfile } = await update(context, 'v2', id, body);
    expect(audiences).toMatchObject([{ integrationId: id, status: 'new' }]);
    expect(customerProfile.audienceMemberships).toEqual([]);
  });

  test('refuses two audiences of one ID, and creates neither', async (context) => {
    const id = unique();
    const adds = [item('A', `${id} x`), item('B', `${id}-x`)];
    expect(await refusal(context, 'v2', { audiencesChanges: { adds } }, 400)).toBe(
      `Audiences 'A' and 'B' would both have the ID '${id}_x' (give each an integrationId of its own)`,
    );
    const made = await ask(context, 'POST', 'audiences', { audienceId: `${id}_x`, audienceName: 'Free' });
    expectStatus(made, 201);
  });

  test.for([
    [{ name: '' }, 'length must be 1 to 1000'],
    [{ name: ' ' }, 'must not be blank'],
    [{}, 'name: required'],
    [7, 'expected an object'],
    [{ name: 'x', integrationId: '' }, 'length must be 1 to 1000'],
  ] as const)('refuses the audience %j', async ([audience, message], context) => {
    expect(await refusal(context, 'v2', { audiencesChanges: { adds: [audience] } }, 400)).toContain(message);
  });

  test('refuses more than 1000 changes', async (context) => {
    const adds = Array.from({ length: 1001 }, () => item('Gold'));
    expect(await refusal(context, 'v2', { audiencesChanges: { adds } }, 400)).toContain('1001 entries');
  });
});
