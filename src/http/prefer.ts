/** The `Prefer` header (RFC 7240): what a client would like of an answer, and what it is told about it. */

import type { FastifyReply, FastifyRequest } from 'fastify';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
// A quoted string that is never closed reaches to the end, so that one pass over the header is enough.
const QUOTED = '"(?:[^"\\\\]|\\\\.)*(?:"|\\\\?$)';
const ELEMENTS = new RegExp(`(?:[^,"]|${QUOTED})+`, 'g');
const PREFERENCE = new RegExp(
  `^[ \\t]*(${TOKEN})(?:[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")?)?[ \\t]*(?:;.*)?$`,
  's',
);

/**
 * The preferences of a `Prefer` header by their name in lower case, with their value: empty where none is given. Several headers
 * arrive joined by commas. Of a preference that is repeated the first counts; parameters and what cannot be read are left out,
 * as a preference must never fail a request.
 */
export function parsePreferences(header: string | undefined): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const [element] of (header ?? '').matchAll(ELEMENTS)) {
    const [, name, token, quoted] = PREFERENCE.exec(element) ?? [];
    const key = name?.toLowerCase();
    if (key === undefined || preferences.has(key)) continue;
    preferences.set(key, token ?? quoted?.replaceAll(/\\(.)/gs, '$1') ?? '');
  }
  return preferences;
}

/** Whether the client prefers `name`, or `name=value` where a value is asked for. */
export function prefers(request: FastifyRequest, name: string, value = ''): boolean {
  const { prefer } = request.headers;
  if (prefer === undefined) return false;
  // Node.js joins repeated headers of this name; its types cannot tell.
  return parsePreferences([prefer].flat().join(', ')).get(name) === value;
}

/** Tells caches that the answer depends on `Prefer`. */
export function varyByPreference(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  if (others === undefined) reply.header('vary', 'Prefer');
  else if (!/\bprefer\b/i.test(String(others))) reply.header('vary', `${String(others)}, Prefer`);
}

/** Tells the client that a preference was followed. */
export function applyPreference(reply: FastifyReply, preference: string): void {
  const others = reply.getHeader('preference-applied');
  reply.header('preference-applied', others === undefined ? preference : `${String(others)}, ${preference}`);
}
