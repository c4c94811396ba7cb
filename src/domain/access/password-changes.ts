/** Passwords that take another's place: a user's own, and those that admins give. */

import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { checkNewPassword, generatePassword, hashPassword, passwordMatches } from './passwords.ts';
import type { AccessStorage } from './storage.ts';
import type { User } from './users.ts';

/** That somebody knew the password of a user, and which it was. */
export interface PasswordProof {
  readonly user: User;
  readonly password: string;
  readonly passwordHash: string;
}

/** Checks that it is the user's own password that `viewer` wants to change. @throws DomainError `forbidden` */
export function checkOwnPassword(viewer: User, userId: number): void {
  if (viewer.id === userId) return;
  throw new DomainError('forbidden', 'A password is changed by its user; admins reset it instead');
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
 * @throws DomainError `invalid`, `not_found`, or `conflict` when it was replaced by somebody else meanwhile
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
  const change = {
    passwordHash: await hashPassword(newPassword),
    mustChangePassword: false,
    expected: proof.passwordHash,
    ...(keepSession === undefined ? {} : { keepSession }),
  };
  await core.storage.accounts.changeUsers(core.actor, { kind: 'password', userId: proof.user.id, change });
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
  const change = { passwordHash: await hashPassword(password), mustChangePassword: given === undefined };
  await core.storage.accounts.changeUsers(core.actor, { kind: 'password', userId: id, change });
  return password;
}
