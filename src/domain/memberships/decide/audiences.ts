/** Decides how audiences are created, changed, emptied, and deleted with all their memberships. */

import type { Audience } from '../../definitions/audiences.ts';
import { audienceState } from '../../definitions/audit-states.ts';
import {
  renamedByCreation,
  requireApplications,
  requireAudience,
  requireFreeIntegrationId,
} from '../audience-checks.ts';
import type { CreateAudience, DeleteAudience, EmptyAudience, UpdateAudience } from '../commands.ts';
import { definedAt, isNewer } from '../replay-history.ts';
import type { Decision } from './decision.ts';

export function createAudience(decision: Decision, command: CreateAudience): Audience {
  const { state, caller } = decision;
  const { target, details } = command;
  const known = renamedByCreation(state.catalog, command);
  if (known !== undefined) {
    const change = { name: command.name };
    return updateAudience(decision, { kind: 'updateAudience', caller, target: { audienceId: known.id }, change });
  }
  requireFreeIntegrationId(state.catalog, command);
  requireApplications(state.catalog, caller, details?.applicationIds);
  const own = caller.applicationId === undefined ? [] : [caller.applicationId];
  const audience: Audience = {
    id: state.sequences.audience++,
    environment: caller.environment,
    name: command.name,
    description: details?.description ?? '',
    // Without a platform, the namespace is empty.
    integration: (target?.integration ?? details?.integration ?? '').trim() || undefined,
    integrationId: target?.integrationId,
    createdInThirdParty: details?.createdInThirdParty ?? true,
    applicationIds: [...new Set(details?.applicationIds ?? own)],
    memberSet: state.sequences.memberSet++,
    stagedSet: undefined,
    created: state.now,
    modified: state.now,
  };
  save(decision, audience);
  decision.audit(`/v1/audiences/${audience.id}`, { new: audienceState(audience) });
  return audience;
}

export function updateAudience(decision: Decision, command: UpdateAudience): Audience {
  const { catalog, now } = decision.state;
  const audience = requireAudience(catalog, command);
  requireApplications(catalog, command.caller, command.change.applicationIds);
  const { name = audience.name, description = audience.description } = command.change;
  const applicationIds = [...new Set(command.change.applicationIds ?? audience.applicationIds)];
  const changed = { ...audience, name, description, applicationIds, modified: now };
  const [old, after] = [audienceState(audience), audienceState(changed)];
  if (JSON.stringify(old) === JSON.stringify(after)) return audience;
  save(decision, changed);
  decision.audit(`/v1/audiences/${audience.id}`, { old, new: after });
  return changed;
}

/** Gives the audience a new, empty set, which costs the same whatever the number of its members. */
export function emptyAudience(decision: Decision, command: EmptyAudience): void {
  const { changes, state } = decision;
  const audience = requireAudience(state.catalog, command);
  const members = decision.membersOf(audience.id);
  if (members === 0) return;
  decision.recordEnd(audience.id, 'emptied', members);
  const emptied = { ...audience, memberSet: state.sequences.memberSet++ };
  state.catalog.putAudience(emptied);
  changes.audiences.set(audience.id, { audience: emptied, deleted: false });
  changes.deadSets.push(audience.memberSet);
  decision.audit(`/v1/audiences/${audience.id}/memberships`, { old: { members } });
}

export function deleteAudience(decision: Decision, command: DeleteAudience): void {
  const { changes, state } = decision;
  const audience = requireAudience(state.catalog, command);
  const members = decision.membersOf(audience.id);
  decision.recordEnd(audience.id, 'deleted', members);
  noteDefinition(decision, audience.id);
  state.catalog.removeAudience(audience.id);
  changes.audiences.set(audience.id, { audience, deleted: true });
  changes.deadSets.push(audience.memberSet);
  if (audience.stagedSet !== undefined) changes.deadSets.push(audience.stagedSet);
  decision.audit(`/v1/audiences/${audience.id}`, { old: { ...audienceState(audience), members } });
}

function save(decision: Decision, audience: Audience): void {
  noteDefinition(decision, audience.id);
  decision.state.catalog.putAudience(audience);
  decision.changes.audiences.set(audience.id, { audience, deleted: false });
}

/** Called before the catalog changes. A live change discards what a replay in the same batch recorded. */
function noteDefinition({ state, changes, caller: { replay } }: Decision, audienceId: number): void {
  const { catalog, history, now } = state;
  const { definitions } = changes.replayed;
  if (replay === undefined) {
    definitions.delete(audienceId);
    return;
  }
  const before = catalog.audience(audienceId);
  const known = before && definedAt(before, definitions.get(audienceId) ?? history.definitionNote(audienceId));
  const { time, place } = known !== undefined && isNewer(known, replay) ? known : replay;
  definitions.set(audienceId, { arrival: { time, place }, written: now });
}
