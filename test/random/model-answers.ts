/** What the model knows of the Integration API's updates: what their answers show, and what is known under idempotency keys. */

import type { Call, Model } from './model.ts';
import type { Json } from './openapi-document.ts';

/** The updates that take an idempotency key. */
export type Update = Extract<Call, { kind: 'update' | 'updates' }>;

/** A profile as an answer shows it. */
export interface Shown {
  readonly integrationId: string;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly audienceMemberships: readonly { readonly id: number; readonly name: string }[];
}

/** The first request under a key that was applied. */
interface Kept {
  readonly request: string;
  readonly shown: readonly Shown[];
}

export function isUpdate(call: Call): call is Update {
  return call.kind === 'update' || call.kind === 'updates';
}

/** What the answer to an update shows when it is applied now; nothing when it is answered without a body. */
export function shownBy(model: Model, call: Update): Shown[] {
  const { environment } = call;
  const profiles = (call.kind === 'update' ? [call] : acceptedItems(call)).map(({ profile }) => profile);
  if (call.kind === 'updates' && !call.isAnswered) return [];
  return profiles.map((integrationId) => ({
    integrationId,
    attributes: Object.fromEntries(model.attributes(environment, integrationId)),
    audienceMemberships: model.audiencesOf(environment, integrationId).map(({ id, name }) => ({ id, name })),
  }));
}

/** The items of an update that are applied if anything is. */
export function acceptedItems({ items, isLenient }: Extract<Update, { kind: 'updates' }>) {
  return isLenient === true ? items.filter(({ attributes = {} }) => !Object.hasOwn(attributes, 'Undefined')) : items;
}

/** The names of all attributes that an update writes. */
export function attributesIn(call: Update): string[] {
  const changes = call.kind === 'update' ? [call] : call.items;
  return changes.flatMap(({ attributes }) => Object.keys(attributes ?? {}));
}

/** Keys are known for longer than a test takes. */
export class ModelAnswers {
  readonly #kept = new Map<string, Kept>();

  /** What is known under the call's key; undefined for the first request that is applied, and without a key. */
  find(call: Update): (Kept & { readonly isSame: boolean }) | undefined {
    const kept = call.key === undefined ? undefined : this.#kept.get(scopeOf(call));
    return kept === undefined ? undefined : { ...kept, isSame: kept.request === requestOf(call) };
  }

  keep(call: Update, shown: readonly Shown[]): void {
    if (call.key !== undefined) this.#kept.set(scopeOf(call), { request: requestOf(call), shown });
  }
}

/** There is one API key for each environment, and a path for each profile. */
export function scopeOf(call: Update): string {
  return JSON.stringify([call.environment, call.kind === 'update' ? call.profile : undefined, call.key]);
}

/** The platform is not sent. */
function requestOf(call: Update): string {
  return JSON.stringify({ ...call, platform: undefined });
}
