/** The socket side: listens, limits slow and oversized requests, and stops without losing what was accepted. */

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyServerFactory, FastifyServerOptions } from 'fastify';
import { type Config, ConfigError } from '../config.ts';
import { type AppParts, buildApp, makeBodyReader, SURFACES } from './app.ts';
import { Connections } from './connections.ts';
import { THIRD_PARTY_ERROR } from './error-bodies.ts';
import { errorBodyAt } from './errors.ts';
import { Surfaces } from './surface.ts';

// Above the longest legal path (12,000 characters), below what would let a few clients fill the memory.
const MAX_HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 72_000;
const HANDSHAKE_MS = 10_000;

function readPem(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigError(`${flag}: cannot read the file ${path}`);
  }
}

/** Creates the servers of an application: HTTP or HTTPS, with every connection watched. */
function serverFactory(config: Config, connections: Connections): FastifyServerFactory {
  const { tlsCert, tlsKey } = config;
  const requestTimeout = config.requestTimeoutSeconds * 1000;
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout,
    maxHeaderSize: MAX_HEADER_BYTES,
    connectionsCheckingInterval: 1000,
    // Node applies the larger of the two times to the whole request; the default of this one is a minute.
    headersTimeout: requestTimeout,
    // Checked where the response has the published form.
    requireHostHeader: false,
    // Otherwise the first of two credentials or hosts would count, and the other be dropped.
    joinDuplicateHeaders: true,
  };
  // Not by imports, which would touch everything in the module and load its WebSocket client, a tenth of the cost of a
  // start.
  return (handle) => {
    const server =
      tlsCert === undefined || tlsKey === undefined
        ? process.getBuiltinModule('node:http').createServer(options)
        : process.getBuiltinModule('node:https').createServer({
            ...options,
            handshakeTimeout: HANDSHAKE_MS,
            cert: readPem('--tls-cert', tlsCert),
            key: readPem('--tls-key', tlsKey),
          });
    // Includes connections that are still in the handshake.
    server.maxConnections = config.maxConnections + 1;
    connections.take(server, handle);
    return server;
  };
}

export interface RunningServer {
  /** The address it listens on, as `http://host:port`. */
  readonly url: string;
  /** Lets `/readyz` succeed: everything that a start creates is there. */
  ready(): void;
  /** Fails `/readyz`, finishes what was accepted, refuses the rest, and closes, within the grace period. */
  stop(): Promise<void>;
}

/**
 * Starts serving.
 * @throws ConfigError when it cannot listen on the address
 */
export async function startServer(parts: Omit<AppParts, 'bodies' | 'lifecycle' | 'server'>): Promise<RunningServer> {
  const { config, core, metrics } = parts;
  const ending = new AbortController();
  const lifecycle = { started: false, stopping: false, refusing: false, ending: ending.signal };
  const surfaces = new Surfaces(parts.surfaces ?? SURFACES);
  const connections = new Connections({
    errorBodyAt: (url) => (url === undefined ? THIRD_PARTY_ERROR : errorBodyAt(surfaces, url)),
    maxHeaderBytes: MAX_HEADER_BYTES,
    maxConnections: config.maxConnections,
    maxUnreadBytes: config.maxUnreadBytes,
    unreadMs: config.requestTimeoutSeconds * 1000,
  });
  const server: FastifyServerOptions = {
    serverFactory: serverFactory(config, connections),
    clientErrorHandler: (error: NodeJS.ErrnoException, socket) => void connections.refuse(error, socket),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  };
  const bodies = makeBodyReader(config);
  metrics.watchConnections(
    () => connections.figures(),
    () => bodies.heldBytes,
  );
  const app = await buildApp({ ...parts, bodies, lifecycle, server });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    throw listenError(error, config);
  }
  const address = app.server.address() as AddressInfo;
  const others = await listenOnOtherAddresses(app.server, config.host, address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const url = `${config.tlsCert === undefined ? 'http' : 'https'}://${host}:${address.port}`;

  async function stop(): Promise<void> {
    if (lifecycle.stopping) return;
    lifecycle.stopping = true;
    await delay(config.shutdownDelaySeconds * 1000);
    lifecycle.refusing = true;
    ending.abort();
    await connections.finish(config.shutdownGraceSeconds * 1000);
    for (const other of others) other.close();
    app.server.closeAllConnections();
    await app.close();
    await core.queue.idle();
  }
  return {
    url,
    ready() {
      lifecycle.started = true;
    },
    stop,
  };
}

/**
 * Checks that the server can listen on the address, so that one that cannot start creates nothing. Somebody may still
 * take the address before the server does.
 * @throws ConfigError
 */
export async function assertCanListen(config: Config): Promise<void> {
  const { host, port } = config;
  const probe = createServer();
  probe.listen({ host, port });
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw listenError(error, config);
  }
  probe.close();
  await once(probe, 'close');
}

/**
 * `localhost` often stands for two addresses, and a server listens on the first. Connections to the others are handed
 * to it; an address that cannot be listened on is left out.
 */
async function listenOnOtherAddresses(
  server: Server,
  host: string,
  { address, port }: AddressInfo,
): Promise<NetServer[]> {
  if (host !== 'localhost') return [];
  const found = await lookup(host, { all: true }).catch(() => []);
  const others: NetServer[] = [];
  for (const other of found.filter((each) => each.address !== address)) {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      server.emit('connection', socket);
    });
    listener.listen({ host: other.address, port });
    const isListening = await once(listener, 'listening').then(
      () => true,
      () => false,
    );
    if (isListening) others.push(listener);
  }
  return others;
}

function listenError(error: unknown, config: Config): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const where = `${config.host}:${config.port}`;
  if (code === 'EADDRINUSE')
    return new ConfigError(`${where} is in use; choose another port with --port (0 picks a free one)`);
  if (code === 'EACCES')
    return new ConfigError(`this user may not listen on ${where}; choose another port with --port`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`--host: '${config.host}' is not an address of this machine`);
  return error;
}
