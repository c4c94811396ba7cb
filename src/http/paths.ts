/** Converts the paths that real senders write into the form the router matches. */

import type { RouteOptions } from 'fastify';
import type { IdRoute } from './surface.ts';

/**
 * Routes whose paths end with an ID. If the ID is empty, the slash before it must not be dropped as a trailing slash.
 */
export class IdEndings {
  readonly #prefixes = new Set<string>();
  readonly #served = new Set<string>();

  /** Learns a route. */
  add({ method, url }: Pick<RouteOptions, 'method' | 'url'>): void {
    const [prefix] = /^.*\/(?=:[^/]+$)/.exec(url) ?? [];
    for (const each of [method].flat()) {
      if (prefix === undefined) this.#served.add(`${each} ${url}`);
      else this.#prefixes.add(`${each} ${prefix}`);
    }
  }

  /** Reports whether a path lacks the ID at its end; false if it is served without its last slash. */
  lacksId(method: string, path: string): boolean {
    return this.#prefixes.has(`${method} ${path}`) && !this.#served.has(`${method} ${path.slice(0, -1)}`);
  }
}

/**
 * The URL as the router sees it: leading slashes collapsed to one, one trailing slash dropped unless an empty ID follows
 * it, and slashes that belong to an ID escaped. Escapes are left alone: the router decodes each part once.
 * @param idRoutes where IDs occur. No route contains `//`, so a doubled slash after such a prefix can only belong to
 * the ID
 */
export function canonicalUrl(method: string, url: string, idRoutes: readonly IdRoute[], endings: IdEndings): string {
  const queryStart = url.indexOf('?');
  let path = queryStart === -1 ? url : url.slice(0, queryStart);
  const query = queryStart === -1 ? '' : url.slice(queryStart);
  // Absolute form, as sent to proxies.
  if (!path.startsWith('/')) path = path.replace(/^https?:\/\/[^/]*/i, '') || '/';
  if (path.startsWith('//')) path = path.replace(/^\/+/, '/');
  // Only a careless client sends a fragment: the character is part of the ID.
  if (path.includes('#')) path = path.replaceAll('#', '%23');
  if (path.length > 1 && path.endsWith('/') && !endings.lacksId(method, path)) path = path.slice(0, -1);
  if (path.includes('//') || path.endsWith('/')) path = escapeSlashesOfId(path, idRoutes);
  return path + query;
}

function escapeSlashesOfId(path: string, idRoutes: readonly IdRoute[]): string {
  const route = idRoutes.find(({ prefix }) => path.startsWith(prefix));
  if (route === undefined) return path;
  const rest = path.slice(route.prefix.length);
  const suffix = route.suffixes.find((each) => rest.endsWith(each)) ?? '';
  const id = rest.slice(0, rest.length - suffix.length);
  if (!id.includes('//') && !id.startsWith('/') && !id.endsWith('/')) return path;
  return route.prefix + id.replaceAll('/', '%2F') + suffix;
}
