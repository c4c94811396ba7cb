/** Who may do what in the back office: by session, by role, and by the grants of a management key. */

import type { Actor } from '../actor.ts';
import { DomainError } from '../errors.ts';
import { type Endpoint, isGranted, type ManagementKey, reachesApplication } from './management-keys.ts';
import type { Session } from './sessions.ts';
import type { User } from './users.ts';

/** The caller: a signed-in user, or a management key with the rights of its creator. */
export interface BackOfficePrincipal {
  readonly user: User;
  /** Undefined for a management key. */
  readonly session: Session | undefined;
  /** Undefined for a session. */
  readonly key: ManagementKey | undefined;
  /** Who the caller is in the audit log. */
  readonly actor: Actor;
}

/**
 * Which callers may use an operation. `session`: any signed-in user, for their own affairs; never a management key.
 * `read`: any user, and management keys with the grant. `admin`: the same, but only admins. `admin-session`: admins,
 * never a management key, for operations that would let a key extend its own rights.
 */
export type BackOfficeAccess = 'session' | 'read' | 'admin' | 'admin-session';

/** What a caller wants to do. */
export interface BackOfficeCall {
  readonly access: BackOfficeAccess;
  readonly endpoint: Endpoint;
  /** True for what a user may do before changing a password that somebody else has seen. */
  readonly duringPasswordChange: boolean;
  /**
   * True if the operation concerns all Applications: keys limited to some may not use it. `unless named`: they may if
   * the request names an Application of theirs, to which the response is then limited.
   */
  readonly ofAllApplications: boolean | 'unless named';
  /** The Applications named by the call. */
  readonly applicationIds: readonly number[];
}

/** @throws DomainError `forbidden` because of the role, a missing grant, or a password that must be changed first */
export function checkMayCall({ user, session, key }: Omit<BackOfficePrincipal, 'actor'>, call: BackOfficeCall): void {
  if (session !== undefined && user.mustChangePassword && !call.duringPasswordChange) {
    throw new DomainError('forbidden', 'Change the password first: it was set by somebody else');
  }
  if (key !== undefined) checkGranted(key, call);
  if ((call.access === 'admin' || call.access === 'admin-session') && !user.isAdmin) {
    throw new DomainError('forbidden', 'This requires an admin; your role is read-only');
  }
}

/** Checks what a management key may call: the operations granted to it, for the Applications granted to it. */
function checkGranted(
  key: ManagementKey,
  { access, endpoint, ofAllApplications, applicationIds }: BackOfficeCall,
): void {
  const name = `${endpoint.method} ${endpoint.path}`;
  if (access === 'session' || access === 'admin-session') {
    throw new DomainError('forbidden', `${name} is for signed-in users only, not for management keys`);
  }
  if (!isGranted(key, endpoint)) {
    throw new DomainError('forbidden', `The management key '${key.name}' was not granted ${name}`);
  }
  if (key.applicationIds.length === 0) return;
  const isTooWide = ofAllApplications === true || (ofAllApplications === 'unless named' && applicationIds.length === 0);
  if (!isTooWide && applicationIds.every((id) => reachesApplication(key, id))) return;
  const allowed = key.applicationIds.join(', ');
  throw new DomainError('forbidden', `The management key '${key.name}' is limited to Applications ${allowed}`);
}

/** Reports whether a caller may see what belongs to an Application; undefined is for what belongs to none. */
export function seesApplication({ key }: Pick<BackOfficePrincipal, 'key'>, applicationId: number | undefined): boolean {
  if (key === undefined || key.applicationIds.length === 0) return true;
  return applicationId !== undefined && reachesApplication(key, applicationId);
}

/** The Applications a caller is limited to; undefined for all. */
export function visibleApplications({ key }: Pick<BackOfficePrincipal, 'key'>): readonly number[] | undefined {
  return key === undefined || key.applicationIds.length === 0 ? undefined : key.applicationIds;
}
