/** Recognises known browsers at sign-in, and lifts the throttle for a user. */

import { randomBytes } from 'node:crypto';
import type { Operation } from '../operation.ts';
import { hashKey } from './api-keys.ts';
import { deviceExpiry, isKnownAs, unlockExpiry } from './devices.ts';
import { noteUse } from './last-use.ts';
import type { AccessStorage } from './storage.ts';
import { findUserByEmail } from './user-lookups.ts';
import { type User, userNotFound } from './users.ts';

/** A token that makes a browser known; shown only once. */
export interface DeviceToken {
  readonly token: string;
  readonly expires: number;
}

/** What a throttle needs to know about somebody who wants to sign in. */
export interface SignInStanding {
  /** Identifies the browser, if it is known as one of the user's. */
  readonly knownDevice: string | undefined;
  /** Until when the operator lifted the throttle, in ms since the epoch; undefined if never. */
  readonly unlockedUntil: number | undefined;
}

/** @param tokens those the browser presents; the first known one counts */
export async function findSignInStanding(
  core: Operation<AccessStorage>,
  email: string,
  tokens: readonly string[],
): Promise<SignInStanding> {
  const found = await core.storage.accounts.findUserByEmail(email.trim());
  let knownDevice: string | undefined;
  for (const token of tokens) {
    const isKnown = await isKnownDevice(core, token, found?.user.id);
    if (isKnown) knownDevice ??= hashKey(token).toString('base64url');
  }
  return { knownDevice, unlockedUntil: found?.unlockedUntil };
}

/** Reports whether a token belongs to one of this user's browsers. */
async function isKnownDevice(
  core: Operation<AccessStorage>,
  token: string,
  userId: number | undefined,
): Promise<boolean> {
  return isKnownAs(await core.storage.accounts.findDevice(hashKey(token)), userId, core.now());
}

/**
 * Remembers the browser in which a user just signed in, or extends its time. A store that accepts no writes must not
 * prevent the sign-in.
 * @param presented the browser's token; another user's token is not taken over
 */
export async function rememberDevice(
  core: Operation<AccessStorage>,
  userId: number,
  presented: string | undefined,
): Promise<DeviceToken> {
  const isKnown = presented !== undefined && (await isKnownDevice(core, presented, userId));
  const token = isKnown ? presented : newToken();
  const expires = deviceExpiry(core.now());
  await noteUse(async () => core.storage.accounts.saveDevice({ hash: hashKey(token), userId, expires }));
  return { token, expires };
}

/** Invalidates a link from `unlockUser` once it has been used. */
export async function forgetDevice(core: Operation<AccessStorage>, token: string): Promise<void> {
  await noteUse(async () => core.storage.accounts.deleteDevice(hashKey(token)));
}

/**
 * Lets a user sign in for a quarter of an hour despite too many wrong passwords, and creates a token that makes one
 * browser known meanwhile, in case somebody keeps guessing.
 * @throws DomainError `not_found`
 */
export async function unlockUser(
  core: Operation<AccessStorage>,
  email: string,
): Promise<{ user: User; device: DeviceToken }> {
  const { id: userId } = await findUserByEmail(core, email);
  const device = { token: newToken(), expires: unlockExpiry(core.now()) };
  const { token, expires } = device;
  const command = { kind: 'unlock', device: { hash: hashKey(token), userId, expires } } as const;
  const [user] = await core.storage.accounts.changeUsers(core.actor, command);
  if (user === undefined) throw userNotFound(String(userId));
  return { user, device };
}

function newToken(): string {
  return `rcd_${randomBytes(32).toString('base64url')}`;
}
