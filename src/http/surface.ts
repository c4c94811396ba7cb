/** What a surface is: an API with its own paths and habits, described by one declaration that the rest of this folder reads. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logged } from '../access-log/access-log.ts';
import type { Config } from '../config.ts';
import type { ApiKey } from '../domain/access/api-keys.ts';
import type { Core } from '../domain/core.ts';
import type { Credential, SecurityScheme } from './credentials.ts';
import type { ErrorBody } from './error-bodies.ts';
import type { Limits } from './limits.ts';
import type { Uploads } from './uploads.ts';

/** What the application hands to every surface. */
export interface SurfaceParts {
  readonly core: Core & Logged;
  readonly config: Config;
  readonly limits: Limits;
  /** Files that arrive in forms. */
  readonly uploads: Uploads;
  /** Aborts when streams must end. */
  readonly ending: AbortSignal;
  /** Version of the program. */
  readonly version: string;
}

/** Paths in which an ID follows a prefix, and fixed parts may follow the ID. */
export interface IdRoute {
  readonly prefix: string;
  readonly suffixes: readonly string[];
}

/** What is probably meant by an unknown path. */
export interface Hint {
  readonly pattern: RegExp;
  readonly hint: string;
}

export interface SurfaceKeys {
  readonly credential: Credential;
  /** Why a key that is alive does not open the route of a request; undefined when it does. */
  refuses(key: ApiKey, request: FastifyRequest, config: Config): string | undefined;
}

export interface Surface {
  readonly name: string;
  /** First parts of its paths, in lower case; surfaces with one error body may share some. */
  readonly roots: readonly string[];
  /** The form of its error answers, also for paths below its roots that nothing serves. */
  readonly errorBody: ErrorBody;
  /** The API keys that open its routes; undefined where `register` has its own way to tell who calls. */
  readonly keys?: SurfaceKeys;
  /** Whether requests to its routes go into the access log. Requests to unknown paths below its roots always do. */
  readonly logged: boolean;
  /** Headers, besides the content type, that a refused write needs when it is sent again. */
  readonly replayHeaders?: readonly string[];
  /** Its routes whose next part is an ID: slashes of the ID are kept apart from those of the path. */
  readonly idRoutes?: readonly IdRoute[];
  /** The first that fits an unknown path is told to the sender. */
  readonly hints?: readonly Hint[];
  /** Its groups of operations in the OpenAPI document, in the order they are shown in. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** The credentials that the `security` of its operations names, as the OpenAPI document describes them. */
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** Registers its routes, in a scope of its own. */
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

// No other character ends the first part: what a router would not take for a root is none.
const ROOT = /^\/+([^/?]+)/;

/** The surfaces of an application, found by the paths of requests. */
export class Surfaces {
  readonly all: readonly Surface[];
  readonly idRoutes: readonly IdRoute[];
  readonly #byRoot = new Map<string, Surface>();

  /** @throws Error when two surfaces share a root and answer errors differently */
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

  /** The surface that a URL belongs to, whether or not it serves it; the first one where several share a root. */
  at(url: string): Surface | undefined {
    const root = ROOT.exec(url)?.[1];
    return root === undefined ? undefined : this.#byRoot.get(root.toLowerCase());
  }

  /** The different error bodies, each once. */
  get errorBodies(): readonly ErrorBody[] {
    return [...new Set(this.all.map(({ errorBody }) => errorBody))];
  }
}
