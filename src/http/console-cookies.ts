/** The two cookies of the console: one for the session, and one that makes its browser known at the next sign-in. */

import type { FastifyReply, FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'rollcall_session';
const DEVICE_COOKIE = 'rollcall_device';
/** The only path where the second cookie is useful and sent. */
const SIGN_IN_PATH = '/v1/console/session';

/** The value of a cookie, and its expiry (ms since the epoch). */
export interface CookieToken {
  readonly token: string;
  readonly expires: number;
}

export class ConsoleCookies {
  readonly #publicUrl: string | undefined;

  constructor(publicUrl: string | undefined) {
    this.#publicUrl = publicUrl;
  }

  session(request: FastifyRequest): string | undefined {
    return request.cookies[SESSION_COOKIE];
  }

  setSession(request: FastifyRequest, reply: FastifyReply, { token, expires }: CookieToken): void {
    reply.setCookie(SESSION_COOKIE, token, { ...this.#options(request, '/'), expires: new Date(expires) });
  }

  clearSession(request: FastifyRequest, reply: FastifyReply): void {
    reply.clearCookie(SESSION_COOKIE, this.#options(request, '/'));
  }

  device(request: FastifyRequest): string | undefined {
    return request.cookies[DEVICE_COOKIE];
  }

  setDevice(request: FastifyRequest, reply: FastifyReply, { token, expires }: CookieToken): void {
    reply.setCookie(DEVICE_COOKIE, token, { ...this.#options(request, SIGN_IN_PATH), expires: new Date(expires) });
  }

  #options(request: FastifyRequest, path: string) {
    const secure = this.#publicUrl?.startsWith('https:') === true || request.protocol === 'https';
    return { path, httpOnly: true, sameSite: 'strict', secure } as const;
  }
}
