/** The socket side: listens, bounds slow and oversized requests, and stops without losing what was accepted. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { type Config, ConfigError } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { type AppParts, buildApp } from './app.ts';
import { STATUS, thirdPartyEnvelope } from './errors.ts';

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

function socketOptions(config: Config): FastifyServerOptions {
  const { tlsCert, tlsKey } = config;
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: config.requestTimeoutSeconds * 1000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: 1000 },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => answerBrokenRequest(error, socket),
  };
  if (tlsCert === undefined || tlsKey === undefined) return options as FastifyServerOptions;
  const https = { ...options.http, cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
  return { ...options, https } as FastifyServerOptions;
}

/** Answers what never became a request, in the published form, and closes the connection. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  let problem = new DomainError('invalid', 'The request is not valid HTTP');
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    problem = new DomainError(
      'headers_too_large',
      `The request headers are too large; at most ${MAX_HEADER_BYTES / 1024} KiB`,
    );
  } else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    problem = new DomainError('timeout', 'The request did not arrive in time');
  }
  const status = STATUS[problem.code];
  const requestUuid = randomUUID();
  const body = JSON.stringify(thirdPartyEnvelope(problem.message, status, requestUuid));
  socket.end(
    `HTTP/1.1 ${status} ${problem.code}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestUuid}\r\nConnection: close\r\n\r\n${body}`,
  );
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
  const lifecycle = { stopping: false, refusing: false };
  const app = await buildApp({ ...parts, lifecycle, server: socketOptions(config) });
  const inFlight = countRequests(app);
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
    const deadline = Date.now() + config.shutdownGraceSeconds * 1000;
    while (inFlight() > 0 && Date.now() < deadline) await delay(5);
    app.server.closeAllConnections();
    await app.close();
    await core.queue.idle();
  }
  return { url, stop };
}

/** Requests that arrived and are not answered yet. */
function countRequests(app: FastifyInstance): () => number {
  let count = 0;
  app.server.prependListener('request', (_request, response) => {
    count += 1;
    response.once('close', () => {
      count -= 1;
    });
  });
  return () => count;
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
