/** The `Prefer` header (RFC 7240): what a client would like in a response, and what it is told about it. */

import type { FastifyReply, FastifyRequest } from 'fastify';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
// A quoted string that is never closed extends to the end, so that one pass over the header is enough.
const QUOTED = '"(?:[^"\\\\]|\\\\.)*(?:"|\\\\?$)';
const ELEMENTS = new RegExp(`(?:[^,"]|${QUOTED})+`, 'g');
const PREFERENCE = new RegExp(
  `^[ \\t]*(${TOKEN})(?:[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")?)?[ \\t]*(?:;(.*))?$`,
  's',
);

/**
 * The preferences in a `Prefer` header, by name in lower case, with their value or an empty string. Several headers
 * arrive joined by commas. The first of repeated preferences counts; parameters and unreadable parts are ignored, since
 * a preference must never fail a request.
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

/** The value of a preference, or of a parameter of one, in lower case; undefined if it was not sent. */
export function preferenceValue(request: FastifyRequest, name: string, parameter?: string): string | undefined {
  const { prefer } = request.headers;
  if (prefer === undefined) return undefined;
  const header = [prefer].flat().join(', ');
  if (parameter === undefined) return parsePreferences(header).get(name)?.toLowerCase();
  for (const [element] of header.matchAll(ELEMENTS)) {
    const [, found, , , parameters = ''] = PREFERENCE.exec(element) ?? [];
    if (found?.toLowerCase() !== name) continue;
    return parsePreferences(parameters.replaceAll(';', ',')).get(parameter)?.toLowerCase();
  }
  return undefined;
}

/** Whether the client prefers `name`, or `name=value` if a value is given. */
export function prefers(request: FastifyRequest, name: string, value = ''): boolean {
  const { prefer } = request.headers;
  if (prefer === undefined) return false;
  // Node.js joins repeated headers of this name, but its types do not say so.
  return parsePreferences([prefer].flat().join(', ')).get(name) === value;
}

/** Tells caches that the response depends on `Prefer`. */
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
