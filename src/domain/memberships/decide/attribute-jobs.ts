/**
 * Decides an update of the attributes of everyone in an audience by recording a job, whatever the number of members.
 */

import type { AttributeJob } from '../../definitions/attribute-jobs.ts';
import { unavailable } from '../../errors.ts';
import { checkAudienceAttributes } from '../attribute-checks.ts';
import { requireAudience } from '../audience-checks.ts';
import type { SetAudienceAttributes } from '../commands.ts';
import type { Decision } from './decision.ts';

// Limited because every read of a profile searches them, and every thread keeps them in memory.
const MAX_PENDING = 100;
const MAX_PENDING_SIZE = 8 * 1024 * 1024;
const RETRY_SECONDS = 5;

export function setAudienceAttributes(decision: Decision, command: SetAudienceAttributes): void {
  const { state, changes, caller } = decision;
  const { catalog, sequences, now } = state;
  const { id: audienceId, memberSet } = requireAudience(catalog, command);
  const attributes = Object.fromEntries(checkAudienceAttributes(catalog, command, state));
  const members = decision.membersOf(audienceId);
  if (members === 0 || Object.keys(attributes).length === 0) return;
  const size = JSON.stringify(attributes).length;
  requireRoom(catalog.attributeJobs, size);
  const { replay, requestUuid, keyId } = caller;
  const arrived = replay === undefined || replay.override ? undefined : replay.time;
  const job = { id: sequences.attributeJob++, audienceId, memberSet, attributes, size, recorded: now, arrived };
  catalog.putAttributeJobs([...catalog.attributeJobs, job]);
  changes.attributeJobs.push({ job, requestUuid, keyId, members });
  decision.countInBackground(members);
}

/** @throws DomainError `unavailable` */
function requireRoom(pending: readonly AttributeJob[], size: number): void {
  const total = pending.reduce((sum, job) => sum + job.size, size);
  if (pending.length < MAX_PENDING && (pending.length === 0 || total <= MAX_PENDING_SIZE)) return;
  const message = `${pending.length} attribute updates of audiences are still being written; try again in a moment`;
  throw unavailable(message, RETRY_SECONDS);
}
