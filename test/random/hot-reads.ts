/** Reads through the API, for checks: who is in which audience, and one profile. */

import type { Lab } from './lab.ts';
import type { Environment } from './model.ts';
import type { Json } from './openapi-document.ts';

export interface AudienceItem {
  readonly id: number;
  readonly integration: string;
  readonly integrationId: string;
  readonly name: string;
}

function authorization(lab: Lab, environment: Environment): { Authorization: string } {
  return { Authorization: `ApiKey-v1 ${environment === 'live' ? lab.keys.generic : lab.keys.sandboxGeneric}` };
}

/** The audiences of each profile, in one request per thousand. */
export async function lookUp(
  lab: Lab,
  profiles: readonly string[],
  environment: Environment = 'live',
): Promise<Map<string, AudienceItem[]>> {
  const found = new Map<string, AudienceItem[]>();
  for (let start = 0; start < profiles.length; start += 1000) {
    const answer = await fetch(`${lab.url}/v1/customer_profiles/audiences/lookup`, {
      method: 'POST',
      headers: authorization(lab, environment),
      body: JSON.stringify({ integrationIds: profiles.slice(start, start + 1000) }),
    });
    if (answer.status !== 200)
      throw new Error(`the look-up was answered with ${answer.status}: ${await answer.text()}`);
    const { data } = (await answer.json()) as { data: { integrationId: string; audiences: AudienceItem[] }[] };
    for (const { integrationId, audiences } of data) found.set(integrationId, audiences);
  }
  return found;
}

/** The profile's attributes and the numbers of its audiences; undefined for an unknown one. */
export async function profileOf(
  lab: Lab,
  profile: string,
  environment: Environment = 'live',
): Promise<{ attributes: Record<string, Json>; audienceIds: number[] } | undefined> {
  const path = `/v1/customer_profiles/${encodeURIComponent(profile)}/inventory?profile=true`;
  const answer = await fetch(`${lab.url}${path}`, { headers: authorization(lab, environment) });
  if (answer.status === 404) return undefined;
  const body = (await answer.json()) as {
    profile: { attributes: Record<string, Json>; audienceMemberships: { id: number }[] };
  };
  return {
    attributes: body.profile.attributes,
    audienceIds: body.profile.audienceMemberships.map(({ id }) => id),
  };
}
