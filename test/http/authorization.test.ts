/** Every route of the server with every kind of credential, compared with the reviewed table in authorization-table.ts. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request } from 'node:http';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Closers, wireParts } from '../../src/cli/running.ts';
import { readConfig } from '../../src/config.ts';
import type { Endpoint } from '../../src/domain/access/management-keys.ts';
import { buildApp } from '../../src/http/app.ts';
import { MEMORY_URL } from '../../src/storage/index.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { type Credentials, type Headers, makeCredentials } from './authorization-credentials.ts';
import { CREDENTIALS, type Credential, expectedOutcome, ROUTES } from './authorization-table.ts';

const METRICS_TOKEN = 'scrape-me-5d20';
/** These end the session they are sent with, even if another credential comes with it. */
const ENDINGS = ['DELETE /v1/sessions', 'DELETE /v1/console/session'];
/** The route of a `GET` answers its `HEAD`; a few credentials show that `HEAD` is refused in the same way. */
const WITH_HEAD: ReadonlySet<Credential> = new Set<Credential>([
  'none',
  'admin cookie',
  'read-only token',
  'management key, granted',
  'management key, granted another operation',
  'customer data key',
]);
// An ID that nothing has. The bodies of writes are broken as well, so that an accepted caller changes nothing.
const NOWHERE = '987654321';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly config: RouteOptions['config'];
}

let routes: readonly Route[];
let server: ServerProcess;
let credentials: Credentials;
const agent = new Agent({ keepAlive: true, maxSockets: 24 });

beforeAll(async () => {
  routes = await registeredRoutes();
  server = await startServerProcess({
    env: {
      ROLLCALL_METRICS_TOKEN: METRICS_TOKEN,
      ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE: '1000000',
      // Thousands of refusals need not be logged.
      ROLLCALL_LOG_LEVEL: 'error',
    },
  });
  credentials = await makeCredentials(server, METRICS_TOKEN, grantable(routes), ENDINGS.length);
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
});

/** Returns the registered routes: builds the application like the server does, and records each. */
async function registeredRoutes(): Promise<Route[]> {
  const found: Route[] = [];
  const onCreated = (message: unknown): void => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, config }) => {
      for (const each of [method].flat()) found.push({ method: each, path: url, config });
    });
  };
  const closers: Closers = [];
  const logger = pino({ level: 'silent' });
  const parts = await wireParts(readConfig({}, {}), MEMORY_URL, logger, closers);
  subscribe('fastify.initialization', onCreated);
  const app = await buildApp({
    ...parts,
    lifecycle: { started: true, stopping: false, refusing: false, ending: new AbortController().signal },
  });
  unsubscribe('fastify.initialization', onCreated);
  await app.close();
  for (const close of closers.reverse()) await close();
  return found;
}

/** Everything that can be granted to a management key. */
function grantable(all: readonly Route[]): Endpoint[] {
  return all
    .filter(({ config }) => config?.backOfficeAccess === 'read' || config?.backOfficeAccess === 'admin')
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, path }) => ({ method, path: path.replace(/:([A-Za-z]+)/g, '{$1}') }));
}

/** mParticle's key is in the body, which is otherwise empty or broken. */
function bodyOf(path: string, headers: Headers, broken: boolean): string {
  if (path !== '/mparticle') return broken ? '{' : '{}';
  const key = /^ApiKey-v1 (.*)$/.exec(headers['Authorization'] ?? '')?.[1];
  return JSON.stringify({ account: { account_settings: { apiKey: key } } });
}

/** Sends a request that changes nothing, whoever sends it. */
async function statusOf(method: string, path: string, headers: Headers, broken: boolean): Promise<number> {
  const { hostname, port } = new URL(server.url);
  const url = path.replace(/:[A-Za-z]+/g, NOWHERE).replace('*', 'x');
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(path, headers, broken);
  const content = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, hostname, port, method, path: url, headers: { ...content, ...headers } },
      (incoming) => {
        resolve(incoming.statusCode ?? 0);
        // Streams do not end by themselves.
        if (incoming.headers['content-type']?.startsWith('text/event-stream') === true) incoming.destroy();
        else incoming.resume();
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function outcomeOf(status: number): number | 'in' {
  if (status === 401 || status === 403) return status;
  return status < 429 ? 'in' : status;
}

describe('authorization', () => {
  test('the table has every route, once, and nothing else', () => {
    const name = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;
    const registered = routes.filter(({ method }) => method !== 'HEAD').map(name);
    const listed = ROUTES.map(([method, path]) => name({ method, path }));
    const sorted = (list: readonly string[]): string[] => [...list].sort((a, b) => a.localeCompare(b));
    // A new route needs a line in authorization-table.ts.
    expect(sorted(listed)).toEqual(sorted(registered));
    for (const { path } of routes.filter(({ method }) => method === 'HEAD')) {
      expect(registered).toContain(`GET ${path === '/' ? path : path.replace(/\/$/, '')}`);
    }
  });

  const hasHead = (path: string): boolean => routes.some((route) => route.method === 'HEAD' && route.path === path);

  test('the table knows every credential that is sent', () => {
    expect(Object.keys(credentials.headers).sort((a, b) => a.localeCompare(b))).toEqual(
      [...CREDENTIALS].sort((a, b) => a.localeCompare(b)),
    );
  });

  test.for(CREDENTIALS)('%s', async (credential) => {
    const rows = ROUTES.flatMap(([method, path, kind]) =>
      (method === 'GET' && WITH_HEAD.has(credential) && hasHead(path) ? ['GET', 'HEAD'] : [method]).map((each) => ({
        method: each,
        table: method,
        path,
        kind,
      })),
    );
    const compared = await Promise.all(
      rows.map(async ({ method, table, path, kind }) => {
        const broken = kind !== 'own record';
        const expected = expectedOutcome(credential, table, path, kind);
        const spare = credentials.spares[ENDINGS.indexOf(`${method} ${path}`)]?.[credential];
        const headers =
          expected === 'in' ? (spare ?? credentials.headers[credential]) : credentials.headers[credential];
        const status = await statusOf(method, path, headers, broken);
        return { route: `${method} ${path}`, is: outcomeOf(status), expected };
      }),
    );
    const wrong = compared.filter(({ is, expected }) => is !== expected);
    expect(wrong).toEqual([]);
    expect(compared.length).toBeGreaterThanOrEqual(ROUTES.length);
  });
});
