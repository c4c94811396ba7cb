/** What the store should do, expressed in plain sets and maps; shares no code with the store. */

import type { Environment } from '../../../src/domain/environment.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import type {
  AudienceRef,
  ExternalTarget,
  MembershipChange,
  WriteCommand,
} from '../../../src/domain/memberships/commands.ts';

interface ModelAudience {
  readonly environment: Environment;
  readonly platform: string;
  readonly integrationId: string;
  name: string;
  members: Set<string>;
  staged: Set<string> | undefined;
}

interface ModelProfile {
  readonly attributes: Map<string, JsonValue>;
}

interface AttributesGiven {
  readonly attributes?: Readonly<Record<string, JsonValue>> | undefined;
}

function isDefined(environment: Environment, name: string): boolean {
  return name === 'Tier' || name === 'Age' || (name === 'Odd' && environment === 'sandbox');
}

interface ExpectedProfile {
  readonly attributes: Record<string, JsonValue>;
  readonly memberships: { id: number; name: string }[];
}

export type Expected =
  | { readonly refused: 'invalid' | 'not_found' | 'conflict' }
  | { readonly done: null }
  | { readonly erased: 'now' | 'before' }
  | { readonly profile: ExpectedProfile }
  | { readonly profiles: readonly ExpectedProfile[] }
  | { readonly audience: { name: string; platform: string; integrationId: string }; readonly isNew: boolean };

export class Model {
  readonly audiences = new Map<number, ModelAudience>();
  readonly profiles: Record<Environment, Map<string, ModelProfile>> = { live: new Map(), sandbox: new Map() };
  readonly #unfinished: Record<Environment, Set<string>> = { live: new Set(), sandbox: new Set() };

  /** @param newId the number the store assigned, if the command created an audience */
  apply(command: WriteCommand, newId: number): Expected {
    const { environment } = command.caller;
    if (command.kind === 'updateProfile') {
      if (!this.#allFit(environment, command, command.skipUndefinedAttributes)) return { refused: 'invalid' };
      if (!this.#allFound(environment, command.integration, [command])) return { refused: 'not_found' };
      this.#change(environment, command.integration, command);
      this.#merge(environment, command);
      return { profile: this.profile(environment, command.integrationId) };
    }
    if (command.kind === 'updateProfiles') {
      if (!command.items.every((item) => this.#allFit(environment, item, false))) return { refused: 'invalid' };
      for (const item of command.items) this.#merge(environment, item);
      if (!command.isAnswered) return { done: null };
      return { profiles: command.items.map(({ integrationId }) => this.profile(environment, integrationId)) };
    }
    if (command.kind === 'updateMemberships') {
      if (!this.#allFound(environment, command.integration, command.items)) return { refused: 'not_found' };
      for (const item of command.items) {
        const isKnown = this.profiles[environment].has(item.integrationId);
        if (command.skipsUnknownProfiles === true && item.adds.length === 0 && !isKnown) continue;
        this.#change(environment, command.integration, item);
      }
      return { done: null };
    }
    if (command.kind === 'eraseProfile') {
      const { integrationId } = command;
      if (!this.profiles[environment].delete(integrationId)) {
        return this.#unfinished[environment].has(integrationId) ? { erased: 'before' } : { refused: 'not_found' };
      }
      this.#unfinished[environment].add(integrationId);
      for (const audience of this.audiences.values()) {
        if (audience.environment !== environment) continue;
        audience.members.delete(integrationId);
        audience.staged?.delete(integrationId);
      }
      return { erased: 'now' };
    }
    // Random commands name audiences as platforms do.
    const target = command.target as ExternalTarget;
    const id = this.#find(environment, target.integration, target.integrationId);
    if (command.kind === 'createAudience') {
      if (id !== undefined) return { refused: 'conflict' };
      const platform = target.integration.trim();
      const { integrationId } = target;
      const { name } = command;
      this.audiences.set(newId, { environment, platform, integrationId, name, members: new Set(), staged: undefined });
      return { audience: { name, platform, integrationId }, isNew: true };
    }
    const audience = id === undefined ? undefined : this.audiences.get(id);
    if (audience === undefined || id === undefined) return { refused: 'not_found' };
    if (command.kind === 'deleteAudience') {
      this.audiences.delete(id);
      return { done: null };
    }
    if (command.kind === 'emptyAudience') {
      audience.members = new Set();
      return { done: null };
    }
    if (command.kind === 'setAudienceAttributes') {
      if (!this.#allFit(environment, command, false)) return { refused: 'invalid' };
      const { attributes } = command;
      for (const integrationId of audience.members) this.#merge(environment, { integrationId, attributes });
      return { done: null };
    }
    audience.name = command.change.name ?? audience.name;
    return {
      audience: { name: audience.name, platform: audience.platform, integrationId: audience.integrationId },
      isNew: false,
    };
  }

  /** Finishes the erasures so far. */
  finishErasures(): void {
    for (const people of Object.values(this.#unfinished)) people.clear();
  }

  /** Staged profiles exist from then on. */
  stage(id: number, integrationIds: readonly string[]): void {
    const audience = this.audiences.get(id);
    if (audience?.staged === undefined) return;
    for (const integrationId of integrationIds) {
      this.#profile(audience.environment, integrationId);
      audience.staged.add(integrationId);
    }
  }

  /** @returns members, joins and leaves */
  swap(id: number): { members: number; joins: number; leaves: number } {
    const audience = this.audiences.get(id);
    if (audience?.staged === undefined) throw new Error('Nothing is staged');
    const { members: old, staged } = audience;
    audience.members = staged;
    audience.staged = undefined;
    const joins = [...staged].filter((id) => !old.has(id)).length;
    const leaves = [...old].filter((id) => !staged.has(id)).length;
    return { members: staged.size, joins, leaves };
  }

  profile(environment: Environment, integrationId: string): ExpectedProfile {
    const memberships = this.audiencesOf(environment, integrationId).map((id) => ({
      id,
      name: this.audiences.get(id)?.name ?? '',
    }));
    return { attributes: Object.fromEntries(this.#profile(environment, integrationId).attributes), memberships };
  }

  audiencesOf(environment: Environment, integrationId: string): number[] {
    const ids = [...this.audiences].filter(
      ([, each]) => each.environment === environment && each.members.has(integrationId),
    );
    return ids.map(([id]) => id).sort((a, b) => a - b);
  }

  #find(environment: Environment, platform: string, ref: AudienceRef): number | undefined {
    for (const [id, each] of this.audiences) {
      if (each.environment !== environment) continue;
      if (id === ref) return id;
      if (each.integrationId === ref && each.platform.toLowerCase() === platform.trim().toLowerCase()) return id;
    }
    return undefined;
  }

  #allFit(environment: Environment, { attributes = {} }: AttributesGiven, skipUndefined: boolean | undefined): boolean {
    return Object.entries(attributes).every(([name, value]) => {
      if (!isDefined(environment, name)) return skipUndefined === true;
      return value === null || typeof value === (name === 'Age' ? 'number' : 'string');
    });
  }

  #merge(
    environment: Environment,
    { integrationId, attributes = {} }: AttributesGiven & { integrationId: string },
  ): void {
    const profile = this.#profile(environment, integrationId);
    for (const [name, value] of Object.entries(attributes)) {
      if (!isDefined(environment, name)) continue;
      if (value === null) profile.attributes.delete(name);
      else profile.attributes.set(name, value);
    }
  }

  #allFound(environment: Environment, platform: string, items: readonly MembershipChange[]): boolean {
    return items.every((item) =>
      [...item.adds, ...item.deletes].every((ref) => this.#find(environment, platform, ref) !== undefined),
    );
  }

  #change(environment: Environment, platform: string, { integrationId, adds, deletes }: MembershipChange): void {
    this.#profile(environment, integrationId);
    for (const ref of adds) this.audiences.get(this.#find(environment, platform, ref) ?? 0)?.members.add(integrationId);
    for (const ref of deletes)
      this.audiences.get(this.#find(environment, platform, ref) ?? 0)?.members.delete(integrationId);
  }

  #profile(environment: Environment, integrationId: string): ModelProfile {
    const known = this.profiles[environment].get(integrationId) ?? { attributes: new Map<string, JsonValue>() };
    this.profiles[environment].set(integrationId, known);
    return known;
  }
}
