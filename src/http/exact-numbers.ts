/** Finds the integers in a body that cannot be stored because a double would change their digits. */

import type { FastifyRequest } from 'fastify';
import type { InexactNumbers } from '../domain/definitions/attribute-values.ts';
import { isInexactInteger } from '../domain/exact-integers.ts';

declare global {
  interface JSON {
    /** The form that also passes the text of each number; TypeScript's declarations lack it. */
    parse(
      text: string,
      reviver: (this: object, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** The first inexact integer in each attribute of the body's `attributes`; undefined if there is none. */
export function inexactAttributes(request: FastifyRequest): InexactNumbers | undefined {
  return inexactNumbersIn(request, (body) => [(body as { readonly attributes?: unknown }).attributes])?.[0];
}

/**
 * The first inexact integer in each field of some objects of the body, in their order; undefined for an object without
 * any, or if no object has any. Only bodies with a long number are parsed again, because parsing with the text of each
 * number takes five times as long.
 * @param holdersIn selects the objects in the parsed body
 */
export function inexactNumbersIn(
  { bodyHasLongNumber, receivedBody }: FastifyRequest,
  holdersIn: (body: unknown) => readonly unknown[],
): readonly (InexactNumbers | undefined)[] | undefined {
  if (!bodyHasLongNumber || receivedBody === undefined) return undefined;
  // By the object or list that contains them: an inexact integer makes its container inexact, and so on outwards.
  const found = new Map<unknown, Map<string, string>>();
  const body: unknown = JSON.parse(
    receivedBody.toString('utf8').replace(/^\ufeff/, ''),
    function (this: object, key: string, value: unknown, context) {
      const source = typeof value === 'number' ? inexactSource(context.source) : firstWithin(found, value);
      if (source !== undefined) {
        const own = found.get(this) ?? new Map<string, string>();
        // The first one in a list is enough.
        if (!Array.isArray(this) || own.size === 0) found.set(this, own.set(key, source));
      }
      return value;
    },
  );
  if (found.size === 0) return undefined;
  return holdersIn(body).map((holder) => {
    const inexact = found.get(holder);
    return inexact === undefined ? undefined : Object.fromEntries(inexact);
  });
}

function inexactSource(source: string | undefined): string | undefined {
  return source !== undefined && isInexactInteger(source) ? source : undefined;
}

function firstWithin(found: ReadonlyMap<unknown, ReadonlyMap<string, string>>, value: unknown): string | undefined {
  const [first] = found.get(value)?.values() ?? [];
  return first;
}
