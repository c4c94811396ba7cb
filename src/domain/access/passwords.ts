/** Passwords: which ones are accepted, and how they are stored. */

import { randomBytes } from 'node:crypto';
import { codePointLength } from '../environment.ts';
import { invalid } from '../errors.ts';

export const MIN_PASSWORD = 10;
const MAX_PASSWORD = 1000;

/** A new password for a user. */
export interface PasswordChange {
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  /** The hash stored now, if the caller checked it. */
  readonly expected?: string;
  /** The one session that continues; all others of the user end. */
  readonly keepSession?: number;
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

/** The stored form of a password. */
export async function hashPassword(password: string): Promise<string> {
  // A native module that few commands need: most start without it.
  const { hash } = await import('@node-rs/argon2');
  return hash(password, HASHING);
}

/** Reports whether a password matches a hash; takes as long, and is false, if there is no hash. */
export async function passwordMatches(password: string, passwordHash: string | undefined): Promise<boolean> {
  const { verify } = await import('@node-rs/argon2');
  // Always computed: an unknown user must not be answered faster than others.
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
