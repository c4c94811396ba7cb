/** Decides whether API keys may be added, changed and deleted. A store loads, asks here and saves, all inside one transaction. */

import type { AuditRecord } from '../audit-record.ts';
import { DomainError } from '../errors.ts';
import { type ApiKey, apiKeyNotFound, type KeySwitchChange, type NewApiKey } from './api-keys.ts';
import { apiKeyRecord } from './audit-records.ts';

const MAX_KEYS_PER_APPLICATION = 100;

/**
 * Checks that there is room for a key among those of its Application.
 * @param others keys of the Application that are not deleted
 * @param now ms since the epoch
 * @throws DomainError `conflict`
 */
export function checkRoomForKey(
  others: readonly Pick<ApiKey, 'title' | 'type' | 'expires'>[],
  key: Pick<NewApiKey, 'type'>,
  now: number,
): void {
  const live = others.filter((each) => each.expires > now);
  if (live.length >= MAX_KEYS_PER_APPLICATION) {
    throw new DomainError('conflict', `This Application has ${live.length} unexpired keys; delete some first`);
  }
  const test = key.type === 'staging' ? live.find((each) => each.type === 'staging') : undefined;
  if (test !== undefined) {
    throw new DomainError('conflict', `This Application already has a Test key ('${test.title}'); delete it first`);
  }
}

/**
 * Decides the deletion of a key. It stays in the store, so that a call with it can be distinguished from one with an
 * unknown key.
 * @param key undefined when no key has that ID
 * @param applicationId the Application it must belong to; any when undefined
 * @param now ms since the epoch
 * @returns the key as it is to be stored, and its entry in the audit log
 * @throws DomainError `not_found`, also for a key that is already deleted or belongs to another Application
 */
export function decideKeyDeletion(
  id: number,
  key: ApiKey | undefined,
  applicationId: number | undefined,
  now: number,
): { readonly saved: ApiKey; readonly audit: AuditRecord } {
  const found = requireKey(id, key, applicationId);
  return { saved: { ...found, deletedAt: now }, audit: apiKeyRecord({ old: found }) };
}

/**
 * Decides a change of a key's options; the others stay as they are.
 * @param key undefined when no key has that ID
 * @param applicationId the Application it must belong to; any when undefined
 * @returns the key as it is to be stored, and its entry in the audit log, which is undefined if nothing changes
 * @throws DomainError `not_found`, as above
 */
export function decideKeySwitches(
  id: number,
  key: ApiKey | undefined,
  applicationId: number | undefined,
  { lenientRows, rowReports, skipUndefinedAttributes }: KeySwitchChange,
): { readonly saved: ApiKey; readonly audit: AuditRecord | undefined } {
  const found = requireKey(id, key, applicationId);
  const saved = {
    ...found,
    lenientRows: lenientRows ?? found.lenientRows,
    rowReports: rowReports ?? found.rowReports,
    skipUndefinedAttributes: skipUndefinedAttributes ?? found.skipUndefinedAttributes,
  };
  const isChange =
    saved.lenientRows !== found.lenientRows ||
    saved.rowReports !== found.rowReports ||
    saved.skipUndefinedAttributes !== found.skipUndefinedAttributes;
  return { saved, audit: isChange ? apiKeyRecord({ old: found, new: saved }) : undefined };
}

/** @throws DomainError `not_found` */
function requireKey(id: number, key: ApiKey | undefined, applicationId: number | undefined): ApiKey {
  const isElsewhere = applicationId !== undefined && key?.applicationId !== applicationId;
  if (key === undefined || key.deletedAt !== undefined || isElsewhere) throw apiKeyNotFound(id);
  return key;
}
