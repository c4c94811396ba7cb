/** Updates of profiles and memberships as commands: what is sent to the queue, what is not, and how much one may hold. */

import { describe, expect, it } from 'vitest';
import type { UpdateProfile } from '../../../src/domain/memberships/commands.ts';
import { updateProfiles, updateProfilesWithMemberships } from '../../../src/domain/memberships/profile-lists.ts';
import {
  checkChangeCount,
  findProfile,
  type ProfileChange,
  updateMemberships,
  updateProfile,
} from '../../../src/domain/memberships/profiles.ts';
import { audience, caller, catalogOf, PLATFORM } from './batch-state.ts';
import { recordedWrites, UNCHANGED } from './recorded-writes.ts';

const BY = caller();
const change = (more: Partial<ProfileChange> = {}): ProfileChange => ({
  integrationId: 'ada',
  integration: PLATFORM,
  adds: [],
  deletes: [],
  runRuleEngine: false,
  ...more,
});
const refs = (count: number) => Array<string>(count).fill('a1');

it('a request has at most a thousand adds and deletes, counted as received', () => {
  checkChangeCount([change({ adds: refs(400), deletes: refs(100) }), change({ deletes: refs(500) })]);
  const error: unknown = expect.objectContaining({
    code: 'invalid',
    problems: [
      { title: 'limit', message: 'adds and deletes contain 1001 entries; at most 1000 per request: split it' },
    ],
  });
  expect(() => checkChangeCount([change({ adds: refs(1000) }), change({ deletes: refs(1) })])).toThrow(error);
});

describe('an update of a profile', () => {
  type Sent = Pick<UpdateProfile, 'adds' | 'deletes' | 'onlyChecked' | 'runRuleEngine'>;
  const [add, leave] = [{ adds: ['a1'] }, { deletes: ['a2'] }];
  const applied = { adds: ['a1'], deletes: ['a2'], onlyChecked: undefined };
  const rows: [string, Partial<ProfileChange>, Sent][] = [
    ['runs no rules by itself', {}, { adds: [], deletes: [], onlyChecked: undefined, runRuleEngine: false }],
    ['runs rules on request', { runRuleEngine: true }, { ...applied, adds: [], deletes: [], runRuleEngine: true }],
    ['runs them for an add', add, { ...applied, deletes: [], runRuleEngine: true }],
    ['runs them for a delete', leave, { ...applied, adds: [], runRuleEngine: true }],
    [
      'does not where audiences are independent',
      { ...add, ...leave, audiencesAndRules: 'independent' },
      { ...applied, runRuleEngine: false },
    ],
    [
      'only checks audiences that need rules',
      { ...add, ...leave, audiencesAndRules: 'need' },
      { adds: [], deletes: [], onlyChecked: ['a1', 'a2'], runRuleEngine: false },
    ],
    [
      'changes them where rules run',
      { ...add, ...leave, audiencesAndRules: 'need', runRuleEngine: true },
      { ...applied, runRuleEngine: true },
    ],
  ];
  it.each(rows)('%s', async (_, more, sent) => {
    const { core, commands } = recordedWrites(undefined, catalogOf(audience(1), audience(2)));
    await updateProfile(core, BY, change(more));
    expect(commands).toEqual([
      {
        kind: 'updateProfile',
        caller: BY,
        integration: PLATFORM,
        integrationId: 'ada',
        attributes: undefined,
        skipUndefinedAttributes: undefined,
        inexactNumbers: undefined,
        creation: undefined,
        named: undefined,
        idempotency: undefined,
        ...sent,
      },
    ]);
  });

  it('passes on what it does not decide, and no more changes than allowed', async () => {
    const { core, commands } = recordedWrites();
    const more = {
      attributes: { Tier: 'gold' },
      skipUndefinedAttributes: true,
      inexactNumbers: { Visits: '1' },
      creation: { description: 'd', types: {} },
      named: { audiences: [], renames: true },
      idempotency: { scope: 's', fingerprint: 'f' },
    };
    expect(await updateProfile(core, BY, change(more))).toBe('updateProfile');
    expect(commands).toMatchObject([more]);
    await expect(updateProfile(core, BY, change({ adds: refs(1001) }))).rejects.toMatchObject({ code: 'invalid' });
    expect(commands).toHaveLength(1);
  });
});

describe('a change of memberships', () => {
  const item = { integrationId: 'ada', adds: ['a1'], deletes: [] };
  const rows = { isLenient: true, maxErrors: undefined, places: [], refused: [] };

  it('is one command, and none if it has no items', async () => {
    const { core, commands } = recordedWrites();
    await updateMemberships(core, BY, { integration: PLATFORM, items: [] });
    expect(commands).toEqual([]);
    await updateMemberships(core, BY, { integration: PLATFORM, items: [item], skipsUnknownProfiles: true });
    const sent = { kind: 'updateMemberships', caller: BY, integration: PLATFORM };
    expect(commands).toEqual([{ ...sent, items: [item], skipsUnknownProfiles: true }]);
  });

  it('gets verdicts even if every row has been refused before', async () => {
    const { core, commands } = recordedWrites();
    await updateMemberships(core, BY, { integration: PLATFORM, items: [], rows });
    expect(commands).toMatchObject([{ items: [], rows }]);
  });

  it('has at most a thousand changes', async () => {
    const { core, commands } = recordedWrites();
    const many = { integration: PLATFORM, items: [{ ...item, adds: refs(1001) }] };
    await expect(updateMemberships(core, BY, many)).rejects.toMatchObject({ code: 'invalid' });
    expect(commands).toEqual([]);
  });
});

describe('an update of many profiles', () => {
  const items = [{ integrationId: 'ada', attributes: { Tier: 'gold' } }];

  it('is one command that answers with the profiles, or none', async () => {
    const { core, commands } = recordedWrites();
    const options = { isAnswered: true, skipUndefinedAttributes: true };
    expect(await updateProfiles(core, BY, items, options)).toBe('updateProfiles');
    expect(commands).toEqual([{ kind: 'updateProfiles', caller: BY, items, ...options }]);
    const silent = recordedWrites(() => ({ result: null, changed: UNCHANGED })).core;
    expect(await updateProfiles(silent, BY, items, { isAnswered: false })).toEqual([]);
  });

  it('may change their memberships, skips undefined attributes, and is nothing without profiles', async () => {
    const { core, commands } = recordedWrites();
    const memberships = [{ integrationId: 'ada', adds: ['new'], deletes: [], item: 0 }];
    const named = { audiences: [{ ref: 'new', newId: 'new', name: 'New' }], renames: true };
    const whole = { items, integration: PLATFORM, memberships, named, runRuleEngine: true };
    await updateProfilesWithMemberships(core, BY, { ...whole, items: [] });
    expect(commands).toEqual([]);
    await updateProfilesWithMemberships(core, BY, whole);
    const rows = { isLenient: true, maxErrors: undefined, places: [], refused: [] };
    await updateProfilesWithMemberships(core, BY, { ...whole, items: [], memberships: [], rows });
    expect(commands.at(1)).toMatchObject({ items: [], rows });
    expect(commands.slice(0, 1)).toEqual([
      {
        kind: 'updateProfiles',
        caller: BY,
        items,
        isAnswered: false,
        skipUndefinedAttributes: true,
        runRuleEngine: true,
        memberships: { integration: PLATFORM, items: memberships, named },
      },
    ]);
    const many = {
      ...whole,
      items: [],
      memberships: [{ integrationId: 'ada', adds: refs(1001), deletes: [], item: 0 }],
    };
    await expect(updateProfilesWithMemberships(core, BY, many)).rejects.toMatchObject({ code: 'invalid' });
  });
});

it('a profile that is not stored is not found', async () => {
  const core = { ...recordedWrites().core, storage: { findProfile: async () => undefined } };
  await expect(findProfile(core as never, 'live', 'nobody')).rejects.toMatchObject({
    code: 'not_found',
    message: "Customer profile 'nobody' not found",
  });
});
