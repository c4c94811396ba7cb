/** What a change does to an attribute and to its imported list of allowed values. */

import type { AuditState } from '../audit-record.ts';
import { DomainError } from '../errors.ts';
import { auditedWarnings, type WarningCounts } from '../list-warnings.ts';
import type { Attribute, AttributeChange } from './attributes.ts';
import { attributeState } from './audit-states.ts';

/**
 * An attribute with a change applied; undefined when nothing changes. An attribute that no longer takes its values from
 * a list loses the list for good.
 */
export function changeAttribute(before: Attribute, change: AttributeChange): Attribute | undefined {
  const allowedList = change.hasAllowedList ? before.allowedList : undefined;
  const after = { ...before, ...change, allowedList };
  return JSON.stringify(after) === JSON.stringify(before) ? undefined : after;
}

/** The list that an attribute loses by a change; its values are dead from then on. Undefined if there is none. */
export function abandonedList(before: Attribute, after: Attribute): number | undefined {
  return after.allowedList === before.allowedList ? undefined : before.allowedList;
}

/** A list that is being imported, as the store finds it when another import begins. */
export interface StagedList {
  readonly list: number;
  /** Whether the list is still being collected; see `isUnderWay` in `domain/staging.ts`. */
  readonly isUnderWay: boolean;
}

/**
 * Decides what happens to the list that an earlier import left behind.
 * @returns the list that is dead from now on; undefined if there is none
 * @throws DomainError `conflict` while another import is in progress
 */
export function takeOverList(attributeId: number, staged: StagedList | undefined): number | undefined {
  if (staged?.isUnderWay === true) {
    throw new DomainError('conflict', `Another import of values for attribute ${attributeId} is in progress`);
  }
  return staged?.list;
}

/** Checks that nobody has taken the import over. @throws DomainError `conflict` */
export function requireStagedList(attributeId: number, staged: number | undefined, list: number): void {
  if (staged === list) return;
  throw new DomainError(
    'conflict',
    `This import of values for attribute ${attributeId} was abandoned and taken over by another`,
  );
}

/**
 * An attribute before and after an import took effect, for the audit log. @param amount the number of values in the new
 * list
 */
export function importStates(
  before: Attribute,
  after: Attribute,
  amount: number,
  warnings: WarningCounts,
): { old: AuditState; new: AuditState } {
  return {
    old: attributeState(before),
    new: { ...attributeState(after), allowedValues: amount, ...auditedWarnings(warnings) },
  };
}
