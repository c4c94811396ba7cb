/**
 * Writes with idempotency keys: what is a repeat, its answer, what is kept, and random sequences of them against a
 * model.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { invalid } from '../../../../src/domain/errors.ts';
import type { ProfileDraft } from '../../../../src/domain/memberships/batch.ts';
import type {
  AttributesChange,
  Idempotency,
  ProfileState,
  RowHandling,
  UpdateProfiles,
  WriteCommand,
  WriteOutcome,
} from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import {
  ANSWERS_KEPT_MS,
  type KeptAnswer,
  MAX_ANSWER_BYTES,
  withoutContentOf,
} from '../../../../src/domain/memberships/idempotency.ts';
import { audience, caller, catalogOf, NOW, stateOf, stored, update } from '../batch-state.ts';

/** A store that keeps what batches save, as the port requires. */
class Store {
  readonly #catalog = catalogOf(audience(1));
  readonly #limits = { valueBytes: MAX_ANSWER_BYTES, profileBytes: 2 * MAX_ANSWER_BYTES };
  profiles: ProfileDraft[] = [];
  readonly answers = new Map<string, KeptAnswer>();
  #nextId = 100;

  write(commands: readonly WriteCommand[], now = NOW): WriteOutcome[] {
    const base = stateOf(this.#catalog, this.profiles);
    const sequences = { ...base.sequences, profile: this.#nextId };
    const state = { ...base, sequences, limits: this.#limits, answers: new Map(this.answers), now };
    const { outcomes, changes } = decide(state, commands);
    for (const erased of changes.forgottenInAnswers) {
      for (const [scope, answer] of this.answers) this.answers.set(scope, withoutContentOf(erased, answer));
    }
    for (const [scope, answer] of changes.answers) this.answers.set(scope, answer);
    this.profiles = [...state.profiles.values()].map((each) => ({ ...each, isNew: false, storedSets: each.sets }));
    this.#nextId = sequences.profile;
    return outcomes;
  }

  attributes(integrationId: string): unknown {
    const json = this.profiles.find((each) => each.integrationId === integrationId)?.attributesJson;
    return json === undefined ? undefined : JSON.parse(json);
  }
}

const under = (scope: string, fingerprint = scope): Idempotency => ({ scope, fingerprint });
const tier = (value: string, idempotency?: Idempotency, id = 'p') =>
  update(id, { attributes: { Tier: value }, idempotency });
const erasure = (integrationId: string): WriteCommand => ({ kind: 'eraseProfile', caller: caller(), integrationId });
const many = (
  items: readonly AttributesChange[],
  idempotency: Idempotency | undefined,
  isAnswered = true,
): UpdateProfiles => ({ kind: 'updateProfiles', caller: caller(), items, isAnswered, idempotency });

/** The result, and whether it is that of a repeat. */
function told(outcome: WriteOutcome | undefined): { state: ProfileState; isRepeat: boolean } {
  if (outcome === undefined || !('result' in outcome)) throw new Error(JSON.stringify(outcome));
  return { state: outcome.result as ProfileState, isRepeat: outcome.isRepeat === true };
}

it('answers a repeat as the first, in the same batch and in a later one, and changes nothing', () => {
  const store = new Store();
  const first = update('p', { attributes: { Tier: 'gold' }, adds: [1], runRuleEngine: true, idempotency: under('k') });
  const [one, , three] = store.write([first, tier('blue'), first]);
  const [later] = store.write([first], NOW + 1000);
  const { state } = told(one);
  expect(state).toMatchObject({ attributes: { Tier: 'gold' }, memberships: [{ id: 1 }], lastActivity: NOW });
  for (const again of [three, later]) {
    expect(told(again)).toEqual({ state, isRepeat: true });
    expect(again).toMatchObject({ changed: { joins: 0, leaves: 0, profiles: 0 } });
  }
  expect(one).not.toHaveProperty('isRepeat');
  expect(store.attributes('p')).toEqual({ Tier: 'blue' });
});

it('refuses another request under the key, and names the header', () => {
  const store = new Store();
  const [, refused] = store.write([tier('gold', under('k')), tier('blue', under('k', 'other'))]);
  const problems = [{ source: { parameter: 'Idempotency-Key' } }];
  expect(refused).toMatchObject({ error: { code: 'invalid', problems } });
  expect(store.write([tier('blue', under('k', 'other'))])).toMatchObject([{ error: { code: 'invalid', problems } }]);
  expect(store.attributes('p')).toEqual({ Tier: 'gold' });
});

it('keeps an answer for 24 hours; after that the key can be used again', () => {
  const store = new Store();
  const repeats = (after: number, fingerprint?: string): boolean =>
    told(store.write([tier('gold', under('k', fingerprint))], NOW + after)[0]).isRepeat;
  expect(repeats(0)).toBe(false);
  expect(repeats(ANSWERS_KEPT_MS - 1)).toBe(true);
  expect(repeats(ANSWERS_KEPT_MS, 'another request')).toBe(false);
  expect(repeats(2 * ANSWERS_KEPT_MS - 1, 'another request')).toBe(true);
});

it('keeps nothing of a refusal, of a write without a key, and of one that takes none', () => {
  const store = new Store();
  store.write([
    update('p', { attributes: { Nope: 1 }, idempotency: under('k') }),
    tier('gold'),
    many([{ integrationId: 'q', attributes: undefined }], undefined),
    erasure('p'),
  ]);
  expect(store.answers.size).toBe(0);
  expect(told(store.write([tier('gold', under('k', 'mended'))])[0]).isRepeat).toBe(false);
});

it('shows the profiles of many again, each as it was at the end of the request, or none', () => {
  const store = new Store();
  const items = ['p', 'q', 'p'].map((integrationId, index) => ({ integrationId, attributes: { Tier: `t${index}` } }));
  const [first] = store.write([many(items, under('k')), many(items, under('silent'), false), tier('blue')]);
  const [again, silent] = store.write([many(items, under('k')), many(items, under('silent'), false)]);
  expect(told(again)).toEqual({ state: told(first).state, isRepeat: true });
  expect(silent).toMatchObject({ result: null, isRepeat: true });
  expect(store.answers.get('silent')?.profiles).toEqual([]);
  expect(store.attributes('p')).toEqual({ Tier: 'blue' });
});

it('keeps the content of an answer up to a limit; a larger answer shows its profiles as they are now', () => {
  const store = new Store();
  const around = '{"attributes":{"Tier":""},"memberships":[]}'.length;
  const fitting = 'x'.repeat(MAX_ANSWER_BYTES - around);
  store.write([tier(fitting, under('fits')), tier(`${fitting}x`, under('larger'), 'q')]);
  expect(store.answers.get('fits')?.profiles[0]?.content).toHaveLength(MAX_ANSWER_BYTES);
  expect(store.answers.get('larger')?.profiles).toEqual([
    { id: 101, created: NOW, lastActivity: NOW, content: undefined },
  ]);
  const active = update('q', { attributes: { Tier: 'now' }, adds: [1], runRuleEngine: true });
  store.write([active, tier('now')], NOW + 5);
  const [fits, larger] = store.write([tier(fitting, under('fits')), tier(`${fitting}x`, under('larger'), 'q')]);
  expect(told(fits)).toMatchObject({ isRepeat: true, state: { attributes: { Tier: fitting } } });
  expect(told(larger)).toMatchObject({
    isRepeat: true,
    state: { id: 101, attributes: { Tier: 'now' }, memberships: [{ id: 1 }], lastActivity: NOW + 5 },
  });
});

it('shows nothing of a person who was erased, and brings nothing back', () => {
  const store = new Store();
  const both = ['p', 'q'].map((integrationId) => ({ integrationId, attributes: { Tier: 'gold' } }));
  store.write([many(both, under('many')), tier('gold', under('before'))]);
  // The second is in the batch of the erasure, the third follows the erasure in that batch.
  store.write([tier('red', under('with')), erasure('p'), update('p', { idempotency: under('after') })]);
  const outcomes = store.write([
    tier('gold', under('before')),
    tier('red', under('with')),
    update('p', { idempotency: under('after') }),
    many(both, under('many')),
  ]);
  const [before, during, after, shared] = outcomes.map(told);
  // Who has the ID after the erasure is another person.
  for (const [again, id] of [
    [before, 100],
    [during, 100],
    [after, 102],
  ] as const) {
    expect(again).toMatchObject({ isRepeat: true, state: { id, integrationId: 'p', memberships: [] } });
    expect(again?.state.attributes).toEqual({});
  }
  const states = shared?.state as unknown as readonly ProfileState[] | undefined;
  expect(states?.map(({ attributes }) => attributes)).toEqual([{}, { Tier: 'gold' }]);
  expect(store.attributes('p')).toEqual({});
});

it('does not show the profile that goes by the ID now, if it is another', () => {
  const store = new Store();
  store.write([tier('gold', under('k'))]);
  store.write([erasure('p')]);
  store.profiles = [stored(7, 'p', { attributesJson: '{"Tier":"of somebody else"}' })];
  const { state } = told(store.write([tier('gold', under('k'))])[0]);
  expect(state).toEqual({
    id: 100,
    environment: 'live',
    integrationId: 'p',
    attributes: {},
    memberships: [],
    created: NOW,
    lastActivity: NOW,
  });
});

it.each([
  ['the rows that fitted no schema between them', [0, 2, 3], [{ place: 1, error: invalid('no object').toRecord() }]],
  ['all rows of one shape', [], []],
])('shows the verdicts on rows again, with the profiles of the accepted ones: %s', (_, places, refused) => {
  const store = new Store();
  const items = [
    { integrationId: 'p', attributes: { Tier: 'gold' } },
    { integrationId: 'q', attributes: { Nope: 1 } },
    { integrationId: 'r', attributes: { Tier: 'tin' } },
  ];
  const rows: RowHandling = { isLenient: true, maxErrors: undefined, places, refused };
  const command = { ...many(items, under('k')), rows };
  const [first] = store.write([command]);
  const { state } = told(first);
  expect(state).toMatchObject([{ integrationId: 'p' }, { integrationId: 'r', attributes: { Tier: 'tin' } }]);
  const verdicts = first !== undefined && 'result' in first ? first.verdicts : undefined;
  expect(verdicts?.map(({ verdict }) => verdict)).toEqual([
    'applied',
    ...refused.map(() => 'refused'),
    'refused',
    'applied',
  ]);
  const changed = { joins: 0, leaves: 0, profiles: 0 };
  expect(store.write([tier('blue'), command])[1]).toEqual({ result: state, changed, isRepeat: true, verdicts });
});

it('does not answer without a profile that the first answer must have had', () => {
  const store = new Store();
  store.answers.set('k', { fingerprint: 'k', time: NOW, profiles: [] });
  expect(() => store.write([tier('gold', under('k'))])).toThrow('A kept answer lacks a profile of its request');
});

// ---- any order of them

const IDS = ['p', 'q'];
const requests = fc.record({
  key: fc.constantFrom('k1', 'k2', 'k3', undefined),
  ids: fc.array(fc.constantFrom(...IDS), { minLength: 1, maxLength: 3 }),
  tier: fc.constantFrom('gold', 'blue', null, 'refused'),
  isAnswered: fc.boolean(),
});
type Request = typeof requests extends fc.Arbitrary<infer Value> ? Value : never;
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.array(requests, { minLength: 1, maxLength: 5 }).map((batch) => ({ batch })) },
    { weight: 2, arbitrary: fc.constantFrom(...IDS).map((erased) => ({ erased })) },
    { weight: 1, arbitrary: fc.constantFrom(1, ANSWERS_KEPT_MS - 1, ANSWERS_KEPT_MS).map((later) => ({ later })) },
  ),
  { minLength: 2, maxLength: 12 },
);

/** The promises of keys, as plain maps. */
class Model {
  now = NOW;
  readonly tiers = new Map<string, string | undefined>();
  readonly #answers = new Map<string, { request: string; time: number; tiers: Map<string, string | undefined> }>();

  /** @returns the tiers in the answer, null if it has none, or the refusal */
  apply({ key, ...request }: Request): (string | undefined)[] | null | 'invalid' {
    const text = JSON.stringify(request);
    const kept = key === undefined ? undefined : this.#answers.get(key);
    const first = kept !== undefined && this.now - kept.time < ANSWERS_KEPT_MS ? kept : undefined;
    if (first !== undefined && first.request !== text) return 'invalid';
    if (first === undefined) {
      if (request.tier === 'refused') return 'invalid';
      for (const id of request.ids) this.tiers.set(id, request.tier ?? undefined);
      if (key !== undefined) this.#answers.set(key, { request: text, time: this.now, tiers: new Map(this.tiers) });
    }
    if (!request.isAnswered) return null;
    // Content that was not kept is shown as it is now.
    return request.ids.map((id) => (first?.tiers.has(id) === true ? first.tiers.get(id) : this.tiers.get(id)));
  }

  erase(id: string): void {
    this.tiers.delete(id);
    for (const { tiers } of this.#answers.values()) tiers.set(id, undefined);
  }
}

function toCommand({ key, ...request }: Request): UpdateProfiles {
  const attributes = request.tier === 'refused' ? { Nope: 1 } : { Tier: request.tier };
  const items = request.ids.map((integrationId) => ({ integrationId, attributes }));
  return many(items, key === undefined ? undefined : under(key, JSON.stringify(request)), request.isAnswered);
}

function tiersIn(outcome: WriteOutcome): (string | undefined)[] | null | string {
  if ('error' in outcome) return outcome.error.code;
  if ('failure' in outcome) return outcome.failure;
  const states = outcome.result as ProfileState[] | null;
  return states?.map(({ attributes }) => attributes['Tier'] as string | undefined) ?? null;
}

it('does what the model does, in any order of repeats, refusals, erasures and days', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const [store, model] = [new Store(), new Model()];
      for (const step of history) {
        if ('later' in step) model.now += step.later;
        else if ('erased' in step) {
          if (!model.tiers.has(step.erased)) continue;
          store.write([erasure(step.erased)], model.now);
          model.erase(step.erased);
        } else {
          const outcomes = store.write(step.batch.map(toCommand), model.now);
          expect(outcomes.map(tiersIn)).toEqual(step.batch.map((request) => model.apply(request)));
        }
        for (const id of IDS) {
          const value = model.tiers.get(id);
          const attributes = value === undefined ? {} : { Tier: value };
          expect(store.attributes(id)).toEqual(model.tiers.has(id) ? attributes : undefined);
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});
