/** Every setting of the server: the only reader of the environment; flags win over it, and it over the defaults. */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** A setting that cannot be used; the message is one line for the operator. */
export class ConfigError extends Error {}

export interface Config {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly strict: boolean;
  /** Deployment hosts served, as `host` or `host:port`, lower case; empty means any. */
  readonly hostnames: readonly string[];
  /** Base URL shown to people, without a trailing slash; undefined means the address listened on. */
  readonly publicUrl: string | undefined;
  /** Proxy addresses or CIDR ranges whose X-Forwarded headers count. */
  readonly trustedProxies: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly metricsToken: string | undefined;
  readonly adminEmail: string | undefined;
  readonly adminPassword: string | undefined;
  /** Requests per second and key; undefined means no limit. */
  readonly rateLimit: number | undefined;
  readonly allowThirdPartyKeysOnIntegrationApi: boolean;
  readonly maxBodyBytes: number;
  readonly maxBacklogRequests: number;
  readonly maxBacklogBytes: number;
  /** Request bodies held at once, in bytes. */
  readonly maxBodiesBytes: number;
  readonly maxAuthFailuresPerMinute: number;
  readonly requestTimeoutSeconds: number;
  readonly shutdownDelaySeconds: number;
  readonly shutdownGraceSeconds: number;
  /** Writes are refused while the disk has less free, in bytes. */
  readonly minFreeDiskBytes: number;
  readonly maxDatabaseBytes: number | undefined;
  /** Days the ledger is kept; 0 means for ever. */
  readonly ledgerRetentionDays: number;
  readonly logLevel: string;
}

type Kind =
  | { readonly type: 'text' | 'url' | 'boolean' | 'secret' | 'hostnames' | 'proxies' }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'bytes'; readonly min: number }
  | { readonly type: 'choice'; readonly of: readonly string[] };

export interface Setting {
  readonly name: keyof Config;
  /** Name in the environment; secrets may be given as a file in `<name>_FILE`. */
  readonly variable: string;
  readonly kind: Kind;
  /** As it would be written in the environment; undefined means unset. */
  readonly fallback?: string;
  readonly describe: string;
}

const SECONDS = { type: 'integer', min: 0, max: 3600 } as const;

/** All settings, in the order they are documented. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'database',
    variable: 'ROLLCALL_DATABASE',
    kind: { type: 'text' },
    fallback: 'sqlite:data/rollcall.db',
    describe: 'Where the data is: `sqlite:PATH`',
  },
  {
    name: 'host',
    variable: 'ROLLCALL_HOST',
    kind: { type: 'text' },
    fallback: '127.0.0.1',
    describe: 'Address to listen on',
  },
  {
    name: 'port',
    variable: 'ROLLCALL_PORT',
    kind: { type: 'integer', min: 0, max: 65535 },
    fallback: '8080',
    describe: 'Port to listen on; 0 takes a free one',
  },
  {
    name: 'strict',
    variable: 'ROLLCALL_STRICT',
    kind: { type: 'boolean' },
    fallback: 'false',
    describe: "The hosted product's limits and required headers, for rehearsing an integration",
  },
  {
    name: 'hostnames',
    variable: 'ROLLCALL_HOSTNAMES',
    kind: { type: 'hostnames' },
    fallback: '',
    describe: 'Deployment hosts served, comma-separated; others get 404. Empty: any',
  },
  {
    name: 'publicUrl',
    variable: 'ROLLCALL_PUBLIC_URL',
    kind: { type: 'url' },
    describe: 'Base URL people and platforms use, shown in printed commands',
  },
  {
    name: 'trustedProxies',
    variable: 'ROLLCALL_TRUSTED_PROXIES',
    kind: { type: 'proxies' },
    fallback: '',
    describe: 'Addresses or CIDR ranges of proxies whose `X-Forwarded-For` counts, comma-separated',
  },
  {
    name: 'tlsCert',
    variable: 'ROLLCALL_TLS_CERT',
    kind: { type: 'text' },
    describe: 'PEM file of the certificate chain; with the key, serves https',
  },
  { name: 'tlsKey', variable: 'ROLLCALL_TLS_KEY', kind: { type: 'text' }, describe: 'PEM file of the private key' },
  {
    name: 'metricsToken',
    variable: 'ROLLCALL_METRICS_TOKEN',
    kind: { type: 'secret' },
    describe: 'Bearer token that `/metrics` then asks for',
  },
  {
    name: 'adminEmail',
    variable: 'ROLLCALL_ADMIN_EMAIL',
    kind: { type: 'text' },
    describe: 'E-mail of the admin made at first start',
  },
  {
    name: 'adminPassword',
    variable: 'ROLLCALL_ADMIN_PASSWORD',
    kind: { type: 'secret' },
    describe: 'Password of that admin; suppresses the demonstration key',
  },
  {
    name: 'rateLimit',
    variable: 'ROLLCALL_RATE_LIMIT',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    describe: 'Requests per second and key; 60 in strict mode, else unlimited. A key may carry its own',
  },
  {
    name: 'allowThirdPartyKeysOnIntegrationApi',
    variable: 'ROLLCALL_ALLOW_THIRD_PARTY_KEYS_ON_INTEGRATION_API',
    kind: { type: 'boolean' },
    fallback: 'false',
    describe: 'Let platform keys open the Integration API too',
  },
  {
    name: 'maxBodyBytes',
    variable: 'ROLLCALL_MAX_BODY_BYTES',
    kind: { type: 'bytes', min: 10 * 1024 * 1024 },
    fallback: '10485760',
    describe: 'Largest request body; 10 MiB at least',
  },
  {
    name: 'maxBacklogRequests',
    variable: 'ROLLCALL_MAX_BACKLOG_REQUESTS',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    fallback: '10000',
    describe: 'Writes that may wait; more are shed with 503',
  },
  {
    name: 'maxBacklogBytes',
    variable: 'ROLLCALL_MAX_BACKLOG_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '67108864',
    describe: 'Bytes of waiting writes; more are shed with 503',
  },
  {
    name: 'maxBodiesBytes',
    variable: 'ROLLCALL_MAX_BODIES_BYTES',
    kind: { type: 'bytes', min: 10 * 1024 * 1024 },
    fallback: '268435456',
    describe: 'Bytes of request bodies held at once; more are shed with 503',
  },
  {
    name: 'maxAuthFailuresPerMinute',
    variable: 'ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    fallback: '600',
    describe: 'Refused keys per address and minute before refusals become 429; valid keys are never delayed',
  },
  {
    name: 'requestTimeoutSeconds',
    variable: 'ROLLCALL_REQUEST_TIMEOUT_SECONDS',
    kind: { type: 'integer', min: 1, max: 3600 },
    fallback: '30',
    describe: 'Time a request may take to arrive; then 408',
  },
  {
    name: 'shutdownDelaySeconds',
    variable: 'ROLLCALL_SHUTDOWN_DELAY_SECONDS',
    kind: SECONDS,
    fallback: '0',
    describe: 'Time between failing `/readyz` and refusing requests, for load balancers',
  },
  {
    name: 'shutdownGraceSeconds',
    variable: 'ROLLCALL_SHUTDOWN_GRACE_SECONDS',
    kind: SECONDS,
    fallback: '10',
    describe: 'Time accepted requests have to finish at shutdown',
  },
  {
    name: 'minFreeDiskBytes',
    variable: 'ROLLCALL_MIN_FREE_DISK_BYTES',
    kind: { type: 'bytes', min: 0 },
    fallback: '268435456',
    describe: 'Writes get 503 while the disk has less free',
  },
  {
    name: 'maxDatabaseBytes',
    variable: 'ROLLCALL_MAX_DATABASE_BYTES',
    kind: { type: 'bytes', min: 1024 * 1024 },
    describe: 'Largest size of the database file; writes beyond it get 503',
  },
  {
    name: 'ledgerRetentionDays',
    variable: 'ROLLCALL_LEDGER_RETENTION_DAYS',
    kind: { type: 'integer', min: 0, max: 36500 },
    fallback: '365',
    describe: 'Days membership changes are kept; 0: for ever',
  },
  {
    name: 'logLevel',
    variable: 'ROLLCALL_LOG_LEVEL',
    kind: { type: 'choice', of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
    fallback: 'info',
    describe: 'Least severe log lines written; `debug` shows every request',
  },
];

/** `host` or `host:port`, lower-cased; undefined when the text is no such thing. */
export function parseHostname(text: string): string | undefined {
  const host = text.trim().toLowerCase();
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?))(?::(\d{1,5}))?$/.exec(host);
  if (match === null || host.length > 259 || host.includes('..')) return undefined;
  if (match[1] !== undefined && isIP(match[1]) !== 6) return undefined;
  return match[4] !== undefined && Number(match[4]) > 65535 ? undefined : host;
}

function parseProxy(text: string): string | undefined {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  if (family === 0) return undefined;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)) ? text : undefined;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function parseList(text: string, what: string, parse: (item: string) => string | undefined): string[] {
  return splitList(text).map((item) => {
    const parsed = parse(item);
    if (parsed === undefined) throw new ConfigError(`'${item}' is not ${what}`);
    return parsed;
  });
}

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function parseValue(kind: Kind, text: string): unknown {
  switch (kind.type) {
    case 'text':
    case 'secret':
      return text;
    case 'boolean':
      if (/^(true|1)$/i.test(text)) return true;
      if (/^(false|0)$/i.test(text)) return false;
      throw new ConfigError(`'${text}' is not true, false, 1 or 0`);
    case 'integer': {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (value >= kind.min && value <= kind.max) return value;
      throw new ConfigError(`'${text}' is not a whole number from ${kind.min} to ${kind.max}`);
    }
    case 'bytes': {
      const match = /^(\d+)\s*(k|m|g|)(i?b)?$/i.exec(text);
      const value = Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1);
      if (Number.isSafeInteger(value) && value >= kind.min) return value;
      throw new ConfigError(`'${text}' is not a size of at least ${kind.min} bytes (such as 268435456, 256M or 1G)`);
    }
    case 'choice':
      if (kind.of.includes(text)) return text;
      throw new ConfigError(`'${text}' is not one of ${kind.of.join(', ')}`);
    case 'url':
      if (/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
      throw new ConfigError(`'${text}' is not an http or https URL without query`);
    case 'hostnames':
      return parseList(text, 'a host name such as promo.example.com', (item) =>
        parseHostname(item.replace(/^https?:\/\//i, '').replace(/\/.*$/, '')),
      );
    case 'proxies':
      return parseList(text, 'an IP address or CIDR range', parseProxy);
  }
}

function readSecretFile(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new ConfigError(`${variable}: cannot read the file ${path}`);
  }
}

function readText(setting: Setting, environment: NodeJS.ProcessEnv): { text: string; from: string } | undefined {
  const { variable, kind, fallback } = setting;
  const text = environment[variable];
  if (text !== undefined && text !== '') return { text, from: variable };
  if (kind.type === 'secret') {
    const path = environment[`${variable}_FILE`];
    if (path !== undefined && path !== '') {
      return { text: readSecretFile(`${variable}_FILE`, path), from: `${variable}_FILE` };
    }
  }
  return fallback === undefined ? undefined : { text: fallback, from: variable };
}

/** Settings given on the command line, by name; values as text, as in the environment. */
export type Flags = Partial<Record<keyof Config, string>>;

/**
 * Reads all settings.
 * @throws ConfigError naming the flag or variable that cannot be used
 */
export function readConfig(flags: Flags = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const setting of SETTINGS) {
    const flag = flags[setting.name];
    const flagName = `--${setting.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const given = flag === undefined ? readText(setting, environment) : { text: flag, from: flagName };
    try {
      values[setting.name] = given === undefined ? undefined : parseValue(setting.kind, given.text);
    } catch (error) {
      if (error instanceof ConfigError && given !== undefined) {
        throw new ConfigError(
          error.message.startsWith('ROLLCALL_') ? error.message : `${given.from}: ${error.message}`,
        );
      }
      throw error;
    }
  }
  const config = values as unknown as Config;
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new ConfigError('--tls-cert and --tls-key (ROLLCALL_TLS_CERT, ROLLCALL_TLS_KEY) must be given together');
  }
  if ((config.adminEmail === undefined) !== (config.adminPassword === undefined)) {
    throw new ConfigError('ROLLCALL_ADMIN_EMAIL and ROLLCALL_ADMIN_PASSWORD must be given together');
  }
  return Object.freeze({ ...config, rateLimit: config.rateLimit ?? (config.strict ? STRICT_RATE_LIMIT : undefined) });
}

// Published for the sibling Segment endpoints of the hosted product.
const STRICT_RATE_LIMIT = 60;

/** The key `rollcall simulate` sends, from the environment. */
export function readSimulateKey(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const key = environment['ROLLCALL_KEY']?.trim();
  return key === '' ? undefined : key;
}
