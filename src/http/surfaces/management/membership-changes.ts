/** Entries of the ledger on the wire. */

import type { RecordedChange } from '../../../domain/memberships/storage.ts';
import { timestamp } from '../../wire.ts';
import type { MembershipChange } from './memberships-schemas.ts';

export function toMembershipChange(change: RecordedChange): MembershipChange {
  return {
    id: change.id,
    time: timestamp(change.time),
    action: change.action,
    audienceId: change.audienceId,
    audienceName: change.audienceName,
    customerId: change.profileId ?? null,
    integrationId: change.integrationId ?? null,
    count: change.count,
    requestUuid: change.requestUuid,
    keyId: change.keyId ?? null,
    keyName: change.keyName ?? null,
    userId: change.userId ?? null,
    userEmail: change.userEmail ?? null,
  };
}
