/** Random commands of all kinds against the model: every answer, every membership and every counter must agree. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Environment } from '../../../src/domain/environment.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import type {
  AudienceRef,
  ErasedProfile,
  WriteCommand,
  WriteOutcome,
} from '../../../src/domain/memberships/commands.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { World } from '../world.ts';
import { type Expected, Model } from './model.ts';

const SOAK = process.env['ROLLCALL_SOAK'] === '1';

const ENVIRONMENTS: readonly Environment[] = ['live', 'sandbox'];
const PROFILES = ['p', 'P', 'q', '😀', 'e\u0301', 'é'];
const EXTERNAL_IDS = ['a', 'A', '1', '2'];

const environment = fc.constantFrom(...ENVIRONMENTS);
const platform = fc.constantFrom('One', ' one', 'ONE', 'Two');
const profile = fc.constantFrom(...PROFILES);
const audience = fc.constantFrom(...EXTERNAL_IDS);
const audienceNumber = fc.integer({ min: 1, max: 12 });
// Most of these may exist: a request with unknown audiences is refused completely and tests little.
const refs: fc.Arbitrary<AudienceRef[]> = fc.array(fc.oneof(audience, audienceNumber), { maxLength: 3 });
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(null, 'x', '', 1, -0),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const attributes = fc.dictionary(fc.constantFrom('Tier', 'Age', 'Odd', 'Nope'), value, {
  maxKeys: 2,
  noNullPrototype: true,
});
const change = fc.record({ integrationId: profile, adds: refs, deletes: refs });
// Most of these are valid: an invalid one makes its whole list be refused.
const fitting = fc.dictionary(fc.constantFrom('Tier'), fc.constantFrom(null, 'x', ''), { noNullPrototype: true });
const attributesChange = fc.record({
  integrationId: profile,
  attributes: fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: attributes }),
});

type Command = (world: World) => WriteCommand;

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(change, fc.option(attributes, { nil: undefined }), fc.boolean(), fc.boolean(), environment, platform)
      .map(([each, given, skip, rules, env, integration]) => (world: World) => {
        const update = world.update(
          each.integrationId,
          { ...each, integration, skipUndefinedAttributes: skip, runRuleEngine: rules },
          env,
        );
        return { ...update, attributes: given };
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.array(change, { maxLength: 5 }), fc.boolean(), environment, platform)
      .map(([items, skipsUnknownProfiles, env, integration]) => (world: World) => ({
        ...world.bulk(items, env, integration),
        skipsUnknownProfiles,
      })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.array(attributesChange, { maxLength: 4 }), fc.boolean(), environment).map(
      ([items, isAnswered, env]) =>
        (world: World): WriteCommand => ({ kind: 'updateProfiles', caller: world.caller(env), items, isAnswered }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(audience, fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 1, arbitrary: attributes }), environment)
      .map(
        ([id, given, env]) =>
          (world: World) =>
            world.attributesOfAll({ integration: 'One', integrationId: id }, given, env),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(audience, environment, platform).map(
      ([id, env, integration]) =>
        (world: World): WriteCommand => ({
          kind: 'emptyAudience',
          caller: world.caller(env),
          target: { integration, integrationId: id },
        }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(audience, environment, platform).map(
      ([id, env, integration]) =>
        (world: World) =>
          world.creation(id, env, integration),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(audience, fc.string(), environment, platform).map(
      ([id, name, env, integration]) =>
        (world: World) =>
          world.renaming(id, name, env, integration),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(audience, environment, platform).map(
      ([id, env, integration]) =>
        (world: World) =>
          world.deletion(id, env, integration),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(profile, environment).map(
      ([id, env]) =>
        (world: World) =>
          world.erasure(id, env),
    ),
  },
);

type Step = (run: Run) => Promise<void>;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(command, { minLength: 1, maxLength: 6 })
      .map((commands) => async (run: Run) => run.write(commands)),
  },
  { weight: 2, arbitrary: audienceNumber.map((id) => async (run: Run) => run.begin(id)) },
  {
    weight: 2,
    arbitrary: fc.tuple(audienceNumber, fc.array(profile, { maxLength: 4 })).map(
      ([id, ids]) =>
        async (run: Run) =>
          run.stage(id, ids),
    ),
  },
  { weight: 2, arbitrary: audienceNumber.map((id) => async (run: Run) => run.finish(id)) },
  { weight: 1, arbitrary: audienceNumber.map((id) => async (run: Run) => run.abandon(id)) },
  { weight: 1, arbitrary: fc.constant(async (run: Run) => void (await run.world.storage.applyAttributeJobs())) },
  { weight: 1, arbitrary: fc.constant(async (run: Run) => run.finishErasures()) },
  { weight: 1, arbitrary: fc.constant(async (run: Run) => void (await run.world.storage.purge())) },
  { weight: 1, arbitrary: fc.constant(async (run: Run) => void (await run.world.storage.pruneLedger(Date.now()))) },
);

/** One store and its model, side by side. */
class Run {
  readonly world: World;
  readonly #model = new Model();
  readonly #staging = new Map<number, number>();
  #highestAudience = 0;
  readonly #erased = new Set<number>();

  constructor(world: World) {
    this.world = world;
  }

  async write(commands: readonly Command[]): Promise<void> {
    const batch = commands.map((each) => each(this.world));
    const outcomes = await this.world.storage.write(batch);
    expect(outcomes.length).toBe(batch.length);
    for (const [index, each] of batch.entries()) {
      const outcome = outcomes[index] ?? { failure: 'none' };
      this.#compare(each, outcome, this.#model.apply(each, newAudienceId(outcome)));
    }
    for (const id of this.#staging.keys()) if (!this.#model.audiences.has(id)) this.#staging.delete(id);
  }

  async begin(id: number): Promise<void> {
    const audience = this.#model.audiences.get(id);
    const expected = audience === undefined ? 'not_found' : audience.staged === undefined ? 'done' : 'conflict';
    const set = await this.#attempt(this.world.storage.beginReplacement(id), expected);
    if (set === undefined || audience === undefined) return;
    audience.staged = new Set();
    this.#staging.set(id, set);
  }

  async stage(id: number, integrationIds: readonly string[]): Promise<void> {
    await this.#attempt(
      this.world.storage.stageMembers(id, this.#staging.get(id) ?? 0, integrationIds),
      this.#expectedOf(id),
    );
    this.#model.stage(id, integrationIds);
  }

  async finish(id: number): Promise<void> {
    const expected = this.#expectedOf(id);
    const call = this.world.storage.finishReplacement(id, this.#staging.get(id) ?? 0, this.world.caller());
    const result = await this.#attempt(call, expected);
    if (result === undefined) return;
    expect(result).toMatchObject(this.#model.swap(id));
    this.#staging.delete(id);
  }

  async abandon(id: number): Promise<void> {
    await this.world.storage.abandonReplacement(id, this.#staging.get(id) ?? 0);
    const audience = this.#model.audiences.get(id);
    if (audience !== undefined) audience.staged = undefined;
    this.#staging.delete(id);
  }

  async finishErasures(): Promise<void> {
    const { storage } = this.world;
    for (const { profileId } of await storage.listUnfinishedErasures(1000)) await storage.finishErasure(profileId);
    this.#model.finishErasures();
  }

  /** Checks that every read of the store equals the model. */
  async compareAll(): Promise<void> {
    const { storage } = this.world;
    const listed = await storage.browse.listAudiences();
    const expected = [...this.#model.audiences].sort(([a], [b]) => a - b);
    expect(listed.map(({ id, name, members }) => ({ id, name, members }))).toEqual(
      expected.map(([id, { name, members }]) => ({ id, name, members: members.size })),
    );
    for (const [id, { members }] of expected) expect(new Set(await this.world.members(id, 2))).toEqual(members);
    for (const env of ENVIRONMENTS) {
      const found = await storage.findAudiencesOf(env, PROFILES);
      for (const [index, id] of PROFILES.entries()) {
        expect(found[index]?.map((each) => each.id)).toEqual(this.#model.audiencesOf(env, id));
        const profile = await storage.findProfile(env, id);
        if (this.#model.profiles[env].has(id))
          expect(profile).toMatchObject(withoutSigns(this.#model.profile(env, id)));
        else expect(profile).toBeUndefined();
      }
    }
    for (const env of ENVIRONMENTS) {
      const having = [...this.#model.profiles[env]].filter(([, { attributes }]) => attributes.get('Tier') === 'x');
      expect(new Set(await this.world.search({ Tier: 'x' }, env))).toEqual(new Set(having.map(([id]) => id)));
    }
    expect(await this.world.problems()).toEqual([]);
  }

  #compare(given: WriteCommand, outcome: WriteOutcome, expected: Expected): void {
    const context = JSON.stringify({ given, outcome, expected });
    if ('refused' in expected) {
      expect('error' in outcome && outcome.error.code, context).toBe(expected.refused);
      return;
    }
    if (!('result' in outcome)) throw new Error(context);
    if ('profile' in expected) {
      expect(outcome.result, context).toMatchObject({
        ...withoutSigns(expected.profile),
        environment: given.caller.environment,
      });
      expect((outcome.result as { attributes: object }).attributes, context).toEqual(
        withoutSigns(expected.profile).attributes,
      );
    } else if ('profiles' in expected) {
      expect(withoutSigns(outcome.result), context).toMatchObject(withoutSigns(expected.profiles));
    } else if ('audience' in expected) {
      const { name, platform: integration, integrationId } = expected.audience;
      expect(outcome.result, context).toMatchObject({ name, integration, integrationId });
      if (!expected.isNew) return;
      const id = newAudienceId(outcome);
      expect(id, context).toBeGreaterThan(this.#highestAudience);
      this.#highestAudience = id;
    } else if ('erased' in expected) {
      const { profileId } = outcome.result as ErasedProfile;
      expect(this.#erased.has(profileId), context).toBe(expected.erased === 'before');
      this.#erased.add(profileId);
    } else {
      expect(outcome.result, context).toBeNull();
    }
  }

  #expectedOf(id: number): string {
    const audience = this.#model.audiences.get(id);
    if (audience === undefined) return 'not_found';
    return audience.staged === undefined ? 'conflict' : 'done';
  }

  async #attempt<T>(call: Promise<T>, expected: string): Promise<T | undefined> {
    try {
      const result = await call;
      expect('done').toBe(expected);
      return result;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      expect(error.code).toBe(expected);
      return undefined;
    }
  }
}

function newAudienceId(outcome: WriteOutcome): number {
  if (!('result' in outcome) || outcome.result === null) return 0;
  return 'id' in outcome.result ? outcome.result.id : 0;
}

/** -0 is stored as 0. */
function withoutSigns<T>(given: T): T {
  return JSON.parse(JSON.stringify(given)) as T;
}

/** @param runs the number of random histories; many more in a soak */
export function randomCases(open: () => Promise<Storage>, runs: number): void {
  test('every answer, membership and counter is as the model has it', {
    timeout: SOAK ? 86_400_000 : 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
        const storage = await open();
        try {
          const world = await World.create(storage);
          await world.defineAttribute('Tier', 'string');
          await world.defineAttribute('Age', 'number');
          await world.defineAttribute('Odd', 'string', [world.sandbox.id]);
          const run = new Run(world);
          for (const each of steps) await each(run);
          await run.compareAll();
        } finally {
          await storage.close();
        }
      }),
      { numRuns: SOAK ? runs * 100 : runs },
    );
  });
}
