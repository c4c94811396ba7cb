/** The account. There is exactly one per server. */

import type { DefinitionStorage } from '../definitions/storage.ts';
import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';

export interface Account {
  /** When the account was created, which is when its first Application was; in ms since the epoch, 0 before that. */
  readonly created: number;
  readonly applicationCount: number;
  readonly userCount: number;
}

export async function findAccount(core: Operation<AccessStorage & DefinitionStorage>): Promise<Account> {
  const [users, created] = await Promise.all([core.storage.accounts.listUsers(), accountCreated(core)]);
  const { applications } = await core.storage.catalog();
  return { created, applicationCount: applications.size, userCount: users.length };
}

/** When the account was created, in ms since the epoch. */
export async function accountCreated(core: Operation<DefinitionStorage>): Promise<number> {
  const times = [...(await core.storage.catalog()).applications.values()].map(({ created }) => created);
  return times.length === 0 ? 0 : Math.min(...times);
}
