/** Applications: what keys belong to; each lives in one environment. */

import type { Core } from '../core.ts';
import { codePointLength, type Environment, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';

export const PAYLOAD_LOGGING = ['off', 'masked', 'full'] as const;
export type PayloadLogging = (typeof PAYLOAD_LOGGING)[number];

export interface Application {
  readonly id: number;
  readonly name: string;
  readonly environment: Environment;
  /** IANA time zone; key expiry dates end at midnight there. */
  readonly timezone: string;
  readonly currency: string;
  readonly description: string;
  /** What the access log keeps of bodies: nothing, the shape without attribute values, or all but secrets. */
  readonly payloadLogging: PayloadLogging;
  /** True when Test keys may be created (`enableCampaignStateManagement`); cannot be undone. */
  readonly staging: boolean;
  /** ms since the epoch */
  readonly created: number;
  readonly modified: number;
}

export type NewApplication = Omit<Application, 'id' | 'created' | 'modified'>;

/** True for the IANA name of a time zone. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What may be changed of an Application; the environment may not. */
export type ApplicationChange = Partial<Omit<NewApplication, 'environment'>>;

const MAX_DESCRIPTION = 1000;

/** @throws DomainError `invalid` for a value no Application may have; what is absent is not checked */
function checkApplication({ name, timezone, currency, description, payloadLogging }: ApplicationChange): void {
  if (name !== undefined && (name === '' || codePointLength(name) > 255 || !isStorableText(name))) {
    throw invalid('name: length must be 1 to 255', { pointer: '/name' });
  }
  if (timezone !== undefined && !isTimezone(timezone)) {
    throw invalid(`timezone: '${timezone}' is not an IANA time zone such as Europe/Berlin`, { pointer: '/timezone' });
  }
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) {
    throw invalid(`currency: '${currency}' is not an ISO 4217 code such as EUR`, { pointer: '/currency' });
  }
  if (description !== undefined && (codePointLength(description) > MAX_DESCRIPTION || !isStorableText(description))) {
    throw invalid(`description: length must be at most ${MAX_DESCRIPTION}`, { pointer: '/description' });
  }
  if (payloadLogging !== undefined && !PAYLOAD_LOGGING.includes(payloadLogging)) {
    throw invalid(`payloadLogging: '${payloadLogging}' is not one of ${PAYLOAD_LOGGING.join(', ')}`, {
      pointer: '/payloadLogging',
    });
  }
}

/**
 * Creates an Application.
 * @throws DomainError `invalid` for a bad name, time zone or currency, `conflict` when the name is taken
 */
export async function createApplication(
  core: Core,
  input: {
    name: string;
    environment?: Environment;
    timezone?: string | undefined;
    currency?: string | undefined;
    description?: string | undefined;
  },
): Promise<Application> {
  const application: NewApplication = {
    name: input.name.trim(),
    timezone: input.timezone ?? 'UTC',
    environment: input.environment ?? 'live',
    currency: input.currency ?? 'EUR',
    description: input.description ?? '',
    payloadLogging: 'full',
    staging: false,
  };
  checkApplication(application);
  return core.storage.createApplication(core.actor, application);
}

/** An Application with a change made to it; undefined when that leaves it as it is. @throws DomainError `invalid` */
export function changeApplication(before: Application, change: ApplicationChange): Application | undefined {
  if (change.staging === false && before.staging) {
    throw invalid('enableCampaignStateManagement: cannot be switched off again', {
      pointer: '/enableCampaignStateManagement',
    });
  }
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const after = { ...before, ...(Object.fromEntries(given) as ApplicationChange) };
  const isChanged = (Object.keys(change) as (keyof ApplicationChange)[]).some((name) => after[name] !== before[name]);
  return isChanged ? after : undefined;
}

/**
 * Changes what is given of an Application.
 * @throws DomainError `invalid`, `not_found`, or `conflict` when the name is taken
 */
export async function updateApplication(core: Core, id: number, change: ApplicationChange): Promise<Application> {
  const trimmed = change.name === undefined ? change : { ...change, name: change.name.trim() };
  checkApplication(trimmed);
  const application = await core.storage.updateApplication(core.actor, id, trimmed);
  if (application === undefined) throw applicationNotFound(id);
  return application;
}

/** The Application of a number. @throws DomainError `not_found` */
export async function findApplication(core: Core, id: number): Promise<Application> {
  const application = (await core.storage.catalog()).applications.get(id);
  if (application === undefined) throw applicationNotFound(id);
  return application;
}

function applicationNotFound(id: number): DomainError {
  return new DomainError('not_found', `Application ${id} not found`);
}

/**
 * The Application meant by a name or number; without one, the only or the first live one.
 * @throws DomainError `not_found`, or `invalid` when a name fits several
 */
export async function chooseApplication(core: Core, nameOrId: string | undefined): Promise<Application> {
  const applications = [...(await core.storage.catalog()).applications.values()].sort((a, b) => a.id - b.id);
  if (nameOrId === undefined) {
    const first = applications.find((each) => each.environment === 'live') ?? applications[0];
    if (first === undefined) throw new DomainError('not_found', 'There is no Application yet; create one first');
    return first;
  }
  const wanted = nameOrId.trim().toLowerCase();
  const byName = applications.filter((each) => each.name.toLowerCase() === wanted);
  const byId = /^\d+$/.test(wanted) ? applications.filter((each) => each.id === Number(wanted)) : [];
  const matches = [...new Set([...byName, ...byId])];
  if (matches.length > 1) {
    const list = matches.map((each) => `${each.id} '${each.name}'`).join(', ');
    throw invalid(`application: '${nameOrId}' fits several (${list}); give the number of one that is not also a name`);
  }
  const match = matches[0];
  if (match === undefined) throw new DomainError('not_found', `Application '${nameOrId}' not found`);
  return match;
}
