/** What the service should do, as plain sets and maps; written from the contract, sharing no code with the product. */

import { acceptedItems, attributesIn, isUpdate, ModelAnswers, shownBy, type Update } from './model-answers.ts';
import type { Json } from './openapi-document.ts';

export type Environment = 'live' | 'sandbox';

/** Adds and deletes by internal number or by the platform's own ID, distinguished by type as on the wire. */
export interface Changes {
  readonly profile: string;
  readonly adds: readonly (number | string)[];
  readonly deletes: readonly (number | string)[];
}

/** Values to set, and null to remove one. */
export interface Attributes {
  readonly attributes?: Readonly<Record<string, Json>> | undefined;
}

interface From {
  readonly environment: Environment;
  readonly platform: string;
}

/** A write, as a platform means it. */
export type Call = From &
  (
    | ({
        readonly kind: 'profile';
        readonly run?: boolean | undefined;
      } & Changes &
        Attributes)
    | ({ readonly kind: 'profile audiences' } & Changes)
    | ({ readonly kind: 'update'; readonly run: boolean; readonly key?: string | undefined } & Changes & Attributes)
    | {
        readonly kind: 'updates';
        readonly items: readonly ({ readonly profile: string } & Attributes)[];
        readonly isAnswered: boolean;
        readonly key?: string | undefined;
        /** Whether items that are refused are left out; so for the other calls of many profiles. */
        readonly isLenient?: boolean;
      }
    | {
        readonly kind: 'bulk' | 'bulk alias' | 'bulk external';
        readonly items: readonly Changes[];
        readonly isLenient?: boolean;
      }
    | { readonly kind: 'create' | 'rename'; readonly externalId: string; readonly name: string }
    | { readonly kind: 'delete'; readonly externalId: string }
    | { readonly kind: 'audience attributes'; readonly audience: number; readonly attributes: Record<string, Json> }
  );

export interface ModelAudience {
  readonly id: number;
  readonly environment: Environment;
  readonly platform: string;
  readonly externalId: string;
  name: string;
  readonly members: Set<string>;
}

/** Each operation accepts audiences by number or by external ID; only the alias accepts both. */
const WRONG_TYPE: Partial<Record<Call['kind'], string>> = {
  profile: 'string',
  update: 'string',
  bulk: 'string',
  'profile audiences': 'number',
  'bulk external': 'number',
};

export class Model {
  /** Attributes by `environment/profile`. */
  readonly profiles = new Map<string, Map<string, Json>>();
  /** By `environment/platform in lower case/external ID`. */
  readonly audiences = new Map<string, ModelAudience>();
  /**
   * The number of ledger entries of each change: `joined|left environment/profile audience`, `deleted audience count`.
   */
  readonly ledger = new Map<string, number>();
  readonly usedIds = new Set<number>();
  readonly answers = new ModelAnswers();

  /**
   * Applies the call, completely or not at all.
   * @param newId the number that the server assigned to a created audience
   * @returns the expected status
   */
  apply(call: Call, newId = 0): number {
    const status = this.expect(call);
    if (status >= 400) return status;
    if (isUpdate(call)) {
      this.#update(call);
      return status;
    }
    switch (call.kind) {
      case 'profile':
        this.#change(call, [call]);
        this.#merge(call.environment, call.profile, call.attributes ?? {});
        break;
      case 'profile audiences':
        this.#change(call, [call]);
        break;
      case 'bulk':
      case 'bulk alias':
      case 'bulk external':
        this.#change(
          call,
          call.items.filter((item) => !this.isRefused(call, item)),
        );
        break;
      case 'create': {
        const { environment, platform, externalId, name } = call;
        this.usedIds.add(newId);
        this.audiences.set(keyOf(call, externalId), {
          id: newId,
          environment,
          platform,
          externalId,
          name,
          members: new Set(),
        });
        break;
      }
      case 'rename':
        (this.find(call, call.externalId) as ModelAudience).name = call.name;
        break;
      case 'audience attributes':
        for (const profile of this.find(call, call.audience)?.members ?? []) {
          this.#merge(call.environment, profile, call.attributes);
        }
        break;
      case 'delete': {
        const { id, members } = this.find(call, call.externalId) as ModelAudience;
        this.#count(`deleted ${id} ${members.size}`);
        this.audiences.delete(keyOf(call, call.externalId));
        break;
      }
    }
    return status;
  }

  /** The status that the call should be answered with now. */
  expect(call: Call): number {
    if (call.kind === 'create') return this.find(call, call.externalId) === undefined ? 201 : 409;
    if (call.kind === 'rename' || call.kind === 'delete') {
      if (this.find(call, call.externalId) === undefined) return 404;
      return call.kind === 'rename' ? 200 : 204;
    }
    if (isUpdate(call)) return this.#expectUpdate(call);
    if ('attributes' in call && Object.hasOwn(call.attributes ?? {}, 'Undefined')) return 400;
    if (call.kind === 'audience attributes') return this.find(call, call.audience) === undefined ? 404 : 204;
    // Lenient calls show their verdicts.
    if ('items' in call && call.isLenient === true) return 200;
    const items: readonly Changes[] = 'items' in call ? call.items : 'profile' in call ? [call] : [];
    const named = items.flatMap(({ adds, deletes }) => [...adds, ...deletes]);
    const wrongType = WRONG_TYPE[call.kind];
    if (named.some((ref) => typeof ref === wrongType)) return 400;
    if (named.some((ref) => this.find(call, ref) === undefined)) return 404;
    return 'items' in call ? 204 : 200;
  }

  /** Whether an item is refused, by itself. */
  isRefused(call: Call, { adds, deletes }: Changes): boolean {
    const named = [...adds, ...deletes];
    return named.some((ref) => typeof ref === WRONG_TYPE[call.kind] || this.find(call, ref) === undefined);
  }

  /** Unlike the Third-party API, this one lists no 404 for an unknown audience. */
  #expectUpdate(call: Update): number {
    const success = call.kind === 'update' || call.isAnswered ? 200 : 204;
    const kept = this.answers.find(call);
    if (kept !== undefined) return kept.isSame ? success : 400;
    if (call.kind === 'updates' && call.isLenient === true) return success;
    const named = call.kind === 'update' ? [...call.adds, ...call.deletes] : [];
    const isUnknown = named.some((ref) => typeof ref === 'string' || this.find(call, ref) === undefined);
    return isUnknown || attributesIn(call).includes('Undefined') ? 400 : success;
  }

  #update(call: Update): void {
    if (this.answers.find(call) !== undefined) return;
    if (call.kind === 'update') this.#change(call, [call]);
    for (const { profile, attributes = {} } of call.kind === 'update' ? [call] : acceptedItems(call)) {
      this.#merge(call.environment, profile, attributes);
    }
    this.answers.keep(call, shownBy(this, call));
  }

  /** The audience that a reference of a caller means. */
  find(from: From, ref: number | string): ModelAudience | undefined {
    if (typeof ref === 'string') return this.audiences.get(keyOf(from, ref));
    return [...this.audiences.values()].find(({ id, environment }) => id === ref && environment === from.environment);
  }

  attributes(environment: Environment, profile: string): Map<string, Json> {
    const key = `${environment}/${profile}`;
    const attributes = this.profiles.get(key) ?? new Map<string, Json>();
    this.profiles.set(key, attributes);
    return attributes;
  }

  /** The audiences of a profile, ascending by number. */
  audiencesOf(environment: Environment, profile: string): ModelAudience[] {
    return [...this.audiences.values()]
      .filter((each) => each.environment === environment && each.members.has(profile))
      .sort((a, b) => a.id - b.id);
  }

  #merge(environment: Environment, profile: string, attributes: Readonly<Record<string, Json>>): void {
    const own = this.attributes(environment, profile);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) own.delete(name);
      else own.set(name, value);
    }
  }

  #change(from: From, items: readonly Changes[]): void {
    const before = new Map(items.map(({ profile }) => [profile, this.audiencesOf(from.environment, profile)]));
    for (const { profile, adds, deletes } of items) {
      this.attributes(from.environment, profile);
      for (const ref of adds) this.find(from, ref)?.members.add(profile);
      for (const ref of deletes) this.find(from, ref)?.members.delete(profile);
    }
    for (const [profile, old] of before) {
      const now = this.audiencesOf(from.environment, profile);
      for (const each of now) if (!old.includes(each)) this.#count(`joined ${from.environment}/${profile} ${each.id}`);
      for (const each of old) if (!now.includes(each)) this.#count(`left ${from.environment}/${profile} ${each.id}`);
    }
  }

  #count(change: string): void {
    this.ledger.set(change, (this.ledger.get(change) ?? 0) + 1);
  }
}

function keyOf({ environment, platform }: From, externalId: string): string {
  return `${environment}/${platform.toLowerCase()}/${externalId}`;
}
