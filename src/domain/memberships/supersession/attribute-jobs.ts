/**
 * What newer writes leave of a replayed attribute job. Its audience and earlier replays determine whether all of it
 * remains or nothing; profiles changed by a live write since are skipped one by one when the job reaches them.
 */

import { checkAudienceAttributes } from '../attribute-checks.ts';
import { requireAudience } from '../audience-checks.ts';
import type { ReplayEffect, ReplayedArrival, SetAudienceAttributes, SupersededBy } from '../commands.ts';
import { isNewer } from '../replay-history.ts';
import type { Ground } from './newest.ts';
import type { Reduced } from './reduced.ts';

/** Once members have changed, it is no longer known who was a member when the request arrived. */
export function reduceAttributeJob(
  { state, newest }: Ground,
  command: SetAudienceAttributes,
  replay: ReplayedArrival,
): Reduced<SetAudienceAttributes> {
  const audience = requireAudience(state.catalog, command);
  const names = [...checkAudienceAttributes(state.catalog, command, state).keys()];
  const effects = names.map((attribute): ReplayEffect => {
    const action = command.attributes[attribute] === null ? 'remove' : 'set';
    return { action, audienceId: audience.id, attribute };
  });
  const isReplayedSince = names.some((name) => {
    const definition = state.catalog.attributes.get(name);
    return definition !== undefined && isNewer(newest.anyValueNote(definition.id, replay.time), replay);
  });
  let reason: SupersededBy | undefined;
  if (isNewer(newest.definition(audience), replay) || isNewer(newest.memberChange(audience.id), replay)) {
    reason = 'audienceChanged';
  } else if (isReplayedSince) reason = 'newerReplay';
  if (reason === undefined || replay.override) return { command, effects, skipped: [], isEmpty: false };
  return { command, effects: [], skipped: effects.map((effect) => ({ ...effect, reason })), isEmpty: true };
}
