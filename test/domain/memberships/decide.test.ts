/** What writes do, decided on a real store in memory: merges, net changes, their ledger entries, and refusals. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { createAttribute } from '../../../src/domain/definitions/attribute-administration.ts';
import type { AttributeType } from '../../../src/domain/definitions/attributes.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import type { Environment } from '../../../src/domain/environment.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import {
  createAudience,
  deleteAudience,
  updateAudience,
} from '../../../src/domain/memberships/audience-administration.ts';
import type { AudienceRef, Caller, ProfileState } from '../../../src/domain/memberships/commands.ts';
import {
  findAudiencesOf,
  findProfile,
  updateMemberships,
  updateProfile,
} from '../../../src/domain/memberships/profiles.ts';
import { openCore } from '../open-core.ts';

const PLATFORM = 'Customer Data Platform';

let core: Core;
let applications: Record<Environment, Application>;

beforeEach(async () => {
  core = await openCore();
  applications = {
    live: await createApplication(core, { name: 'Shop' }),
    sandbox: await createApplication(core, { name: 'Rehearsal', environment: 'sandbox' }),
  };
  const attributes: [string, AttributeType][] = [
    ['Tier', 'string'],
    ['Visits', 'number'],
    ['Home', 'location'],
  ];
  for (const [name, type] of attributes) await createAttribute(core, { name, type });
});

afterEach(async () => {
  const problems: string[] = [];
  await core.storage.verify(
    ({ check, message }) => problems.push(`${check}: ${message}`),
    () => {},
  );
  await core.storage.close();
  expect(problems).toEqual([]);
});

function caller(environment: Environment = 'live'): Caller {
  const { id } = applications[environment];
  return { requestUuid: crypto.randomUUID(), keyId: undefined, applicationId: id, environment, bytes: 100 };
}

async function audience(
  integrationId: string,
  environment: Environment = 'live',
  integration = PLATFORM,
): Promise<Audience> {
  return createAudience(core, caller(environment), { integration, integrationId, name: integrationId.toUpperCase() });
}

interface Change {
  readonly attributes?: Record<string, JsonValue>;
  readonly adds?: AudienceRef[];
  readonly deletes?: AudienceRef[];
  readonly runRuleEngine?: boolean;
}

async function change(
  integrationId: string,
  { attributes, adds = [], deletes = [], runRuleEngine = false }: Change = {},
  environment: Environment = 'live',
): Promise<ProfileState> {
  return updateProfile(core, caller(environment), {
    integrationId,
    integration: PLATFORM,
    attributes,
    adds,
    deletes,
    runRuleEngine,
  });
}

async function membersOf(): Promise<Record<string, number>> {
  const audiences = await core.storage.browse.listAudiences();
  return Object.fromEntries(audiences.map(({ integrationId, members }) => [integrationId ?? '', members] as const));
}

describe('attributes', () => {
  it('are merged; null removes one, also one that is not set', async () => {
    await change('ada', { attributes: { Tier: 'gold', Visits: 1 } });
    const state = await change('ada', { attributes: { Visits: 2, Tier: null, Home: null } });
    expect(state.attributes).toEqual({ Visits: 2 });
    expect((await findProfile(core, 'live', 'ada')).attributes).toEqual({ Visits: 2 });
  });

  it('are refused as a whole, with every problem named', async () => {
    await change('ada', { attributes: { Tier: 'gold' } });
    const refused = change('ada', { attributes: { Tier: 'silver', Visits: 'many', tier: 1, Nope: null } });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid',
      problems: [
        { source: { pointer: '/attributes/Visits' } },
        { message: expect.stringContaining("'Tier' is defined") as string },
        { source: { pointer: '/attributes/Nope' } },
      ],
    });
    expect((await findProfile(core, 'live', 'ada')).attributes).toEqual({ Tier: 'gold' });
  });
});

describe('memberships', () => {
  it('are added, then deleted: an audience in both is left', async () => {
    const vip = await audience('vip');
    await audience('new');
    const state = await change('ada', { adds: [vip.id, 'new'], deletes: [vip.id] });
    expect(state.memberships.map(({ name }) => name)).toEqual(['NEW']);
    expect(await membersOf()).toEqual({ vip: 0, new: 1 });
  });

  it('come back the same when a request is repeated', async () => {
    await audience('vip');
    const once = await change('ada', { adds: ['vip', 'vip'] });
    const twice = await change('ada', { adds: ['vip'] });
    expect(twice.memberships).toEqual(once.memberships);
    expect(await membersOf()).toEqual({ vip: 1 });
  });

  it('of many profiles apply in order: a later item for the same one wins', async () => {
    await audience('vip');
    await updateMemberships(core, caller(), {
      integration: PLATFORM,
      items: [
        { integrationId: 'ada', adds: ['vip'], deletes: [] },
        { integrationId: 'bob', adds: ['vip'], deletes: [] },
        { integrationId: 'ada', adds: [], deletes: ['vip'] },
        { integrationId: 'eve', adds: [], deletes: [] },
      ],
    });
    const found = await findAudiencesOf(core, 'live', ['ada', 'bob', 'eve', 'nobody']);
    expect(found.map((each) => each.length)).toEqual([0, 1, 0, 0]);
    expect(await findProfile(core, 'live', 'eve')).toMatchObject({ integrationId: 'eve' });
  });

  it('are all or nothing: one unknown audience, and no profile is born', async () => {
    await audience('vip');
    const items = [
      { integrationId: 'ada', adds: ['vip'], deletes: [] },
      { integrationId: 'bob', adds: ['nope', 4711], deletes: ['also-nope'] },
    ];
    await expect(updateMemberships(core, caller(), { integration: PLATFORM, items })).rejects.toMatchObject({
      code: 'not_found',
      problems: [{}, {}, {}],
    });
    await expect(findProfile(core, 'live', 'ada')).rejects.toMatchObject({ code: 'not_found' });
    expect(await membersOf()).toEqual({ vip: 0 });
  });

  it('are bounded: 1000 entries pass, 1001 do not', async () => {
    await audience('vip');
    const adds = Array<AudienceRef>(1000).fill('vip');
    await change('ada', { adds });
    await expect(change('ada', { adds, deletes: ['vip'] })).rejects.toMatchObject({ code: 'invalid' });
    expect(await membersOf()).toEqual({ vip: 1 });
  });
});

describe('audience references', () => {
  it('are a number or a string, never one read as the other', async () => {
    const one = await audience('2');
    const two = await audience('1');
    expect([one.id, two.id]).toEqual([1, 2]);
    expect((await change('ada', { adds: [1] })).memberships).toEqual([{ id: 1, name: '2' }]);
    expect((await change('bob', { adds: ['1'] })).memberships).toEqual([{ id: 2, name: '1' }]);
  });

  it('say what was probably meant', async () => {
    const vip = await audience('vip');
    await audience('77', 'live', 'Segment');
    await expect(change('ada', { adds: [String(vip.id)] })).rejects.toThrow(/internal ID of 'vip'/);
    await expect(change('ada', { adds: ['77'] })).rejects.toThrow(/exists under 'Segment'/);
  });

  it('of the other environment do not exist', async () => {
    const vip = await audience('vip', 'sandbox');
    await expect(change('ada', { adds: [vip.id] })).rejects.toMatchObject({ code: 'not_found' });
    await expect(change('ada', { adds: ['vip'] })).rejects.toThrow(/^Audience 'vip' not found for '[^']+'$/);
    await change('ada', { adds: ['vip'] }, 'sandbox');
    expect((await change('ada')).memberships).toEqual([]);
  });
});

describe('audiences', () => {
  it('are refused when the ID is taken, and free again once deleted', async () => {
    const first = await audience('vip');
    await expect(audience('vip')).rejects.toMatchObject({ code: 'conflict' });
    await audience('vip', 'sandbox');
    await audience('vip', 'live', 'Segment');
    await deleteAudience(core, caller(), { integration: PLATFORM, integrationId: 'vip' });
    const second = await audience('vip');
    expect(second.id).toBeGreaterThan(first.id);
  });

  it('are gone at once with their members, and start empty when they come back', async () => {
    await audience('vip');
    await change('ada', { adds: ['vip'] });
    await deleteAudience(core, caller(), { integration: PLATFORM, integrationId: 'vip' });
    expect((await findProfile(core, 'live', 'ada')).memberships).toEqual([]);
    await audience('vip');
    expect(await membersOf()).toEqual({ vip: 0 });
    expect((await change('ada')).memberships).toEqual([]);
  });

  it('carry a new name everywhere at once', async () => {
    await audience('vip');
    await change('ada', { adds: ['vip'] });
    await updateAudience(
      core,
      caller(),
      { integration: ' customer data platform ', integrationId: 'vip' },
      { name: 'Very' },
    );
    expect((await findProfile(core, 'live', 'ada')).memberships).toEqual([{ id: 1, name: 'Very' }]);
  });

  it('created, filled, renamed and deleted in one batch leave the right trace', async () => {
    const all = await Promise.allSettled([
      audience('vip'),
      core.queue.submit({
        kind: 'createAudience',
        caller: caller(),
        target: { integration: PLATFORM, integrationId: 'x' },
        name: 'X',
        details: undefined,
      }),
      core.queue.submit({
        kind: 'updateMemberships',
        caller: caller(),
        integration: PLATFORM,
        items: [{ integrationId: 'ada', adds: ['x'], deletes: [] }],
      }),
      core.queue.submit({
        kind: 'deleteAudience',
        caller: caller(),
        target: { integration: PLATFORM, integrationId: 'x' },
      }),
      core.queue.submit({
        kind: 'createAudience',
        caller: caller(),
        target: { integration: PLATFORM, integrationId: 'x' },
        name: 'X again',
        details: undefined,
      }),
    ]);
    expect(all.map(({ status }) => status)).toEqual(Array<string>(5).fill('fulfilled'));
    expect(await membersOf()).toEqual({ vip: 0, x: 0 });
    expect((await findProfile(core, 'live', 'ada')).memberships).toEqual([]);
  });
});

describe('last activity', () => {
  it('moves with a rule-engine call or an audience change, and never back', async () => {
    await audience('vip');
    const born = await change('ada');
    expect(born.lastActivity).toBe(born.created);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await change('ada', { attributes: { Visits: 1 } })).lastActivity).toBe(born.lastActivity);
    const moved = await change('ada', { adds: ['vip'] });
    expect(moved.lastActivity).toBeGreaterThan(born.lastActivity);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await change('ada', { runRuleEngine: true })).lastActivity).toBeGreaterThan(moved.lastActivity);
  });
});
