/** Decides changes of one customer profile: attributes and memberships are merged, or everything is erased. */

import { requireProfileSize } from '../../definitions/attribute-sizes.ts';
import { profileNotFound } from '../../errors.ts';
import type { JsonValue } from '../../json-value.ts';
import { checkAttributes } from '../attribute-checks.ts';
import { requireNamedAudiences } from '../audience-checks.ts';
import type { ProfileDraft, ValueChange } from '../batch.ts';
import type { EraseProfile, ProfileState, UpdateProfile } from '../commands.ts';
import type { Decision } from './decision.ts';
import { applyItems, leaveAll } from './memberships.ts';

export function updateProfile(decision: Decision, command: UpdateProfile): ProfileState {
  const { state, caller } = decision;
  const { catalog, now } = state;
  const before = decision.knownProfile(command.integrationId)?.attributesJson ?? '{}';
  const stored = JSON.parse(before) as Record<string, JsonValue>;
  const attributes = checkAttributes(catalog, command, state, stored);
  const values = new Map<string, ValueChange>();
  for (const [name, value] of attributes) {
    values.set(name, { before: Object.hasOwn(stored, name) ? stored[name] : undefined, after: value ?? undefined });
    if (value === null) delete stored[name];
    else stored[name] = value;
  }
  const after = attributes.size === 0 ? before : JSON.stringify(stored);
  requireProfileSize(before, after, attributes.keys(), state.limits);
  if (command.onlyChecked !== undefined) requireNamedAudiences(catalog, command);
  applyItems(decision, command.integration, [command]);
  const profile = decision.profile(command.integrationId);
  if (attributes.size > 0) {
    for (const [name, value] of values) noteValue(profile, name, value.before, value.after);
    profile.attributesJson = after;
    if (caller.replay === undefined) profile.attributesWritten = now;
    decision.touch(profile);
  }
  if (command.runRuleEngine && now > profile.lastActivity) {
    profile.lastActivity = now;
    decision.touch(profile);
  }
  connect(decision, profile);
  return {
    id: profile.id,
    environment: profile.environment,
    integrationId: profile.integrationId,
    attributes: stored,
    memberships: catalog.audiencesOfSets(profile.sets).map(({ id, name }) => ({ id, name })),
    created: profile.created,
    lastActivity: profile.lastActivity,
  };
}

/**
 * Removes all that the profile's row says about the person, and every membership, since the name of an audience is
 * revealing too.
 */
export function eraseProfile(decision: Decision, { integrationId }: EraseProfile): void {
  const profile = decision.knownProfile(integrationId);
  if (profile === undefined) throw profileNotFound(integrationId);
  const stored = JSON.parse(profile.attributesJson) as Record<string, JsonValue>;
  for (const [name, value] of Object.entries(stored)) noteValue(profile, name, value, undefined);
  if (profile.attributesJson !== '{}') decision.touch(profile);
  profile.attributesJson = '{}';
  profile.attributesWritten = decision.state.now;
  leaveAll(decision, profile);
  decision.audit(`/v1/customers/${profile.id}/data`, {});
}

/** An Application has seen the profiles that were updated with its keys. */
function connect({ caller, changes }: Decision, profile: ProfileDraft): void {
  const { applicationId } = caller;
  if (applicationId === undefined) return;
  const connected = changes.connections.get(applicationId) ?? new Set<number>();
  changes.connections.set(applicationId, connected.add(profile.id));
}

function noteValue(
  profile: ProfileDraft,
  name: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  profile.valueChanges ??= new Map();
  const noted = profile.valueChanges.get(name);
  if (noted === undefined) profile.valueChanges.set(name, { before, after });
  else noted.after = after;
}
