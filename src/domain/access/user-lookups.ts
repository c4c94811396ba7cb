/** Finds users, for callers with the right to see them. */

import type { Operation } from '../operation.ts';
import type { AccessStorage } from './storage.ts';
import { type User, userNotFound } from './users.ts';

/** Lists the users that `viewer` may see, by ID: admins see all of them, others only themselves. */
export async function listUsers(core: Operation<AccessStorage>, viewer: User): Promise<User[]> {
  const users = await core.storage.accounts.listUsers();
  return users.filter(({ id }) => maySeeUser(viewer, id));
}

/** Reports whether `viewer` may see the record, the sessions and the role of a user. */
export function maySeeUser(viewer: Pick<User, 'id' | 'isAdmin'>, userId: number): boolean {
  return viewer.isAdmin || viewer.id === userId;
}

/** Reports whether there is any user, which is the case from the first run on. */
export async function hasUsers(core: Operation<AccessStorage>): Promise<boolean> {
  return core.storage.accounts.hasUsers();
}

/** Returns the e-mail of every user by ID, for lists that name people. */
export async function userEmails(core: Operation<AccessStorage>): Promise<ReadonlyMap<number, string>> {
  return new Map((await core.storage.accounts.listUsers()).map(({ id, email }) => [id, email]));
}

/** @throws DomainError `not_found` */
export async function findUser(core: Operation<AccessStorage>, id: number): Promise<User> {
  const user = (await core.storage.accounts.listUsers()).find((each) => each.id === id);
  if (user === undefined) throw userNotFound(String(id));
  return user;
}

/** Finds a user by e-mail, compared without case. @throws DomainError `not_found` */
export async function findUserByEmail(core: Operation<AccessStorage>, email: string): Promise<User> {
  const found = await core.storage.accounts.findUserByEmail(email.trim());
  if (found === undefined) throw userNotFound(`'${email.trim()}'`);
  return found.user;
}
