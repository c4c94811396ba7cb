/**
 * What a surface is: an API with its own paths and conventions, described by one declaration that the rest of this
 * folder reads.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logged } from '../access-log/access-log.ts';
import type { Config } from '../config.ts';
import type { ApiKey } from '../domain/access/api-keys.ts';
import type { Core } from '../domain/core.ts';
import type { Credential, SecurityScheme } from './credentials.ts';
import type { ErrorBody } from './error-bodies.ts';
import type { Limits } from './limits.ts';
import type { Uploads } from './uploads.ts';

/** What the application passes to every surface. */
export interface SurfaceParts {
  readonly core: Core & Logged;
  readonly config: Config;
  readonly limits: Limits;
  /** Uploaded files. */
  readonly uploads: Uploads;
  /** Aborts when streams must end. */
  readonly ending: AbortSignal;
  /** A monotonic clock in ms, for measuring durations. */
  readonly elapsed: () => number;
  /** Version of the program. */
  readonly version: string;
}

/** Paths with a prefix, an ID after it, and optional fixed parts after the ID. */
export interface IdRoute {
  readonly prefix: string;
  readonly suffixes: readonly string[];
}

/** What was probably meant by an unknown path. */
export interface Hint {
  readonly pattern: RegExp;
  readonly hint: string;
}

export interface SurfaceKeys {
  readonly credential: Credential;
  /** Reports whether a request needs no key although others to its route do; absent if all need one. */
  isOpen?(request: FastifyRequest): boolean;
  /** Why a valid key may not use the route of a request; undefined if it may. */
  refuses(key: ApiKey, request: FastifyRequest, config: Config): string | undefined;
}

export interface Surface {
  readonly name: string;
  /** First parts of its paths, in lower case; surfaces with the same error body may share some. */
  readonly roots: readonly string[];
  /** The form of its error responses, including those for unknown paths below its roots. */
  readonly errorBody: ErrorBody;
  /** The API keys it accepts; undefined if `register` identifies callers in another way. */
  readonly keys?: SurfaceKeys;
  /** Whether requests to its routes are logged. Requests to unknown paths below its roots always are. */
  readonly logged: boolean;
  /** Headers, besides the content type, that a replay of a refused write needs. */
  readonly replayHeaders?: readonly string[];
  /** Its routes whose next part is an ID, so that slashes in the ID are distinguished from those of the path. */
  readonly idRoutes?: readonly IdRoute[];
  /** The first hint that matches an unknown path is included in the response. */
  readonly hints?: readonly Hint[];
  /** Its groups of operations in the OpenAPI document, in display order. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** The credentials that the `security` of its operations refers to, in the form of OpenAPI. */
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** Registers its routes, in their own scope. */
  register(app: FastifyInstance, parts: SurfaceParts): Promise<void>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The surface that a route belongs to. */
    surface?: Surface;
    /** The name of a route's operation in logs, metrics and limits: its `operationId` unless given. */
    operation?: string;
  }
}

// A URL may be absolute, as sent to proxies. Only `/` and `?` end the first segment: the router recognises no other
// root.
const ROOT = /^(?:https?:\/\/[^/?]*)?\/+([^/?]+)/i;

/** The surfaces of an application, found by the paths of requests. */
export class Surfaces {
  readonly all: readonly Surface[];
  readonly idRoutes: readonly IdRoute[];
  readonly #byRoot = new Map<string, Surface>();

  /** @throws Error when two surfaces share a root but not their error body */
  constructor(all: readonly Surface[]) {
    this.all = all;
    this.idRoutes = all.flatMap(({ idRoutes = [] }) => idRoutes);
    for (const surface of all) {
      for (const root of surface.roots) {
        const other = this.#byRoot.get(root);
        if (other === undefined) this.#byRoot.set(root, surface);
        else if (other.errorBody !== surface.errorBody) {
          throw new Error(`/${root} belongs to ${other.name} and ${surface.name}, whose error bodies differ`);
        }
      }
    }
  }

  /** The surface of a URL, whether or not the URL is served; the first one if several share a root. */
  at(url: string): Surface | undefined {
    const root = ROOT.exec(url)?.[1];
    return root === undefined ? undefined : this.#byRoot.get(root.toLowerCase());
  }

  /** The distinct error bodies. */
  get errorBodies(): readonly ErrorBody[] {
    return [...new Set(this.all.map(({ errorBody }) => errorBody))];
  }
}
