/**
 * Decides changes of users: commands in, outcomes out, both plain data. A store loads the users, asks here and saves
 * the outcome, all inside one transaction, so that what was checked still holds when it is saved.
 */

import type { AuditRecord } from '../audit-record.ts';
import { DomainError } from '../errors.ts';
import { passwordRecord, unlockRecord, userRecord } from './audit-records.ts';
import type { Device } from './devices.ts';
import type { PasswordChange } from './passwords.ts';
import { adminsAfter, type Role } from './roles.ts';
import { type StoredUser, type User, type UserChange, userNotFound } from './users.ts';

export type UserCommand =
  | { readonly kind: 'change'; readonly userId: number; readonly change: UserChange }
  /** Makes exactly `members` the members of a role. */
  | { readonly kind: 'role'; readonly role: Role; readonly members: readonly number[] }
  | { readonly kind: 'password'; readonly userId: number; readonly change: PasswordChange }
  /** Lifts the throttle for the device's user until the device expires, and makes the device known. */
  | { readonly kind: 'unlock'; readonly device: Device }
  | { readonly kind: 'delete'; readonly userId: number };

/** The outcome of a command: everything a store has to write. */
export interface UserOutcome {
  /** The users the command is about, as they are afterwards; a deleted user as it was before. */
  readonly users: readonly User[];
  /** Users that changed, as they are to be stored. */
  readonly saved: readonly StoredUser[];
  /** Users to delete, each with all sessions and known devices. */
  readonly deleted: readonly number[];
  /** Users whose sessions end, except the one session to keep. */
  readonly signedOut: readonly { readonly userId: number; readonly keepSession?: number | undefined }[];
  /** A device that is known from now on. */
  readonly device?: Device;
  readonly audit: readonly AuditRecord[];
}

const NOTHING: UserOutcome = { users: [], saved: [], deleted: [], signedOut: [], audit: [] };

/**
 * Decides a command.
 * @param users all users
 * @param now ms since the epoch
 * @throws DomainError `not_found`; `invalid` for a role that cannot be left; `conflict` when no active admin would remain, or when
 * the password is not the expected one
 */
export function decideUsers(command: UserCommand, users: readonly StoredUser[], now: number): UserOutcome {
  switch (command.kind) {
    case 'change':
      return change(users, [command.userId], () => command.change, now);
    case 'role':
      return changeRole(users, command, now);
    case 'password':
      return replacePassword(find(users, command.userId), command.change, now);
    case 'unlock':
      return unlock(find(users, command.device.userId), command.device);
    case 'delete':
      return remove(users, find(users, command.userId).user);
  }
}

function change(
  users: readonly StoredUser[],
  ids: readonly number[],
  changeOf: (user: User) => UserChange,
  now: number,
): UserOutcome {
  const named = ids.map((id) => {
    const before = find(users, id);
    return { before, after: changeUser(before, changeOf(before.user), now) };
  });
  const changed = named.filter(({ before, after }) => after !== before);
  const afterwards = new Map(users.map((stored) => [stored.user.id, stored.user]));
  for (const { after } of changed) afterwards.set(after.user.id, after.user);
  checkAdminsLeft(
    users.map(({ user }) => user),
    [...afterwards.values()],
  );
  return {
    ...NOTHING,
    users: named.map(({ after }) => after.user),
    saved: changed.map(({ after }) => after),
    signedOut: changed
      .filter(({ before, after }) => after.user.state === 'deactivated' && before.user.state !== 'deactivated')
      .map(({ after }) => ({ userId: after.user.id })),
    audit: changed.map(({ before, after }) => userRecord({ old: before.user, new: after.user })),
  };
}

/** A user with a change applied; the same object when nothing changes. */
function changeUser(before: StoredUser, asked: UserChange, now: number): StoredUser {
  const { name = before.user.name, isAdmin = before.user.isAdmin } = asked;
  const state = stateAfter(before, asked.state);
  if (name === before.user.name && isAdmin === before.user.isAdmin && state === before.user.state) return before;
  return { ...before, user: { ...before.user, name, isAdmin, state, modified: now } };
}

/** Nobody can sign in without a password: a user who is activated without one is still invited, not active. */
function stateAfter({ user, passwordHash }: StoredUser, asked: UserChange['state']): User['state'] {
  if (asked === 'deactivated') return asked;
  if (asked === undefined || user.state !== 'deactivated') return user.state;
  return passwordHash === '' ? 'invited' : 'active';
}

function changeRole(
  users: readonly StoredUser[],
  { role, members }: Extract<UserCommand, { kind: 'role' }>,
  now: number,
): UserOutcome {
  const all = users.map(({ user }) => user);
  const admins = adminsAfter(role, members, all);
  // The audit log lists new admins first.
  const changed = all.filter(({ id, isAdmin }) => isAdmin !== admins.has(id));
  const ids = [...changed].sort((a, b) => Number(a.isAdmin) - Number(b.isAdmin)).map(({ id }) => id);
  return change(users, ids, ({ id }) => ({ isAdmin: admins.has(id) }), now);
}

function replacePassword(before: StoredUser, asked: PasswordChange, now: number): UserOutcome {
  const { passwordHash, mustChangePassword, expected, keepSession } = asked;
  if (expected !== undefined && expected !== before.passwordHash) {
    throw new DomainError('conflict', 'The password has been changed meanwhile; nothing was done');
  }
  const user = { ...before.user, mustChangePassword, modified: now };
  return {
    ...NOTHING,
    users: [user],
    saved: [{ ...before, user, passwordHash }],
    signedOut: [{ userId: user.id, keepSession }],
    audit: [passwordRecord(user)],
  };
}

function unlock(before: StoredUser, device: Device): UserOutcome {
  const { user } = before;
  const saved = [{ ...before, unlockedUntil: device.expires }];
  return { ...NOTHING, users: [user], saved, device, audit: [unlockRecord(user)] };
}

function remove(users: readonly StoredUser[], user: User): UserOutcome {
  const all = users.map((stored) => stored.user);
  checkAdminsLeft(
    all,
    all.filter(({ id }) => id !== user.id),
  );
  return { ...NOTHING, users: [user], deleted: [user.id], audit: [userRecord({ old: user })] };
}

function find(users: readonly StoredUser[], id: number): StoredUser {
  const found = users.find(({ user }) => user.id === id);
  if (found === undefined) throw userNotFound(String(id));
  return found;
}

/** Nobody could change anything once the last active admin is gone. A store that never had one may stay without. */
function checkAdminsLeft(before: readonly User[], after: readonly User[]): void {
  if (after.some(isActiveAdmin) || !before.some(isActiveAdmin)) return;
  throw new DomainError('conflict', 'This is the last active admin; make another user an admin first');
}

function isActiveAdmin({ isAdmin, state }: User): boolean {
  return isAdmin && state === 'active';
}
