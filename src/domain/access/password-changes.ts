/** Replacing passwords: users replace their own, and admins those of others. */

import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { checkNewPassword, generatePassword, hashPassword, passwordMatches } from './passwords.ts';
import type { AccessStorage } from './storage.ts';
import type { User } from './users.ts';

/** Proof that somebody knew the password of a user, and which one it was. */
export interface PasswordProof {
  readonly user: User;
  readonly password: string;
  readonly passwordHash: string;
}

/** Checks that `viewer` wants to change their own password. @throws DomainError `forbidden` */
export function checkOwnPassword(viewer: User, userId: number): void {
  if (viewer.id === userId) return;
  throw new DomainError('forbidden', 'Only the user can change a password; admins reset it instead');
}

/** @throws DomainError `invalid` if this is not the user's password */
export async function provePassword(
  core: Operation<AccessStorage>,
  user: User,
  password: string,
): Promise<PasswordProof> {
  const found = await core.storage.accounts.findUserByEmail(user.email);
  if (found === undefined || !(await passwordMatches(password, found.passwordHash))) {
    throw invalid('currentPassword: this is not the current password', { pointer: '/currentPassword' });
  }
  return { user: found.user, password, passwordHash: found.passwordHash };
}

/**
 * Replaces a user's own password and ends the user's sessions.
 * @param keepSession the one session that continues
 * @throws DomainError `invalid`, `not_found`, or `conflict` when somebody else has replaced it meanwhile
 */
export async function changePassword(
  core: Operation<AccessStorage>,
  proof: PasswordProof,
  newPassword: string,
  keepSession?: number,
): Promise<void> {
  checkNewPassword(newPassword, 'newPassword');
  if (newPassword === proof.password) {
    throw invalid('newPassword: must differ from the current password', { pointer: '/newPassword' });
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
 * Sets a user's password and ends all sessions of the user.
 * @param given the password; without it one is generated, which the user must change at the next sign-in
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
