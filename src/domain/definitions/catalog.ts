/**
 * The small, frequently read part of the data: Applications, attribute definitions and audiences, looked up by every
 * request.
 */

import type { Environment } from '../environment.ts';
import type { Application } from './applications.ts';
import type { AttributeJob } from './attribute-jobs.ts';
import { type Attribute, appliesTo } from './attributes.ts';
import { type Audience, type AudienceReference, integrationKey } from './audiences.ts';

function namespaceKey(environment: Environment, integration: string): string {
  return `${environment}:${integrationKey(integration)}`;
}

/**
 * An index of definitions, kept current by its owner through the `put…` methods. Look-ups never cross environments
 * unless they say so.
 */
export class Catalog {
  readonly applications = new Map<number, Application>();
  /** Attributes of customer profiles, by name. */
  readonly attributes = new Map<string, Attribute>();
  #attributeJobs: readonly AttributeJob[] = [];
  readonly #allAttributes = new Map<number, Attribute>();
  readonly #audiences = new Map<number, Audience>();
  readonly #bySet = new Map<number, Audience>();
  readonly #byIntegrationId = new Map<string, Map<string, Audience>>();
  readonly #stagedSets = new Set<number>();
  #closedLists = false;

  putApplication(application: Application): void {
    this.applications.set(application.id, application);
  }

  /** Adds or replaces an attribute of any entity. */
  putAttribute(attribute: Attribute): void {
    this.#allAttributes.set(attribute.id, attribute);
    if (attribute.entity === 'CustomerProfile') this.attributes.set(attribute.name, attribute);
    if (attribute.allowedList !== undefined) this.#closedLists = true;
  }

  /** The attribute with an ID, of any entity. */
  attribute(id: number): Attribute | undefined {
    return this.#allAttributes.get(id);
  }

  /** All attributes, of every entity. */
  allAttributes(): IterableIterator<Attribute> {
    return this.#allAttributes.values();
  }

  /** False while no value needs to be looked up in an imported list. */
  get hasClosedLists(): boolean {
    return this.#closedLists;
  }

  /** Jobs that have not been written to all of their profiles, ascending by ID; nearly always none. */
  get attributeJobs(): readonly AttributeJob[] {
    return this.#attributeJobs;
  }

  /** Replaces the list of unfinished jobs, which must ascend by ID. */
  putAttributeJobs(jobs: readonly AttributeJob[]): void {
    this.#attributeJobs = jobs;
  }

  /** Adds or replaces an audience. */
  putAudience(audience: Audience): void {
    this.removeAudience(audience.id);
    this.#audiences.set(audience.id, audience);
    this.#bySet.set(audience.memberSet, audience);
    if (audience.stagedSet !== undefined) this.#stagedSets.add(audience.stagedSet);
    if (audience.integrationId !== undefined) {
      const key = namespaceKey(audience.environment, audience.integration ?? '');
      const namespace = this.#byIntegrationId.get(key) ?? new Map<string, Audience>();
      this.#byIntegrationId.set(key, namespace.set(audience.integrationId, audience));
    }
  }

  /** Removes an audience; unknown IDs are ignored. */
  removeAudience(id: number): void {
    const audience = this.#audiences.get(id);
    if (audience === undefined) return;
    this.#audiences.delete(id);
    this.#bySet.delete(audience.memberSet);
    if (audience.stagedSet !== undefined) this.#stagedSets.delete(audience.stagedSet);
    if (audience.integrationId !== undefined) {
      const namespace = this.#byIntegrationId.get(namespaceKey(audience.environment, audience.integration ?? ''));
      // The external ID may belong to a new audience by now.
      if (namespace?.get(audience.integrationId) === audience) namespace.delete(audience.integrationId);
    }
  }

  /** The audience with an internal ID, in any environment. */
  audience(id: number): Audience | undefined {
    return this.#audiences.get(id);
  }

  /** The audience with an internal ID, if it belongs to the environment. */
  audienceIn(environment: Environment, id: number): Audience | undefined {
    const audience = this.#audiences.get(id);
    return audience?.environment === environment ? audience : undefined;
  }

  /** The audience that a platform identifies by this external ID, compared exactly. The name is empty for no platform. */
  audienceByIntegrationId(environment: Environment, integration: string, integrationId: string): Audience | undefined {
    return this.#byIntegrationId.get(namespaceKey(environment, integration))?.get(integrationId);
  }

  /** Names of the environment's other platforms that use this external ID. */
  otherPlatformsUsing(environment: Environment, integrationId: string): string[] {
    const platforms: string[] = [];
    for (const namespace of this.#byIntegrationId.values()) {
      const audience = namespace.get(integrationId);
      if (audience?.environment === environment && audience.integration !== undefined) {
        platforms.push(audience.integration);
      }
    }
    return platforms;
  }

  /** All audiences, of both environments. */
  audiences(): IterableIterator<Audience> {
    return this.#audiences.values();
  }

  get audienceCount(): number {
    return this.#audiences.size;
  }

  /** True while the set contains an audience's members or is being filled to do so. */
  isSetInUse(set: number): boolean {
    return this.#bySet.has(set) || this.#stagedSets.has(set);
  }

  /** The audience whose members are in the set. */
  audienceOfSet(set: number): Audience | undefined {
    return this.#bySet.get(set);
  }

  /** The audiences of a profile's sets, ascending by ID, without hidden or dead sets. */
  audiencesOfSets(sets: readonly number[]): AudienceReference[] {
    const found: AudienceReference[] = [];
    for (const set of sets) {
      const audience = this.#bySet.get(set);
      if (audience !== undefined) found.push(audience);
    }
    return found.sort((a, b) => a.id - b.id);
  }

  /** The definition of an attribute as this Application sees it. */
  attributeFor(name: string, applicationId: number | undefined): Attribute | undefined {
    const attribute = this.attributes.get(name);
    return attribute !== undefined && appliesTo(attribute, applicationId) ? attribute : undefined;
  }
}
