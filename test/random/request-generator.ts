/**
 * Requests that an operation should accept, made from its documented schema and from what the server currently
 * contains.
 */

import { generateSync, type JsonSchema } from 'json-schema-faker';
import type { Random } from '../../src/simulate/random.ts';
import { writeJson } from './hostile-values.ts';
import type { Keys } from './lab.ts';
import type { Json, Operation } from './openapi-document.ts';
import { type Answer, encode, type RawRequest } from './raw-client.ts';

/** The deployment the server under test serves. */
export const DEPLOYMENT = 'promo.example.com';

/** A request before it is sent; mutations change its parts. */
export interface Draft {
  readonly operation: Operation;
  method: string;
  /** Path parameters, percent-encoded. */
  readonly params: Record<string, string>;
  /** The path with its query, if it is not the operation's. */
  target: string | undefined;
  readonly query: [string, string][];
  readonly headers: [string, string][];
  body: Json | undefined;
  /** The body's bytes, if they are not the JSON text of `body`. */
  bytes: Buffer | undefined;
  chunkSize: number | undefined;
  /** Whether method and path still belong to the operation. */
  aim: 'operation' | 'other method' | 'anything';
}

interface KnownAudience {
  readonly sandbox: boolean;
  readonly id: number;
  readonly platform: string;
  readonly externalId: string;
}

const DEFAULT_PLATFORM = 'Customer Data Platform';
const PLATFORMS = [DEFAULT_PLATFORM, 'Harbour CDP', 'Zürich 😀'];
const PROFILES = [
  'audiences',
  'a/b',
  ' ',
  'ÄÖ',
  '😀'.repeat(1000),
  'x%2Fy',
  'null',
  '42',
  ...Array.from({ length: 40 }, (_, n) => `p-${n}`),
];

const VALUES: Readonly<Record<string, Json[]>> = {
  Tier: ['gold', '', 'ä'.repeat(300), null],
  Points: [0, -1.5, 1e308, null],
  Consent: [true, false, null],
  RenewsAt: ['2026-01-31T09:30:00Z', '2024-02-29T23:59:60+05:30', null],
  Residence: [{ latitude: 90, longitude: -180 }, { latitude: 0, longitude: 0, more: 1 }, null],
  Hobbies: [[], ['a', 'a', ''], null],
  Scores: [[1, 2.5], []],
  Visits: [['2026-01-31T09:30:00.123456Z']],
  Places: [[{ latitude: 1, longitude: 2 }], []],
  Colour: ['red', 'blue', null],
  constructor: ['x', null],
};

/** Headers that an operation documents, and values of them; an empty one leaves the header out. */
const HEADER_VALUES: Readonly<Record<string, string[]>> = {
  prefer: [
    ...Array.from({ length: 6 }, () => ''),
    'return=representation',
    'handling=lenient',
    'handling=strict, return=representation',
    'return=representation, handling=lenient; max-errors=1',
  ],
  'idempotency-key': [...Array.from({ length: 40 }, () => ''), ...Array.from({ length: 10 }, (_, n) => `key ${n}`)],
};

/** The API an operation belongs to: the first segment of its path. */
export function apiOf({ path }: Operation): string | undefined {
  return path.split('/')[1];
}

/** Reports whether an operation only reads. */
export function isReading({ method, path }: Operation): boolean {
  return method === 'GET' || path.endsWith('/lookup');
}

/** Makes requests, and learns from the answers which objects exist. */
export class RequestGenerator {
  readonly #keys: Keys;
  readonly #audiences: KnownAudience[] = [];
  #fresh = 0;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** A request the operation should accept. */
  valid(operation: Operation, random: Random): Draft {
    const api = apiOf(operation);
    const thirdParty = api === 'cdp';
    const isPartner = api === 'segment' || api === 'emarsys' || api === 'mparticle';
    const sandbox = !isPartner && random.below(10) === 0;
    const platform = isPartner ? api : random.pick(PLATFORMS);
    const defines = /^segment\/updateCustomerProfile(V2)?$/.test(operation.id);
    const context = { sandbox, platform, random, pathId: this.#externalId(sandbox, platform, random), defines };
    const headers: [string, string][] = [['Authorization', `ApiKey-v1 ${this.#key(operation, sandbox, random)}`]];
    if (thirdParty && (platform !== DEFAULT_PLATFORM || random.below(2) === 0)) {
      headers.push(['customer-data-platform-name', random.below(5) === 0 ? `  ${platform.toUpperCase()} ` : platform]);
    }
    if (api === 'segment' || (thirdParty && random.below(3) === 0)) {
      headers.push(['Destination-Hostname', random.pick([DEPLOYMENT, `https://${DEPLOYMENT}/`, 'PROMO.example.COM'])]);
    }
    const params: Record<string, string> = {};
    const query: [string, string][] = [];
    for (const parameter of operation.parameters) {
      if (parameter.in === 'path') {
        const audienceId = api === 'v2' ? String(this.#known(sandbox, random)?.id ?? 1) : context.pathId;
        const id = parameter.name === 'audienceId' ? audienceId : random.pick(PROFILES);
        params[parameter.name] = encodeURIComponent(id);
      } else if (parameter.name === 'deployment') {
        query.push([parameter.name, random.pick([DEPLOYMENT, encodeURIComponent(`https://${DEPLOYMENT}/`)])]);
      } else if (parameter.in === 'header') {
        const value = random.pick(HEADER_VALUES[parameter.name] ?? ['']);
        if (value !== '') headers.push([parameter.name, value]);
      } else if (parameter.in === 'query' && random.below(3) > 0) {
        const { enum: choices } = parameter.schema as { enum?: string[] };
        query.push([parameter.name, random.pick(choices ?? ['true', 'false', '1', '0', '', 'TRUE'])]);
      }
    }
    let body: Json | undefined;
    if (operation.body !== undefined) {
      headers.push(['Content-Type', random.pick(['application/json', 'application/json; charset=utf-8'])]);
      const made = generateSync(operation.body as JsonSchema, {
        seed: random.next(),
        maxDefaultItems: 4,
        maxItems: random.below(100) === 0 ? 300 : 4,
      }) as Json;
      body = this.#localize(made, '', context);
    }
    const { method } = operation;
    const rest = { target: undefined, bytes: undefined, chunkSize: undefined, aim: 'operation' as const };
    return { operation, method, params, query, headers, body, ...rest };
  }

  /** Remembers what an accepted request created or removed. */
  learn({ operation, headers, params }: Draft, answer: Answer): void {
    const { status } = answer;
    const authorization = headers.find(([name]) => name === 'Authorization')?.[1] ?? '';
    const { sandbox: sandboxKey, sandboxGeneric } = this.#keys;
    const sandbox = authorization.endsWith(sandboxKey) || authorization.endsWith(sandboxGeneric);
    if (/^((cdp|segment)\/createAudience|createAudienceV2)$/.test(operation.id) && status === 201) {
      const {
        id,
        integration = '',
        integrationId = '',
      } = answer.json<{
        id: number;
        integration?: string;
        integrationId?: string;
      }>();
      this.#audiences.push({ sandbox, id, platform: integration, externalId: integrationId });
    } else if (/^(cdp|segment)\/deleteAudience$/.test(operation.id) && status === 204) {
      const externalId = decodeURIComponent(params['audienceId'] ?? '');
      const ofSegment = apiOf(operation) === 'segment';
      const index = this.#audiences.findIndex(
        (each) =>
          each.sandbox === sandbox && each.externalId === externalId && (each.platform === 'segment') === ofSegment,
      );
      if (index >= 0) this.#audiences.splice(index, 1);
    } else if (operation.id === 'deleteAudienceV2' && status === 204) {
      const index = this.#audiences.findIndex(({ id }) => String(id) === params['audienceId']);
      if (index >= 0) this.#audiences.splice(index, 1);
    }
  }

  #key(operation: Operation, sandbox: boolean, random: Random): string {
    const api = apiOf(operation);
    if (api === 'segment' || api === 'emarsys' || api === 'mparticle') return this.#keys[api];
    if (api === 'cdp') return sandbox ? this.#keys.sandbox : this.#keys.live;
    if (sandbox) return this.#keys.sandboxGeneric;
    return isReading(operation) ? random.pick([this.#keys.generic, this.#keys.readOnly]) : this.#keys.generic;
  }

  #known(sandbox: boolean, random: Random, platform?: string): KnownAudience | undefined {
    const same = (other: string): boolean => platform === undefined || other.toLowerCase() === platform.toLowerCase();
    const fitting = this.#audiences.filter((each) => each.sandbox === sandbox && same(each.platform));
    return fitting.length === 0 ? undefined : random.pick(fitting);
  }

  #externalId(sandbox: boolean, platform: string, random: Random): string {
    return this.#known(sandbox, random, platform)?.externalId ?? 'first-audience';
  }

  /** Returns required values for fields of mParticle's messages; undefined for fields that may contain anything. */
  #inMessage(value: Json, name: string, random: Random): Json | undefined {
    if (name === 'apiKey') return this.#keys.mparticle;
    if (name === 'deploymentURL') return DEPLOYMENT;
    if (name === 'userIdField') return 'mpid';
    if (name === 'mpid') return random.pick(PROFILES);
    if (name === 'audience_id') return 1 + random.below(5);
    if (name !== 'user_attributes' || value === null) return undefined;
    const attributes = Object.entries(someAttributes(random, false) as { [name: string]: Json });
    return attributes.map(([key, each]) => ({ key, value: each }));
  }

  /** Replaces generated names by names of objects that exist. */
  #localize(
    value: Json,
    name: string,
    context: { sandbox: boolean; platform: string; random: Random; pathId: string; defines: boolean },
  ): Json {
    const { sandbox, platform, random, pathId } = context;
    if (name === 'attributes') return value === null ? null : someAttributes(random, context.defines);
    if (platform === 'mparticle') {
      const known = this.#inMessage(value, name, random);
      if (known !== undefined) return known;
    }
    if (name === 'customerProfileId') return random.below(20) === 0 ? value : random.pick(PROFILES);
    if (name === 'profileIntegrationId' || name === 'integrationId') return random.pick(PROFILES);
    if (name === 'sandbox') return sandbox;
    if (name === 'subscribedApplicationsIds') return sandbox || !Array.isArray(value) ? value : [1];
    if (name === 'audienceId' && typeof value === 'number') return this.#known(sandbox, random)?.id ?? 1;
    if (name === 'audienceId' && platform === 'emarsys') return String(this.#known(sandbox, random)?.id ?? 1);
    if (name === 'audienceId') {
      this.#fresh += 1;
      return context.random.below(2) === 0 && pathId !== '' ? pathId : `segment ${this.#fresh}`;
    }
    if (Array.isArray(value)) {
      if (name === 'integrationIds') return value.map(() => random.pick(PROFILES));
      if (name !== 'adds' && name !== 'deletes') return value.map((each) => this.#localize(each, name, context));
      return value.map((each) => {
        if (typeof each === 'number') return this.#known(sandbox, random)?.id ?? 1;
        const id = this.#externalId(sandbox, platform, random);
        // Segment's deprecated operation also sends names of audiences, and refuses two names for one audience.
        return typeof each === 'object' ? { name: id, ...(random.below(2) === 0 && { integrationId: id }) } : id;
      });
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#localize(each, key, context)]));
  }
}

/** Returns the request with another key, which mParticle has in the body. */
export function withKey(draft: Draft, key: string): Draft {
  if (apiOf(draft.operation) !== 'mparticle') {
    const headers = draft.headers.filter(([name]) => name !== 'Authorization');
    return { ...draft, headers: [...headers, ['Authorization', `ApiKey-v1 ${key}`]] };
  }
  // A registration is excluded, because it has no key.
  const message = { type: 'event_processing_request', mpid: 'x', events: [] };
  const settings = { apiKey: key, deploymentURL: DEPLOYMENT, userIdField: 'mpid' };
  return { ...draft, body: { ...message, account: { account_settings: settings } } };
}

/** @param defines whether attributes may still be undefined */
function someAttributes(random: Random, defines: boolean): Json {
  const chosen = Object.entries(VALUES).filter(() => random.below(4) === 0);
  const values = Object.fromEntries(chosen.map(([name, each]) => [name, random.pick(each)]));
  return defines && random.below(2) === 0 ? { ...values, [`Made${random.below(50)}`]: 'by using it' } : values;
}

/** The bytes of a request. */
export function toRequest(draft: Draft): RawRequest {
  const { operation, method, params, query, headers, chunkSize } = draft;
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
  const queryText = query.map(([name, value]) => `${name}=${value}`).join('&');
  const target = draft.target ?? (queryText === '' ? path : `${path}?${queryText}`);
  const body = draft.bytes ?? (draft.body === undefined ? undefined : Buffer.from(writeJson(draft.body)));
  return { method, target, headers, body, chunkSize };
}

export function toBytes(draft: Draft): Buffer {
  return encode(toRequest(draft));
}
