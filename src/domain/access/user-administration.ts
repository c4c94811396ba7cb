/** What admins do to users, and users to their own record: inviting, changing, passwords, roles, and their end. */

import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';
import {
  checkNewPassword,
  checkUserName,
  emailOf,
  generatePassword,
  hashPassword,
  nameFrom,
  passwordMatches,
  type User,
  type UserChange,
} from './users.ts';

export function userNotFound(what: string): DomainError {
  return new DomainError('not_found', `User ${what} not found`);
}

/** @throws DomainError `not_found` */
export async function findUser(core: Operation<AccessStorage>, id: number): Promise<User> {
  const user = (await core.storage.accounts.listUsers()).find((each) => each.id === id);
  if (user === undefined) throw userNotFound(String(id));
  return user;
}

/** @throws DomainError `not_found` */
export async function findUserByEmail(core: Operation<AccessStorage>, email: string): Promise<User> {
  const found = await core.storage.accounts.findUserByEmail(email.trim());
  if (found === undefined) throw userNotFound(`'${email.trim()}'`);
  return found.user;
}

/**
 * Makes a user without a password, who gets in once an admin has made one (`resetPassword`): no mail is sent.
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

/** @throws DomainError `invalid`, `not_found`, or `conflict` for the last active admin */
export async function updateUser(core: Operation<AccessStorage>, id: number, change: UserChange): Promise<User> {
  const checked = change.name === undefined ? change : { ...change, name: checkUserName(change.name) };
  const user = await core.storage.accounts.updateUser(core.actor, id, checked);
  if (user === undefined) throw userNotFound(String(id));
  return user;
}

/** Ends the user's sessions with the user. @throws DomainError `not_found`, or `conflict` for the last active admin */
export async function deleteUser(core: Operation<AccessStorage>, id: number): Promise<void> {
  const user = await core.storage.accounts.deleteUser(core.actor, id);
  if (user === undefined) throw userNotFound(String(id));
}

/** Makes exactly these users admins. @throws DomainError `not_found`, or `conflict` when no active one is among them */
export async function setAdmins(core: Operation<AccessStorage>, ids: readonly number[]): Promise<void> {
  await core.storage.accounts.setAdmins(core.actor, ids);
}

/** That somebody knew the password of a user, and which it was. */
export interface PasswordProof {
  readonly user: User;
  readonly password: string;
  readonly passwordHash: string;
}

/** @throws DomainError `invalid` when this is not the user's password */
export async function provePassword(
  core: Operation<AccessStorage>,
  user: User,
  password: string,
): Promise<PasswordProof> {
  const found = await core.storage.accounts.findUserByEmail(user.email);
  if (found === undefined || !(await passwordMatches(password, found.passwordHash))) {
    throw invalid('currentPassword: this is not the password', { pointer: '/currentPassword' });
  }
  return { user: found.user, password, passwordHash: found.passwordHash };
}

/**
 * Replaces a user's own password and ends the user's sessions.
 * @param keepSession the one session that goes on
 * @throws DomainError `invalid`, or `conflict` when it was replaced by somebody else meanwhile
 */
export async function changePassword(
  core: Operation<AccessStorage>,
  proof: PasswordProof,
  newPassword: string,
  keepSession?: number,
): Promise<void> {
  checkNewPassword(newPassword, 'newPassword');
  if (newPassword === proof.password) {
    throw invalid('newPassword: must be another than the current one', { pointer: '/newPassword' });
  }
  const changed = await core.storage.accounts.setPassword(core.actor, proof.user.id, {
    passwordHash: await hashPassword(newPassword),
    mustChangePassword: false,
    expected: proof.passwordHash,
    ...(keepSession === undefined ? {} : { keepSession }),
  });
  if (changed === undefined) throw userNotFound(String(proof.user.id));
}

/**
 * Gives a user another password and ends all sessions of the user.
 * @param given the password; without it one is made, which the user changes at the next sign-in
 * @returns the password
 * @throws DomainError `not_found`, or `invalid` for a password that is too short or too long
 */
export async function resetPassword(core: Operation<AccessStorage>, id: number, given?: string): Promise<string> {
  if (given !== undefined) checkNewPassword(given);
  const password = given ?? generatePassword();
  const user = await core.storage.accounts.setPassword(core.actor, id, {
    passwordHash: await hashPassword(password),
    mustChangePassword: given === undefined,
  });
  if (user === undefined) throw userNotFound(String(id));
  return password;
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
