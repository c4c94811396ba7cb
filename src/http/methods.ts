/** Known paths under the wrong method, and unknown paths: answers that name the right one. */

import { METHODS } from 'node:http';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { DomainError } from '../domain/errors.ts';

/**
 * Watches the routes registered from now on; `close` gives each of their paths an answer for the methods it lacks: 405 with
 * `Allow`, before the key is looked at and the body read.
 */
export function installMethodNotAllowed(app: FastifyInstance): { close: () => void } {
  const known = new Map<string, { methods: Set<string>; routes: RouteOptions[] }>();
  let open = true;
  // Whatever the parser lets through must find its answer; the framework knows only the usual ones.
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  app.addHook('onRoute', (route) => {
    if (!open) return;
    const found = known.get(route.url) ?? { methods: new Set<string>(), routes: [] };
    for (const method of [route.method].flat()) found.methods.add(method);
    found.routes.push(route);
    known.set(route.url, found);
  });
  /** `PUT /members/:id` also serves the ID `export`, which `GET /members/export` has another use for. */
  const isServedElsewhere = (url: string, method: string): boolean =>
    [...known].some(([other, allowed]) => other !== url && allowed.methods.has(method) && matches(other, url));
  return {
    close() {
      open = false;
      for (const [url, { methods: allowed, routes }] of known) {
        const missing = app.supportedMethods.filter(
          (method) => !allowed.has(method) && !isServedElsewhere(url, method),
        );
        const allow = [...allowed].sort().join(', ');
        app.route({
          method: missing,
          url,
          schema: { hide: true },
          config: {
            operation: 'method not allowed',
            logged: routes.some(({ config }) => config?.logged === true),
          },
          onRequest: async (request, reply) => {
            reply.header('allow', allow);
            const message = `${request.method} is not allowed here; this path takes ${allow}`;
            const cause = `the path takes ${allow} only`;
            throw new DomainError('method_not_allowed', [{ title: 'method not allowed', message, cause }]);
          },
          handler: async () => undefined,
        });
      }
    },
  };
}

/** Whether a route's path with parameters covers another one. */
function matches(pattern: string, url: string): boolean {
  const parts = url.split('/');
  const patterns = pattern.split('/');
  return patterns.length === parts.length && patterns.every((each, at) => each === parts[at] || each.startsWith(':'));
}

const HINTS: readonly { pattern: RegExp; hint: string }[] = [
  {
    pattern: /^\/+cdp\/customer_profiles?\/[^/]+\/.+/,
    hint: "a '/' inside an ID is written %2F; profiles are PUT /cdp/customer_profile/{customerProfileId}, their audiences PUT /cdp/customer_profile/{customerProfileId}/audiences",
  },
  {
    pattern: /^\/+cdp\/customer_profiles\/[^/]+$/,
    hint: 'one profile is PUT /cdp/customer_profile/{customerProfileId}, many are PUT /cdp/customer_profiles/audiences',
  },
  { pattern: /^\/+cdp\/v2\//, hint: 'the v2 operation is PUT /cdp/v2/customer_profiles/audiences' },
  { pattern: /^\/+cdp\/audiences\/.+\/.+/, hint: "a '/' inside an ID is written %2F" },
];

/** Why nothing is found under a path, and what is probably meant. */
export function unknownPathMessage(method: string, url: string): string {
  const path = url.split('?', 1)[0] ?? url;
  const hint = HINTS.find(({ pattern }) => pattern.test(path))?.hint ?? 'all operations are listed at /docs';
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return `Unknown path ${method} ${shown} (${hint})`;
}
