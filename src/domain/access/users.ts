/** Users of the back office, and their passwords. */

import { randomBytes } from 'node:crypto';
import { codePointLength, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';

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
  /** Last use of any session, written at most once a minute. */
  readonly lastAccessed: number | undefined;
}

export type NewUser = Omit<User, 'id' | 'created' | 'modified' | 'lastSignedIn' | 'lastAccessed'> & {
  /** Empty for a user who was invited and has no password yet. */
  readonly passwordHash: string;
};

export const MIN_PASSWORD = 10;
const MAX_PASSWORD = 1000;
const MAX_EMAIL = 254;
const MAX_NAME = 255;

// What readers of JSON take for the format `email`: no quoted names, no domain of one word, nothing beyond ASCII.
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const EMAIL = new RegExp(`^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${LABEL}$`);

/** True for text that can be an e-mail address: whether it is one, only mail can tell. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL && EMAIL.test(text);
}

/** An e-mail as it is stored. @throws DomainError `invalid` */
export function emailOf(text: string): string {
  const email = text.trim();
  if (!isEmail(email)) {
    throw invalid(`email: '${email}' is not an e-mail address such as ada@example.com`, { pointer: '/email' });
  }
  return email;
}

/** A name as it is stored. @throws DomainError `invalid` */
export function checkUserName(text: string): string {
  const name = text.trim();
  if (name === '' || codePointLength(name) > MAX_NAME || !isStorableText(name)) {
    throw invalid(`name: length must be 1 to ${MAX_NAME}`, { pointer: '/name' });
  }
  return name;
}

/** The name given, or else what the e-mail begins with. @throws DomainError `invalid` */
export function nameFrom(text: string | undefined, email: string): string {
  return text === undefined ? email.slice(0, email.indexOf('@')) : checkUserName(text);
}

/** @throws DomainError `invalid` for a password that is too short or too long */
export function checkNewPassword(password: string, field = 'password'): void {
  const length = codePointLength(password);
  if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
    throw invalid(`${field}: length must be ${MIN_PASSWORD} to ${MAX_PASSWORD}`, { pointer: `/${field}` });
  }
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
  // Waited for in every case: the first unknown user must not take longer than others.
  hashOfNobody ??= hashPassword(generatePassword());
  const nobody = await hashOfNobody;
  const isSet = passwordHash !== undefined && passwordHash !== '';
  const matches = await verify(isSet ? passwordHash : nobody, password);
  return matches && isSet;
}

/** A password to be shown once: 120 random bits. */
export function generatePassword(): string {
  return randomBytes(15).toString('base64url');
}

/** What may be changed of a user. `active` lets a deactivated user in again; one without a password stays invited. */
export interface UserChange {
  readonly name?: string;
  readonly isAdmin?: boolean;
  readonly state?: 'active' | 'deactivated';
}

/** A password that takes another's place. */
export interface PasswordChange {
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  /** What is stored now, where that was checked. */
  readonly expected?: string;
  /** The one session that goes on; all others of the user end. */
  readonly keepSession?: number;
}

/**
 * What must hold after any change of users; the store asks inside the transaction.
 * @throws DomainError `conflict` when nobody could change anything any more
 */
export function checkAdminsLeft(users: readonly Pick<User, 'isAdmin' | 'state'>[]): void {
  if (users.some(({ isAdmin, state }) => isAdmin && state === 'active')) return;
  throw new DomainError('conflict', 'This is the last active admin; make another user an admin first');
}
