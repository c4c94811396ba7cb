/**
 * The official JavaScript SDK from npm, in several releases: loaded as its users load it, with what its classes require
 * of an answer.
 */

import { createRequire } from 'node:module';

type Method = (...args: readonly unknown[]) => Promise<unknown>;
type Api = Readonly<Record<string, Method>>;

interface Authentication {
  apiKey?: string;
  apiKeyPrefix?: string;
}

interface ApiClient {
  basePath: string;
  readonly authentications: Readonly<Record<'api_key_v1' | 'manager_auth', Authentication>>;
}

interface Constructor<Instance> {
  new (...args: readonly unknown[]): Instance;
  readonly prototype: Instance;
}

interface Sdk extends Readonly<Record<string, Constructor<object>>> {
  readonly ApiClient: Constructor<ApiClient>;
  readonly IntegrationApi: Constructor<Api>;
  readonly ManagementApi: Constructor<Api>;
}

const require = createRequire(import.meta.url);

export type ApiName = 'IntegrationApi' | 'ManagementApi';
export const API_NAMES: readonly ApiName[] = ['IntegrationApi', 'ManagementApi'];

/** The SDK's rejection when the server refuses a call. */
export interface SdkRefusal {
  readonly status: number;
  readonly body: unknown;
  readonly response: { readonly text?: string; readonly body?: unknown };
}

/** A release of the SDK. */
export interface SdkClient {
  readonly IntegrationApi: Api;
  readonly ManagementApi: Api;
  /** @param url base URL of the server */
  useServer(url: string): void;
  useApiKey(key: string): void;
  /** @param credential of a session or a management key */
  useManagement(prefix: 'Bearer' | 'ManagementKey-v1', credential: string): void;
  /** All methods of an API, in the order of the package, without the variants that also return the response. */
  methodsOf(api: ApiName): string[];
  /** The names of the parameters that a method requires before its `opts`. */
  parametersOf(api: ApiName, method: string): string[];
  /** The SDK's class of an answer; undefined for a plain value. */
  classOf(value: unknown): string | undefined;
}

/**
 * Loads a release. Its declarations type every answer as `any`, so they are not used.
 * @param release name of the package in this folder's manifest
 */
export function sdkClient(release: string): SdkClient {
  const sdk = require(release) as Sdk;
  const client = new sdk.ApiClient();
  return {
    useServer: (url) => {
      client.basePath = url;
    },
    IntegrationApi: new sdk.IntegrationApi(client),
    ManagementApi: new sdk.ManagementApi(client),
    useApiKey: (key) => Object.assign(client.authentications.api_key_v1, { apiKey: key, apiKeyPrefix: 'ApiKey-v1' }),
    useManagement: (prefix, credential) =>
      Object.assign(client.authentications.manager_auth, { apiKey: credential, apiKeyPrefix: prefix }),
    methodsOf: (api) =>
      Object.getOwnPropertyNames(sdk[api].prototype).filter(
        (name) => name !== 'constructor' && !name.endsWith('WithHttpInfo'),
      ),
    parametersOf(api, method) {
      const [, list = ''] = /\(([^)]*)\)/.exec(String(sdk[api].prototype[method])) ?? [];
      return list.split(', ').filter((name) => name !== '' && name !== 'opts');
    },
    classOf(value) {
      if (typeof value !== 'object' || value === null) return undefined;
      const name = value.constructor.name;
      return sdk[name] !== undefined && value instanceof sdk[name] ? name : undefined;
    },
  };
}

/**
 * What an answer lacks according to the SDK's classes, at any depth: a required field, or a valid number or date. The
 * constructor of a class sets its required fields, so one that the answer lacked is present and undefined.
 */
export function lacks(client: SdkClient, value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isNaN(value) ? [`${path} is no number`] : [];
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? [`${path} is no date`] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => lacks(client, item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const name = client.classOf(value);
  return Object.entries(value).flatMap(([key, item]) =>
    item === undefined && name !== undefined
      ? [`${path}.${key} is required by ${name}`]
      : lacks(client, item, `${path}.${key}`),
  );
}
