/**
 * All settings of the server. This is the only reader of the environment; flags override it, and it overrides the
 * defaults.
 */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { MIN_PASSWORD } from './domain/access/passwords.ts';
import { DEFAULT_TOKEN_DAYS } from './domain/access/sessions.ts';
import { codePointLength } from './domain/environment.ts';

/** A setting that cannot be used; the message is one line for the operator. */
export class ConfigError extends Error {}

export interface Config {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly strict: boolean;
  /** Host names served, as `host` or `host:port`, in lower case; empty means any. */
  readonly hostnames: readonly string[];
  /** Base URL shown to people, without a trailing slash; undefined means the address listened on. */
  readonly publicUrl: string | undefined;
  /** Proxy addresses or CIDR ranges whose X-Forwarded headers are trusted. */
  readonly trustedProxies: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Whether /docs and /openapi.json are served. */
  readonly docs: boolean;
  /** Whether /metrics is served. */
  readonly metrics: boolean;
  readonly metricsToken: string | undefined;
  readonly adminEmail: string | undefined;
  readonly adminPassword: string | undefined;
  /** Days that a token of `POST /v1/sessions` stays valid. */
  readonly sessionTokenDays: number;
  /** Requests per second per key; undefined means no limit. */
  readonly rateLimit: number | undefined;
  readonly allowThirdPartyKeysOnIntegrationApi: boolean;
  /** The environments in which erased people stay erased. */
  readonly stayErased: 'none' | 'live' | 'sandbox' | 'all';
  readonly maxBodyBytes: number;
  /** Largest value of an attribute, and of all attributes of a profile, in bytes of JSON. */
  readonly maxAttributeBytes: number;
  readonly maxProfileBytes: number;
  /** Largest file of an import, in bytes. */
  readonly maxUploadBytes: number;
  readonly maxBacklogRequests: number;
  readonly maxBacklogBytes: number;
  /** Memory budget for parsing request bodies, in bytes. */
  readonly maxBodiesBytes: number;
  readonly maxConnections: number;
  /** Bytes of responses that clients have not yet read. */
  readonly maxUnreadBytes: number;
  readonly maxAuthFailuresPerMinute: number;
  readonly requestTimeoutSeconds: number;
  readonly shutdownDelaySeconds: number;
  readonly shutdownGraceSeconds: number;
  /** Writes are refused while the disk has less free space than this, in bytes. */
  readonly minFreeDiskBytes: number;
  readonly maxDatabaseBytes: number | undefined;
  /** Days the ledger is kept; 0 means for ever. */
  readonly ledgerRetentionDays: number;
  /** Whether requests are kept in the access log. */
  readonly accessLog: boolean;
  readonly accessLogMaxBytes: number;
  readonly accessLogRetentionDays: number;
  /** Longest part of each payload that is kept. */
  readonly accessLogPayloadBytes: number;
  /** Bytes of refused writes kept in full; 0 keeps none. */
  readonly maxRefusedBytes: number;
  readonly logLevel: string;
}

type Kind =
  | { readonly type: 'text' | 'database' | 'email' | 'url' | 'boolean' | 'hostnames' | 'proxies' }
  | { readonly type: 'secret'; readonly minLength: number }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'bytes'; readonly min: number; readonly max?: number }
  | { readonly type: 'choice'; readonly of: readonly string[] };

export interface Setting {
  readonly name: keyof Config;
  /** Flag of `serve`; undefined for settings that only the environment can set. */
  readonly flag?: string;
  /** Name in the environment; secrets may also be given as a file in `<name>_FILE`. */
  readonly variable: string;
  readonly kind: Kind;
  /** In the form used in the environment; undefined means unset. */
  readonly fallback?: string;
  readonly describe: string;
}

/** Where the data is unless a setting says otherwise. */
export const DEFAULT_DATABASE = 'sqlite:data/rollcall.db';

const SECONDS = { type: 'integer', min: 0, max: 3600 } as const;
const MAX_SECRET = 1000;
// Published for the sibling Segment endpoints of the hosted product.
const STRICT_RATE_LIMIT = 60;

/** All settings, in the order they are documented. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'database',
    flag: '--database',
    variable: 'ROLLCALL_DATABASE',
    kind: { type: 'database' },
    fallback: DEFAULT_DATABASE,
    describe: 'Location of the data: `sqlite:PATH`',
  },
  {
    name: 'host',
    flag: '--host',
    variable: 'ROLLCALL_HOST',
    kind: { type: 'text' },
    fallback: '127.0.0.1',
    describe: 'Address to listen on',
  },
  {
    name: 'port',
    flag: '--port',
    variable: 'ROLLCALL_PORT',
    kind: { type: 'integer', min: 0, max: 65535 },
    fallback: '8080',
    describe: 'Port to listen on; 0 picks a free one',
  },
  {
    name: 'strict',
    flag: '--strict',
    variable: 'ROLLCALL_STRICT',
    kind: { type: 'boolean' },
    fallback: 'false',
    describe: "Enforce the hosted product's limits and required headers, to rehearse an integration",
  },
  {
    name: 'hostnames',
    flag: '--hostname',
    variable: 'ROLLCALL_HOSTNAMES',
    kind: { type: 'hostnames' },
    fallback: '',
    describe: 'Host names served, comma-separated; others get 404. Empty: any',
  },
  {
    name: 'publicUrl',
    flag: '--public-url',
    variable: 'ROLLCALL_PUBLIC_URL',
    kind: { type: 'url' },
    describe: 'Base URL for people and platforms, shown in printed commands',
  },
  {
    name: 'trustedProxies',
    flag: '--trusted-proxies',
    variable: 'ROLLCALL_TRUSTED_PROXIES',
    kind: { type: 'proxies' },
    fallback: '',
    describe: 'Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is trusted, comma-separated',
  },
  {
    name: 'tlsCert',
    flag: '--tls-cert',
    variable: 'ROLLCALL_TLS_CERT',
    kind: { type: 'text' },
    describe: 'PEM file of the certificate chain; with the key, serves https',
  },
  {
    name: 'tlsKey',
    flag: '--tls-key',
    variable: 'ROLLCALL_TLS_KEY',
    kind: { type: 'text' },
    describe: 'PEM file of the private key',
  },
  {
    name: 'docs',
    variable: 'ROLLCALL_DOCS',
    kind: { type: 'boolean' },
    fallback: 'true',
    describe: 'Serve `/docs` and `/openapi.json`; if false, they answer 404',
  },
  {
    name: 'metrics',
    variable: 'ROLLCALL_METRICS',
    kind: { type: 'boolean' },
    fallback: 'true',
    describe: 'Serve `/metrics`; if false, it answers 404',
  },
  {
    name: 'metricsToken',
    variable: 'ROLLCALL_METRICS_TOKEN',
    kind: { type: 'secret', minLength: 1 },
    describe: 'Bearer token that `/metrics` requires',
  },
  {
    name: 'adminEmail',
    variable: 'ROLLCALL_ADMIN_EMAIL',
    kind: { type: 'email' },
    describe: 'E-mail address of the admin created at the first start',
  },
  {
    name: 'adminPassword',
    variable: 'ROLLCALL_ADMIN_PASSWORD',
    kind: { type: 'secret', minLength: MIN_PASSWORD },
    describe: 'Password of that admin; no demonstration key is created then',
  },
  {
    name: 'sessionTokenDays',
    variable: 'ROLLCALL_SESSION_TOKEN_DAYS',
    kind: { type: 'integer', min: 1, max: 3650 },
    fallback: String(DEFAULT_TOKEN_DAYS),
    describe: 'Days that a token of `POST /v1/sessions` is valid; console sessions last 7',
  },
  {
    name: 'rateLimit',
    flag: '--rate-limit',
    variable: 'ROLLCALL_RATE_LIMIT',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    describe: 'Requests per second per key; 60 in strict mode, otherwise unlimited. A key may have its own limit',
  },
  {
    name: 'allowThirdPartyKeysOnIntegrationApi',
    variable: 'ROLLCALL_ALLOW_THIRD_PARTY_KEYS_ON_INTEGRATION_API',
    kind: { type: 'boolean' },
    fallback: 'false',
    describe: 'Accept platform keys on the Integration API too',
  },
  {
    name: 'stayErased',
    variable: 'ROLLCALL_STAY_ERASED',
    kind: { type: 'choice', of: ['none', 'live', 'sandbox', 'all'] },
    fallback: 'none',
    describe:
      'Environments that keep erased people out: `none`, `live`, `sandbox` or `all`. In others, their ID creates a new profile',
  },
  {
    name: 'maxBodyBytes',
    variable: 'ROLLCALL_MAX_BODY_BYTES',
    kind: { type: 'bytes', min: 10 * 1024 * 1024 },
    fallback: '10485760',
    describe: 'Largest request body; at least 10 MiB',
  },
  {
    name: 'maxAttributeBytes',
    variable: 'ROLLCALL_MAX_ATTRIBUTE_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '65536',
    describe: 'Largest value of an attribute, as UTF-8 JSON; larger values already stored may stay or shrink',
  },
  {
    name: 'maxProfileBytes',
    variable: 'ROLLCALL_MAX_PROFILE_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '1048576',
    describe:
      'Largest size of all attributes of a profile, as UTF-8 JSON; a larger profile may change or shrink, but not grow',
  },
  {
    name: 'maxUploadBytes',
    variable: 'ROLLCALL_MAX_UPLOAD_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '1073741824',
    describe: 'Largest file of an import',
  },
  {
    name: 'maxBacklogRequests',
    variable: 'ROLLCALL_MAX_BACKLOG_REQUESTS',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    fallback: '10000',
    describe: 'Writes that may wait; any more are refused with 503',
  },
  {
    name: 'maxBacklogBytes',
    variable: 'ROLLCALL_MAX_BACKLOG_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '67108864',
    describe: 'Bytes of waiting writes; any more are refused with 503',
  },
  {
    name: 'maxBodiesBytes',
    variable: 'ROLLCALL_MAX_BODIES_BYTES',
    kind: { type: 'bytes', min: 10 * 1024 * 1024 },
    fallback: '268435456',
    describe: 'Memory for parsing request bodies, in bytes; further bodies wait a moment, or get 503',
  },
  {
    name: 'maxConnections',
    variable: 'ROLLCALL_MAX_CONNECTIONS',
    kind: { type: 'integer', min: 10, max: 1_000_000 },
    fallback: '5000',
    describe: 'Simultaneous connections; beyond that, idle ones are closed to admit new ones',
  },
  {
    name: 'maxUnreadBytes',
    variable: 'ROLLCALL_MAX_UNREAD_BYTES',
    kind: { type: 'bytes', min: 1024 * 1024 },
    fallback: '67108864',
    describe:
      'Bytes of responses that clients have not yet read; beyond that, the connections with the most unread bytes are closed',
  },
  {
    name: 'maxAuthFailuresPerMinute',
    variable: 'ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE',
    kind: { type: 'integer', min: 1, max: 1_000_000 },
    fallback: '600',
    describe: 'Refused keys per address and minute before refusals become 429; valid keys are never affected',
  },
  {
    name: 'requestTimeoutSeconds',
    variable: 'ROLLCALL_REQUEST_TIMEOUT_SECONDS',
    kind: { type: 'integer', min: 1, max: 3600 },
    fallback: '30',
    describe:
      'Time a request may take to arrive before it gets 408, and a response may stay unread before the connection is closed',
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
    describe: 'Time accepted requests get to finish at shutdown',
  },
  {
    name: 'minFreeDiskBytes',
    variable: 'ROLLCALL_MIN_FREE_DISK_BYTES',
    kind: { type: 'bytes', min: 0 },
    fallback: '268435456',
    describe: 'Free disk space below which writes get 503',
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
    describe: 'Days that membership changes are kept; 0: for ever',
  },
  {
    name: 'accessLog',
    variable: 'ROLLCALL_ACCESS_LOG',
    kind: { type: 'boolean' },
    fallback: 'true',
    describe: 'Keep an access log of requests from platforms and Applications, in a file next to the database',
  },
  {
    name: 'accessLogMaxBytes',
    variable: 'ROLLCALL_ACCESS_LOG_MAX_BYTES',
    kind: { type: 'bytes', min: 1024 * 1024 },
    fallback: '2147483648',
    describe: 'Largest size of the access log; the oldest entries are removed first',
  },
  {
    name: 'accessLogRetentionDays',
    variable: 'ROLLCALL_ACCESS_LOG_RETENTION_DAYS',
    kind: { type: 'integer', min: 1, max: 3650 },
    fallback: '30',
    describe: 'Days that access log entries are kept',
  },
  {
    name: 'accessLogPayloadBytes',
    variable: 'ROLLCALL_ACCESS_LOG_PAYLOAD_BYTES',
    kind: { type: 'bytes', min: 0, max: 64 * 1024 },
    fallback: '4096',
    describe: 'Length at which payloads in the access log are truncated; at most 64 KiB',
  },
  {
    name: 'maxRefusedBytes',
    variable: 'ROLLCALL_MAX_REFUSED_BYTES',
    kind: { type: 'bytes', min: 0 },
    fallback: '67108864',
    describe: 'Largest size of refused writes kept in full for replay; the oldest are removed first. 0: none',
  },
  {
    name: 'logLevel',
    flag: '--log-level',
    variable: 'ROLLCALL_LOG_LEVEL',
    kind: { type: 'choice', of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
    fallback: 'info',
    describe: 'Lowest severity of log lines; `debug` shows every request',
  },
];

/** `host` or `host:port` in lower case; undefined when the text is neither. */
export function parseHostname(text: string): string | undefined {
  const host = text.trim().toLowerCase();
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?))(?::(\d{1,5}))?$/.exec(host);
  if (match === null || host.length > 259 || host.includes('..')) return undefined;
  if (match[1] !== undefined && isIP(match[1]) !== 6) return undefined;
  return match[4] !== undefined && Number(match[4]) > 65535 ? undefined : host;
}

function parseProxy(text: string): string | undefined {
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return undefined;
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

/** Checks a database URL; never repeats one that may hold a password. */
function parseDatabase(text: string): string {
  const path = text.startsWith('sqlite:') ? text.slice('sqlite:'.length) : undefined;
  if (path === undefined) {
    if (/^postgres(ql)?:/i.test(text)) {
      throw new ConfigError('this version supports only SQLite; use sqlite:PATH');
    }
    const shown = text.includes('@') ? '' : `'${text}' `;
    throw new ConfigError(`${shown}is not of the form sqlite:PATH, such as ${DEFAULT_DATABASE}`.trim());
  }
  if (path === '') throw new ConfigError(`'${text}' names no file; write it as in ${DEFAULT_DATABASE}`);
  if (path === ':memory:') throw new ConfigError(`'${text}' would keep nothing; use serve --ephemeral for that`);
  if (path.startsWith('~')) throw new ConfigError(`'${text}': ~ is not expanded here; write the path in full`);
  if (/^\/\/[^/]/.test(path)) {
    throw new ConfigError(`'${text}' is ambiguous: write sqlite:PATH or sqlite:/PATH, without //`);
  }
  return text;
}

function parseSecret(text: string, minLength: number): string {
  const length = codePointLength(text);
  if (length >= minLength && length <= MAX_SECRET) return text;
  throw new ConfigError(`its length must be ${minLength} to ${MAX_SECRET}`);
}

function parseValue(kind: Kind, text: string): unknown {
  switch (kind.type) {
    case 'text':
      return text;
    case 'secret':
      return parseSecret(text, kind.minLength);
    case 'database':
      return parseDatabase(text);
    case 'email':
      // Only the first start creates a user from it, and is stricter: an address accepted by an older version must not
      // stop a later start.
      if (/^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u.test(text)) return text;
      throw new ConfigError(`'${text}' is not an e-mail address`);
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
      const { min, max = Number.MAX_SAFE_INTEGER } = kind;
      if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
      const most = kind.max === undefined ? '' : ` and at most ${max}`;
      throw new ConfigError(`'${text}' is not a size of at least ${min}${most} bytes (such as 268435456, 256M or 1G)`);
    }
    case 'choice':
      if (kind.of.includes(text)) return text;
      throw new ConfigError(`'${text}' is not one of ${kind.of.join(', ')}`);
    case 'url':
      if (/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
      throw new ConfigError('not an http or https URL without user, query and fragment');
    case 'hostnames':
      return parseList(text, 'a host name such as promo.example.com', (item) =>
        parseHostname(item.replace(/^https?:\/\//i, '').replace(/\/.*$/, '')),
      );
    case 'proxies':
      return parseList(text, 'an IP address or CIDR range', parseProxy);
  }
}

interface Given {
  readonly text: string;
  /** The flag or variable it came from, for messages. */
  readonly from: string;
}

function fromFile(variable: string, path: string): Given {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new ConfigError(`${variable}: cannot read the file ${path}`);
  }
  return { text, from: variable };
}

function fromEnvironment({ variable, kind }: Setting, environment: NodeJS.ProcessEnv): Given | undefined {
  const text = environment[variable];
  const path = kind.type === 'secret' ? environment[`${variable}_FILE`] : undefined;
  if (text !== undefined && text !== '') {
    if (path) throw new ConfigError(`${variable} and ${variable}_FILE are both set; set only one of them`);
    return { text: kind.type === 'secret' ? text : text.trim(), from: variable };
  }
  return path ? fromFile(`${variable}_FILE`, path) : undefined;
}

/** The value of one setting: from the flag, else the environment, else its default. @throws ConfigError */
function readSetting(setting: Setting, flag: string | undefined, environment: NodeJS.ProcessEnv): unknown {
  const { fallback, variable } = setting;
  let given =
    flag === undefined ? fromEnvironment(setting, environment) : { text: flag, from: setting.flag ?? variable };
  if (given === undefined && fallback !== undefined) given = { text: fallback, from: variable };
  if (given === undefined) return undefined;
  if (flag?.trim() === '') throw new ConfigError(`${given.from}: must not be empty`);
  try {
    return parseValue(setting.kind, given.text);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${given.from}: ${error.message}`);
    throw error;
  }
}

/** Settings given on the command line, by name; values are text, as in the environment. */
export type Flags = Partial<Record<keyof Config, string>>;

/**
 * Reads all settings.
 * @throws ConfigError naming the flag or variable that cannot be used
 */
export function readConfig(flags: Flags = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const setting of SETTINGS) values[setting.name] = readSetting(setting, flags[setting.name], environment);
  const config = values as unknown as Config;
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new ConfigError('--tls-cert and --tls-key (ROLLCALL_TLS_CERT, ROLLCALL_TLS_KEY) must be given together');
  }
  if ((config.adminEmail === undefined) !== (config.adminPassword === undefined)) {
    throw new ConfigError('ROLLCALL_ADMIN_EMAIL and ROLLCALL_ADMIN_PASSWORD must be given together');
  }
  return Object.freeze({ ...config, rateLimit: config.rateLimit ?? (config.strict ? STRICT_RATE_LIMIT : undefined) });
}

/**
 * Reads one setting, for commands that do not need the others and must not fail because of them.
 * @throws ConfigError
 */
export function readOne<Name extends keyof Config>(
  name: Name,
  flag?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Config[Name] {
  const setting = SETTINGS.find((each) => each.name === name);
  if (setting === undefined) throw new ConfigError(`there is no setting ${name}`);
  return readSetting(setting, flag, environment) as Config[Name];
}

/** The key `rollcall simulate` sends, from the environment. */
export function readSimulateKey(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const key = environment['ROLLCALL_KEY']?.trim();
  return key === '' ? undefined : key;
}

/** How this program is called here, for commands that people copy: `rollcall` or its equivalent. */
export function programCommand(environment: NodeJS.ProcessEnv = process.env): string {
  // Set by the script behind `npm start` and `npm run rollcall`; npx passes it on to the programs it runs.
  const given = environment['ROLLCALL_COMMAND'];
  if (given !== undefined && given !== '') return given;
  const byNpx =
    environment['npm_lifecycle_event'] === 'npx' && /^['"]?rollcall\b/.test(environment['npm_lifecycle_script'] ?? '');
  return byNpx ? 'npx rollcall' : 'rollcall';
}
