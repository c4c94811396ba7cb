/** One client of the model test: makes calls, asks the model for their outcome, and compares it with the answers. */

import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../src/simulate/random.ts';
import type { Lab } from './lab.ts';
import type { Call, Changes, Environment, Model } from './model.ts';
import { isUpdate, scopeOf, shownBy, type Update } from './model-answers.ts';
import type { Caller, CallGenerator } from './model-calls.ts';
import { type Cut, callBytes, PersistentClient, type Sent } from './model-wire.ts';
import type { Json } from './openapi-document.ts';
import type { Answer } from './raw-client.ts';
import { check } from './settings.ts';

interface WireProfile {
  readonly id: number;
  readonly created: string;
  readonly integrationId: string;
  readonly attributes: Record<string, Json>;
  readonly audienceMemberships: { id: number; name: string }[];
  readonly lastActivity: string;
}

/**
 * What was seen of each profile, by `environment/profile`: its number never changes, its last activity changes by rule.
 */
export type SeenProfiles = Map<string, WireProfile>;

export interface Shared {
  readonly lab: Lab;
  readonly model: Model;
  readonly seen: SeenProfiles;
  /** The first answer under each idempotency key, by its scope. */
  readonly answers: Map<string, string>;
  /** The number of calls, of those answered only after a retry, and of those answered as repeats under their key. */
  readonly tally: { calls: number; repeated: number; answeredAgain: number; refusedRows: number };
}

/** The places of the items that a lenient call leaves out; undefined for calls whose answer shows no verdicts. */
function refusedItems(model: Model, call: Call): number[] | undefined {
  if (isUpdate(call) || !('items' in call) || call.isLenient !== true) return undefined;
  return call.items.flatMap((item, place) => (model.isRefused(call, item) ? [place] : []));
}

/** Checks that the profile in a 200 answer is the model's, right after the call. */
function checkState({ model }: Shared, environment: Environment, profile: string, answer: Answer): WireProfile {
  const { customerProfile } = answer.json<{ customerProfile: WireProfile }>();
  const memberships = model.audiencesOf(environment, profile).map(({ id, name }) => ({ id, name }));
  const attributes = Object.fromEntries(model.attributes(environment, profile));
  const agrees =
    customerProfile.integrationId === profile &&
    isDeepStrictEqual(customerProfile.audienceMemberships, memberships) &&
    isDeepStrictEqual(customerProfile.attributes, attributes);
  check(agrees, 'the state in the answer is not that of the model', { customerProfile, memberships, attributes });
  return customerProfile;
}

/** The profiles in the answer to an update. */
function profilesIn(call: Update, answer: Answer): WireProfile[] {
  if (call.kind === 'update') return [answer.json<{ customerProfile: WireProfile }>().customerProfile];
  const { integrationStates } = answer.json<{ integrationStates: { customerProfile: WireProfile }[] }>();
  return integrationStates.map(({ customerProfile }) => customerProfile);
}

export class ModelClient {
  readonly #shared: Shared;
  readonly #caller: Caller;
  readonly #calls: CallGenerator;
  readonly #random: Random;
  readonly #client: PersistentClient;

  constructor(shared: Shared, caller: Caller, calls: CallGenerator, random: Random) {
    this.#shared = shared;
    this.#caller = caller;
    this.#calls = calls;
    this.#random = random;
    this.#client = new PersistentClient(shared.lab);
  }

  get environment(): Environment {
    return this.#caller.environment;
  }

  close(): void {
    this.#client.close();
  }

  /** Makes one call on this client's own objects; sometimes it is cut off first, sometimes sent twice. */
  async step(): Promise<void> {
    const all = this.#random.below(12) === 0 ? this.#calls.onMembers() : undefined;
    const call = all ?? this.#calls.next();
    await this.perform(call);
    // Another form of retry: the answer was lost on the way.
    if (this.#random.below(15) === 0) await this.perform(call);
  }

  /** Makes one call on profiles that others write too; the caller ensures the order. */
  async stepOn(profiles: readonly string[]): Promise<void> {
    await this.perform(this.#calls.onShared(profiles));
  }

  async perform(call: Call): Promise<void> {
    const { lab, model, tally } = this.#shared;
    const bytes = callBytes(lab, call);
    const sent = await this.#client.send(bytes, this.#cut());
    tally.calls += 1;
    if (sent.repeated) tally.repeated += 1;
    const expected = model.expect(call);
    const refused = refusedItems(model, call);
    const isKnown = isUpdate(call) && model.answers.find(call) !== undefined;
    const { status, text } = sent.answer;
    // An attempt without an answer may already have been applied.
    const alreadyDone =
      sent.repeated && ((call.kind === 'create' && status === 409) || (call.kind === 'delete' && status === 404));
    check(status === expected || alreadyDone, `answered with ${status}, not ${expected}`, {
      call,
      text,
      repeated: sent.repeated,
    });
    if (call.kind === 'create' && expected === 201) await this.#created(call, sent, alreadyDone);
    else model.apply(call);
    if (isUpdate(call) && expected < 400) this.#checkUpdate(call, sent, isKnown);
    if (expected !== 200) return;
    if (refused !== undefined) this.#checkVerdicts(call, sent.answer, refused);
    if (call.kind === 'profile' || call.kind === 'profile audiences') this.#checkProfile(call, sent);
    if (call.kind === 'rename') this.#checkAudience(call, sent.answer);
  }

  /** Sends `PUT {}` and compares the profile with the model. */
  async look(profile: string): Promise<void> {
    await this.perform({
      kind: 'profile',
      environment: this.environment,
      platform: 'x',
      profile,
      adds: [],
      deletes: [],
    });
  }

  #cut(): Cut | undefined {
    const random = this.#random;
    if (random.below(25) > 0) return undefined;
    return { fraction: random.pick([0.1, 0.5, 0.99, 1, 1, 1]), afterMs: random.pick([0, 0, 1, 3]) };
  }

  /** Learns the number of the new audience; if an unanswered attempt created it, by renaming it to the same name. */
  async #created(call: Call & { kind: 'create' | 'rename' }, sent: Sent, alreadyDone: boolean): Promise<void> {
    const { lab, model } = this.#shared;
    const rename: Call = { ...call, kind: 'rename' };
    const { answer } = alreadyDone ? await this.#client.send(callBytes(lab, rename)) : sent;
    const { id } = answer.json<{ id: number }>();
    check(!model.usedIds.has(id), `the number ${id} was given to an audience before`, call);
    model.apply(call, id);
    this.#checkAudience(call, answer);
  }

  #checkAudience(call: Call & { kind: 'create' | 'rename' }, answer: Answer): void {
    const audience = this.#shared.model.find(call, call.externalId);
    const { created, ...rest } = answer.json<Record<string, Json>>();
    const expected = {
      id: audience?.id,
      accountId: 1,
      name: audience?.name,
      integration: audience?.platform,
      integrationId: audience?.externalId,
    };
    check(isDeepStrictEqual(rest, expected) && typeof created === 'string', 'the answer shows another audience', {
      rest,
      expected,
    });
  }

  /** @param isKnown whether an earlier request with the key was applied, according to the model */
  #checkUpdate(call: Update, sent: Sent, isKnown: boolean): void {
    const { model, answers, tally } = this.#shared;
    const { headers, status, text } = sent.answer;
    const isRepeat = headers['idempotent-replayed'] === 'true';
    if (isRepeat) tally.answeredAgain += 1;
    const mayBeEither = call.key !== undefined && sent.repeated;
    check(isRepeat === isKnown || mayBeEither, `answered as a repeat: ${isRepeat}`, { call, isKnown });
    const profiles = status === 204 ? [] : profilesIn(call, sent.answer);
    const shown = profiles.map(({ integrationId, attributes, audienceMemberships }) => ({
      integrationId,
      attributes,
      audienceMemberships,
    }));
    const expected = model.answers.find(call)?.shown ?? shownBy(model, call);
    check(isDeepStrictEqual(shown, expected), 'the answer does not show what it should', { call, shown, expected });
    if (call.key !== undefined) {
      const first = answers.get(scopeOf(call));
      check(first === undefined || first === text, 'a repeat has another answer', { first, text });
      answers.set(scopeOf(call), text);
    }
    if (call.kind === 'update' && !isKnown && profiles[0] !== undefined) this.#see(call, profiles[0], call.run, sent);
  }

  /** @param refused the places of the items that the model refused, before the call changed anything */
  #checkVerdicts(call: Call, answer: Answer, refused: readonly number[]): void {
    const { rows } = answer.json<{ rows: { row: number; verdict: string }[] }>();
    const told = rows.filter(({ verdict }) => verdict === 'refused').map(({ row }) => row);
    check(isDeepStrictEqual(told, refused), 'the verdicts are others', { call, told, refused });
    this.#shared.tally.refusedRows += refused.length;
  }

  #checkProfile(call: Call & { kind: 'profile' | 'profile audiences' }, sent: Sent): void {
    const profile = checkState(this.#shared, call.environment, call.profile, sent.answer);
    const active = call.kind === 'profile audiences' || call.run === true || call.adds.length + call.deletes.length > 0;
    this.#see(call, profile, active, sent);
  }

  /** Compares what the model does not know of a profile with what was seen of it before. */
  #see(call: Call & Changes, profile: WireProfile, active: boolean, { from, until }: Sent): void {
    const key = `${call.environment}/${call.profile}`;
    const before = this.#shared.seen.get(key);
    this.#shared.seen.set(key, profile);
    check(before === undefined || (before.id === profile.id && before.created === profile.created), 'another profile', {
      before,
      profile,
    });
    const at = Date.parse(profile.lastActivity);
    if (active) check(at >= from && at <= until, 'lastActivity is not the time of the call', { from, until, profile });
    else
      check(before === undefined || before.lastActivity === profile.lastActivity, 'lastActivity moved', {
        before,
        profile,
      });
  }
}
