/** The two roles that users have. Both are built in: only their members change. */

import { DomainError, invalid } from '../errors.ts';
import { type User, userNotFound } from './users.ts';

export interface Role {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly isAdmin: boolean;
}

export const ADMIN_ROLE: Role = {
  id: 1,
  name: 'Admin',
  description: 'Sees and changes everything',
  isAdmin: true,
};

export const READ_ONLY_ROLE: Role = {
  id: 2,
  name: 'Read-only',
  description: 'Sees everything but payloads; exports and changes nothing',
  isAdmin: false,
};

export const ROLES: readonly Role[] = [ADMIN_ROLE, READ_ONLY_ROLE];

/** The role of a user: everybody has exactly one. */
export function roleOf({ isAdmin }: Pick<User, 'isAdmin'>): Role {
  return isAdmin ? ADMIN_ROLE : READ_ONLY_ROLE;
}

/** @throws DomainError `not_found` */
export function findRole(id: number): Role {
  const role = ROLES.find((each) => each.id === id);
  if (role === undefined) throw new DomainError('not_found', `Role ${id} not found`);
  return role;
}

/**
 * Decides who is an admin once a role has exactly these members. Leaving Admin makes a user read-only; nobody can be
 * removed from Read-only, since that would make the user an admin without anybody having said so.
 * @param users all of them
 * @throws DomainError `not_found` for a member who does not exist; `invalid` when a member of Read-only is omitted
 */
export function adminsAfter(role: Role, members: readonly number[], users: readonly User[]): Set<number> {
  const wanted = new Set(members);
  if (!role.isAdmin) {
    const left = users.find((user) => !user.isAdmin && !wanted.has(user.id));
    if (left !== undefined) {
      throw invalid(
        `members: user ${left.id} is missing; to remove a user from Read-only, add them to Admin (role 1)`,
        {
          pointer: '/members',
        },
      );
    }
  }
  const known = new Set(users.map(({ id }) => id));
  const unknown = members.find((id) => !known.has(id));
  if (unknown !== undefined) throw userNotFound(String(unknown));
  return role.isAdmin
    ? wanted
    : new Set(users.filter(({ id, isAdmin }) => isAdmin && !wanted.has(id)).map(({ id }) => id));
}
