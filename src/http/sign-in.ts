/** Signing in over HTTP: guessers are slowed down, and refusals are logged without naming anybody. */

import type { FastifyRequest } from 'fastify';
import { findSignInStanding } from '../domain/access/known-devices.ts';
import type { Session, SessionKind } from '../domain/access/sessions.ts';
import { signIn } from '../domain/access/signing-in.ts';
import type { AccessStorage } from '../domain/access/storage.ts';
import type { User } from '../domain/access/users.ts';
import { DomainError } from '../domain/errors.ts';
import type { Operation } from '../domain/operation.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';

export interface SignInParts {
  readonly core: Operation<AccessStorage>;
  /** Surrounds every check of a password. */
  readonly signIns: SignInThrottle;
  /** How many days tokens of scripts are valid. */
  readonly sessionTokenDays: number;
}

/**
 * Signs in the sender of a request.
 * @param devices tokens of known browsers that the request presents
 * @throws DomainError `unauthorized`, or `too_many_requests`
 */
export async function signInFrom(
  request: FastifyRequest,
  { email, password }: { readonly email: string; readonly password: string },
  kind: SessionKind,
  { core, signIns, sessionTokenDays: tokenDays }: SignInParts,
  devices: readonly string[] = [],
): Promise<{ token: string; session: Session; user: User }> {
  const userAgent = request.headers['user-agent'] ?? '';
  const address = request.clientAddress;
  try {
    const standing = await findSignInStanding(core, email, devices);
    return await signIns.signIn({ email, address, ...standing }, async () =>
      signIn(core, { email, password, kind, userAgent, address, tokenDays }),
    );
  } catch (error) {
    const reason = error instanceof DomainError ? error.code : 'failure';
    request.log.info({ requestId: request.id, reason, address }, 'sign-in refused');
    throw error;
  }
}
