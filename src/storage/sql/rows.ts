/** The rows of the tables, and how they become domain objects: the same for every engine. */

import type { ApiKey, Platform } from '../../domain/access/api-keys.ts';
import type { Device } from '../../domain/access/devices.ts';
import type { Endpoint, ManagementKey } from '../../domain/access/management-keys.ts';
import type { Session } from '../../domain/access/sessions.ts';
import type { StoredUser, User } from '../../domain/access/users.ts';
import type { Application, PayloadLogging } from '../../domain/definitions/applications.ts';
import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import type { Attribute, AttributeType } from '../../domain/definitions/attributes.ts';
import type { Audience } from '../../domain/definitions/audiences.ts';
import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import { promisedAttributes } from '../../domain/memberships/attribute-jobs.ts';
import type { ChangeAction, ProfileDraft } from '../../domain/memberships/batch.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';

export function environmentToNumber(environment: Environment): number {
  return environment === 'live' ? 0 : 1;
}

export function environmentFromNumber(value: number): Environment {
  return value === 0 ? 'live' : 'sandbox';
}

/** Added to the number of its environment in the row of an erased profile, so that no request finds the row. */
const ERASED = 2;

/** How the row of a profile stores its environment. */
export function profileEnvironment({ environment, isErased }: Pick<ProfileDraft, 'environment' | 'isErased'>): number {
  return environmentToNumber(environment) + (isErased ? ERASED : 0);
}

/** Reads what `profileEnvironment` returned. */
export function ofProfileEnvironment(value: number): Pick<ProfileDraft, 'environment' | 'isErased'> {
  return { environment: environmentFromNumber(value % ERASED), isErased: value >= ERASED };
}

/** How the ledger stores its actions. */
export const ACTION_NUMBERS: Record<ChangeAction, number> = { joined: 1, left: 2, deleted: 3, emptied: 4, replaced: 5 };

/** Reads a stored list of numbers. */
export function parseNumbers(json: string): number[] {
  return json === '[]' ? [] : (JSON.parse(json) as number[]);
}

export interface ApplicationRow {
  id: number;
  name: string;
  environment: number;
  timezone: string;
  currency: string;
  description: string;
  payload_logging: string;
  staging: number;
  created: number;
  modified: number;
}

export function toApplication(row: ApplicationRow): Application {
  const { id, name, timezone, currency, description, created, modified } = row;
  const environment = environmentFromNumber(row.environment);
  const payloadLogging = row.payload_logging as PayloadLogging;
  const staging = row.staging === 1;
  return { id, name, environment, timezone, currency, description, payloadLogging, staging, created, modified };
}

export interface AttributeRow {
  id: number;
  entity: string;
  name: string;
  title: string;
  type: string;
  description: string;
  suggestions: string;
  restricted_by_suggestions: number;
  has_allowed_list: number;
  allowed_list: number | null;
  staged_list: number | null;
  staged_at: number | null;
  editable: number;
  application_ids: string;
  details: string;
  created: number;
}

export function toAttribute(row: AttributeRow): Attribute {
  return {
    id: row.id,
    entity: row.entity as Attribute['entity'],
    name: row.name,
    title: row.title,
    type: row.type as AttributeType,
    description: row.description,
    suggestions: JSON.parse(row.suggestions) as string[],
    restrictedBySuggestions: row.restricted_by_suggestions === 1,
    hasAllowedList: row.has_allowed_list === 1,
    allowedList: row.allowed_list ?? undefined,
    editable: row.editable === 1,
    applicationIds: parseNumbers(row.application_ids),
    details: JSON.parse(row.details) as Attribute['details'],
    created: row.created,
  };
}

/** Reports whether an imported list of allowed values contains a value. */
export const IS_ALLOWED = 'select 1 from allowed_values where allowed_list = ? and value = ?';

export interface AudienceRow {
  id: number;
  environment: number;
  name: string;
  description: string;
  integration: string | null;
  integration_id: string | null;
  created_in_third_party: number;
  application_ids: string;
  member_set: number;
  staged_set: number | null;
  created: number;
  modified: number;
  deleted: number | null;
}

export function toAudience(row: AudienceRow): Audience {
  return {
    id: row.id,
    environment: environmentFromNumber(row.environment),
    name: row.name,
    description: row.description,
    integration: row.integration ?? undefined,
    integrationId: row.integration_id ?? undefined,
    createdInThirdParty: row.created_in_third_party === 1,
    applicationIds: parseNumbers(row.application_ids),
    memberSet: row.member_set,
    stagedSet: row.staged_set ?? undefined,
    created: row.created,
    modified: row.modified,
  };
}

export interface ProfileRow {
  id: number;
  environment: number;
  integration_id: string;
  sets: string;
  attributes: string;
  attributes_written: number;
  attribute_job: number;
  created: number;
  last_activity: number;
}

/** The columns of `profiles` to select for a `ProfileRow`. */
export const PROFILE_COLUMNS = `profiles.id, environment, integration_id, sets, attributes,
  coalesce(attributes_written, modified) as attributes_written, attribute_job, created, last_activity`;

/** The attributes of a row, with the values of pending jobs. @param catalog from the same snapshot as the row */
export function attributesOf(
  row: Pick<ProfileRow, 'attributes' | 'attributes_written' | 'attribute_job'>,
  sets: readonly number[],
  catalog: Catalog,
  limits: AttributeLimits,
): ProfileState['attributes'] {
  const { attributes: attributesJson, attributes_written: attributesWritten, attribute_job: attributeJob } = row;
  const promised = promisedAttributes({ sets, attributesJson, attributesWritten, attributeJob }, catalog, limits);
  return JSON.parse(promised) as ProfileState['attributes'];
}

/** @param catalog of the same snapshot as the row */
export function toProfileState(row: ProfileRow, catalog: Catalog, limits: AttributeLimits): ProfileState {
  const sets = parseNumbers(row.sets);
  const { environment, isErased } = ofProfileEnvironment(row.environment);
  return {
    id: row.id,
    environment,
    integrationId: row.integration_id,
    ...(isErased && { isErased }),
    attributes: attributesOf(row, sets, catalog, limits),
    memberships: catalog.audiencesOfSets(sets).map(({ id, name }) => ({ id, name })),
    created: row.created,
    lastActivity: row.last_activity,
  };
}

export interface ApiKeyRow {
  id: number;
  application_id: number;
  title: string;
  platform: string;
  type: string;
  read_only: number;
  rate_limit: number | null;
  time_offset: number | null;
  lenient_rows: number;
  row_reports: number;
  skip_undefined_attributes: number;
  hash: Buffer;
  prefix: string;
  suffix: string;
  expires: number;
  created: number;
  created_by: number | null;
  last_used_at: number | null;
  deleted_at: number | null;
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    applicationId: row.application_id,
    title: row.title,
    platform: row.platform as Platform,
    type: row.type as ApiKey['type'],
    readOnly: row.read_only === 1,
    rateLimit: row.rate_limit ?? undefined,
    timeOffset: row.time_offset ?? undefined,
    lenientRows: row.lenient_rows === 1,
    rowReports: row.row_reports === 1,
    skipUndefinedAttributes: row.skip_undefined_attributes === 1,
    prefix: row.prefix,
    suffix: row.suffix,
    expires: row.expires,
    created: row.created,
    createdBy: row.created_by ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    deletedAt: row.deleted_at ?? undefined,
  };
}

export interface UserRow {
  id: number;
  email: string;
  name: string;
  is_admin: number;
  state: string;
  must_change_password: number;
  created: number;
  modified: number;
  last_signed_in: number | null;
  last_accessed: number | null;
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    isAdmin: row.is_admin === 1,
    state: row.state as User['state'],
    mustChangePassword: row.must_change_password === 1,
    created: row.created,
    modified: row.modified,
    lastSignedIn: row.last_signed_in ?? undefined,
    lastAccessed: row.last_accessed ?? undefined,
  };
}

/** A user's row with what only signing in needs. */
export interface StoredUserRow extends UserRow {
  password_hash: string;
  unlocked_until: number | null;
}

export function toStoredUser(row: StoredUserRow): StoredUser {
  return { user: toUser(row), passwordHash: row.password_hash, unlockedUntil: row.unlocked_until ?? undefined };
}

export interface DeviceRow {
  hash: Buffer;
  user_id: number;
  expires: number;
}

export function toDevice({ hash, user_id: userId, expires }: DeviceRow): Device {
  return { hash, userId, expires };
}

export interface SessionRow {
  id: number;
  user_id: number;
  kind: string;
  hash: Buffer;
  created: number;
  last_seen: number;
  expires: number;
  user_agent: string;
  address: string;
}

export function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind as Session['kind'],
    created: row.created,
    lastSeen: row.last_seen,
    expires: row.expires,
    userAgent: row.user_agent,
    address: row.address,
  };
}

export interface ManagementKeyRow {
  id: number;
  name: string;
  hash: Buffer;
  prefix: string;
  suffix: string;
  endpoints: string;
  application_ids: string;
  expires: number;
  created: number;
  created_by: number;
  disabled: number;
  last_used_at: number | null;
  deleted_at: number | null;
}

export function toManagementKey(row: ManagementKeyRow): ManagementKey {
  return {
    id: row.id,
    name: row.name,
    endpoints: JSON.parse(row.endpoints) as Endpoint[],
    applicationIds: parseNumbers(row.application_ids),
    prefix: row.prefix,
    suffix: row.suffix,
    expires: row.expires,
    created: row.created,
    lastUsedAt: row.last_used_at ?? undefined,
    createdBy: row.created_by,
    disabled: row.disabled === 1,
    deletedAt: row.deleted_at ?? undefined,
  };
}
