// Owns the options of a simulation: their defaults, their limits, and the messages for wrong ones.
import { SimulationError } from './simulation-error.ts';

export interface SimulateOptions {
  /** Address of the server, without a path. */
  url: string;
  /** Key of platform `customer_data`. */
  key: string;
  /** Number of simulated customers. Default 10,000. */
  profiles?: number | undefined;
  /** Default 20. */
  audiences?: number | undefined;
  /** Connections. Default 4. */
  concurrency?: number | undefined;
  /** Total number of joins and leaves. Default: as many as profiles. */
  changes?: number | undefined;
  /** The same seed gives the same traffic. Default 1. */
  seed?: number | undefined;
  /** Sent as `customer-data-platform-name`. Default `Rollcall Simulator`. */
  platformName?: string | undefined;
  /** Prints the report as one JSON object instead of the summary. */
  json?: boolean | undefined;
}

/** Validated options, all of them set. */
export interface Settings {
  url: URL;
  key: string;
  profiles: number;
  audiences: number;
  concurrency: number;
  changes: number;
  seed: number;
  platformName: string;
  json: boolean;
}

// The record takes audiences / 8 bytes per profile; beyond this the simulator itself would exhaust the memory.
const MOST_RECORD_BYTES = 2 ** 32;

/** Fills in defaults; throws a SimulationError of kind `usage` that names the option to correct. */
export function checkOptions(options: SimulateOptions): Settings {
  const profiles = integer('--profiles', options.profiles ?? 10_000, 1, 100_000_000);
  const audiences = integer('--audiences', options.audiences ?? 20, 1, 10_000);
  if (profiles * Math.ceil(audiences / 32) * 4 > MOST_RECORD_BYTES) {
    throw new SimulationError('usage', `${profiles} profiles in ${audiences} audiences are too many to keep track of`);
  }
  return {
    url: checkUrl(options.url),
    key: checkHeader('the API key', options.key),
    profiles,
    audiences,
    // More connections than profiles could never all be busy.
    concurrency: Math.min(profiles, integer('--concurrency', options.concurrency ?? 4, 1, 256)),
    changes: integer('--changes', options.changes ?? profiles, 1, 1e12),
    seed: integer('--seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    platformName: checkHeader('--platform-name', options.platformName ?? 'Rollcall Simulator'),
    json: options.json ?? false,
  };
}

function integer(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new SimulationError('usage', `${option} must be a whole number from ${least} to ${most}`);
}

function checkHeader(what: string, value: string): string {
  const text = value.trim();
  if (/^[\x20-\x7e]{1,255}$/.test(text)) return text;
  throw new SimulationError('usage', `${what} must be 1 to 255 printable ASCII characters`);
}

function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SimulationError('usage', `--url must start with http:// or https://, such as http://127.0.0.1:8080`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new SimulationError('usage', '--url must not contain a user or password; the key is passed separately');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new SimulationError('usage', `--url takes only the server's address: ${url.origin}`);
  }
  return url;
}
