/** The state on which a batch is decided, built by hand: definitions, profiles and commands, without a store. */

import type { Attribute, AttributeType } from '../../../src/domain/definitions/attributes.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import { Catalog } from '../../../src/domain/definitions/catalog.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import { type BatchState, newProfile, type ProfileDraft, profileKey } from '../../../src/domain/memberships/batch.ts';
import type {
  AudienceRef,
  Caller,
  CreateAudience,
  DeleteAudience,
  SetAudienceAttributes,
  UpdateMemberships,
  UpdateProfile,
} from '../../../src/domain/memberships/commands.ts';

export const PLATFORM = 'Customer Data Platform';
export const NOW = 1_000_000;

export function audience(id: number, more: Partial<Audience> = {}): Audience {
  return {
    id,
    environment: 'live',
    name: `Audience ${id}`,
    description: '',
    integration: PLATFORM,
    integrationId: `a${id}`,
    createdInThirdParty: true,
    applicationIds: [],
    memberSet: id * 10,
    stagedSet: undefined,
    created: 1,
    modified: 1,
    ...more,
  };
}

function attribute(id: number, name: string, type: AttributeType): Attribute {
  return {
    id,
    entity: 'CustomerProfile',
    name,
    title: name,
    type,
    description: '',
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    details: {},
    created: 1,
  };
}

/** Attributes `Tier` (a string, number 1) and `Visits` (a number, number 2), and the audiences given. */
export function catalogOf(...audiences: Audience[]): Catalog {
  const catalog = new Catalog();
  catalog.putAttribute(attribute(1, 'Tier', 'string'));
  catalog.putAttribute(attribute(2, 'Visits', 'number'));
  for (const each of audiences) catalog.putAudience(each);
  return catalog;
}

/** A profile that was stored long ago. */
export function stored(id: number, integrationId: string, more: Partial<ProfileDraft> = {}): ProfileDraft {
  const { sets = [] } = more;
  return { ...newProfile(id, 'live', integrationId, [], 1), isNew: false, changed: false, storedSets: sets, ...more };
}

export function stateOf(catalog: Catalog, profiles: readonly ProfileDraft[] = []): BatchState {
  let nextAttribute = 100;
  return {
    catalog,
    profiles: new Map(profiles.map((each) => [profileKey(each.environment, each.integrationId), each])),
    sequences: { profile: 100, audience: 100, memberSet: 1000, attributeJob: 1 },
    nextAttributeId: () => nextAttribute++,
    memberCount: () => 0,
    isAllowed: () => true,
    limits: { valueBytes: 1000, profileBytes: 10_000 },
    answers: new Map(),
    erased: {
      key: () => Buffer.alloc(32, 7),
      lastErased: () => undefined,
      staysErased: () => false,
      unfinished: () => undefined,
    },
    // Live writes never ask for it.
    history: undefined as never,
    now: NOW,
  };
}

/** A platform's request, or the command line's with `keyId: undefined`. */
export function caller(more: Partial<Caller> = {}): Caller {
  return { requestUuid: 'request', keyId: 1, applicationId: 7, environment: 'live', bytes: 1, ...more };
}

export function update(integrationId: string, more: Partial<UpdateProfile> = {}): UpdateProfile {
  return {
    kind: 'updateProfile',
    caller: caller(),
    integration: PLATFORM,
    integrationId,
    attributes: undefined,
    skipUndefinedAttributes: false,
    adds: [],
    deletes: [],
    runRuleEngine: false,
    ...more,
  };
}

export function bulk(
  items: readonly { integrationId: string; adds?: AudienceRef[]; deletes?: AudienceRef[] }[],
  by: Caller = caller(),
): UpdateMemberships {
  return {
    kind: 'updateMemberships',
    caller: by,
    integration: PLATFORM,
    items: items.map(({ integrationId, adds = [], deletes = [] }) => ({ integrationId, adds, deletes })),
  };
}

/** The creation of audience `new` by the platform. */
export function creation(more: Partial<CreateAudience> = {}): CreateAudience {
  const target = { integration: PLATFORM, integrationId: 'new' };
  return { kind: 'createAudience', caller: caller(), target, name: 'New', details: undefined, ...more };
}

export function deletion(audienceId: number, by: Caller = caller()): DeleteAudience {
  return { kind: 'deleteAudience', caller: by, target: { audienceId } };
}

export function attributesOfAll(
  audienceId: number,
  attributes: Readonly<Record<string, JsonValue>>,
  by: Caller = caller(),
): SetAudienceAttributes {
  return { kind: 'setAudienceAttributes', caller: by, target: { audienceId }, attributes };
}
