/** Who uses the back office: a console session (cookie), a session token (Bearer) or a management key, and what it opens. */

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
    /** Which callers open the route; `public`: anybody. */
    backOfficeAccess?: BackOfficeAccess | 'public';
    /** False unless given. */
    duringPasswordChange?: BackOfficeCall['duringPasswordChange'];
    /** False unless given. An Application is named in the path or by the query's `applicationId`. */
    ofAllApplications?: BackOfficeCall['ofAllApplications'];
  }
}

export interface BackOfficeAuth {
  /**
   * Authenticates the request for its route.
   * @throws DomainError `unauthorized`; `forbidden` for a role, a missing grant, a foreign Origin, a password to be changed
   */
  authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Whether the caller of a request that takes long may still have its answer. */
  isStillOpen(request: FastifyRequest): Promise<boolean>;
  /** @throws DomainError `forbidden` when a browser says that another site sends this */
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

  /** Browsers name the page that a write comes from; another site's must not use the cookie they add. */
  function assertOwnOrigin(request: FastifyRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (request.headers.origin === undefined) {
      throw new DomainError(
        'forbidden',
        'A write with a session cookie needs an Origin header; scripts use a token of POST /v1/sessions instead',
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

  /** Who calls; undefined for a credential that is missing, unknown or over. */
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
        throw new Error(`Route ${request.routeOptions.url ?? ''} does not say whom it opens to`);
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

/** A request as permissions judge it. */
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

/** A route as management keys are granted it: `GET` also opens its `HEAD`. */
export function endpointOf(method: string, url: string): Endpoint {
  return { method: method === 'HEAD' ? 'GET' : method, path: url.replace(/:([A-Za-z]+)/g, '{$1}') };
}

/** Whether the caller may see what belongs to an Application; to no Application, when undefined. */
export function seesApplication(request: FastifyRequest, applicationId: number | undefined): boolean {
  return callerSeesApplication(principalOf(request), applicationId);
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
export function actingCore<Acting extends Core>(core: Acting, request: FastifyRequest): Acting {
  return { ...core, actor: principalOf(request).actor };
}

/** Who writes to the data of an environment on a caller's behalf. */
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
