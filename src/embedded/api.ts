/// <reference lib="esnext.disposable" preserve="true" />
/** What a test suite sees of a server that it starts: the types of the package's main export. They name nothing else of ours. */

export type Environment = 'live' | 'sandbox';
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** How the server is started. */
export interface StartOptions<S extends Seed = Seed> {
  /** What is there from the start, and after each reset. */
  readonly seed?: S;
  /** Enforces the limits and required headers of the hosted product (false). */
  readonly strict?: boolean;
  /** The port to listen on; a free one if absent. */
  readonly port?: number;
  /** Settings of the server by the names in the README's table, such as `ROLLCALL_RATE_LIMIT`. The environment is not read. */
  readonly settings?: Readonly<Record<`ROLLCALL_${string}`, string>>;
}

/** Where a running server is controlled: what `startRollcall` gives as `url` and `token`, or `rollcall serve` prints. */
export interface ConnectOptions {
  readonly url: string;
  readonly token: string;
}

/**
 * What a server is filled with, under labels of the test's own. A label is the name, or the integration ID, unless the entry gives
 * another. Everything is created in the order of this interface.
 */
export interface Seed {
  readonly applications?: Readonly<Record<string, ApplicationSeed>>;
  readonly keys?: Readonly<Record<string, KeySeed>>;
  /** A text is short for `{ type }`. */
  readonly attributes?: Readonly<Record<string, AttributeType | AttributeSeed>>;
  readonly audiences?: Readonly<Record<string, AudienceSeed>>;
  readonly profiles?: Readonly<Record<string, ProfileSeed>>;
}

export interface ApplicationSeed {
  readonly name?: string;
  /** (live) */
  readonly environment?: Environment;
  /** IANA name (UTC). */
  readonly timezone?: string;
  /** (EUR) */
  readonly currency?: string;
  readonly description?: string;
  /** Campaign staging and revisions, which a Test key requires (false). */
  readonly staging?: boolean;
}

export interface KeySeed {
  /** Label of its Application (the first live one). */
  readonly application?: string;
  readonly title?: string;
  /** `none` is a generic key, for the Integration API (none). */
  readonly platform?: 'none' | 'customer_data' | 'segment' | 'mparticle' | 'emarsys';
  /** A date, which ends in the Application's time zone, or an RFC 3339 time (never). */
  readonly expires?: string;
  /** Only for generic keys (false). */
  readonly readOnly?: boolean;
  /** Requests per second (no limit). */
  readonly rateLimit?: number;
  /** The Test key of its Application, which must have `staging`: a generic key all of whose calls are dry (false). */
  readonly test?: boolean;
}

export type AttributeType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'time'
  | 'location'
  | '(list string)'
  | '(list number)'
  | '(list time)'
  | '(list location)';

export interface AttributeSeed {
  readonly name?: string;
  readonly type: AttributeType;
  readonly title?: string;
  readonly description?: string;
  readonly suggestions?: readonly string[];
  /** Whether other values are refused (false). */
  readonly restrictedBySuggestions?: boolean;
  /** Labels of the Applications it is limited to (all). */
  readonly applications?: readonly string[];
}

export interface AudienceSeed {
  /** Its ID on its platform. */
  readonly integrationId?: string;
  /** The platform: what callers send as `customer-data-platform-name`, or `segment`, `mparticle`, `emarsys` (that of callers that send none). */
  readonly platform?: string;
  readonly name?: string;
  /** (live) */
  readonly environment?: Environment;
}

export interface ProfileSeed {
  readonly integrationId?: string;
  /** (that of its Application, or live) */
  readonly environment?: Environment;
  /** Label of the Application it is seen by (the first of its environment). */
  readonly application?: string;
  readonly attributes?: Readonly<Record<string, JsonValue>>;
  /** Labels of audiences. */
  readonly audiences?: readonly string[];
}

/** Labels that a test names; any text where its seed is not known. */
type LabelsOf<S, Part extends keyof Seed> = S extends { readonly [Name in Part]?: infer Entries }
  ? Extract<keyof NonNullable<Entries>, string>
  : never;
type ByLabel<S, Part extends keyof Seed, Value> = Readonly<Record<LabelsOf<S, Part>, Value>>;

/** Keys that every server has: of the Applications `Default` (live) and `Sandbox`. */
export type StandardKey = 'customerData' | 'generic' | 'readOnly' | 'sandboxCustomerData' | 'sandboxGeneric';

/** What labels stand for. */
export interface Seeded<S extends Seed = Seed> {
  /** Numbers of the server. */
  readonly applications: ByLabel<S, 'applications', number> & Readonly<Record<'Default' | 'Sandbox', number>>;
  /** The secrets, as they go after `Authorization: ApiKey-v1 `. */
  readonly keys: ByLabel<S, 'keys', string> & Readonly<Record<StandardKey, string>>;
  readonly attributes: ByLabel<S, 'attributes', number>;
  readonly audiences: ByLabel<S, 'audiences', number>;
  readonly profiles: ByLabel<S, 'profiles', number>;
}

/** A server of this test's own. */
export interface Rollcall<S extends Seed = Seed> {
  /** The base URL: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Lets another process control the server, by `connectRollcall` or over HTTP. */
  readonly token: string;
  /** What the labels of the start stand for; a reset keeps it. */
  readonly seeded: Seeded<S>;
  /** `seeded.keys`: what a client under test is configured with. */
  readonly keys: Seeded<S>['keys'];
  /**
   * Creates more, until the next reset. It stops at the first problem; what it created before stays.
   * @throws RollcallError that names the path in the object
   */
  seed<const More extends Seed>(more: More): Promise<Seeded<More>>;
  /** Returns to the state after the start: data and clock; forgets faults, received and counted requests. */
  reset(): Promise<void>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly received: Received;
  /** A profile as it is now; undefined for an unknown one. */
  profile(integrationId: string, environment?: Environment): Promise<Profile | undefined>;
  /** The audiences, ascending by number (live). */
  audiences(environment?: Environment): Promise<Audience[]>;
  /** The integration IDs of all members, by the audience's number, or its integration ID where only one audience has that; up to 10,000. */
  members(audience: number | string, environment?: Environment): Promise<string[]>;
  /** Creates an admin and signs them in, for tests of the Management API. */
  admin(): Promise<Admin>;
  /** Stops a server that was started here, or only leaves one that was not. Nothing of it remains. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A time: a date, ms since the epoch, or RFC 3339. */
export type Time = Date | number | string;

/** The clock of the server. What is due at the new time has been done when a call resolves. */
export interface Clock {
  now(): Promise<Date>;
  /** Lets it be this time; the clock goes on from there, unless it stands still. */
  set(time: Time): Promise<Date>;
  /** Lets so many ms pass. */
  advance(milliseconds: number): Promise<Date>;
  /** Lets the clock stand still: now, or at a time. */
  freeze(time?: Time): Promise<Date>;
  /** Lets it run again. */
  resume(): Promise<Date>;
}

/** What goes wrong, for which requests, and how often. At least one effect must be given. */
export interface FaultInput {
  /** Only for requests of this method. */
  readonly method?: string;
  /** Only for requests to this path; `*` stands for any text, the query does not count. */
  readonly path?: string;
  /** For how many requests (1). */
  readonly times?: number;
  /** Effect: refused with this status, in the form of its API; nothing is changed. */
  readonly answer?: 429 | 500 | 502 | 503 | 504;
  /** The `Retry-After` of a 429 or 503, in seconds (1). */
  readonly retryAfter?: number;
  /** Effect: waits so many ms before anything is done about it. */
  readonly delayMs?: number;
  /** Effect: applied at once, answered so many ms later. */
  readonly answerAfterMs?: number;
  /** Effect: the connection is closed, before it is looked at or after it was applied. */
  readonly drop?: 'before' | 'after';
}

export interface Fault extends FaultInput {
  readonly id: number;
  /** For how many more requests it is. */
  readonly left: number;
  /** To how many requests it happened. */
  readonly happened: number;
}

/** What goes wrong with the next requests to the APIs. */
export interface Faults {
  /** @throws RollcallError for a fault that does nothing or contradicts itself */
  add(fault: FaultInput): Promise<Fault>;
  /** All faults since the last reset, those that are over included. */
  list(): Promise<Fault[]>;
  clear(): Promise<void>;
}

/** A request as the server saw it. */
export interface ReceivedRequest {
  /** Its place in the order in which requests ended, from 1. */
  readonly number: number;
  /** UUID, which its answer has in `X-Request-Id`. */
  readonly id: string;
  /** Its arrival by the server's clock, as RFC 3339. */
  readonly time: string;
  readonly method: string;
  /** Path and query as sent, without secrets. */
  readonly path: string;
  /** Names in lower case; the values of credentials are replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as its value, anything else as text; null when there was none, or it was not read. */
  readonly body: JsonValue;
  /** Status of its answer; null when its connection was dropped before it was looked at. */
  readonly status: number | null;
  /** Body of its answer. */
  readonly response: JsonValue;
  /** Its operation, as in the OpenAPI document; null for an unknown path. */
  readonly operation: string | null;
  /** Name of the Application, and title of the key, that it came with; null without a valid key. */
  readonly application: string | null;
  readonly key: string | null;
  /** Why it was refused; null for a success. */
  readonly cause: string | null;
  /** What is remarkable although its status does not show it, such as ignored fields. */
  readonly marks: readonly string[];
  /** What it changed, net; null when it writes nothing. */
  readonly changed: { readonly joins: number; readonly leaves: number; readonly profiles: number } | null;
  /** The fault that happened to it. */
  readonly fault: number | null;
}

/** The requests that the server received since the last reset: the latest 10,000. */
export interface Received {
  list(): Promise<ReceivedRequest[]>;
  /**
   * Waits for the first request that fits, among those received already and those to come.
   * @param isWanted any request if absent
   * @param timeoutMs how long to wait (5000)
   * @throws RollcallError that lists what was received instead
   */
  waitFor(isWanted?: (request: ReceivedRequest) => boolean, timeoutMs?: number): Promise<ReceivedRequest>;
  clear(): Promise<void>;
}

export interface Profile {
  readonly id: number;
  readonly integrationId: string;
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** Ascending by number. */
  readonly audiences: readonly AudienceOfProfile[];
  /** RFC 3339 */
  readonly created: string;
  readonly lastActivity: string;
}

export interface AudienceOfProfile {
  readonly id: number;
  readonly name: string;
  /** The platform it belongs to, and its ID there; null for one that was created by hand. */
  readonly platform: string | null;
  readonly integrationId: string | null;
}

export interface Audience extends AudienceOfProfile {
  readonly environment: Environment;
  /** How many. */
  readonly members: number;
}

/** An admin who is signed in. */
export interface Admin {
  readonly email: string;
  readonly password: string;
  /** For `Authorization: Bearer <token>`. */
  readonly token: string;
}

/** Why the server could not be started, or refused what a test asked of it. */
export class RollcallError extends Error {
  /** HTTP status of the refusal; undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.name = 'RollcallError';
    this.status = status;
  }
}
