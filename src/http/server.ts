/** The socket side: listens, bounds slow and oversized requests, and stops without losing what was accepted. */

import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyServerOptions } from 'fastify';
import { type Config, ConfigError } from '../config.ts';
import { type AppParts, buildApp } from './app.ts';
import { Connections } from './connections.ts';

// Above the longest legal path (12,000 characters), below what would let a few clients fill the memory.
const MAX_HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 72_000;

function readPem(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigError(`${flag}: cannot read the file ${path}`);
  }
}

function socketOptions(config: Config, connections: Connections): FastifyServerOptions {
  const { tlsCert, tlsKey } = config;
  const requestTimeout = config.requestTimeoutSeconds * 1000;
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: 1000,
      // Node takes the larger of the two times for the whole request; the default of this one is a minute.
      headersTimeout: requestTimeout,
      requestTimeout,
      // Checked where the answer has the published form.
      requireHostHeader: false,
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => void connections.answerBroken(error, socket),
  };
  if (tlsCert === undefined || tlsKey === undefined) return options as FastifyServerOptions;
  const https = { ...options.http, cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
  return { ...options, https } as FastifyServerOptions;
}

export interface RunningServer {
  /** Where it listens, as `http://host:port`. */
  readonly url: string;
  /** Fails `/readyz`, finishes what was accepted, refuses the rest, and closes; within the grace period. */
  stop(): Promise<void>;
}

/**
 * Starts serving.
 * @throws ConfigError when the address cannot be listened on
 */
export async function startServer(parts: Omit<AppParts, 'lifecycle' | 'server'>): Promise<RunningServer> {
  const { config, core } = parts;
  const ending = new AbortController();
  const lifecycle = { stopping: false, refusing: false, ending: ending.signal };
  const connections = new Connections(MAX_HEADER_BYTES);
  const app = await buildApp({ ...parts, lifecycle, server: socketOptions(config, connections) });
  connections.watch(app.server);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    throw listenError(error, config);
  }
  const address = app.server.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const url = `${config.tlsCert === undefined ? 'http' : 'https'}://${host}:${address.port}`;

  async function stop(): Promise<void> {
    if (lifecycle.stopping) return;
    lifecycle.stopping = true;
    await delay(config.shutdownDelaySeconds * 1000);
    lifecycle.refusing = true;
    ending.abort();
    const deadline = Date.now() + config.shutdownGraceSeconds * 1000;
    while (connections.requests > 0 && Date.now() < deadline) await delay(5);
    app.server.closeAllConnections();
    await app.close();
    await core.queue.idle();
  }
  return { url, stop };
}

function listenError(error: unknown, config: Config): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const where = `${config.host}:${config.port}`;
  if (code === 'EADDRINUSE')
    return new ConfigError(`${where} is in use; choose another port with --port (0 takes a free one)`);
  if (code === 'EACCES')
    return new ConfigError(`${where} may not be listened on by this user; choose another port with --port`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`--host: '${config.host}' is no address of this machine`);
  return error;
}
