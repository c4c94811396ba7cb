/** Decides which attributes and audiences a write creates by naming them. Everything has already been checked. */

import type { Attribute } from '../../definitions/attributes.ts';
import { attributeState } from '../../definitions/audit-states.ts';
import { attributesToCreate } from '../attribute-checks.ts';
import { distinctNamed, findNamed } from '../audience-checks.ts';
import type { NamedAudiences, NamedOutcome, UpdateProfile } from '../commands.ts';
import { createAudience, updateAudience } from './audiences.ts';
import type { Decision } from './decision.ts';

/** Defines the undefined attributes that an update sets. */
export function createAttributes(decision: Decision, command: UpdateProfile): Attribute[] {
  const { state, changes } = decision;
  return attributesToCreate(state.catalog, command).map((planned) => {
    const attribute = { ...planned, id: state.nextAttributeId(), created: state.now };
    state.catalog.putAttribute(attribute);
    changes.attributes.push(attribute);
    decision.auditOfKey(`/v1/attributes/${attribute.id}`, { new: attributeState(attribute) });
    return attribute;
  });
}

/** Creates the unknown audiences, and renames those that the write gives another name. */
export function defineAudiences(decision: Decision, integration: string, named: NamedAudiences): NamedOutcome[] {
  const { caller, state } = decision;
  const { environment } = caller;
  return distinctNamed(state.catalog, environment, integration, named).map((each) => {
    const { newId: integrationId, name } = each;
    const known = findNamed(state.catalog, environment, integration, each);
    if (known === undefined) {
      const target = { integration, integrationId };
      const command = { kind: 'createAudience', caller, target, name, details: undefined } as const;
      return { audience: createAudience(decision, command), status: 'new' };
    }
    if (!named.renames || known.name === name) return { audience: known, status: 'unmodified' };
    const target = { audienceId: known.id };
    const command = { kind: 'updateAudience', caller, target, change: { name } } as const;
    return { audience: updateAudience(decision, command), status: 'updated' };
  });
}
