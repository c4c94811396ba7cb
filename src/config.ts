/** Every setting of the server: the only reader of the environment; flags win over it, and it over the defaults. */

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
  /** Deployment hosts served, as `host` or `host:port`, lower case; empty means any. */
  readonly hostnames: readonly string[];
  /** Base URL shown to people, without a trailing slash; undefined means the address listened on. */
  readonly publicUrl: string | undefined;
  /** Proxy addresses or CIDR ranges whose X-Forwarded headers count. */
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
  /** Days a token of `POST /v1/sessions` is valid. */
  readonly sessionTokenDays: number;
  /** Requests per second and key; undefined means no limit. */
  readonly rateLimit: number | undefined;
  readonly allowThirdPartyKeysOnIntegrationApi: boolean;
  readonly maxBodyBytes: number;
  /** Largest value of an attribute, and all of one profile, in bytes of JSON. */
  readonly maxAttributeBytes: number;
  readonly maxProfileBytes: number;
  /** Largest file of an import, in bytes. */
  readonly maxUploadBytes: number;
  readonly maxBacklogRequests: number;
  readonly maxBacklogBytes: number;
  /** What parsing the request bodies under way may cost, in bytes of memory. */
  readonly maxBodiesBytes: number;
  readonly maxConnections: number;
  /** Bytes of answers that clients have not read yet. */
  readonly maxUnreadBytes: number;
  readonly maxAuthFailuresPerMinute: number;
  readonly requestTimeoutSeconds: number;
  readonly shutdownDelaySeconds: number;
  readonly shutdownGraceSeconds: number;
  /** Writes are refused while the disk has less free, in bytes. */
  readonly minFreeDiskBytes: number;
  readonly maxDatabaseBytes: number | undefined;
  /** Days the ledger is kept; 0 means for ever. */
  readonly ledgerRetentionDays: number;
  /** Whether requests are logged for people to look at. */
  readonly accessLog: boolean;
  readonly accessLogMaxBytes: number;
  readonly accessLogRetentionDays: number;
  /** Longest part of each payload that is kept. */
  readonly accessLogPayloadBytes: number;
  /** Bytes of refused writes kept whole; 0 keeps none. */
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
  /** Flag of `serve`; undefined where the environment is the only place. */
  readonly flag?: string;
  /** Name in the environment; secrets may be given as a file in `<name>_FILE`. */
  readonly variable: string;
  readonly kind: Kind;
  /** As it would be written in the environment; undefined means unset. */
  readonly fallback?: string;
  readonly describe: string;
}

/** Where the data is when nothing says otherwise. */
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
    describe: 'Where the data is: `sqlite:PATH`',
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
    describe: 'Port to listen on; 0 takes a free one',
  },
  {
    name: 'strict',
    flag: '--strict',
    variable: 'ROLLCALL_STRICT',
    kind: { type: 'boolean' },
    fallback: 'false',
    describe: "The hosted product's limits and required headers, for rehearsing an integration",
  },
  {
    name: 'hostnames',
    flag: '--hostname',
    variable: 'ROLLCALL_HOSTNAMES',
    kind: { type: 'hostnames' },
    fallback: '',
    describe: 'Deployment hosts served, comma-separated; others get 404. Empty: any',
  },
  {
    name: 'publicUrl',
    flag: '--public-url',
    variable: 'ROLLCALL_PUBLIC_URL',
    kind: { type: 'url' },
    describe: 'Base URL people and platforms use, shown in printed commands',
  },
  {
    name: 'trustedProxies',
    flag: '--trusted-proxies',
    variable: 'ROLLCALL_TRUSTED_PROXIES',
    kind: { type: 'proxies' },
    fallback: '',
    describe: 'Addresses or CIDR ranges of proxies whose `X-Forwarded-For` counts, comma-separated',
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
    describe: 'Serve `/docs` and `/openapi.json`; false answers 404 there',
  },
  {
    name: 'metrics',
    variable: 'ROLLCALL_METRICS',
    kind: { type: 'boolean' },
    fallback: 'true',
    describe: 'Serve `/metrics`; false answers 404 there',
  },
  {
    name: 'metricsToken',
    variable: 'ROLLCALL_METRICS_TOKEN',
    kind: { type: 'secret', minLength: 1 },
    describe: 'Bearer token that `/metrics` then asks for',
  },
  {
    name: 'adminEmail',
    variable: 'ROLLCALL_ADMIN_EMAIL',
    kind: { type: 'email' },
    describe: 'E-mail of the admin made at first start',
  },
  {
    name: 'adminPassword',
    variable: 'ROLLCALL_ADMIN_PASSWORD',
    kind: { type: 'secret', minLength: MIN_PASSWORD },
    describe: 'Password of that admin; suppresses the demonstration key',
  },
  {
    name: 'sessionTokenDays',
    variable: 'ROLLCALL_SESSION_TOKEN_DAYS',
    kind: { type: 'integer', min: 1, max: 3650 },
    fallback: String(DEFAULT_TOKEN_DAYS),
    describe: 'Days a token of `POST /v1/sessions` is valid; console sessions last 7',
  },
  {
    name: 'rateLimit',
    flag: '--rate-limit',
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
    name: 'maxAttributeBytes',
    variable: 'ROLLCALL_MAX_ATTRIBUTE_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '65536',
    describe: 'Largest value of an attribute, as UTF-8 JSON; larger ones that are stored already may stay and shrink',
  },
  {
    name: 'maxProfileBytes',
    variable: 'ROLLCALL_MAX_PROFILE_BYTES',
    kind: { type: 'bytes', min: 1024 },
    fallback: '1048576',
    describe: 'All attributes of one profile, as UTF-8 JSON; a larger profile may change and shrink, not grow',
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
    describe: 'What parsing the request bodies under way may cost, in bytes of memory; more wait a moment, or get 503',
  },
  {
    name: 'maxConnections',
    variable: 'ROLLCALL_MAX_CONNECTIONS',
    kind: { type: 'integer', min: 10, max: 1_000_000 },
    fallback: '5000',
    describe: 'Connections at once; beyond that the ones that are idle are closed for new ones',
  },
  {
    name: 'maxUnreadBytes',
    variable: 'ROLLCALL_MAX_UNREAD_BYTES',
    kind: { type: 'bytes', min: 1024 * 1024 },
    fallback: '67108864',
    describe:
      'Bytes of answers that clients have not read yet; beyond that the connections with most of them are closed',
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
    describe:
      'Time a request may take to arrive, then 408; and an answer may lie unread, then the connection is closed',
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
    name: 'accessLog',
    variable: 'ROLLCALL_ACCESS_LOG',
    kind: { type: 'boolean' },
    fallback: 'true',
    describe: 'Keep each request of platforms and Applications for people to look at, in a file beside the database',
  },
  {
    name: 'accessLogMaxBytes',
    variable: 'ROLLCALL_ACCESS_LOG_MAX_BYTES',
    kind: { type: 'bytes', min: 1024 * 1024 },
    fallback: '2147483648',
    describe: 'Size of the access log; the oldest entries make way',
  },
  {
    name: 'accessLogRetentionDays',
    variable: 'ROLLCALL_ACCESS_LOG_RETENTION_DAYS',
    kind: { type: 'integer', min: 1, max: 3650 },
    fallback: '30',
    describe: 'Days the access log is kept',
  },
  {
    name: 'accessLogPayloadBytes',
    variable: 'ROLLCALL_ACCESS_LOG_PAYLOAD_BYTES',
    kind: { type: 'bytes', min: 0, max: 64 * 1024 },
    fallback: '4096',
    describe: 'Where payloads are cut in the access log; at most 64 KiB',
  },
  {
    name: 'maxRefusedBytes',
    variable: 'ROLLCALL_MAX_REFUSED_BYTES',
    kind: { type: 'bytes', min: 0 },
    fallback: '67108864',
    describe: 'Size of refused writes kept whole so that they can be sent again; the oldest make way. 0: none',
  },
  {
    name: 'logLevel',
    flag: '--log-level',
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
      throw new ConfigError('this version keeps its data in SQLite only; use sqlite:PATH');
    }
    const shown = text.includes('@') ? '' : `'${text}' `;
    throw new ConfigError(`${shown}is not of the form sqlite:PATH, such as ${DEFAULT_DATABASE}`.trim());
  }
  if (path === '') throw new ConfigError(`'${text}' names no file; write it as in ${DEFAULT_DATABASE}`);
  if (path === ':memory:') throw new ConfigError(`'${text}' would keep nothing; for that there is serve --ephemeral`);
  if (path.startsWith('~')) throw new ConfigError(`'${text}': ~ is not expanded here; write the path in full`);
  if (/^\/\/[^/]/.test(path)) {
    throw new ConfigError(`'${text}' is not clear: write sqlite:PATH or sqlite:/PATH, without //`);
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
      // Only the first start makes a user of it, and is stricter: what an older version took must not stop a later start.
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
  /** Flag or variable it came from, for messages. */
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
    if (path) throw new ConfigError(`${variable} and ${variable}_FILE are both set; give one of them`);
    return { text: kind.type === 'secret' ? text : text.trim(), from: variable };
  }
  return path ? fromFile(`${variable}_FILE`, path) : undefined;
}

/** One setting's value: from the flag, else the environment, else its default. @throws ConfigError */
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

/** Settings given on the command line, by name; values as text, as in the environment. */
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
 * One setting alone, for commands beside the server: its other settings may be wrong for all they care.
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

/** How this program is called where it was started, for commands people are to copy: `rollcall`, or what stands for it. */
export function programCommand(environment: NodeJS.ProcessEnv = process.env): string {
  // Set by the script behind `npm start` and `npm run rollcall`; npx tells what it runs, also to what that runs in turn.
  const given = environment['ROLLCALL_COMMAND'];
  if (given !== undefined && given !== '') return given;
  const byNpx =
    environment['npm_lifecycle_event'] === 'npx' && /^['"]?rollcall\b/.test(environment['npm_lifecycle_script'] ?? '');
  return byNpx ? 'npx rollcall' : 'rollcall';
}
