/** What a change makes of an attribute, and what becomes of the imported lists of values it allows. */

import type { AuditState } from '../audit-record.ts';
import { DomainError } from '../errors.ts';
import { auditedWarnings, type WarningCounts } from '../list-warnings.ts';
import type { Attribute, AttributeChange } from './attributes.ts';
import { attributeState } from './audit-states.ts';

/**
 * An attribute with a change made to it; undefined when that leaves it as it is. One that takes its values from no list any more
 * has none to come back to.
 */
export function changeAttribute(before: Attribute, change: AttributeChange): Attribute | undefined {
  const allowedList = change.hasAllowedList ? before.allowedList : undefined;
  const after = { ...before, ...change, allowedList };
  return JSON.stringify(after) === JSON.stringify(before) ? undefined : after;
}

/** The list that a change leaves without an attribute: its values are dead from then on. Undefined where there is none. */
export function abandonedList(before: Attribute, after: Attribute): number | undefined {
  return after.allowedList === before.allowedList ? undefined : before.allowedList;
}

/** A list that is being imported, as the store finds it when another shall be begun. */
export interface StagedList {
  readonly list: number;
  /** Whether somebody is still gathering it; see `isUnderWay` in `domain/staging.ts`. */
  readonly isUnderWay: boolean;
}

/**
 * Decides what becomes of the list an earlier import left behind.
 * @returns the list that is dead from now on; undefined where there is none
 * @throws DomainError `conflict` while another import is under way
 */
export function takeOverList(attributeId: number, staged: StagedList | undefined): number | undefined {
  if (staged?.isUnderWay === true) {
    throw new DomainError('conflict', `Another import of values for attribute ${attributeId} is under way`);
  }
  return staged?.list;
}

/** Checks that nobody took the import over. @throws DomainError `conflict` */
export function requireStagedList(attributeId: number, staged: number | undefined, list: number): void {
  if (staged === list) return;
  throw new DomainError(
    'conflict',
    `This import of values for attribute ${attributeId} was given up and taken over by another`,
  );
}

/** An attribute before and after an import took effect, as the audit log shows it. @param amount values of the new list */
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
