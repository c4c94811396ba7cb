/** What newer writes leave of a replayed change of an audience itself, which is all of it or nothing. */

import type { Audience } from '../../definitions/audiences.ts';
import { renamedByCreation, requireAudience, requireFreeIntegrationId } from '../audience-checks.ts';
import type {
  CreateAudience,
  DeleteAudience,
  EmptyAudience,
  ReplayEffect,
  ReplayedArrival,
  SupersededBy,
  UpdateAudience,
  WriteCommand,
} from '../commands.ts';
import { isNewer } from '../replay-history.ts';
import type { Ground, NewestArrivals } from './newest.ts';
import type { Reduced } from './reduced.ts';

/** An audience that has been deleted since is not created again. */
export function reduceCreation({ state, newest }: Ground, command: CreateAudience, replay: ReplayedArrival): Reduced {
  const { caller, target, name } = command;
  const known = renamedByCreation(state.catalog, command);
  if (known !== undefined) return reduceRenaming(newest, command, known, name, replay);
  requireFreeIntegrationId(state.catalog, command);
  const { environment } = caller;
  const identity = { environment, integration: target?.integration, integrationId: target?.integrationId };
  const reason = isNewer(newest.deletion(identity), replay) ? 'audienceDeleted' : undefined;
  return allOrNothing(command, replay, { action: 'create' }, reason);
}

/** An audience that has been renamed since keeps its name. */
export function reduceUpdate({ state, newest }: Ground, command: UpdateAudience, replay: ReplayedArrival): Reduced {
  return reduceRenaming(newest, command, requireAudience(state.catalog, command), command.change.name, replay);
}

function reduceRenaming(
  newest: NewestArrivals,
  command: UpdateAudience | CreateAudience,
  audience: Audience,
  name: string | undefined,
  replay: ReplayedArrival,
): Reduced {
  const isChange = name !== audience.name;
  const reason = isChange && isNewer(newest.definition(audience), replay) ? 'audienceChanged' : undefined;
  return allOrNothing(command, replay, { action: 'rename', audienceId: audience.id }, reason, isChange);
}

/** An audience whose members have changed since keeps them. */
export function reduceEmptying({ state, newest }: Ground, command: EmptyAudience, replay: ReplayedArrival): Reduced {
  const audience = requireAudience(state.catalog, command);
  const isStale = isNewer(newest.memberChange(audience.id), replay);
  const effect: ReplayEffect = { action: 'empty', audienceId: audience.id };
  return allOrNothing(command, replay, effect, isStale ? 'audienceChanged' : undefined);
}

/** An audience that has been changed since, or whose members have, stays. */
export function reduceDeletion({ state, newest }: Ground, command: DeleteAudience, replay: ReplayedArrival): Reduced {
  const audience = requireAudience(state.catalog, command);
  const isStale = isNewer(newest.definition(audience), replay) || isNewer(newest.memberChange(audience.id), replay);
  const effect: ReplayEffect = { action: 'delete', audienceId: audience.id };
  return allOrNothing(command, replay, effect, isStale ? 'audienceChanged' : undefined);
}

function allOrNothing<Command extends WriteCommand>(
  command: Command,
  replay: ReplayedArrival,
  effect: ReplayEffect,
  reason: SupersededBy | undefined,
  isChange = true,
): Reduced<Command> {
  if (reason === undefined || replay.override) {
    return { command, effects: isChange ? [effect] : [], skipped: [], isEmpty: false };
  }
  return { command, effects: [], skipped: [{ ...effect, reason }], isEmpty: true };
}
