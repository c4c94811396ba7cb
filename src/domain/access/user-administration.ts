/** What admins do to users, and users to their own record: creating, changing and deleting them, and their roles. */

import { DomainError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { checkNewPassword, generatePassword, hashPassword } from './passwords.ts';
import type { Role } from './roles.ts';
import type { AccessStorage } from './storage.ts';
import type { UserCommand } from './user-changes.ts';
import { maySeeUser } from './user-lookups.ts';
import { checkUserName, emailOf, nameFrom, type User, type UserChange, userNotFound } from './users.ts';

/**
 * Creates a user without a password, who can sign in once an admin has set one (`resetPassword`): no mail is sent.
 * @throws DomainError `invalid`, or `conflict` when the e-mail is taken
 */
export async function inviteUser(
  core: Operation<AccessStorage>,
  input: { email: string; name?: string | undefined },
): Promise<User> {
  const email = emailOf(input.email);
  return core.storage.accounts.createUser(core.actor, {
    email,
    name: nameFrom(input.name, email),
    isAdmin: false,
    state: 'invited',
    mustChangePassword: true,
    passwordHash: '',
  });
}

/**
 * Creates a user who can sign in.
 * @throws DomainError `invalid` for a bad e-mail or password, `conflict` when the e-mail is taken
 */
export async function createUser(
  core: Operation<AccessStorage>,
  input: { email: string; password: string; name?: string | undefined; isAdmin: boolean; mustChangePassword: boolean },
): Promise<User> {
  const email = emailOf(input.email);
  checkNewPassword(input.password);
  return core.storage.accounts.createUser(core.actor, {
    email,
    name: nameFrom(input.name, email),
    isAdmin: input.isAdmin,
    state: 'active',
    mustChangePassword: input.mustChangePassword,
    passwordHash: await hashPassword(input.password),
  });
}

/**
 * Creates a user with a given password, or with a generated one that the user must change at the first sign-in.
 * @returns the user and the password
 * @throws DomainError `invalid` for a bad e-mail or password, `conflict` when the e-mail is taken
 */
export async function createUserWithPassword(
  core: Operation<AccessStorage>,
  input: { email: string; name?: string | undefined; isAdmin?: boolean | undefined },
  given?: string,
): Promise<{ user: User; password: string }> {
  const password = given ?? generatePassword();
  const { email, name, isAdmin = false } = input;
  const user = await createUser(core, { email, name, isAdmin, password, mustChangePassword: given === undefined });
  return { user, password };
}

/** @throws DomainError `invalid`, `not_found`, or `conflict` for the last active admin */
export async function updateUser(core: Operation<AccessStorage>, id: number, change: UserChange): Promise<User> {
  const checked = change.name === undefined ? change : { ...change, name: checkUserName(change.name) };
  return changeOne(core, { kind: 'change', userId: id, change: checked }, id);
}

/**
 * Checks that `viewer` may make this change: admins change everybody, others the name in their own record.
 * @throws DomainError `forbidden`
 */
export function checkMayChange(viewer: User, userId: number, { state, isAdmin }: UserChange): void {
  checkOwnOrAdmin(viewer, userId);
  if ((state !== undefined || isAdmin !== undefined) && !viewer.isAdmin) {
    throw new DomainError('forbidden', 'Only admins may change state and role; your role is read-only');
  }
}

/** @throws DomainError `forbidden` for somebody else's record, unless the caller is an admin */
export function checkOwnOrAdmin(viewer: User, userId: number): void {
  if (maySeeUser(viewer, userId)) return;
  throw new DomainError('forbidden', 'This requires an admin; your role is read-only, and this is not your own record');
}

/**
 * Deletes a user and all sessions of the user. @throws DomainError `not_found`, or `conflict` for the last active admin
 */
export async function deleteUser(core: Operation<AccessStorage>, id: number): Promise<void> {
  await core.storage.accounts.changeUsers(core.actor, { kind: 'delete', userId: id });
}

/**
 * Sets the members of a role to exactly these users.
 * @throws DomainError `not_found`; `invalid` when a member of Read-only is left out; `conflict` when no active admin
 * would remain
 */
export async function setRoleMembers(
  core: Operation<AccessStorage>,
  role: Role,
  members: readonly number[],
): Promise<void> {
  await core.storage.accounts.changeUsers(core.actor, { kind: 'role', role, members });
}

async function changeOne(core: Operation<AccessStorage>, command: UserCommand, id: number): Promise<User> {
  const [user] = await core.storage.accounts.changeUsers(core.actor, command);
  if (user === undefined) throw userNotFound(String(id));
  return user;
}
