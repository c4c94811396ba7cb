/**
 * Sets attributes of everyone in an audience by one command, which is written in the background and listed as a job.
 */

import type { InexactNumbers } from '../definitions/attribute-values.ts';
import type { JsonValue } from '../json-value.ts';
import type { Operation } from '../operation.ts';
import type { AudienceTarget, Caller } from './commands.ts';
import { submit, type WriteOperation } from './queue.ts';
import type { AttributeJobReport, MembershipStorage } from './storage.ts';

export interface AudienceAttributes {
  /** Merged into every member; null removes a value. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  readonly inexactNumbers?: InexactNumbers | undefined;
  /** Undefined where undefined attributes are refused. */
  readonly skipUndefinedAttributes?: boolean | undefined;
}

/**
 * Sets attributes of all current members. The values are in effect as soon as this resolves, whatever the number of
 * members: reads return them, and a later write of the same attribute wins. Rules do not run, and `lastActivity` does
 * not change.
 * @throws DomainError `not_found` for an unknown audience, `invalid`, `unavailable` while too many jobs are pending
 */
export async function setAudienceAttributes(
  core: WriteOperation,
  caller: Caller,
  target: AudienceTarget,
  change: AudienceAttributes,
): Promise<void> {
  await submit(core, { kind: 'setAudienceAttributes', caller, target, ...change });
}

/** Lists the newest jobs, including finished ones; only those of one audience, if one is given. */
export async function listAttributeJobs(
  core: Operation<MembershipStorage>,
  audienceId: number | undefined,
  limit: number,
): Promise<AttributeJobReport[]> {
  return core.storage.browse.listAttributeJobs(audienceId, limit);
}
