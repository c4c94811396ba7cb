/** Turns rows of the ledger into readable entries. */

import type { ChangeAction } from '../../domain/memberships/batch.ts';
import type { RecordedChange, RequestReference } from '../../domain/memberships/storage.ts';
import { ACTION_NUMBERS } from '../sql/rows.ts';

export interface RequestRow {
  request_time: number | null;
  uuid: string | null;
  key_id: number | null;
  key_title: string | null;
  user_id: number | null;
  user_email: string | null;
}

export interface HistoryRow extends RequestRow {
  id: number;
  audience_id: number;
  audience_name: string | null;
  profile_id: number | null;
  integration_id: string | null;
  action: number;
  count: number;
}

/** Of `requests`, with the two joins below. */
export const REQUEST_COLUMNS = `
  requests.time as request_time, requests.uuid, requests.key_id, api_keys.title as key_title, requests.user_id,
  users.email as user_email`;
export const REQUEST_JOINS = `
  left join api_keys on api_keys.id = requests.key_id
  left join users on users.id = requests.user_id`;

/** Of `profiles`: the ID, or null for an erased profile, which only has a pseudonym. */
export const UNERASED_ID = 'iif(profiles.environment < 2, profiles.integration_id, null) as integration_id';

/** Of `membership_changes`, with the joins below. */
export const HISTORY_COLUMNS = `
  membership_changes.id, membership_changes.audience_id, audiences.name as audience_name, membership_changes.profile_id,
  ${UNERASED_ID}, membership_changes.action, membership_changes.count, ${REQUEST_COLUMNS}`;
export const HISTORY_JOINS = `
  left join audiences on audiences.id = membership_changes.audience_id
  left join profiles on profiles.id = membership_changes.profile_id
  left join requests on requests.id = membership_changes.request_id ${REQUEST_JOINS}`;

const ACTIONS = new Map(Object.entries(ACTION_NUMBERS).map(([action, number]) => [number, action as ChangeAction]));

export function toRequestReference(row: RequestRow): RequestReference {
  return {
    time: row.request_time ?? 0,
    requestUuid: row.uuid ?? '',
    keyId: row.key_id ?? undefined,
    keyName: row.key_title ?? undefined,
    userId: row.user_id ?? undefined,
    userEmail: row.user_email ?? undefined,
  };
}

export function toRecordedChange(row: HistoryRow): RecordedChange {
  const action = ACTIONS.get(row.action);
  if (action === undefined) throw new Error(`Ledger entry ${row.id} has an unknown action`);
  return {
    ...toRequestReference(row),
    id: row.id,
    action,
    audienceId: row.audience_id,
    audienceName: row.audience_name ?? '',
    profileId: row.profile_id ?? undefined,
    integrationId: row.integration_id ?? undefined,
    count: row.count,
  };
}
