/**
 * Passes every request of the logged surfaces, whatever its outcome, to the access log, and keeps refused writes for
 * replay. Collects references on the way and writes once, after the response.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERASED_URI, type Exchange, type Logged, type ReplayHeaders } from '../access-log/access-log.ts';
import { causeOf } from '../access-log/causes.ts';
import { holdsOwnKey, uriWithoutSecrets, withoutMember } from '../access-log/payload-masking.ts';
import { makeRowReport, type ReportedRow } from '../access-log/row-reports.ts';
import type { ApiKey } from '../domain/access/api-keys.ts';
import type { Core } from '../domain/core.ts';
import type { Application } from '../domain/definitions/applications.ts';
import { DomainError, type Mend } from '../domain/errors.ts';
import type { RowVerdict } from '../domain/memberships/commands.ts';
import { ERASED } from '../domain/memberships/erased-ids.ts';
import { declaredBytes } from './body-reader.ts';
import { networkOf, type TrustedProxies } from './client-address.ts';
import { API_KEY_HEADER } from './credentials.ts';
import type { JsonBodies } from './json-body.ts';
import { operationOf } from './methods.ts';
import { RefusalAllowance } from './refusal-allowance.ts';
import { replayOf } from './replay-context.ts';
import { notedRows } from './replay-rows.ts';
import type { RequestEndListener } from './request-end.ts';
import { answeredRows } from './rows.ts';
import type { Surfaces } from './surface.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the access log needs to know about the request; undefined for requests that are not logged. */
    capture: Capture | undefined;
  }
  interface FastifyContextConfig {
    /** True for routes whose requests are logged. */
    logged?: boolean;
    /** True for routes that change nothing, although their method suggests it. */
    reads?: boolean;
  }
}

/** What is collected about a request while it is served. */
export interface Capture {
  /** Arrival, in ms since the epoch. */
  readonly time: number;
  /** Why its key was refused, and whose it is if known. */
  refusal: KeyRefusal | undefined;
  /** The response body, if it is text. */
  response: string | undefined;
  /** The body that was refused unread, while it arrives. */
  unread: Promise<Buffer | undefined> | undefined;
  /** True if the request names a person who has been erased, so that only its figures are kept. */
  isErased: boolean;
}

export interface KeyRefusal {
  readonly cause: string;
  readonly prefix: string | undefined;
  readonly key: ApiKey | undefined;
  readonly application: Application | undefined;
}

/** Statuses of refusals that a change on our side, or waiting, may turn into success. */
const REPLAYABLE = new Set([400, 404, 409, 429, 503]);
export interface AccessLogCapture {
  /** Logs a request that the framework answered before any hook ran. */
  recordUnrouted(request: FastifyRequest, reply: FastifyReply): void;
}

/** Must be installed before all other hooks, since they may refuse. */
export function installAccessLogCapture(
  app: FastifyInstance,
  core: Core & Logged,
  surfaces: Surfaces,
  bodies: JsonBodies,
  proxies: TrustedProxies,
  onEnd: (listener: RequestEndListener) => void,
): AccessLogCapture {
  const allowance = new RefusalAllowance();
  app.decorateRequest('capture', undefined);
  app.decorateRequest('changed', undefined);

  app.addHook('onRequest', (request, _reply, done) => {
    if (isLogged(request, surfaces)) request.capture = begin(core);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const { capture } = request;
    if (capture !== undefined) {
      if (typeof payload === 'string') capture.response = payload;
      if (request.receivedBody === undefined && isReplayable(request, reply.statusCode)) {
        capture.unread = bodies.collectUnread(request);
      }
    }
    done();
  });
  onEnd((request, reply) => {
    if (request.capture !== undefined) record(request, reply, request.capture);
  });

  function record(request: FastifyRequest, reply: FastifyReply, capture: Capture): void {
    const status = reply.statusCode;
    const { principal, receivedBody: received } = request;
    const key = principal?.key ?? capture.refusal?.key;
    const application = principal?.application ?? capture.refusal?.application;
    const { cause, mend } = status >= 400 ? whyRefused(request, capture) : { cause: undefined, mend: undefined };
    // Includes requests that the framework refused before our code saw them.
    const address = proxies.clientOf(request.raw);
    const exchange: Exchange = {
      uuid: request.id,
      time: capture.time,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      status,
      method: request.method,
      uri: capture.isErased && hasParameters(request) ? ERASED_URI : request.originalUrl,
      operation: operationOf(request) ?? 'unknown path',
      application,
      key,
      keyPrefix: key === undefined ? sentPrefix(request, capture, surfaces) : undefined,
      address: replayOf() === undefined ? address : undefined,
      changed: request.changed,
      cause,
      mend,
      marks: request.marks ?? [],
      payloadLogging: application?.payloadLogging ?? 'full',
      isErased: capture.isErased,
      // Of an unidentified caller's request only the response is kept, which is ours.
      request: application === undefined || received === undefined ? undefined : withoutCredential(request, received),
      response: capture.response,
      ...requestSize(request),
      responseBytes: Number(reply.getHeader('content-length') ?? 0),
      listed: application !== undefined || allowance.take(networkOf(address), capture.time),
    };
    core.accessLog.record(exchange);
    if (!capture.isErased && isReplayable(request, status)) keep(request, exchange, capture);
    if (request.verdicts !== undefined) recordVerdicts(request, exchange, request.verdicts);
  }

  /** Keeps the report of the rows and, if only some of them were refused, what a replay of these needs. */
  function recordVerdicts(request: FastifyRequest, exchange: Exchange, verdicts: readonly RowVerdict[]): void {
    const { uuid, time, application, key, payloadLogging, request: body } = exchange;
    if (application === undefined || key === undefined) return;
    const rows = answeredRows(request, verdicts);
    const reported = exchange.isErased === true ? withoutErased(rows, verdicts) : rows;
    core.accessLog.keepReport(makeRowReport({ uuid, time, application }, reported, payloadLogging));
    // The body names the erased person, too.
    if (exchange.isErased === true) return;
    const refused = verdicts.find(({ verdict }) => verdict === 'refused');
    if (refused?.error === undefined || exchange.status >= 400 || replayOf() !== undefined) return;
    if (payloadLogging !== 'full' || body === undefined || holdsOwnKey(body)) return;
    const { cause, mend } = causeOf(DomainError.fromRecord(refused.error));
    const headers = { ...keptHeaders(request), ...notedRows(verdicts) };
    core.accessLog.keep({
      ...exchange,
      uri: uriWithoutSecrets(exchange.uri),
      application,
      key,
      cause,
      mend,
      headers,
      body,
    });
  }

  function keep(request: FastifyRequest, exchange: Exchange, capture: Capture): void {
    const { application, key } = exchange;
    if (application === undefined || key === undefined) return;
    // A body that cannot be kept without its key cannot be replayed.
    if (exchange.request?.length === 0 && request.bodyBytes > 0) return;
    const headers = keptHeaders(request);
    const uri = uriWithoutSecrets(exchange.uri);
    // A query without its secrets means the same to every write; a different path does not.
    if (pathOf(uri) !== pathOf(exchange.uri)) return;
    const whole = (body: Buffer | undefined): void => {
      if (body === undefined || holdsOwnKey(body)) return;
      core.accessLog.keep({ ...exchange, uri, application, key, headers, body });
    };
    if (exchange.request !== undefined) whole(exchange.request);
    // If nobody read the body, the key was in a header.
    else if (capture.unread !== undefined) void capture.unread.then(whole);
  }

  return {
    recordUnrouted(request, reply) {
      if (surfaces.at(request.originalUrl) !== undefined) record(request, reply, begin(core));
    },
  };
}

/** True if the path of the route contains an ID. */
function hasParameters({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.includes(':') !== false;
}

/** The rows without the IDs of the people who were left out because they were erased. */
function withoutErased(rows: readonly ReportedRow[], verdicts: readonly RowVerdict[]): readonly ReportedRow[] {
  const isOfErased = ({ error }: RowVerdict): boolean => error?.problems[0]?.title === ERASED;
  const erased = new Set(verdicts.flatMap((each, index) => (isOfErased(each) ? [rows[index]?.integrationId] : [])));
  return rows.map((row) => {
    if (!erased.has(row.integrationId)) return row;
    const { integrationId: _erased, message: _quoting, ...plain } = row;
    return plain;
  });
}

/** The body of a refused request may never have been read; its announced size is then all that is known. */
function requestSize(request: FastifyRequest): Pick<Exchange, 'requestBytes' | 'requestUnread'> {
  const { receivedBody, bodyBytes, headers } = request;
  if (receivedBody !== undefined) return { requestBytes: receivedBody.length, requestUnread: false };
  const requestBytes = Math.max(bodyBytes, declaredBytes(request));
  return { requestBytes, requestUnread: requestBytes > 0 || headers['transfer-encoding'] !== undefined };
}

/** The body in the form the log may keep: without the key, if that is in it. */
function withoutCredential({ routeOptions }: FastifyRequest, body: Buffer): Buffer {
  const credential = routeOptions.config.surface?.keys?.credential;
  return credential?.in === 'body' ? withoutMember(body, credential.member) : body;
}

function pathOf(uri: string): string | undefined {
  return uri.split('?', 1)[0];
}

function begin(core: Core & Logged): Capture {
  return { time: core.now(), refusal: undefined, response: undefined, unread: undefined, isErased: false };
}

function isLogged(request: FastifyRequest, surfaces: Surfaces): boolean {
  // A preview is not a request.
  if (replayOf()?.preview !== undefined) return false;
  if (!request.is404) return request.routeOptions.config.logged === true;
  const { method, originalUrl: url, headers, servedPath } = request;
  if (servedPath !== undefined) return servedPath.routes.some(({ config }) => config?.logged === true);
  // Unknown paths are of interest when they look like a platform's, not when a browser asks for its icon.
  if (surfaces.at(url) !== undefined || /^ApiKey-v1\b/i.test(headers.authorization ?? '')) return true;
  return method !== 'GET' && method !== 'HEAD' && !/^\/+console(\/|\?|$)/.test(url);
}

/** The first characters of the key that was sent, even if it was not checked. */
function sentPrefix(request: FastifyRequest, { refusal }: Capture, surfaces: Surfaces): string | undefined {
  const credential = surfaces.at(request.originalUrl)?.keys?.credential ?? API_KEY_HEADER;
  const key = credential.in === 'header' ? credential.read(request.headers.authorization) : undefined;
  return refusal?.prefix ?? key?.slice(0, 4);
}

function whyRefused(request: FastifyRequest, capture: Capture): { cause: string; mend: Mend | undefined } {
  const { failure } = request;
  if (capture.refusal !== undefined && failure?.code === 'unauthorized') {
    return { cause: capture.refusal.cause, mend: undefined };
  }
  return failure === undefined ? { cause: 'Internal error', mend: undefined } : causeOf(failure);
}

function isReplayable(request: FastifyRequest, status: number): boolean {
  const { method, principal, routeOptions } = request;
  if (!REPLAYABLE.has(status) || principal === undefined || replayOf() !== undefined) return false;
  // What a Test key writes is not kept, not even when it is replayed.
  if (principal.key.type === 'staging') return false;
  if (principal.application.payloadLogging !== 'full' || routeOptions.config.reads === true) return false;
  return method === 'PUT' || method === 'POST' || method === 'DELETE' || method === 'PATCH';
}

function keptHeaders({ headers, routeOptions }: FastifyRequest): ReplayHeaders {
  const kept: Record<string, string> = {};
  const { surface, rowList } = routeOptions.config;
  for (const name of [
    'content-type',
    ...(rowList === undefined ? [] : ['prefer']),
    ...(surface?.replayHeaders ?? []),
  ]) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
