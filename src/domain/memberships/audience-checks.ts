/**
 * What must hold for the audiences named in a write: they exist where the caller looks, and the ID of a new one is
 * free.
 */

import { type Audience, FIXED_INTEGRATIONS } from '../definitions/audiences.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { Environment } from '../environment.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../errors.ts';
import type {
  AudienceRef,
  AudienceTarget,
  Caller,
  CreateAudience,
  MembershipChange,
  MembershipsOfProfiles,
  NamedAudience,
  NamedAudiences,
  UpdateProfile,
} from './commands.ts';

/** Finds audiences for one command and remembers each answer: bulk calls repeat the same few IDs a thousand times. */
export class AudienceResolver {
  readonly #catalog: Catalog;
  readonly #caller: Caller;
  readonly #integration: string;
  readonly #known = new Map<AudienceRef, Audience>();
  readonly #missing = new Set<AudienceRef>();
  readonly #named: ReadonlyMap<AudienceRef, NamedAudience>;

  /** @param named audiences that need not exist */
  constructor(catalog: Catalog, caller: Caller, integration: string, named?: NamedAudiences) {
    this.#catalog = catalog;
    this.#caller = caller;
    this.#integration = integration;
    this.#named = named === undefined ? NONE_NAMED : new Map(named.audiences.map((each) => [each.ref, each]));
  }

  /** The audience referred to, or undefined. */
  find(ref: AudienceRef): Audience | undefined {
    const known = this.#known.get(ref);
    if (known !== undefined) return known;
    const { environment } = this.#caller;
    const named = this.#named.get(ref);
    let found: Audience | undefined;
    if (named !== undefined) found = findNamed(this.#catalog, environment, this.#integration, named);
    else if (typeof ref === 'number') found = this.#catalog.audienceIn(environment, ref);
    else found = this.#catalog.audienceByIntegrationId(environment, this.#integration, ref);
    if (found !== undefined) this.#known.set(ref, found);
    else if (named === undefined) this.#missing.add(ref);
    return found;
  }

  /** The audience referred to, which must exist. @throws DomainError `not_found` */
  require(ref: AudienceRef): Audience {
    const found = this.find(ref);
    if (found === undefined) throw this.#notFound([ref], () => undefined);
    return found;
  }

  /** Looks up every audience of one item. @throws DomainError `not_found` naming up to ten unknown ones */
  requireAll({ adds, deletes }: MembershipChange): true {
    for (const ref of [...adds, ...deletes]) this.find(ref);
    const missing = [...new Set([...adds, ...deletes])].filter((ref) => this.#missing.has(ref));
    if (missing.length > 0) throw this.#notFound(missing, () => undefined);
    return true;
  }

  /**
   * Looks up every audience of several items. @throws DomainError `not_found` with the first items that name each
   * unknown one
   */
  requireAllOf(items: readonly MembershipChange[]): void {
    for (const { adds, deletes } of items) {
      for (const ref of adds) this.find(ref);
      for (const ref of deletes) this.find(ref);
    }
    if (this.#missing.size === 0) return;
    throw this.#notFound([...this.#missing], (ref) => placesOf(ref, items));
  }

  #notFound(refs: readonly AudienceRef[], rowsOf: (ref: AudienceRef) => readonly number[] | undefined): DomainError {
    // Stryker disable next-line MethodExpression: the error keeps the first ten of any number, but each takes a search.
    const problems = refs.slice(0, MAX_PROBLEMS).map((ref): Problem => {
      const problem = audienceNotFound(this.#catalog, this.#caller, this.#integration, ref);
      const rows = rowsOf(ref);
      return rows === undefined ? problem : { ...problem, rows };
    });
    return new DomainError('not_found', problems);
  }
}

/** The first items that name an audience. */
function placesOf(ref: AudienceRef, items: readonly MembershipChange[]): number[] {
  const places: number[] = [];
  for (const [place, { adds, deletes }] of items.entries()) {
    if (places.length === MAX_PROBLEMS) break;
    if (adds.includes(ref) || deletes.includes(ref)) places.push(place);
  }
  return places;
}

const NONE_NAMED: ReadonlyMap<AudienceRef, NamedAudience> = new Map();

/**
 * Finds an audience that a write may create, if it is known: by the reference, or else by the ID that a new one would
 * get.
 */
export function findNamed(
  catalog: Catalog,
  environment: Environment,
  integration: string,
  { ref, newId }: NamedAudience,
): Audience | undefined {
  const known = catalog.audienceByIntegrationId(environment, integration, ref);
  return known ?? catalog.audienceByIntegrationId(environment, integration, newId);
}

/**
 * The audiences that a write names, each once.
 * @throws DomainError `invalid` when it gives one of them two names, and would rename it
 */
export function distinctNamed(
  catalog: Catalog,
  environment: Environment,
  integration: string,
  { audiences, renames }: NamedAudiences,
): NamedAudience[] {
  const distinct = new Map<string | number, NamedAudience>();
  for (const named of audiences) {
    const identity = findNamed(catalog, environment, integration, named)?.id ?? named.newId;
    const other = distinct.get(identity);
    if (other === undefined) distinct.set(identity, named);
    else if (renames && other.name !== named.name) throw sameAudience(other, named);
  }
  return [...distinct.values()];
}

function sameAudience(one: NamedAudience, other: NamedAudience): DomainError {
  const shown = ({ name }: NamedAudience): string => (name.length > 100 ? `'${name.slice(0, 100)}…'` : `'${name}'`);
  return new DomainError('invalid', [
    {
      title: 'Invalid value',
      message: `Audiences ${shown(one)} and ${shown(other)} would both have the ID '${other.newId.slice(0, 100)}' (give each an integrationId of its own)`,
      cause: 'two audiences of a request would have the same ID',
    },
  ]);
}

/**
 * The problem "no such audience", with the remedy if the mistake is evident. Reveals nothing about the other
 * environment.
 */
function audienceNotFound(catalog: Catalog, caller: Caller, integration: string, ref: AudienceRef): Problem {
  const title = 'not found';
  const kind = typeof ref === 'number' ? 'with that ID' : 'with that audienceId under this platform name';
  const cause = `there is no audience ${kind}`;
  if (typeof ref === 'number') {
    const external = catalog.audienceByIntegrationId(caller.environment, integration, String(ref));
    const remedy =
      external === undefined
        ? ''
        : ` ('${ref}' is the audienceId of audience ${external.id}; send ${external.id} here)`;
    return { title, message: `Audience ${ref} not found${remedy}`, cause, audience: ref };
  }
  const shown = ref.length > 100 ? `${ref.slice(0, 100)}…` : ref;
  let remedy = '';
  const others = catalog.otherPlatformsUsing(caller.environment, ref);
  const internal = /^[1-9]\d{0,15}$/.test(ref) ? catalog.audienceIn(caller.environment, Number(ref)) : undefined;
  if (others.length > 0) {
    const list = others.slice(0, 3).map((each) => `'${each}'`);
    const advice = FIXED_INTEGRATIONS.has(integration)
      ? `this operation takes the audiences of '${integration}' only`
      : 'check customer-data-platform-name';
    remedy = ` ('${shown}' exists under ${list.join(', ')}; ${advice})`;
  } else if (internal !== undefined) {
    const name = internal.integrationId === undefined ? internal.name : internal.integrationId;
    remedy =
      internal.integrationId === undefined
        ? ` (${shown} is the internal ID of '${name}', which has no external ID; use an operation that takes internal IDs)`
        : ` (${shown} is the internal ID of '${name}'; this operation takes audienceId)`;
  }
  return { title, message: `Audience '${shown}' not found for '${integration}'${remedy}`, cause, audience: ref };
}

/**
 * Looks up every audience the items name.
 * @param named audiences that need not exist
 * @throws DomainError `not_found`
 */
export function resolveAudiences(
  catalog: Catalog,
  caller: Caller,
  integration: string,
  items: readonly MembershipChange[],
  named?: NamedAudiences,
): AudienceResolver {
  const resolver = new AudienceResolver(catalog, caller, integration, named);
  resolver.requireAllOf(items);
  return resolver;
}

/**
 * Looks up every audience that an update of a profile names, changed or not.
 * @throws DomainError `not_found`; `invalid` when the update names one of them in two ways
 */
export function requireNamedAudiences(catalog: Catalog, command: UpdateProfile): void {
  const { caller, integration, integrationId, onlyChecked, named } = command;
  const unchanged = onlyChecked === undefined ? [] : [{ integrationId, adds: onlyChecked, deletes: [] }];
  resolveAudiences(catalog, caller, integration, [command, ...unchanged], named);
  if (named !== undefined) distinctNamed(catalog, caller.environment, integration, named);
}

/** Looks up every audience of which memberships change. @throws DomainError `not_found`, `invalid` as above */
export function requireMemberships(
  catalog: Catalog,
  caller: Caller,
  { integration, items, named }: MembershipsOfProfiles,
): void {
  resolveAudiences(catalog, caller, integration, items, named);
  if (named !== undefined) distinctNamed(catalog, caller.environment, integration, named);
}

/** The audience referred to. @throws DomainError `not_found` */
export function requireAudience(
  catalog: Catalog,
  { caller, target }: { caller: Caller; target: AudienceTarget },
): Audience {
  const [integration, ref] =
    'audienceId' in target ? ['', target.audienceId] : [target.integration, target.integrationId];
  return new AudienceResolver(catalog, caller, integration).require(ref);
}

/** @throws DomainError `not_found` unless each is an Application of the environment */
export function requireApplications(catalog: Catalog, caller: Caller, ids: readonly number[] | undefined): void {
  for (const [index, id] of (ids ?? []).entries()) {
    if (catalog.applications.get(id)?.environment === caller.environment) continue;
    const source = { pointer: `/subscribedApplicationsIds/${index}` };
    const message = `Application ${id} not found in the ${caller.environment} environment`;
    throw new DomainError('not_found', [{ title: 'not found', message, source }]);
  }
}

/** The audience that a creation renames instead; undefined if it creates one. */
export function renamedByCreation(catalog: Catalog, { caller, target, renames }: CreateAudience): Audience | undefined {
  if (target === undefined || renames !== true) return undefined;
  return catalog.audienceByIntegrationId(caller.environment, target.integration, target.integrationId);
}

/** @throws DomainError `conflict` when the external ID is taken in this namespace and environment */
export function requireFreeIntegrationId(catalog: Catalog, command: CreateAudience): void {
  const { caller, target, renames } = command;
  if (target === undefined || renames === true) return;
  const { integration, integrationId } = target;
  const taken = catalog.audienceByIntegrationId(caller.environment, integration, integrationId);
  if (taken !== undefined) {
    throw new DomainError('conflict', [
      {
        title: 'conflict',
        message: `Audience '${integrationId}' already exists`,
        cause: 'the audienceId is taken under this platform name',
      },
    ]);
  }
}
