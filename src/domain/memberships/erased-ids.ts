/**
 * What the ID of an erased person still means. A replayed write that arrived before the erasure brings nothing back, and
 * in an environment where erased people stay erased, no write creates a profile for them again.
 */

import { DomainError } from '../errors.ts';
import { type BatchChanges, type BatchState, erasedInBatch, profileKey } from './batch.ts';
import type { Caller, ReplayedArrival } from './commands.ts';
import { pseudonymStart } from './erased-people.ts';
import { isNewer, liveArrival } from './replay-history.ts';

/** What the answer is looked up in; the caller's environment is the one that counts. */
interface Known {
  readonly state: Pick<BatchState, 'profiles' | 'erased' | 'now'>;
  readonly changes: Pick<BatchChanges, 'erased'>;
}

/** Whose write it is, as far as it matters. */
type Writer = Pick<Caller, 'environment' | 'replay'>;

/** Reports whether a replayed write arrived before the person with that ID was last erased. */
export function isErasedSince(known: Known, caller: Writer, integrationId: string, replay: ReplayedArrival): boolean {
  const erased = lastErased(known, caller, integrationId);
  return erased !== undefined && isNewer(liveArrival(erased), replay);
}

/** Reports whether somebody with that ID was ever erased. */
export function wasErased(known: Known, caller: Writer, integrationId: string): boolean {
  return lastErased(known, caller, integrationId) !== undefined;
}

/** Reports whether a write must leave the person with that ID alone. Looks nothing up for most writes. */
export function isLeftOut(known: Known, caller: Writer, integrationId: string): boolean {
  const { environment, replay } = caller;
  if (replay !== undefined && isErasedSince(known, caller, integrationId, replay)) return true;
  if (!known.state.erased.staysErased(environment)) return false;
  if (known.state.profiles.has(profileKey(environment, integrationId))) return false;
  return wasErased(known, caller, integrationId);
}

function lastErased({ state, changes }: Known, { environment }: Writer, integrationId: string): number | undefined {
  if (erasedInBatch(changes, environment, integrationId) !== undefined) return state.now;
  return state.erased.lastErased(environment, pseudonymStart(state.erased.key(), environment, integrationId));
}

/** The title of the problem that somebody was erased. */
export const ERASED = 'erased';

/** The refusal of a write about an erased person. */
export function stayErased(integrationId: string): DomainError {
  const message = `Customer profile '${integrationId}' was erased, and this environment keeps erased people out`;
  return new DomainError('conflict', [{ title: ERASED, message, cause: 'the person was erased' }]);
}
