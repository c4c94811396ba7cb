/** The requests of the story as plain data, and the interface that sends them to the server. */

/** A platform or an Application that calls the server, with what all its requests have in common. */
export interface Sender {
  readonly key: string;
  /** Value of `customer-data-platform-name`; undefined for callers that are not platforms. */
  readonly platform?: string | undefined;
  readonly userAgent: string;
  /** The address it calls from; all are reserved for documentation. */
  readonly address: string;
}

export interface Call {
  readonly from: Sender;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, encoded. */
  readonly path: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends a call and waits for its answer. */
export type Send = (call: Call) => Promise<Answer>;

/** The headers of a call. */
export function headersOf({ from, body }: Call): Record<string, string> {
  return {
    authorization: `ApiKey-v1 ${from.key}`,
    'user-agent': from.userAgent,
    ...(from.platform === undefined ? {} : { 'customer-data-platform-name': from.platform }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

const segment = encodeURIComponent;

/** One profile's attributes, and its audiences by internal ID. */
export function profileUpdate(from: Sender, profileId: string, attributes: Record<string, unknown>): Call {
  return { from, method: 'PUT', path: `/cdp/customer_profile/${segment(profileId)}`, body: { attributes } };
}

/** One profile's audiences, by the platform's own IDs. */
export function profileAudiences(
  from: Sender,
  profileId: string,
  adds: readonly string[],
  deletes: readonly string[],
): Call {
  const path = `/cdp/customer_profile/${segment(profileId)}/audiences`;
  return { from, method: 'PUT', path, body: { data: { adds, deletes } } };
}

export interface MembershipItem {
  readonly customerProfileId: string;
  readonly adds: string[];
  readonly deletes: string[];
}

/** Many profiles' audiences, by the platform's own IDs. */
export function membershipSync(from: Sender, data: readonly MembershipItem[]): Call {
  return { from, method: 'PUT', path: '/cdp/v2/customer_profiles/audiences', body: { data } };
}

export function audienceCreation(from: Sender, audienceId: string, audienceName: string): Call {
  return { from, method: 'POST', path: '/cdp/audiences', body: { audienceId, audienceName } };
}

export function audienceRename(from: Sender, audienceId: string, audienceName: string): Call {
  return { from, method: 'PUT', path: `/cdp/audiences/${segment(audienceId)}`, body: { audienceName } };
}

export function audienceDeletion(from: Sender, audienceId: string): Call {
  return { from, method: 'DELETE', path: `/cdp/audiences/${segment(audienceId)}` };
}

/** What a shop asks before it shows a page. */
export function audiencesQuestion(from: Sender, profileId: string): Call {
  return { from, method: 'GET', path: `/v1/customer_profiles/${segment(profileId)}/audiences` };
}

export function audiencesLookup(from: Sender, integrationIds: readonly string[]): Call {
  return { from, method: 'POST', path: '/v1/customer_profiles/audiences/lookup', body: { integrationIds } };
}
