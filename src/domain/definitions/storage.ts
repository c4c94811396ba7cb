/** The part of the port that stores definitions. Every change writes its audit entry in the same transaction. */

import type { Actor } from '../actor.ts';
import type { NoticedInList } from '../list-warnings.ts';
import type { Application, ApplicationChange, NewApplication } from './applications.ts';
import type { AttributeLimits } from './attribute-sizes.ts';
import type { AllowedEntry, Attribute, AttributeChange, NewAttribute } from './attributes.ts';
import type { Catalog } from './catalog.ts';
import type { Import } from './imports.ts';

export interface DefinitionStorage {
  /** How large attributes may grow through this store; set when it is opened. */
  readonly attributeLimits: AttributeLimits;

  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  /** The current catalog. Must not be modified; must not be kept across calls. */
  catalog(): Promise<Catalog>;
  /** For each entry, whether the imported list of allowed values contains it. */
  findAllowed(entries: readonly AllowedEntry[]): Promise<boolean[]>;

  // ---- back office

  /** @throws DomainError `conflict` when the name is taken */
  createApplication(actor: Actor, application: NewApplication): Promise<Application>;
  /**
   * Applies a change; equal values are no change. Undefined when there is no such Application.
   * @throws DomainError `conflict` when the name is taken
   */
  updateApplication(actor: Actor, id: number, change: ApplicationChange): Promise<Application | undefined>;
  /** @throws DomainError `conflict` when name or title is taken for the entity */
  createAttribute(actor: Actor, attribute: NewAttribute): Promise<Attribute>;
  /** Undefined when there is no such attribute. Equal values are no change, and leave no audit entry. */
  updateAttribute(actor: Actor, id: number, change: AttributeChange): Promise<Attribute | undefined>;

  // ---- replacing the list of values an attribute allows

  /**
   * Opens a list that is not in effect yet.
   * @returns its ID, to be passed to the next three
   * @throws DomainError `conflict` while another import for the attribute is in progress, `not_found`
   */
  beginAllowedList(attributeId: number): Promise<number>;
  /** Adds values; repeated ones collapse. @throws DomainError `conflict` when the import has been taken over */
  addAllowedValues(attributeId: number, list: number, values: readonly string[]): Promise<void>;
  /** Puts the list into effect in place of the previous one, in one transaction with its audit entry. */
  finishAllowedList(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Promise<Import>;
  /** Drops the list; the attribute is unchanged. */
  abandonAllowedList(attributeId: number, list: number): Promise<void>;
}
