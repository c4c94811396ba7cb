/** A server with people who use its back office: signed in once, asked in short. */

import { type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { type HttpAnswer, send } from './client.ts';
import { expectStatus } from './scenario.ts';

export interface BackOfficeCall {
  /** The whole Authorization header; an admin's when absent, none at all when null. */
  readonly as?: string | null;
  readonly body?: unknown;
  /** Instead of `body`: as it goes out, of the type that `headers` say. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BackOffice {
  readonly server: ServerProcess;
  /** Authorization of an admin. */
  readonly admin: string;
  /** Sends a request, as an admin unless it says otherwise; the answer comes with the fields of ours. */
  call(method: string, path: string, options?: BackOfficeCall): Promise<HttpAnswer>;
  /** The same, and the body of an answer that must have this status. */
  ask<Body>(status: number, method: string, path: string, options?: BackOfficeCall): Promise<Body>;
  /** Signs a user in. @returns the Authorization header */
  signIn(email: string, password: string): Promise<string>;
}

/**
 * Starts a server: an ephemeral one with Applications 1 (live) and 2 (sandbox), unless the options say otherwise; then they name
 * the admin by ROLLCALL_ADMIN_EMAIL and ROLLCALL_ADMIN_PASSWORD.
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
