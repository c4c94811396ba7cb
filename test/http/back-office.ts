/** A server, a signed-in admin, and short ways to call its back office. */

import { type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { type HttpAnswer, send } from './client.ts';
import { expectStatus } from './scenario.ts';

export interface BackOfficeCall {
  /** The Authorization header; an admin's if absent, none if null. */
  readonly as?: string | null;
  readonly body?: unknown;
  /** Sent unchanged instead of `body`, with the type given in `headers`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BackOffice {
  readonly server: ServerProcess;
  /** Authorization of an admin. */
  readonly admin: string;
  /** Sends a request, as an admin unless told otherwise; the answer includes the extension fields. */
  call(method: string, path: string, options?: BackOfficeCall): Promise<HttpAnswer>;
  /** The same, and returns the body; fails unless the answer has this status. */
  ask<Body>(status: number, method: string, path: string, options?: BackOfficeCall): Promise<Body>;
  /** Signs a user in. @returns the Authorization header */
  signIn(email: string, password: string): Promise<string>;
}

/**
 * Starts an ephemeral server with Applications 1 (live) and 2 (sandbox), unless the options say otherwise; then they
 * name the admin by ROLLCALL_ADMIN_EMAIL and ROLLCALL_ADMIN_PASSWORD.
 */
export async function startBackOffice(options: ServerOptions = {}): Promise<BackOffice> {
  const server = await startServerProcess({ ephemeral: true, ...options });
  let admin = '';
  const call = async (method: string, path: string, { as, body, raw, headers = {} }: BackOfficeCall = {}) =>
    send(server.url, {
      method,
      path,
      headers: {
        prefer: 'extended',
        ...(as === null ? {} : { Authorization: as ?? admin }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  const signIn = async (email: string, password: string): Promise<string> => {
    const answer = await call('POST', '/v1/sessions', { as: null, body: { email, password } });
    expectStatus(answer, 201);
    return `Bearer ${(answer.json() as { token: string }).token}`;
  };
  const { ROLLCALL_ADMIN_EMAIL: email, ROLLCALL_ADMIN_PASSWORD: password } = options.env ?? {};
  admin = await signIn(email ?? server.adminEmail, password ?? server.adminPassword);
  return {
    server,
    admin,
    call,
    signIn,
    async ask<Body>(status: number, method: string, path: string, callOptions?: BackOfficeCall): Promise<Body> {
      const answer = await call(method, path, callOptions);
      expectStatus(answer, status);
      return (answer.text === '' ? undefined : answer.json()) as Body;
    },
  };
}
