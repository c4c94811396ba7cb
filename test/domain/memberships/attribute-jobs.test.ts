/** Attributes of everyone in an audience: which jobs are recorded, and what each does to a profile. */

import { describe, expect, it } from 'vitest';
import type { AttributeJob } from '../../../src/domain/definitions/attribute-jobs.ts';
import { bringUpToDate, promisedAttributes } from '../../../src/domain/memberships/attribute-jobs.ts';
import { noChanges, type ProfileDraft } from '../../../src/domain/memberships/batch.ts';
import { decide } from '../../../src/domain/memberships/decide.ts';
import { attributesOfAll, audience, bulk, caller, catalogOf, NOW, stateOf, stored, update } from './batch-state.ts';

const LIMITS = { valueBytes: 1000, profileBytes: 10_000 };

function job(id: number, attributes: AttributeJob['attributes'], more: Partial<AttributeJob> = {}): AttributeJob {
  return {
    id,
    audienceId: 1,
    memberSet: 10,
    attributes,
    size: 10,
    recorded: NOW - 100 + id,
    arrived: undefined,
    ...more,
  };
}

/** A member of audience 1, brought up to date. */
function broughtUp(jobs: readonly AttributeJob[], more: Partial<ProfileDraft> = {}, limits = LIMITS) {
  const catalog = catalogOf(audience(1), audience(2));
  catalog.putAttributeJobs(jobs);
  const profile = stored(5, 'p', { sets: [10], attributesJson: '{"Tier":"tin","Visits":1}', ...more });
  const changes = noChanges();
  const promised = promisedAttributes(profile, catalog, limits);
  bringUpToDate({ catalog, limits }, profile, changes);
  expect(profile.attributesJson).toBe(promised);
  return { profile, tooLarge: [...changes.tooLarge], values: Object.fromEntries(profile.valueChanges ?? []) };
}

describe('a profile', () => {
  it('gets the values of all jobs that it lacks, the newest last', () => {
    const { profile, values } = broughtUp([job(3, { Tier: 'gold', Visits: null }), job(4, { Tier: 'lead' })]);
    expect(profile).toMatchObject({
      attributesJson: '{"Tier":"lead"}',
      attributesWritten: NOW - 96,
      attributeJob: 4,
      changed: true,
    });
    expect(values).toEqual({
      Tier: { before: 'tin', after: 'lead' },
      Visits: { before: 1, after: undefined },
    });
  });

  it('counts as written by the job unless something newer has', () => {
    expect(broughtUp([job(3, { Tier: 'gold' })], { attributesWritten: NOW }).profile.attributesWritten).toBe(NOW);
  });

  it.each<[string, AttributeJob[], Partial<ProfileDraft>, number]>([
    ['there is none', [], {}, 0],
    ['it has them', [job(3, { Tier: 'gold' })], { attributeJob: 3 }, 3],
    ['it is in another set', [job(3, { Tier: 'gold' })], { sets: [20] }, 3],
    ['it was written before by a newer one', [job(3, { Tier: 'gold' })], { attributeJob: 9 }, 9],
  ])('stays as it is where %s', (_, jobs, more, attributeJob) => {
    const { profile, values, tooLarge } = broughtUp(jobs, more);
    expect(profile).toMatchObject({ attributesJson: '{"Tier":"tin","Visits":1}', changed: false, attributeJob });
    expect([values, tooLarge]).toEqual([{}, []]);
  });

  it('keeps what was written since a replayed job first arrived', () => {
    const replayed = job(3, { Tier: 'gold' }, { arrived: 50 });
    expect(broughtUp([replayed], { attributesWritten: 50 }).profile.attributesJson).toContain('tin');
    const { profile } = broughtUp([replayed], { attributesWritten: 49 });
    expect(profile).toMatchObject({ attributesJson: '{"Tier":"gold","Visits":1}', attributesWritten: 50 });
    // A job that yields leaves the others.
    expect(broughtUp([replayed, job(4, { Visits: 2 })], { attributesWritten: 50 }).values).toEqual({
      Visits: { before: 1, after: 2 },
    });
  });

  it('that is new is not concerned by a job recorded before', () => {
    const state = stateOf(catalogOf(audience(1)));
    state.catalog.putAttributeJobs([job(3, { Tier: 'gold' })]);
    const { outcomes } = decide(state, [update('new', { attributes: { Visits: 2 }, adds: ['a1'] })]);
    expect(outcomes).toMatchObject([{ result: { attributes: { Visits: 2 } } }]);
  });

  it('does without a job that would make it too large, which counts it', () => {
    const [before, after] = [{ before: 1, after: 2 }, JSON.stringify({ Tier: 'gold!', Visits: 1 })];
    const limits = { ...LIMITS, profileBytes: after.length - 1 };
    const { profile, tooLarge, values } = broughtUp([job(3, { Tier: 'gold!' }), job(4, { Visits: 2 })], {}, limits);
    expect(profile.attributesJson).toBe('{"Tier":"tin","Visits":2}');
    expect(tooLarge).toEqual([[3, 1]]);
    expect(values).toEqual({ Visits: before });
    expect(broughtUp([job(3, { Tier: 'gold!' })], {}, { ...limits, profileBytes: after.length }).tooLarge).toEqual([]);
  });
});

describe('a job', () => {
  const decided = (members: number, ...commands: Parameters<typeof decide>[1]) => {
    const state = { ...stateOf(catalogOf(audience(1)), [stored(5, 'p', { sets: [10] })]), memberCount: () => members };
    return { ...decide(state, commands), catalog: state.catalog };
  };

  it('is recorded for the members of the moment', () => {
    const { outcomes, changes, catalog } = decided(3, attributesOfAll(1, { Tier: 'gold', Visits: null }));
    expect(outcomes).toEqual([{ result: null, changed: { joins: 0, leaves: 0, profiles: 3 } }]);
    const attributes = { Tier: 'gold', Visits: null };
    const expected = { id: 1, audienceId: 1, memberSet: 10, attributes, size: 29, recorded: NOW, arrived: undefined };
    expect(changes.attributeJobs).toEqual([{ job: expected, requestUuid: 'request', keyId: 1, members: 3 }]);
    expect(catalog.attributeJobs).toEqual([expected]);
  });

  it('is none for an audience without members, and for no attributes', () => {
    expect(decided(0, attributesOfAll(1, { Tier: 'gold' })).changes.attributeJobs).toEqual([]);
    expect(decided(3, attributesOfAll(1, {})).changes.attributeJobs).toEqual([]);
    // Those who joined in the same batch are members.
    const { changes } = decided(
      0,
      bulk([{ integrationId: 'new', adds: ['a1'] }]),
      attributesOfAll(1, { Tier: 'gold' }),
    );
    expect(changes.attributeJobs).toMatchObject([{ members: 1 }]);
  });

  it('comes before what the same batch writes later', () => {
    const later = update('p', { attributes: { Tier: 'tin' } });
    const { outcomes } = decided(1, attributesOfAll(1, { Tier: 'gold', Visits: 2 }), later);
    expect(outcomes[1]).toMatchObject({ result: { attributes: { Tier: 'tin', Visits: 2 } } });
  });

  it.each<[string, object, object]>([
    ['a value of another type', attributesOfAll(1, { Tier: 1 }), { code: 'invalid' }],
    ['an attribute that is not defined', attributesOfAll(1, { Size: 1 }), { code: 'invalid' }],
    ['an unknown audience', attributesOfAll(9, { Tier: 'gold' }), { code: 'not_found' }],
    [
      'an audience of the other environment',
      attributesOfAll(1, { Tier: 'x' }, caller({ environment: 'sandbox' })),
      { code: 'not_found' },
    ],
  ])('is refused for %s', (_, command, error) => {
    const { outcomes, changes } = decided(3, command as ReturnType<typeof attributesOfAll>);
    expect(outcomes).toMatchObject([{ error }]);
    expect(changes.attributeJobs).toEqual([]);
  });

  it('waits its turn behind a hundred, or eight million characters', () => {
    const refused = (jobs: readonly AttributeJob[], command = attributesOfAll(1, { Tier: 'gold' })): unknown => {
      const catalog = catalogOf(audience(1));
      catalog.putAttributeJobs(jobs);
      const { outcomes } = decide({ ...stateOf(catalog), memberCount: () => 1 }, [command]);
      return outcomes[0];
    };
    const jobs = (count: number, size = 1) => Array.from({ length: count }, (_, index) => job(index + 1, {}, { size }));
    const unavailable = { error: { code: 'unavailable', retryAfter: 5 } };
    expect(refused(jobs(99))).not.toHaveProperty('error');
    expect(refused(jobs(100))).toMatchObject(unavailable);
    const limit = 8 * 1024 * 1024;
    const own = JSON.stringify({ Tier: 'gold' }).length;
    expect(refused(jobs(1, limit - own))).not.toHaveProperty('error');
    expect(refused(jobs(1, limit - own + 1))).toMatchObject(unavailable);
    expect(refused(jobs(2, (limit - own) / 2 + 1))).toMatchObject(unavailable);
  });
});
