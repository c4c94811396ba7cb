/** The application: its parts in order, like a table of contents. Knows nothing about sockets and processes. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { Logged } from '../access-log/access-log.ts';
import { uriWithoutSecrets } from '../access-log/payload-masking.ts';
import type { Config } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { DomainError, invalid, unavailable } from '../domain/errors.ts';
import { installAccessLogCapture } from './access-log-capture.ts';
import { installAnswersTogether } from './answers-together.ts';
import { type Authenticator, createAuthenticator } from './auth.ts';
import { BodyReader } from './body-reader.ts';
import { installClientAddress, TrustedProxies } from './client-address.ts';
import { consoleSurface } from './console.ts';
import { documentsSurface } from './documents.ts';
import { createErrorHandler } from './errors.ts';
import { installExtendedAnswers } from './extended.ts';
import { immediately } from './immediate-hook.ts';
import { installJsonBodies } from './json-body.ts';
import type { KeyUse } from './key-use.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createLimits } from './limits.ts';
import { installMethodNotAllowed, refuseWrongMethod, unknownPathMessage } from './methods.ts';
import { countRequest, type Metrics } from './metrics.ts';
import { operationsSurface } from './operations.ts';
import { canonicalUrl, IdEndings } from './paths.ts';
import { replayOf } from './replay-context.ts';
import { installRequestEnd, type RequestEndListener } from './request-end.ts';
import { installRows } from './rows.ts';
import { createValidatorCompiler, schemaController } from './schema-compilers.ts';
import { answerHeaders, installPageHeaders } from './security-headers.ts';
import { type Surface, type SurfaceParts, Surfaces } from './surface.ts';
import { CDP } from './surfaces/cdp/index.ts';
import { EMARSYS } from './surfaces/emarsys/index.ts';
import { INTEGRATION } from './surfaces/integration/index.ts';
import { MANAGEMENT } from './surfaces/management/index.ts';
import { MPARTICLE } from './surfaces/mparticle/index.ts';
import { SEGMENT } from './surfaces/segment/index.ts';
import { installUndeclaredChecks } from './undeclared.ts';
import type { Uploads } from './uploads.ts';

/** The APIs this server has. */
export const SURFACES: readonly Surface[] = [CDP, SEGMENT, MPARTICLE, EMARSYS, INTEGRATION, MANAGEMENT];

export interface AppParts {
  readonly core: Core & Logged;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly keyUse: KeyUse;
  readonly uploads: Uploads;
  readonly version: string;
  readonly lifecycle: Lifecycle;
  /** The APIs it has, those of Rollcall unless given. */
  readonly surfaces?: readonly Surface[];
  /** Reads request bodies; the application creates its own unless somebody else needs to access it. */
  readonly bodies?: BodyReader;
  /**
   * Makes this an application that describes itself, at /openapi.json and /docs; others serve what such an application
   * produced.
   */
  readonly describing?: boolean;
  /** Options for the socket side, from its owner. */
  readonly server?: FastifyServerOptions;
  /** A monotonic clock in ms, for measuring durations; the real one by default. */
  readonly elapsed?: () => number;
  /** Adds hooks to all routes, after those that number, log and route requests, and before those that check keys. */
  readonly instrument?: (app: FastifyInstance, parts: InstrumentParts) => void;
}

/** What is passed to hooks on all routes. */
export interface InstrumentParts {
  readonly surfaces: Surfaces;
  /** Calls a listener at the end of each request. */
  readonly onEnd: (listener: RequestEndListener) => void;
  /** Aborted when waiting requests must end. */
  readonly ending: AbortSignal;
}

/** The URL as received; for a replayed write, as received when it was refused. */
function asReceived(request: IncomingMessage & { originalUrl?: string }): string {
  const replay = replayOf();
  if (replay !== undefined) {
    request.url = replay.uri;
    request.originalUrl = replay.uri;
  }
  return request.url ?? '/';
}

// 1000 code points of up to 12 characters each, with some reserve; the header block's own limit is higher.
const MAX_PATH_PART = 16_000;

/** The additional parts of an application that describes itself. */
function describing({ bodies: _bodies, server: _server, ...parts }: AppParts): AppParts {
  return { ...parts, describing: true };
}

export function makeBodyReader(config: Config): BodyReader {
  return new BodyReader({
    maxBytes: config.maxBodyBytes,
    maxTotalBytes: config.maxBodiesBytes,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
  });
}

/** Applies a surface's declaration to its routes. */
async function installSurface(
  scope: FastifyInstance,
  surface: Surface,
  authenticator: Authenticator,
  endings: IdEndings,
  parts: SurfaceParts,
): Promise<void> {
  const { logged, keys } = surface;
  const maxUnknownBodyBytes = keys?.credential.in === 'body' ? keys.credential.maxBodyBytes : undefined;
  scope.addHook('onRoute', (route) => {
    const operation = route.config?.operation ?? route.schema?.operationId;
    route.config = { ...route.config, surface, logged, ...(operation !== undefined && { operation }) };
    // Only surfaces with ID routes have paths that templates fill in.
    if (logged) endings.add(route);
    if (maxUnknownBodyBytes !== undefined) route.config.maxUnknownBodyBytes = maxUnknownBodyBytes;
  });
  authenticator.guard(scope, surface);
  await surface.register(scope, parts);
}

/** Builds the complete application, ready to listen or to be injected into. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { core, config, logger, metrics, keyUse } = parts;
  const fixedHeaders = answerHeaders(config.tlsCert !== undefined || config.publicUrl?.startsWith('https:') === true);
  const surfaces = new Surfaces(parts.surfaces ?? SURFACES);
  const handleError = createErrorHandler(surfaces);
  const endings = new IdEndings();
  const proxies = new TrustedProxies(config.trustedProxies);
  const app = Fastify({
    ...parts.server,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Messages name their request; a logger for each request would cost more than most requests log.
    childLoggerFactory: (shared) => shared,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    schemaController,
    bodyLimit: config.maxBodyBytes,
    trustProxy: config.trustedProxies.length > 0 ? (address) => proxies.trusts(address) : false,
    rewriteUrl: (request) => canonicalUrl(request.method ?? '', asReceived(request), surfaces.idRoutes, endings),
    routerOptions: { maxParamLength: MAX_PATH_PART },
    frameworkErrors: (error, request, reply) => {
      reply.headers(fixedHeaders).header('x-request-id', request.id);
      handleError(error, request, reply);
      capture.recordUnrouted(request, reply);
    },
  }) as unknown as FastifyInstance;

  app.setErrorHandler<FastifyError>(handleError);
  installClientAddress(app, proxies);
  app.decorateRequest('failure', undefined);
  app.decorateRequest('principal', undefined);
  app.decorateRequest('backOffice', undefined);
  installMethodNotAllowed(app, MAX_PATH_PART);
  const onEnd = installRequestEnd(app);
  installPageHeaders(app);
  const bodies = installJsonBodies(app, parts.bodies ?? makeBodyReader(config));
  const capture = installAccessLogCapture(app, core, surfaces, bodies, proxies, onEnd);
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(fixedHeaders).header('x-request-id', request.id);
    if (parts.lifecycle.refusing) {
      reply.header('connection', 'close');
      throw unavailable('The server is stopping');
    }
    const { host } = request.headers;
    if (host === undefined && request.raw.httpVersionMinor > 0) throw invalid('The Host header is missing');
    // Several are joined by Node.
    if (host?.includes(',') === true) throw invalid('There must be one Host header, with one host');
    // Checked before any key or body, let alone before an error is found in one.
    refuseWrongMethod(request, reply);
    if (request.is404) {
      const message = unknownPathMessage(request.method, request.originalUrl, { surfaces, docs: config.docs });
      throw new DomainError('not_found', [{ title: 'not found', message, cause: 'unknown path' }]);
    }
  };
  app.addHook('onRequest', immediately(begin));
  installAnswersTogether(app);
  parts.instrument?.(app, { surfaces, onEnd, ending: parts.lifecycle.ending });
  onEnd((request, reply) => {
    if (!logger.isLevelEnabled('debug')) return;
    const { method, id: requestId } = request;
    const url = uriWithoutSecrets(request.originalUrl);
    request.log.debug({ requestId, method, url, status: reply.statusCode, ms: reply.elapsedTime }, 'request');
  });
  app.setValidatorCompiler(createValidatorCompiler());
  onEnd((request, reply) => countRequest(metrics, request, reply));
  const elapsed = parts.elapsed ?? (() => performance.now());
  const limits = createLimits(app, config, elapsed);
  const authenticator = createAuthenticator(core, limits, keyUse, config);

  installExtendedAnswers(app);
  installUndeclaredChecks(app);
  installRows(app);
  for (const { name, schema } of surfaces.errorBodies) app.addSchema({ ...schema, $id: name });
  if (parts.describing === true) {
    // Imported here only, so that a start need not wait for it.
    const { installOpenApi } = await import('./openapi.ts');
    await installOpenApi(app, { version: parts.version, surfaces });
  } else if (config.docs) {
    await app.register(documentsSurface, { describe: async () => buildApp(describing(parts)) });
  }
  await app.register(operationsSurface, {
    core,
    metrics,
    metricsServed: config.metrics,
    metricsToken: config.metricsToken,
    lifecycle: parts.lifecycle,
  });
  const { uploads, version, lifecycle } = parts;
  const surfaceParts = { core, config, limits, uploads, version, ending: lifecycle.ending, elapsed };
  for (const surface of surfaces.all) {
    await app.register(async (scope) => installSurface(scope, surface, authenticator, endings, surfaceParts));
  }
  app.get('/', { schema: { hide: true }, config: { operation: 'home' } }, async (_request, reply) =>
    reply.redirect('/console/'),
  );
  await app.register(consoleSurface);
  await app.ready();
  return app;
}
