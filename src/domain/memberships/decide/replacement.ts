/** Decides what is recorded when all members of an audience are replaced: one entry, with the net joins and leaves. */

import { auditRecord } from '../../audit-record.ts';
import type { Import } from '../../definitions/imports.ts';
import { auditedWarnings, recordedWarnings } from '../../list-warnings.ts';
import { type BatchChanges, noChanges } from '../batch.ts';
import type { Caller } from '../commands.ts';
import { isDrasticReplacement, tooDrastic } from '../drastic-replacement.ts';
import type { ReplacementOptions } from '../storage.ts';

/** An audience whose new members are compared with the old ones. */
export interface ComparedReplacement {
  readonly audienceId: number;
  /** The set being replaced. */
  readonly oldSet: number;
  /** Number of members in the new set. */
  readonly members: number;
  /** Of these, the number not in the old set. */
  readonly joins: number;
  /** Number of members in the old set that are not in the new one. */
  readonly leaves: number;
}

/** What a replacement records. */
export interface DecidedReplacement {
  /** Its one ledger entry is at position 0. */
  readonly changes: BatchChanges;
  /** The import to be listed, without its ID and time. */
  readonly recorded: Omit<Import, 'id' | 'created'>;
}

/**
 * Decides a replacement, in the transaction that puts it into effect.
 * @throws DomainError `conflict` when it is drastic and not confirmed
 */
export function decideReplacement(
  { audienceId, oldSet, members, joins, leaves }: ComparedReplacement,
  { requestUuid, keyId, userId, managementKeyId }: Caller,
  { isDrasticMeant, noticed }: ReplacementOptions,
): DecidedReplacement {
  const loss = { members, before: members - joins + leaves, leaves };
  if (isDrasticMeant === false && isDrasticReplacement(loss)) throw tooDrastic(loss);
  const changes = noChanges();
  changes.requests.push({ uuid: requestUuid, keyId, userId, firstPlace: 0, arrival: undefined });
  changes.ledger.push({
    request: 0,
    audienceId,
    profileId: undefined,
    action: 'replaced',
    count: members,
    previous: 0,
    previousPlace: undefined,
  });
  changes.counters.set(audienceId, { joins, leaves, lastRequest: 0 });
  changes.deadSets.push(oldSet);
  const warnings = recordedWarnings(noticed, members);
  if (keyId === undefined) {
    const state = { members, joins, leaves, ...auditedWarnings(warnings) };
    const record = auditRecord(`/v1/audiences/${audienceId}/memberships`, { new: state });
    changes.audits.push({ actor: { userId, managementKeyId }, record });
  }
  return { changes, recorded: { userId, entity: 'AudienceMembership', amount: members, warnings } };
}
