/** Applications: the owners of API keys; each belongs to one environment. */

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
  /**
   * How much of bodies the access log keeps: nothing, the shape without attribute values, or everything but secrets.
   */
  readonly payloadLogging: PayloadLogging;
  /** True if Test keys may be created (`enableCampaignStateManagement`); cannot be undone. */
  readonly staging: boolean;
  /** ms since the epoch */
  readonly created: number;
  readonly modified: number;
}

export type NewApplication = Omit<Application, 'id' | 'created' | 'modified'>;

/** True for the IANA name of a time zone. */
export function isTimezone(name: string): boolean {
  // The default is known: the first look into the time zones takes 20 ms, which every start would wait for.
  if (name === 'UTC') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What may be changed about an Application; the environment may not. */
export type ApplicationChange = Partial<Omit<NewApplication, 'environment'>>;

const MAX_DESCRIPTION = 1000;

/** @throws DomainError `invalid` for a value no Application may have; absent values are not checked */
export function checkApplication({ name, timezone, currency, description, payloadLogging }: ApplicationChange): void {
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

/** An Application with a change applied; undefined when nothing changes. @throws DomainError `invalid` */
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

export function applicationNotFound(id: number): DomainError {
  return new DomainError('not_found', `Application ${id} not found`);
}
