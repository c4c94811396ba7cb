/** The first requests of each page, sent on arrival while the page's code is still loading. */

import type { FetchQueryOptions, QueryKey } from '@tanstack/react-query';
import { type EnvironmentSearch, isSandbox } from './environment.ts';
import { changesQuery as auditQuery, managementKeysQuery, usersQuery } from './pages/account/queries.ts';
import type { AuditLogSearch } from './pages/account/search.ts';
import { causesQuery, refusedQuery, requestsQuery } from './pages/activity/queries.ts';
import type { ActivitySearch } from './pages/activity/search.ts';
import { apiKeysQuery, applicationQuery, applicationsQuery, healthQuery } from './pages/applications/queries.ts';
import { attributesQuery } from './pages/attributes/queries.ts';
import type { AttributesSearch } from './pages/attributes/search.ts';
import {
  attributeJobsQuery,
  audienceQuery,
  audiencesQuery,
  changesQuery,
  membersQuery,
  timelineQuery,
} from './pages/audiences/queries.ts';
import type { AudienceSearch, AudiencesSearch } from './pages/audiences/search.ts';
import { anyProfileQuery, moversQuery, trafficQuery } from './pages/home/queries.ts';
import { profileChangesQuery, profileQuery, profilesQuery } from './pages/profiles/queries.ts';
import type { ProfileSearch, ProfilesSearch } from './pages/profiles/search.ts';
import { criterion } from './pages/profiles/typed-value.ts';
import { queryClient } from './query-client.ts';

/** What the router passes to a route before it shows it. */
export interface Arrival<Search = unknown, Params = unknown> {
  readonly cause: 'preload' | 'enter' | 'stay';
  readonly search: Search & EnvironmentSearch;
  readonly params: Params;
}

/** Pointing at a link is not an arrival, and a page that is already loaded makes its own requests. */
function ask<Data, Key extends QueryKey>(
  { cause }: Pick<Arrival, 'cause'>,
  query: FetchQueryOptions<Data, Error, Data, Key>,
): void {
  if (cause === 'enter') void queryClient.prefetchQuery(query);
}

/** For requests that depend on an earlier answer. The page asks again after a failure, and reports it. */
async function askFirst<Data, Key extends QueryKey>(
  { cause }: Pick<Arrival, 'cause'>,
  query: FetchQueryOptions<Data, Error, Data, Key>,
  next: (data: Data) => void,
): Promise<void> {
  if (cause !== 'enter') return;
  await queryClient.prefetchQuery(query);
  const data = queryClient.getQueryData<Data>(query.queryKey);
  if (data !== undefined) next(data);
}

export function home(arrival: Arrival): void {
  const sandbox = isSandbox(arrival.search);
  void askFirst(arrival, applicationsQuery, (all) => {
    for (const each of all) if (each.sandbox === sandbox) ask(arrival, apiKeysQuery(each.id));
  });
  ask(arrival, trafficQuery);
  ask(arrival, causesQuery('1h'));
  ask(arrival, moversQuery(sandbox));
  ask(arrival, anyProfileQuery(sandbox));
}

export function applications(arrival: Arrival): void {
  ask(arrival, applicationsQuery);
}

interface ApplicationParams {
  readonly applicationId: string;
}

export function application(arrival: Arrival<unknown, ApplicationParams>): void {
  ask(arrival, applicationQuery(Number(arrival.params.applicationId)));
}

/** The overview and the keys page both show the Application's health. */
export function applicationKeys(arrival: Arrival<unknown, ApplicationParams>): void {
  const applicationId = Number(arrival.params.applicationId);
  ask(arrival, apiKeysQuery(applicationId));
  ask(arrival, healthQuery(applicationId));
}

export function audiences(arrival: Arrival<AudiencesSearch>): void {
  ask(arrival, audiencesQuery(isSandbox(arrival.search), arrival.search));
}

export function audience(arrival: Arrival<AudienceSearch, { readonly audienceId: string }>): void {
  const { tab = 'members', range = 'month', member, cursor } = arrival.search;
  const audienceId = Number(arrival.params.audienceId);
  ask(arrival, audienceQuery(audienceId));
  ask(arrival, timelineQuery(audienceId, range));
  if (tab === 'members') ask(arrival, membersQuery(audienceId, member, cursor));
  if (tab === 'changes') ask(arrival, changesQuery(audienceId, cursor));
  if (tab === 'attributes') ask(arrival, attributeJobsQuery(audienceId));
  ask(arrival, timelineQuery(audienceId, 'hours'));
}

export function profiles(arrival: Arrival<ProfilesSearch>): void {
  const { id, attribute, cursor } = arrival.search;
  const all = { sandbox: isSandbox(arrival.search), integrationId: id, cursor };
  if (attribute === undefined) ask(arrival, profilesQuery(all));
  void askFirst(arrival, attributesQuery({ entity: 'CustomerProfile' }), ({ data }) => {
    if (attribute !== undefined) ask(arrival, profilesQuery({ ...all, attributes: criterion(arrival.search, data) }));
  });
}

export function profile(arrival: Arrival<ProfileSearch, { readonly profileId: string }>): void {
  const { tab, cursor } = arrival.search;
  const profileId = Number(arrival.params.profileId);
  ask(arrival, profileQuery(profileId));
  if (tab === undefined) ask(arrival, profileChangesQuery(profileId, cursor));
}

export function attributes(arrival: Arrival<AttributesSearch>): void {
  ask(arrival, attributesQuery(arrival.search));
}

export function activity(arrival: Arrival<ActivitySearch>): void {
  const { tab, cursor, ...filters } = arrival.search;
  const { time = '1h', application, cause } = filters;
  if (tab === 'errors') ask(arrival, causesQuery(time, application));
  else if (tab === 'refused') ask(arrival, refusedQuery({ cause, application }, cursor));
  else {
    ask(arrival, requestsQuery(filters, cursor));
    ask(arrival, applicationsQuery);
    if (cursor === undefined) ask(arrival, causesQuery('1h'));
  }
}

export function users(arrival: Arrival): void {
  ask(arrival, usersQuery);
}

export function managementKeys(arrival: Arrival): void {
  ask(arrival, managementKeysQuery);
}

export function auditLog(arrival: Arrival<AuditLogSearch>): void {
  ask(arrival, auditQuery(arrival.search));
  ask(arrival, usersQuery);
  ask(arrival, applicationsQuery);
  ask(arrival, managementKeysQuery);
}
