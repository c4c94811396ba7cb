/**
 * Identifies callers of the back office: a console session (cookie), a session token (Bearer) or a management key, and
 * what it permits.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { findManagementKey } from '../domain/access/management-key-administration.ts';
import type { Endpoint } from '../domain/access/management-keys.ts';
import {
  type BackOfficeAccess,
  type BackOfficeCall,
  type BackOfficePrincipal,
  seesApplication as callerSeesApplication,
  checkMayCall,
} from '../domain/access/permissions.ts';
import { findSession } from '../domain/access/signing-in.ts';
import type { Core } from '../domain/core.ts';
import type { Environment } from '../domain/environment.ts';
import { DomainError } from '../domain/errors.ts';
import type { Caller } from '../domain/memberships/commands.ts';
import type { ConsoleCookies } from './console-cookies.ts';
import type { Limits } from './limits.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of a route that is not public. */
    backOffice: BackOfficePrincipal | undefined;
  }
  interface FastifyContextConfig {
    /** Which callers may use the route; `public` means anybody. */
    backOfficeAccess?: BackOfficeAccess | 'public';
    /** False by default. */
    duringPasswordChange?: BackOfficeCall['duringPasswordChange'];
    /** False by default. The Application is named in the path or in the query's `applicationId`. */
    ofAllApplications?: BackOfficeCall['ofAllApplications'];
  }
}

export interface BackOfficeAuth {
  /**
   * Authenticates the request for its route.
   * @throws DomainError `unauthorized`; `forbidden` for a role, a missing grant, a foreign Origin, a password to be changed
   */
  authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Whether the caller of a long request may still receive its response. */
  isStillOpen(request: FastifyRequest): Promise<boolean>;
  /** @throws DomainError `forbidden` when the browser reports that another site sent this */
  assertNoForeignOrigin(request: FastifyRequest): void;
}

export function createBackOfficeAuth(
  core: Core,
  limits: Limits,
  cookies: ConsoleCookies,
  options: { publicUrl: string | undefined },
): BackOfficeAuth {
  function isOwnOrigin(request: FastifyRequest): boolean {
    const own = [`${request.protocol}://${request.host}`];
    if (options.publicUrl !== undefined) own.push(new URL(options.publicUrl).origin);
    return own.includes(request.headers.origin ?? '');
  }

  /** Browsers name the page that a write comes from; pages of other sites must not use the cookie that browsers add. */
  function assertOwnOrigin(request: FastifyRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (request.headers.origin === undefined) {
      throw new DomainError(
        'forbidden',
        'A write with a session cookie requires an Origin header; scripts use a token of POST /v1/sessions instead',
      );
    }
    assertNoForeignOrigin(request);
  }

  function assertNoForeignOrigin(request: FastifyRequest): void {
    if (request.headers.origin === undefined || isOwnOrigin(request)) return;
    throw new DomainError(
      'forbidden',
      'The Origin header names another site than this server; behind a proxy, set ROLLCALL_PUBLIC_URL',
    );
  }

  /** The caller; undefined for a credential that is missing, unknown or expired. */
  async function identify(request: FastifyRequest): Promise<BackOfficePrincipal | undefined> {
    const { authorization } = request.headers;
    const secret = /^ManagementKey-v1 +([^\s]{1,500})$/i.exec(authorization ?? '')?.[1];
    if (secret !== undefined) {
      const found = await findManagementKey(core, secret);
      if (found === undefined) return undefined;
      const { key, creator } = found;
      return { user: creator, session: undefined, key, actor: { userId: creator.id, managementKeyId: key.id } };
    }
    const bearer = /^Bearer +([^\s]{1,500})$/i.exec(authorization ?? '')?.[1];
    const cookie = authorization === undefined ? cookies.session(request) : undefined;
    const token = bearer ?? cookie;
    const kind = bearer === undefined ? 'console' : 'api';
    const found = token === undefined ? undefined : await findSession(core, token, kind);
    if (found === undefined) return undefined;
    return { ...found, key: undefined, actor: { userId: found.user.id } };
  }

  return {
    async authenticate(request, reply) {
      const { backOfficeAccess: access } = request.routeOptions.config;
      if (access === undefined)
        throw new Error(`Route ${request.routeOptions.url ?? ''} does not declare who may use it`);
      if (access === 'public') return limits.countBackOffice(request, reply);
      const principal = await identify(request);
      if (principal === undefined) {
        limits.countAuthFailure(request, reply);
        throw new DomainError('unauthorized', unauthorizedMessage(request.headers.authorization));
      }
      if (principal.session?.kind === 'console') assertOwnOrigin(request);
      request.backOffice = principal;
      limits.countBackOffice(request, reply);
      checkMayCall(principal, callOf(request, access));
    },
    assertNoForeignOrigin,
    async isStillOpen(request) {
      const principal = await identify(request);
      const { backOfficeAccess: access } = request.routeOptions.config;
      if (principal === undefined || access === undefined || access === 'public') return false;
      try {
        checkMayCall(principal, callOf(request, access));
        return true;
      } catch (error) {
        if (error instanceof DomainError) return false;
        throw error;
      }
    },
  };
}

/** A request in the form that permissions judge. */
function callOf(request: FastifyRequest, access: BackOfficeAccess): BackOfficeCall {
  const { duringPasswordChange = false, ofAllApplications = false } = request.routeOptions.config;
  const { applicationId: inPath } = request.params as { applicationId?: string };
  const { applicationId: inQuery } = request.query as { applicationId?: unknown };
  const named = [inPath, inQuery].flat().filter((id) => id !== undefined && id !== '');
  return {
    access,
    endpoint: endpointOf(request.method, request.routeOptions.url ?? ''),
    duringPasswordChange,
    ofAllApplications,
    applicationIds: named.map(Number),
  };
}

/** The form in which a route is granted to management keys: `GET` includes its `HEAD`. */
export function endpointOf(method: string, url: string): Endpoint {
  return { method: method === 'HEAD' ? 'GET' : method, path: url.replace(/:([A-Za-z]+)/g, '{$1}') };
}

/** Reports whether the caller may see what belongs to an Application; undefined is for what belongs to none. */
export function seesApplication(request: FastifyRequest, applicationId: number | undefined): boolean {
  return callerSeesApplication(principalOf(request), applicationId);
}

function unauthorizedMessage(authorization: string | undefined): string {
  if (authorization === undefined) return 'Sign in, or send Authorization: ManagementKey-v1 <key>';
  if (/^ApiKey-v1\b/i.test(authorization)) return 'API keys are not valid for the Management API; use a management key';
  return 'The credential is missing, unknown or expired (Authorization: ManagementKey-v1 <key>, or Bearer <token>)';
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): BackOfficePrincipal {
  if (request.backOffice === undefined) throw new Error('This route was opened without a caller');
  return request.backOffice;
}

/** A core whose changes are attributed to the caller in the audit log. */
export function actingCore<Acting extends Core>(core: Acting, request: FastifyRequest): Acting {
  return { ...core, actor: principalOf(request).actor };
}

/** The caller of writes to the data of an environment on behalf of a user. */
export function backOfficeCaller(request: FastifyRequest, environment: Environment): Caller {
  const { actor } = principalOf(request);
  return {
    requestUuid: request.id,
    keyId: undefined,
    userId: actor.userId,
    managementKeyId: actor.managementKeyId,
    applicationId: undefined,
    environment,
    bytes: request.bodyBytes,
  };
}
