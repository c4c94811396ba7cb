/** Users of the back office, and their passwords. */

import { randomBytes } from 'node:crypto';
import type { Core } from './core.ts';
import { codePointLength } from './environment.ts';
import { invalid } from './errors.ts';

export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly state: 'invited' | 'active' | 'deactivated';
  /** True while the password is one that somebody else saw: it is changed at the next sign-in. */
  readonly mustChangePassword: boolean;
  /** ms since the epoch, each */
  readonly created: number;
  readonly modified: number;
  readonly lastSignedIn: number | undefined;
}

export type NewUser = Omit<User, 'id' | 'created' | 'modified' | 'lastSignedIn'> & { readonly passwordHash: string };

export const MIN_PASSWORD = 10;
const MAX_PASSWORD = 1000;
const MAX_EMAIL = 254;

/** True for text that can be an e-mail address: whether it is one, only mail can tell. */
export function isEmail(text: string): boolean {
  return /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(text) && text.length <= MAX_EMAIL;
}

// Argon2id, 19 MiB and two passes (OWASP's first choice); runs off the main thread.
const HASHING = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
let hashOfNobody: Promise<string> | undefined;

/** What is stored of a password. */
export async function hashPassword(password: string): Promise<string> {
  // Native, and needed by few: most commands start without it.
  const { hash } = await import('@node-rs/argon2');
  return hash(password, HASHING);
}

/** Whether a password is the one that was hashed; takes as long, and is false, where there is no hash. */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  const { verify } = await import('@node-rs/argon2');
  hashOfNobody ??= hashPassword(generatePassword());
  const matches = await verify(passwordHash ?? (await hashOfNobody), password);
  return matches && passwordHash !== undefined;
}

/** A password to be shown once: 120 random bits. */
export function generatePassword(): string {
  return randomBytes(15).toString('base64url');
}

/**
 * Creates a user who can sign in.
 * @throws DomainError `invalid` for a bad e-mail or password, `conflict` when the e-mail is taken
 */
export async function createUser(
  core: Core,
  input: { email: string; password: string; name?: string; isAdmin: boolean; mustChangePassword: boolean },
): Promise<User> {
  const email = input.email.trim();
  if (!isEmail(email)) throw invalid(`email: '${email}' is not an e-mail address`);
  const length = codePointLength(input.password);
  if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
    throw invalid(`password: length must be ${MIN_PASSWORD} to ${MAX_PASSWORD}`);
  }
  return core.storage.accounts.createUser(core.actor, {
    email,
    name: input.name ?? email.slice(0, email.indexOf('@')),
    isAdmin: input.isAdmin,
    state: 'active',
    mustChangePassword: input.mustChangePassword,
    passwordHash: await hashPassword(input.password),
  });
}
