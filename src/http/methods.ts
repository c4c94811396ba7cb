/** Known paths with the wrong method, and unknown paths: answers that name the right one. */

import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import FindMyWay from 'find-my-way';
import { DomainError } from '../domain/errors.ts';
import type { Surfaces } from './surface.ts';

/** A path that is served, but not with the requested method. */
interface ServedPath {
  /** The methods it supports. */
  readonly methods: Set<string>;
  /** Its routes. What they say about the log is known only once their surface has completed them. */
  readonly routes: RouteOptions[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before all hooks if the path supports only other methods. */
    servedPath: ServedPath | undefined;
  }
}

/**
 * Watches the routes registered from now on, and marks requests for one of their paths with a method it does not
 * support. Must be installed before all other hooks.
 * @param maxParamLength longest parameter of a path, as in the application's own router
 */
export function installMethodNotAllowed(app: FastifyInstance, maxParamLength: number): void {
  const known = new Map<string, ServedPath>();
  // One tree of all paths, instead of one for each of thirty methods; only wrong requests ever get here.
  const paths = FindMyWay({ maxParamLength });
  app.decorateRequest('servedPath', undefined);
  app.addHook('onRoute', (route: RouteOptions) => {
    const { url, method } = route;
    let served = known.get(url);
    if (served === undefined) {
      served = { methods: new Set(), routes: [] };
      known.set(url, served);
      paths.on('GET', url, () => undefined, served);
    }
    for (const each of [method].flat()) served.methods.add(each);
    served.routes.push(route);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) request.servedPath = paths.find('GET', request.url)?.store as ServedPath | undefined;
    done();
  });
}

/** @throws DomainError `method_not_allowed` when the path of the request supports only other methods; sets `Allow` */
export function refuseWrongMethod(request: FastifyRequest, reply: FastifyReply): void {
  if (request.servedPath === undefined) return;
  const allow = [...request.servedPath.methods].sort().join(', ');
  reply.header('allow', allow);
  const message = `${request.method} is not allowed here; this path supports ${allow}`;
  throw new DomainError('method_not_allowed', [
    { title: 'method not allowed', message, cause: `the path supports only ${allow}` },
  ]);
}

/** Name of the operation that serves a request, for metrics and the access log; undefined if there is none. */
export function operationOf(request: FastifyRequest): string | undefined {
  if (request.servedPath !== undefined) return 'method not allowed';
  // A request that the framework refused has no route.
  return (request.routeOptions as FastifyRequest['routeOptions'] | undefined)?.config?.operation;
}

/** Why nothing is found at a path, and what was probably meant. */
export function unknownPathMessage(
  method: string,
  url: string,
  { surfaces, docs }: { surfaces: Surfaces; docs: boolean },
): string {
  const path = url.split('?', 1)[0] ?? url;
  const hint =
    surfaces.at(url)?.hints?.find(({ pattern }) => pattern.test(path))?.hint ??
    (docs ? 'all operations are listed at /docs' : 'check the path');
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return `Unknown path ${method} ${shown} (${hint})`;
}
