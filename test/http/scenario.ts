/**
 * Tables of requests and answers, and the code that runs them against a real server: one of ours, or one that is
 * already running. Every scenario creates what it needs under its own names, so that none depends on another or on an
 * empty server.
 *
 * In every string of a scenario, `{ada}` stands for an ID that is unique to it. A value that is exactly `{#gold}` is
 * the internal number of the audience `gold`; inside a longer string it is its digits. `{$gold}` is always the digits,
 * as a string.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, type TestContext, test } from 'vitest';
import type { ServerProcess } from '../server-process.ts';
import { type HttpAnswer, send, sendJson, until } from './client.ts';
import { type AttributeName, PLATFORM } from './definitions.ts';
import { type KeyKind, Missing, type Mode, type Target, targetOf } from './target.ts';

export interface AudienceGiven {
  readonly name: string;
  /** The platform's own ID, if it must not be unique to this scenario. */
  readonly id?: string;
  readonly platform?: string;
  readonly key?: KeyKind;
}

export interface ProfileGiven {
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Audiences it is in, by their name in this scenario. */
  readonly in?: readonly string[];
}

export interface ProfileExpected {
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** All audiences it is in, ascending by number; a pair gives one that is expected under another name. */
  readonly in?: readonly (string | readonly [audience: string, name: string])[];
  readonly lastActivity?: 'moves' | 'stays';
}

export interface Scenario {
  readonly name: string;
  readonly mode?: Mode;
  readonly given?: {
    readonly attributes?: readonly AttributeName[];
    readonly audiences?: Readonly<Record<string, string | AudienceGiven>>;
    readonly profiles?: Readonly<Record<string, ProfileGiven>>;
    /** Requests sent before, each of which must succeed. */
    readonly requests?: readonly RequestGiven[];
  };
  readonly request: RequestGiven;
  readonly status: number;
  /** The whole body, with matchers for what cannot be known. */
  readonly body?: unknown;
  /** A part or a pattern of the message of an error answer. */
  readonly error?: string | RegExp;
  /** Headers that the answer must have. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Strings that must not occur anywhere in the answer. */
  readonly forbidden?: readonly string[];
  /**
   * The expected state of each profile afterwards; `unknown` for one that must not exist, `unchanged` for one that must
   * be as before. Each name stands for an ID of this scenario; after `=` comes a literal ID.
   */
  readonly after?: Readonly<Record<string, ProfileExpected | 'unknown' | 'unchanged'>>;
}

export interface RequestGiven {
  readonly method: string;
  readonly path: string;
  /** Kind of key it is sent with; null for none. `customer_data` if absent. */
  readonly key?: KeyKind | null;
  /**
   * The Authorization header to send instead; `{key}` in it is a valid key, and `{basic}` the same as Basic
   * credentials.
   */
  readonly authorization?: string;
  /** Headers in addition to the platform's name, which null omits. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly platform?: string | null;
  readonly body?: unknown;
  /** Sent unchanged instead of `body`. */
  readonly raw?: string | Buffer;
}

// ---- matchers for what cannot be known beforehand

export const any = {
  id: expect.toSatisfy(
    (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1,
    'a number of ours',
  ) as unknown,
  time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as unknown,
  uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as unknown,
  text: expect.any(String) as unknown,
};

/** The complete answer of a profile update. */
export function state(integrationId: string, profile: ProfileExpected = {}): unknown {
  return {
    effects: [],
    createdCoupons: [],
    createdReferrals: [],
    customerProfile: {
      id: any.id,
      created: any.time,
      accountId: 1,
      integrationId,
      attributes: profile.attributes ?? {},
      closedSessions: 0,
      totalSales: 0,
      audienceMemberships: memberships(profile.in),
      lastActivity: any.time,
    },
  };
}

function memberships(audiences: ProfileExpected['in'] = []): unknown {
  return audiences.map((each) =>
    typeof each === 'string' ? { id: `{#${each}}`, name: `{=${each}}` } : { id: `{#${each[0]}}`, name: each[1] },
  );
}

/** The complete answer of creating or renaming an audience. */
export function audience(integrationId: string, name: string, integration: string = PLATFORM): unknown {
  return { id: any.id, created: any.time, accountId: 1, name, integration, integrationId };
}

// ---- running

/** The names of one scenario, and what they turned out to be. */
class Names {
  readonly #suffix = randomBytes(5).toString('hex');
  readonly numbers = new Map<string, number>();
  readonly displayNames = new Map<string, string>();

  fill<T>(value: T): T {
    return this.#fill(value) as T;
  }

  #fill(value: unknown): unknown {
    if (typeof value === 'string') {
      const number = /^\{#([\w-]+)\}$/.exec(value)?.[1];
      return number === undefined ? this.#fillText(value) : this.#number(number);
    }
    if (Array.isArray(value)) return value.map((each) => this.#fill(each));
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || 'asymmetricMatch' in value)
      return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [this.#fillText(name), this.#fill(each)]));
  }

  #fillText(text: string): string {
    return text.replace(/\{([#$=]?)([a-z][\w-]*)\}/g, (_whole, sign: string, name: string) => {
      if (sign === '#' || sign === '$') return String(this.#number(name));
      if (sign === '=') return this.displayNames.get(name) ?? '';
      return `${name}-${this.#suffix}`;
    });
  }

  #number(name: string): number {
    const number = this.numbers.get(name);
    if (number === undefined) throw new Error(`the scenario names no audience '${name}'`);
    return number;
  }
}

type Profile = { attributes: unknown; audienceMemberships: unknown; lastActivity: string } | undefined;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One scenario while it runs against one server. */
interface Run {
  readonly target: Target;
  readonly scenario: Scenario;
  readonly names: Names;
}

async function run(target: Target, scenario: Scenario): Promise<void> {
  const it: Run = { target, scenario, names: new Names() };
  const { request, status, after: expected = {} } = scenario;
  await prepare(it);
  const watched = [...new Set([...Object.keys(expected), ...(status >= 400 ? namesOf(request) : [])])];
  const before = await readAll(it, watched);
  // A clock of whole milliseconds must advance before "later" can be distinguished from "the same".
  await delay(2);
  const answer = await (status === 429 ? sendGiven(it, request) : patiently(async () => sendGiven(it, request)));
  checkAnswer(it, answer);
  const after = await readAll(it, watched);
  // A refused request changes nothing.
  expect(status >= 400 ? after : before).toEqual(before);
  for (const [name, profile] of Object.entries(expected)) {
    checkProfile(it, name, profile, before.get(name), after.get(name));
  }
}

async function prepare(it: Run): Promise<void> {
  const { attributes = [], audiences = {}, profiles = {}, requests = [] } = it.scenario.given ?? {};
  await Promise.all(attributes.map(async (name) => it.target.attribute(name)));
  for (const [name, given] of Object.entries(audiences)) {
    const {
      name: audienceName,
      id = `{${name}}`,
      ...as
    }: AudienceGiven = typeof given === 'string' ? { name: given } : given;
    const body = { audienceId: id, audienceName };
    const answer = await patiently(async () => sendGiven(it, { method: 'POST', path: '/cdp/audiences', body, ...as }));
    expectStatus(answer, 201);
    it.names.numbers.set(name, (answer.json() as { id: number }).id);
    it.names.displayNames.set(name, audienceName);
  }
  for (const [name, given] of Object.entries(profiles)) {
    const adds = (given.in ?? []).map((each) => `{#${each}}`);
    const body = { attributes: given.attributes ?? {}, audiencesChanges: { adds } };
    const answer = await patiently(async () =>
      sendGiven(it, { method: 'PUT', path: `/cdp/customer_profile/{${name}}`, body }),
    );
    expectStatus(answer, 200);
  }
  for (const request of requests) {
    const answer = await patiently(async () => sendGiven(it, request));
    if (answer.status >= 300) expectStatus(answer, 200);
  }
}

/** Waits until the key's rate limit, which may be used up, allows the request. */
async function patiently(ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  return until(ask, ({ status }) => status !== 429);
}

async function sendGiven({ target, names }: Run, request: RequestGiven): Promise<HttpAnswer> {
  const {
    method,
    path,
    key = 'customer_data',
    authorization: form,
    platform = PLATFORM,
    headers = {},
    body,
    raw,
  } = request;
  const inBody = path === '/mparticle';
  const filled = body === undefined ? undefined : names.fill(body);
  const sent = inBody && key !== null ? withBodyKey(filled, await target.key(key)) : filled;
  const payload = raw ?? (sent === undefined ? undefined : JSON.stringify(sent));
  return send(target.url, {
    method,
    path: names.fill(path),
    headers: {
      ...(key === null || inBody ? {} : await credential(target, key, form)),
      ...(platform === null ? {} : { 'customer-data-platform-name': names.fill(platform) }),
      ...(payload === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...names.fill(headers),
    },
    body: typeof payload === 'string' ? names.fill(payload) : payload,
  });
}

/** The body of an mParticle message with the key inserted, unless it has no settings or already has a key. */
function withBodyKey(body: unknown, key: string): unknown {
  const { account, ...rest } = (body ?? {}) as { account?: { account_settings?: object } };
  if (account?.account_settings === undefined) return body;
  return { ...rest, account: { ...account, account_settings: { apiKey: key, ...account.account_settings } } };
}

async function credential(target: Target, kind: KeyKind, form = 'ApiKey-v1 {key}'): Promise<{ Authorization: string }> {
  const key = await target.key(kind);
  const basic = Buffer.from(`ApiKey-v1 ${key}:`).toString('base64');
  return { Authorization: form.replaceAll('{key}', key).replaceAll('{basic}', basic) };
}

/** Checks what must hold for every answer, then what the scenario expects. */
function checkAnswer({ scenario, names }: Run, answer: HttpAnswer): void {
  const { status, body, error, headers = {}, forbidden = [], request } = scenario;
  expectStatus(answer, status);
  expect(answer.headers['x-request-id']).toMatch(UUID);
  if (status === 204) {
    expect(answer.text).toBe('');
    expect(answer.headers['content-type']).toBeUndefined();
  } else expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
  if (status === 429 || status === 503) expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  if (status === 429) expect(answer.headers['ratelimit-limit']).toMatch(/^\d+$/);
  if (status === 405) expect(answer.headers['allow']).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  if (status >= 400) {
    // The end of the message of refusals with many rows has its own test.
    const message = checkErrorBody(answer, request.path.startsWith('/v') ? 'integration' : 'third-party').replace(
      /; nothing was applied$/,
      '',
    );
    if (error instanceof RegExp) expect(message).toMatch(error);
    else if (error !== undefined) expect(message).toContain(names.fill(error));
  }
  if (body !== undefined) expect(answer.json()).toEqual(names.fill(body));
  for (const [name, value] of Object.entries(headers)) {
    expect({ [name]: answer.headers[name.toLowerCase()] }).toEqual({ [name]: value });
  }
  for (const text of forbidden) expect(answer.text).not.toContain(names.fill(text));
}

function checkProfile(
  { names }: Run,
  name: string,
  expected: ProfileExpected | 'unknown' | 'unchanged',
  before: Profile,
  after: Profile,
): void {
  if (expected === 'unchanged') {
    expect({ name, profile: after }).toEqual({ name, profile: before });
    return;
  }
  if (expected === 'unknown') {
    expect({ name, profile: after }).toEqual({ name, profile: undefined });
    return;
  }
  if (after === undefined) throw new Error(`there is no profile ${name}`);
  if (expected.attributes !== undefined) expect(after.attributes).toEqual(names.fill(expected.attributes));
  if (expected.in !== undefined) expect(after.audienceMemberships).toEqual(names.fill(memberships(expected.in)));
  if (expected.lastActivity === undefined || before === undefined) return;
  if (expected.lastActivity === 'stays') expect(after.lastActivity).toBe(before.lastActivity);
  else expect(Date.parse(after.lastActivity)).toBeGreaterThan(Date.parse(before.lastActivity));
}

function namesOf({ path, body, raw }: RequestGiven): string[] {
  const text = `${path} ${JSON.stringify(body ?? '')} ${typeof raw === 'string' ? raw : ''}`;
  return [...text.matchAll(/\{([a-z][\w-]*)\}/g)].map((match) => match[1] ?? '');
}

/** Reads each profile's current state in the environment of the request. `=` before a name makes it a literal ID. */
async function readAll({ target, scenario, names }: Run, wanted: readonly string[]): Promise<Map<string, Profile>> {
  const sandbox = scenario.request.key === 'sandbox' || scenario.request.key === 'sandboxGeneric';
  const key = await target.key(sandbox ? 'sandboxGeneric' : 'generic');
  const profiles = new Map<string, Profile>();
  for (const name of wanted) {
    const id = names.fill(name.startsWith('=') ? name.slice(1) : `{${name}}`);
    const path = `/v1/customer_profiles/${encodeURIComponent(id)}/inventory?profile=true`;
    const answer = await patiently(async () => sendJson(target.url, key, 'GET', path));
    if (answer.status !== 404) expectStatus(answer, 200);
    profiles.set(name, answer.status === 404 ? undefined : (answer.json() as { profile: Profile }).profile);
  }
  return profiles;
}

/** Fails with the answer's body unless it has this status. */
export function expectStatus({ status, text }: HttpAnswer, expected: number): void {
  expect({ status, text }).toEqual({ status: expected, text });
}

/** Checks all fields of the body of an error answer. @returns its message */
export function checkErrorBody(answer: HttpAnswer, surface: 'third-party' | 'integration'): string {
  const body = answer.json() as Record<string, unknown>;
  if (surface === 'third-party') {
    const RequestUUID = answer.headers['x-request-id'];
    expect(body).toEqual({ Error: any.text, RequestUUID, StatusCode: answer.status });
    return String(body['Error']);
  }
  expect(body).toEqual({ message: any.text, errors: expect.any(Array) as unknown, StatusCode: answer.status });
  return `${String(body['message'])} ${JSON.stringify(body['errors'])}`;
}

/**
 * Returns a server of the mode with these keys, for tests that no table can express; skips the test if it lacks one.
 */
export async function reach<Kind extends KeyKind>(
  context: TestContext,
  kinds: readonly Kind[],
  mode: Mode = 'default',
): Promise<{ url: string; process: ServerProcess | undefined; keys: Record<Kind, string> }> {
  try {
    const target = await targetOf(mode);
    const keys = await Promise.all(kinds.map(async (kind) => [kind, await target.key(kind)] as const));
    return { url: target.url, process: target.process, keys: Object.fromEntries(keys) as Record<Kind, string> };
  } catch (error) {
    if (error instanceof Missing) context.skip(error.message);
    throw error;
  }
}

/** Registers a test for each scenario. */
export function runScenarios(scenarios: readonly Scenario[]): void {
  test.for([...scenarios])('$name', async (scenario, context) => {
    expect.hasAssertions();
    try {
      await run(await targetOf(scenario.mode ?? 'default'), scenario);
    } catch (error) {
      if (error instanceof Missing) context.skip(error.message);
      throw error;
    }
  });
}
