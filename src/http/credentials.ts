/** Where the key of a request is, and how it is written there. */

import type { FastifyRequest } from 'fastify';

/** A key in a header is checked before the body is read; one in the body, afterwards. */
export type Credential = HeaderCredential | BodyCredential;

interface HeaderCredential {
  readonly in: 'header';
  /** Its name in the log. */
  readonly label: string;
  /** The form of the `Authorization` header, for people. */
  readonly form: string;
  /** Extracts the key from the value of an `Authorization` header; undefined for another form. */
  read(authorization: string | undefined): string | undefined;
}

interface BodyCredential {
  readonly in: 'body';
  /**
   * Path to the key, with its parts separated by dots: `account.account_settings.apiKey`. Masked wherever the body is
   * kept.
   */
  readonly member: string;
  /** Largest body, in bytes, since it is read before authentication. 16 KiB by default. */
  readonly maxBodyBytes?: number;
}

/** The credential in the form of OpenAPI. */
export type SecurityScheme =
  | { readonly type: 'apiKey'; readonly in: 'header' | 'cookie'; readonly name: string; readonly description?: string }
  | { readonly type: 'http'; readonly scheme: 'basic' | 'bearer'; readonly description?: string };

/** `Authorization: ApiKey-v1 <key>`: any case, one space or more, no blanks inside the key. */
export const API_KEY_HEADER: HeaderCredential = {
  in: 'header',
  label: 'ApiKey-v1',
  form: 'ApiKey-v1 <key>',
  read: (authorization) => /^ApiKey-v1 +([^\s]{1,500})$/i.exec(authorization ?? '')?.[1],
};

/**
 * The key in Basic credentials: as the user `ApiKey-v1 <key>` with any password, or as the password of the user `ApiKey-v1`.
 * `API_KEY_HEADER` is accepted too.
 */
export const API_KEY_BASIC: HeaderCredential = {
  in: 'header',
  label: 'Basic or ApiKey-v1',
  form: 'Basic <Base64 of "ApiKey-v1 <key>:">',
  read: (authorization) => API_KEY_HEADER.read(authorization) ?? readBasic(authorization),
};

function readBasic(authorization = ''): string | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  // The last colon ends the user's name.
  const [, user = '', password = ''] = /^(.*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  const key = /^ApiKey-v1$/i.test(user) ? password : user.replace(/^ApiKey-v1 +/i, '');
  return /^\S{1,500}$/.test(key) ? key : undefined;
}

/** The key that was sent; undefined if there is none. */
export function readCredential(credential: Credential, { headers, body }: FastifyRequest): string | undefined {
  if (credential.in === 'header') return credential.read(headers.authorization);
  let value: unknown = body;
  for (const name of credential.member.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' && /^\S{1,500}$/.test(value) ? value : undefined;
}

/** How a missing key is logged and answered. */
export function missingCredential(
  credential: Credential,
  { headers }: FastifyRequest,
): { reason: string; remedy: string } {
  if (credential.in === 'body') {
    return { reason: `no key at ${credential.member}`, remedy: `send it in the body, at ${credential.member}` };
  }
  const reason = `no ${credential.label} credential`;
  return headers.authorization === undefined || headers.authorization === ''
    ? { reason, remedy: `send the header Authorization: ${credential.form}` }
    : { reason, remedy: `the Authorization header must have the form: ${credential.form}` };
}

/** `API_KEY_HEADER` as described in the OpenAPI document. */
export const API_KEY_SCHEMES: Readonly<Record<string, SecurityScheme>> = {
  ApiKeyV1: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`ApiKey-v1 <key>`; the prefix is part of the value',
  },
};

/** The scheme of `API_KEY_BASIC` that is not among `API_KEY_SCHEMES`. */
export const API_KEY_BASIC_SCHEMES: Readonly<Record<string, SecurityScheme>> = {
  ApiKeyV1Basic: {
    type: 'http',
    scheme: 'basic',
    description: 'User `ApiKey-v1 <key>` with an empty password, or user `ApiKey-v1` with the key as its password',
  },
};
