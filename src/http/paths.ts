/** Converts the paths that real senders write into the form the router matches. */

import type { IdRoute } from './surface.ts';

/**
 * The URL as the router sees it: leading slashes collapsed to one, one trailing slash dropped, and slashes that belong
 * to an ID escaped. Escapes are left alone: the router decodes each part once.
 * @param idRoutes where IDs occur. No route contains `//`, so a doubled slash after such a prefix can only belong to
 * the ID
 */
export function canonicalUrl(url: string, idRoutes: readonly IdRoute[]): string {
  const queryStart = url.indexOf('?');
  let path = queryStart === -1 ? url : url.slice(0, queryStart);
  const query = queryStart === -1 ? '' : url.slice(queryStart);
  // Absolute form, as sent to proxies.
  if (!path.startsWith('/')) path = path.replace(/^https?:\/\/[^/]*/i, '') || '/';
  if (path.startsWith('//')) path = path.replace(/^\/+/, '/');
  // Only a careless client sends a fragment: the character is part of the ID.
  if (path.includes('#')) path = path.replaceAll('#', '%23');
  if (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
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
