/** Applications: what keys belong to; each lives in one environment. */

import type { Core } from './core.ts';
import { codePointLength, type Environment, isStorableText } from './environment.ts';
import { DomainError, invalid } from './errors.ts';

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

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Creates an Application.
 * @throws DomainError `invalid` for a bad name or time zone, `conflict` when the name is taken
 */
export async function createApplication(
  core: Core,
  input: {
    name: string;
    environment?: Environment;
    timezone?: string | undefined;
    currency?: string;
    description?: string;
  },
): Promise<Application> {
  const name = input.name.trim();
  const timezone = input.timezone ?? 'UTC';
  if (name === '' || codePointLength(name) > 255 || !isStorableText(name))
    throw invalid('name: length must be 1 to 255');
  if (!isTimezone(timezone)) throw invalid(`timezone: '${timezone}' is not an IANA time zone such as Europe/Berlin`);
  return core.storage.createApplication(core.actor, {
    name,
    timezone,
    environment: input.environment ?? 'live',
    currency: input.currency ?? 'EUR',
    description: input.description ?? '',
    payloadLogging: 'full',
    staging: false,
  });
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
