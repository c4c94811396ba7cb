/** The part of the port that keeps definitions. Every change writes its audit entry in the same transaction. */

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

  /** The catalog as it is now. Must not be modified; must not be kept across calls. */
  catalog(): Promise<Catalog>;
  /** Of each entry, whether the imported list of allowed values holds it. */
  findAllowed(entries: readonly AllowedEntry[]): Promise<boolean[]>;

  // ---- back office

  /** @throws DomainError `conflict` when the name is taken */
  createApplication(actor: Actor, application: NewApplication): Promise<Application>;
  /**
   * Changes what is given; what is as it was is no change. Undefined when there is no such Application.
   * @throws DomainError `conflict` when the name is taken
   */
  updateApplication(actor: Actor, id: number, change: ApplicationChange): Promise<Application | undefined>;
  /** @throws DomainError `conflict` when name or title is taken for the entity */
  createAttribute(actor: Actor, attribute: NewAttribute): Promise<Attribute>;
  /** Undefined when there is no such attribute. What is as it was already is no change, and no audit entry. */
  updateAttribute(actor: Actor, id: number, change: AttributeChange): Promise<Attribute | undefined>;

  // ---- replacing the list of values an attribute allows

  /**
   * Opens a list that is not in effect yet.
   * @returns its number, to be given to the next three
   * @throws DomainError `conflict` while another import for the attribute is under way, `not_found`
   */
  beginAllowedList(attributeId: number): Promise<number>;
  /** Adds values; repeated ones collapse. @throws DomainError `conflict` when the import was taken over */
  addAllowedValues(attributeId: number, list: number, values: readonly string[]): Promise<void>;
  /** Puts the list in effect, in place of the one before, in one transaction with its audit entry. */
  finishAllowedList(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Promise<Import>;
  /** Drops the list; the attribute stays as it is. */
  abandonAllowedList(attributeId: number, list: number): Promise<void>;
}
