/** Who uses the back office: a console session (cookie), a session token (Bearer) or a management key, and what it opens. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../domain/audit-log.ts';
import type { Core } from '../domain/core.ts';
import { DomainError } from '../domain/errors.ts';
import { findSession, type Session } from '../domain/sessions.ts';
import type { User } from '../domain/users.ts';

/**
 * Which callers open a route of the Management API. `public`: anybody. `session`: any signed-in user, for their own affairs;
 * never a management key. `read`: any user, and management keys that were granted it. `admin`: the same of admins.
 * `admin-session`: admins, never a management key, for what would let a key make itself more than it was granted.
 */
export type BackOfficeAccess = 'public' | 'session' | 'read' | 'admin' | 'admin-session';

/** Who calls. */
export interface BackOfficePrincipal {
  readonly user: User;
  /** Undefined for a management key. */
  readonly session: Session | undefined;
  readonly actor: Actor;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of a route that is not public. */
    backOffice: BackOfficePrincipal | undefined;
  }
  interface FastifyContextConfig {
    backOfficeAccess?: BackOfficeAccess;
    /** True for what a user may do before the password that somebody else saw is changed. */
    duringPasswordChange?: boolean;
  }
}

export const SESSION_COOKIE = 'rollcall_session';

export interface BackOfficeAuth {
  /**
   * Authenticates the request for its route.
   * @throws DomainError `unauthorized`; `forbidden` for a role, a missing grant, a foreign Origin, a password to be changed
   */
  authenticate(request: FastifyRequest): Promise<void>;
  /** Hands a console session's token to the browser, until `expires` (ms since the epoch). */
  setCookie(request: FastifyRequest, reply: FastifyReply, token: string, expires: number): void;
  clearCookie(request: FastifyRequest, reply: FastifyReply): void;
}

export function createBackOfficeAuth(core: Core, options: { publicUrl: string | undefined }): BackOfficeAuth {
  const cookieOptions = (request: FastifyRequest) =>
    ({
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: options.publicUrl?.startsWith('https:') === true || request.protocol === 'https',
    }) as const;

  /** Browsers name the page that a write comes from; another site's must not use the cookie they add. */
  function assertOwnOrigin(request: FastifyRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    const { origin } = request.headers;
    const own = [`${request.protocol}://${request.host}`];
    if (options.publicUrl !== undefined) own.push(new URL(options.publicUrl).origin);
    if (origin !== undefined && own.includes(origin)) return;
    throw new DomainError(
      'forbidden',
      origin === undefined
        ? 'A write with a session cookie needs an Origin header; scripts use a token of POST /v1/sessions instead'
        : 'The Origin header names another site than this server; behind a proxy, set ROLLCALL_PUBLIC_URL',
    );
  }

  async function principalOf(request: FastifyRequest): Promise<BackOfficePrincipal> {
    const { authorization } = request.headers;
    const bearer = /^Bearer +([^\s]{1,500})$/i.exec(authorization ?? '')?.[1];
    const cookie = authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined;
    const token = bearer ?? cookie;
    const found = token === undefined ? undefined : await findSession(core, token);
    // A token of one kind does not serve as the other.
    if (found === undefined || (found.session.kind === 'console') !== (bearer === undefined)) {
      throw new DomainError('unauthorized', unauthorizedMessage(authorization));
    }
    if (bearer === undefined) assertOwnOrigin(request);
    return { ...found, actor: { userId: found.user.id } };
  }

  return {
    async authenticate(request) {
      const { backOfficeAccess: access, duringPasswordChange } = request.routeOptions.config;
      if (access === undefined)
        throw new Error(`Route ${request.routeOptions.url ?? ''} does not say whom it opens to`);
      if (access === 'public') return;
      const principal = await principalOf(request);
      if (principal.user.mustChangePassword && duringPasswordChange !== true) {
        throw new DomainError('forbidden', 'Change the password first: it was given to you by somebody else');
      }
      if ((access === 'admin' || access === 'admin-session') && !principal.user.isAdmin) {
        throw new DomainError('forbidden', 'This needs an admin; your role is read-only');
      }
      request.backOffice = principal;
    },
    setCookie(request, reply, token, expires) {
      reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(request), expires: new Date(expires) });
    },
    clearCookie(request, reply) {
      reply.clearCookie(SESSION_COOKIE, cookieOptions(request));
    },
  };
}

function unauthorizedMessage(authorization: string | undefined): string {
  if (authorization === undefined) return 'Sign in, or send Authorization: ManagementKey-v1 <key>';
  if (/^ApiKey-v1\b/i.test(authorization)) return 'API keys do not open the Management API; use a management key';
  return 'The credential is missing, unknown or expired (Authorization: ManagementKey-v1 <key>, or Bearer <token>)';
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): BackOfficePrincipal {
  if (request.backOffice === undefined) throw new Error('This route was opened without a caller');
  return request.backOffice;
}

/** A core whose changes are the caller's in the audit log. */
export function actingCore(core: Core, request: FastifyRequest): Core {
  return { ...core, actor: principalOf(request).actor };
}
