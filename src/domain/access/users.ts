/** Users of the back office: what is stored of each, and which e-mails and names are valid. */

import { codePointLength, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';

export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly state: 'invited' | 'active' | 'deactivated';
  /** True while somebody else knows the password: it must be changed at the next sign-in. */
  readonly mustChangePassword: boolean;
  /** ms since the epoch, each */
  readonly created: number;
  readonly modified: number;
  readonly lastSignedIn: number | undefined;
  /** Last use of any session, updated at most once a minute. */
  readonly lastAccessed: number | undefined;
}

/** A user with what only signing in needs. */
export interface StoredUser {
  readonly user: User;
  /** Empty for an invited user who has no password yet. */
  readonly passwordHash: string;
  /** Until when the throttle is lifted for the user, in ms since the epoch; undefined if never. */
  readonly unlockedUntil: number | undefined;
}

export type NewUser = Omit<User, 'id' | 'created' | 'modified' | 'lastSignedIn' | 'lastAccessed'> & {
  /** Empty for an invited user who has no password yet. */
  readonly passwordHash: string;
};

const MAX_EMAIL = 254;
const MAX_NAME = 255;

// What strict JSON readers accept as the format `email`: no quoted names, no domain of one word, only ASCII.
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const EMAIL = new RegExp(`^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${LABEL}$`);

/** True for text that can be an e-mail address; whether it is one, only mail can tell. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL && EMAIL.test(text);
}

/** An e-mail in its stored form. @throws DomainError `invalid` */
export function emailOf(text: string): string {
  const email = text.trim();
  if (!isEmail(email)) {
    throw invalid(`email: '${email}' is not an e-mail address such as ada@example.com`, { pointer: '/email' });
  }
  return email;
}

/** A name in its stored form. @throws DomainError `invalid` */
export function checkUserName(text: string): string {
  const name = text.trim();
  if (name === '' || codePointLength(name) > MAX_NAME || !isStorableText(name)) {
    throw invalid(`name: length must be 1 to ${MAX_NAME}`, { pointer: '/name' });
  }
  return name;
}

/** The given name, or else the part of the e-mail before the @. @throws DomainError `invalid` */
export function nameFrom(text: string | undefined, email: string): string {
  return text === undefined ? email.slice(0, email.indexOf('@')) : checkUserName(text);
}

/** What may be changed about a user. `active` activates a deactivated user; one without a password stays invited. */
export interface UserChange {
  readonly name?: string;
  readonly isAdmin?: boolean;
  readonly state?: 'active' | 'deactivated';
}

export function userNotFound(what: string): DomainError {
  return new DomainError('not_found', `User ${what} not found`);
}

/** An e-mail belongs to only one user, whatever its case. */
export function emailTaken(email: string): DomainError {
  return new DomainError('conflict', `A user with the e-mail ${email} already exists`);
}
