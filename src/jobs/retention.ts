/** Removes what has passed its retention period. */

import type { Config } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { ANSWERS_KEPT_MS } from '../domain/memberships/idempotency.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Removes a part of the ledger that is older than its retention; 0 days keep it for ever. @returns whether there is
 * more
 */
export async function pruneLedger(core: Core, { ledgerRetentionDays }: Pick<Config, 'ledgerRetentionDays'>) {
  if (ledgerRetentionDays === 0) return false;
  return core.storage.pruneLedger(core.now() - ledgerRetentionDays * DAY_MS);
}

/**
 * Removes the record of what replays did to profiles, once no refused write of that time is kept. @returns whether
 * there is more
 */
export async function forgetReplays(core: Core, { accessLogRetentionDays }: Pick<Config, 'accessLogRetentionDays'>) {
  return core.storage.forgetReplays(core.now() - accessLogRetentionDays * DAY_MS);
}

/** Removes expired answers kept under idempotency keys. @returns whether there are more */
export async function forgetAnswers(core: Core) {
  return core.storage.forgetAnswers(core.now() - ANSWERS_KEPT_MS);
}
