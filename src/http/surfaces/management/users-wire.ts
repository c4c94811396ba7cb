/** Users as the Management API shows them. */

import { roleOf } from '../../../domain/access/roles.ts';
import type { User } from '../../../domain/access/users.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { timestamp } from '../../wire.ts';
import { conflict, notFound } from './responses.ts';
import type { User as WireUser } from './users-schemas.ts';

export function toWireUser(user: User): WireUser {
  return {
    id: user.id,
    created: timestamp(user.created),
    modified: timestamp(user.modified),
    email: user.email,
    accountId: ACCOUNT_ID,
    inviteToken: user.state === 'invited' ? 'pending' : '',
    state: user.state,
    name: user.name,
    policy: {},
    isAdmin: user.isAdmin,
    roles: [roleOf(user).id],
    authMethod: 'basic_auth',
    ...(user.lastSignedIn === undefined ? {} : { lastSignedIn: timestamp(user.lastSignedIn) }),
    ...(user.lastAccessed === undefined ? {} : { lastAccessed: timestamp(user.lastAccessed) }),
    mustChangePassword: user.mustChangePassword,
  };
}

// ---- refusals that several operations share

export const unknownUser = notFound('User 7 not found');
export const unknownEmail = notFound("User 'ada@example.com' not found");
export const emailIsTaken = conflict('The e-mail is taken', 'A user with the e-mail ada@example.com already exists');
export const lastAdmin = conflict(
  'It is the last active admin',
  'This is the last active admin; make another user an admin first',
);
