/** What operators and their tools request: health, readiness, metrics, and the documents that describe the API. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { send, sendJson, until } from './client.ts';
import { expectStatus } from './scenario.ts';

const TOKEN = 'scrape-me-7c1e';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess({ ephemeral: true, env: { ROLLCALL_METRICS_TOKEN: TOKEN } });
});
afterAll(async () => server.stop());

const get = async (path: string, headers: Record<string, string> = {}) =>
  send(server.url, { method: 'GET', path, headers });
const keyOf = (name: string): string => server.keys[name] ?? '';

describe('health', () => {
  test('the process is up, and able to write', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  });
});

describe('figures', () => {
  const scrape = async (): Promise<string> => (await get('/metrics', { Authorization: `Bearer ${TOKEN}` })).text;
  const figure = async (name: string): Promise<number> => {
    const line = (await scrape()).split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? 0);
  };

  test('are for those who know the token', async () => {
    expectStatus(await get('/metrics'), 401);
    expectStatus(await get('/metrics', { Authorization: 'Bearer wrong' }), 401);
    expectStatus(await get('/metrics', { Authorization: `ApiKey-v1 ${keyOf('customerData')}` }), 401);
    expectStatus(await get('/metrics', { Authorization: `Bearer ${TOKEN}` }), 200);
  });

  test('are for everybody when there is no token', async () => {
    const open = await startServerProcess({ ephemeral: true });
    expectStatus(await send(open.url, { method: 'GET', path: '/metrics' }), 200);
    await open.stop();
  });

  const REQUESTS: readonly (readonly [
    operation: string,
    status: number,
    method: string,
    path: string,
    body?: unknown,
  ])[] = [
    ['cdp/updateCustomerProfile', 200, 'PUT', '/cdp/customer_profile/m', {}],
    ['cdp/updateCustomerProfile', 404, 'PUT', '/cdp/customer_profile/m', { audiencesChanges: { adds: [999999] } }],
    ['cdp/updateCustomerProfileAudiences', 200, 'PUT', '/cdp/customer_profile/m/audiences', { data: {} }],
    ['cdp/updateCustomerProfilesAudiences', 204, 'PUT', '/cdp/customer_profiles/audiences', { data: [] }],
    ['cdp/updateCustomerProfilesAudiences', 204, 'PUT', '/cdp/customer_profile/audiences', { data: [] }],
    ['cdp/v2/updateCustomerProfilesAudiences', 400, 'PUT', '/cdp/v2/customer_profiles/audiences', {}],
    ['cdp/createAudience', 400, 'POST', '/cdp/audiences', {}],
    ['cdp/updateAudience', 404, 'PUT', '/cdp/audiences/none', { audienceName: 'x' }],
    ['cdp/deleteAudience', 404, 'DELETE', '/cdp/audiences/none'],
    ['authping', 204, 'GET', '/v2/authping'],
    ['getCustomerInventory', 401, 'GET', '/v1/customer_profiles/m/inventory'],
    ['method not allowed', 405, 'GET', '/cdp/audiences'],
    ['other', 404, 'GET', `/${randomUUID()}`],
  ];

  test.for(REQUESTS)('count %s with %d', async ([operation, status, method, path, body]) => {
    const name = `rollcall_requests_total{operation="${operation}",status="${status}"}`;
    const before = await figure(name);
    expectStatus(await sendJson(server.url, keyOf('customerData'), method, path, body), status);
    expect(
      await until(
        async () => figure(name),
        (value) => value > before,
      ),
    ).toBe(before + 1);
    expect(
      await figure(`rollcall_request_duration_seconds_count{operation="${operation}",status="${status}"}`),
    ).toBeGreaterThan(0);
  });

  test('name no customer, audience or key', async () => {
    const id = randomUUID();
    await sendJson(server.url, keyOf('customerData'), 'PUT', `/cdp/customer_profile/${id}`, {});
    await sendJson(server.url, keyOf('customerData'), 'PUT', `/cdp/audiences/${id}`, { audienceName: id });
    const text = await scrape();
    expect(text).not.toContain(id);
    expect(text).not.toMatch(/rck_/);
  });

  test('tell of the queue, the commits, the event loop and the data', async () => {
    const body = { audienceId: randomUUID(), audienceName: 'Counted' };
    const [audiences, members] = [await figure('rollcall_audiences'), await figure('rollcall_audience_members')];
    const { id } = (await sendJson(server.url, keyOf('customerData'), 'POST', '/cdp/audiences', body)).json() as {
      id: number;
    };
    const data = ['a', 'b', 'c'].map((name) => ({ customerProfileId: `${body.audienceId}-${name}`, adds: [id] }));
    expectStatus(
      await sendJson(server.url, keyOf('customerData'), 'PUT', '/cdp/customer_profiles/audiences', { data }),
      204,
    );
    expect(await figure('rollcall_audiences')).toBe(audiences + 1);
    expect(await figure('rollcall_audience_members')).toBe(members + 3);
    expect(await figure('rollcall_write_queue_depth')).toBe(0);
    expect(await figure('rollcall_commit_batch_requests_count')).toBeGreaterThan(0);
    expect(await figure('rollcall_commit_duration_seconds_count')).toBeGreaterThan(0);
    expect(await scrape()).toMatch(/^rollcall_event_loop_delay_p99_seconds \d/m);
  });
});

describe('/docs', () => {
  test('the page and all it refers to come from here', async () => {
    const page = await get('/docs');
    expectStatus(page, 200);
    const policy = String(page.headers['content-security-policy']);
    // It allows no other host, and no upgrade to https, which a server behind plain http could not follow.
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/https:|\w\.\w|\*|upgrade/);
    const references = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(4);
    for (const reference of references) {
      expect(reference).toMatch(/^\/docs\//);
      expectStatus(await get(reference), 200);
    }
    const initializer = await get('/docs/static/swagger-initializer.js');
    expect(initializer.text).toContain('validatorUrl: null');
    expect((await get('/docs/json')).json()).toEqual((await get('/openapi.json')).json());
  });
});

describe('fixed documents', () => {
  const bytesOf = async (path: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks) });
        });
      });
      asked.once('error', reject).end();
    });
  const consoleScript = async (): Promise<string> =>
    /src="(\/console\/assets\/[^"]+\.js)"/.exec((await get('/console')).text)?.[1] ?? '';
  const DOCUMENTS: readonly (readonly [title: string, path: () => Promise<string>])[] = [
    ['/openapi.json', async () => '/openapi.json'],
    ['/docs', async () => '/docs'],
    ['a script of /docs', async () => '/docs/static/swagger-ui-bundle.js'],
    ['a script of the console', consoleScript],
  ];

  test.for(DOCUMENTS)('%s: compressed for those who can read it, and sent once', async ([, pathOf]) => {
    const path = await pathOf();
    const plain = await bytesOf(path, {});
    expect(plain.status).toBe(200);
    const tags = new Set<string>();
    const FORMS: readonly (readonly [accepts: string, coding: string | undefined])[] = [
      ['', undefined],
      ['identity', undefined],
      ['gzip', 'gzip'],
      ['br', 'br'],
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip;q=1.0, br;q=0.5', 'gzip'],
      ['br;q=0, gzip;q=0', undefined],
      ['*', 'br'],
      ['identity;q=1, *;q=0.1', undefined],
    ];
    for (const [accepts, coding] of FORMS) {
      const headers = { 'Accept-Encoding': accepts };
      const { status, bytes, headers: got } = await bytesOf(path, headers);
      expect({ accepts, status, coding: got['content-encoding'], vary: got.vary }).toEqual({
        accepts,
        status: 200,
        coding,
        vary: 'accept-encoding',
      });
      const unpack = coding === 'br' ? brotliDecompressSync : coding === 'gzip' ? gunzipSync : (same: Buffer) => same;
      expect(Buffer.compare(unpack(bytes), plain.bytes)).toBe(0);
      const { etag = '' } = got;
      expect(etag).toMatch(/^"[\w-]+"$/);
      tags.add(`${coding} ${etag}`);
      const head = await bytesOf(path, headers, 'HEAD');
      expect(head).toMatchObject({
        status: 200,
        bytes: Buffer.alloc(0),
        headers: { etag, 'content-length': String(bytes.length) },
      });
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await bytesOf(path, { ...headers, 'If-None-Match': known });
        expect(again).toMatchObject({
          status: 304,
          bytes: Buffer.alloc(0),
          headers: { etag, vary: 'accept-encoding' },
        });
      }
      expect((await bytesOf(path, { ...headers, 'If-None-Match': '"other"' })).status).toBe(200);
    }
    // One tag per encoding, because a strong tag identifies bytes.
    expect(tags.size).toBe(3);
  });

  test('what holds data or is asked for all the time is not compressed', async () => {
    const headers = { 'Accept-Encoding': 'gzip, br', Authorization: `Bearer ${TOKEN}` };
    expect((await bytesOf('/metrics', headers)).headers['content-encoding']).toBeUndefined();
    const auth = { 'Accept-Encoding': 'gzip, br', Authorization: `ApiKey-v1 ${keyOf('generic')}` };
    const read = await bytesOf('/v1/customer_profiles/m/audiences', auth);
    expect(read.status).toBe(200);
    expect(read.headers['content-encoding']).toBeUndefined();
  });
});

// ---- the OpenAPI document

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema & { 'x-rollcall-extended'?: boolean }>>;
  readonly required?: readonly string[];
}
interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Response {
  readonly $ref?: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, Media>>;
}
interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly description?: string;
  readonly schema: Schema;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
}
interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
}

/** Operations with their own answers, in addition to the errors that every operation may return. */
const OPERATIONS: Readonly<Record<string, readonly [operationId: string, success: number, errors: readonly number[]]>> =
  {
    'put /cdp/customer_profile/{customerProfileId}': ['cdp/updateCustomerProfile', 200, [404]],
    'put /cdp/customer_profile/{customerProfileId}/audiences': ['cdp/updateCustomerProfileAudiences', 200, [404]],
    'put /cdp/customer_profiles/audiences': ['cdp/updateCustomerProfilesAudiences', 204, [200, 404]],
    'put /cdp/customer_profile/audiences': ['cdp/updateCustomerProfilesAudiencesAlias', 204, [200, 404]],
    'put /cdp/v2/customer_profiles/audiences': ['cdp/v2/updateCustomerProfilesAudiences', 204, [200, 404]],
    'post /cdp/audiences': ['cdp/createAudience', 201, [404, 409]],
    'put /cdp/audiences/{audienceId}': ['cdp/updateAudience', 200, [404]],
    'delete /cdp/audiences/{audienceId}': ['cdp/deleteAudience', 204, [404]],
    'put /segment/customer_profile/{customerProfileId}': ['segment/updateCustomerProfile', 200, [404]],
    'put /segment/customer_profile_v2/{customerProfileId}': ['segment/updateCustomerProfileV2', 200, [404]],
    'put /segment/v2/customer_profiles/{customerProfileId}': ['segment/v2/updateCustomerProfile', 200, [404]],
    'put /segment/customer_profiles/{customerProfileId}/audiences': [
      'segment/updateCustomerProfileAudiences',
      200,
      [404],
    ],
    'put /segment/customer_profiles/audiences': ['segment/updateCustomerProfilesAudiences', 204, [200, 404]],
    'put /segment/v2/customer_profiles/audiences': ['segment/v2/updateCustomerProfilesAudiences', 204, [200, 404]],
    'post /segment/audiences': ['segment/createAudience', 201, [404, 409]],
    'put /segment/audiences/{audienceId}': ['segment/updateAudience', 200, [404]],
    'delete /segment/audiences/{audienceId}': ['segment/deleteAudience', 204, [404]],
    'post /mparticle': ['mparticle/sendevent', 200, [409]],
    'post /emarsys/customer_profiles/audiences': ['emarsys/v2/updateCustomerProfilesAudiences', 200, [404]],
    'get /v2/authping': ['authping', 204, []],
    'get /v1/customer_profiles/{integrationId}/inventory': ['getCustomerInventory', 200, [404]],
    'get /v1/customer_profiles/{integrationId}/audiences': ['getCustomerProfileAudiences', 200, []],
    'post /v1/customer_profiles/audiences/lookup': ['lookupCustomerProfileAudiences', 200, []],
    'put /v2/customer_profiles/{integrationId}': ['updateCustomerProfileV2', 200, [409]],
    'put /v2/customer_profiles': ['updateCustomerProfilesV2', 200, [204, 409]],
    'post /v2/audiences': ['createAudienceV2', 201, [409]],
    'put /v2/audiences/{audienceId}': ['updateAudienceV2', 200, [404]],
    'delete /v2/audiences/{audienceId}': ['deleteAudienceV2', 204, [404]],
    'delete /v2/audiences/{audienceId}/memberships': ['deleteAudienceMembershipsV2', 204, [404]],
    'post /v2/customer_audiences': ['updateCustomerProfileAudiences', 204, [200, 404]],
    'put /v2/audience_customers/{audienceId}/attributes': ['updateAudienceCustomersAttributes', 204, [404]],
    'delete /v1/customer_data/{integrationId}': ['deleteCustomerData', 204, [404]],
  };
/** The operations of the Management API that need no session. */
const PUBLIC_OPERATIONS = ['createSession', 'createConsoleSession'];
const ANY_ERROR = [400, 401, 408, 429, 431, 500, 503];

describe('/openapi.json', () => {
  let document: Document;
  let operations: [title: string, operation: Operation][];
  let backOffice: [title: string, operation: Operation][];
  /** The served document, with shared answers inlined. */
  let text: string;
  beforeAll(async () => {
    text = (await get('/openapi.json')).text;
    document = JSON.parse(text) as Document;
    const whole = (operation: Operation): Operation => {
      const responses = Object.entries(operation.responses).map(([status, response]): [string, Response] => {
        const { $ref } = response;
        if ($ref === undefined) return [status, response];
        const shared = document.components.responses[$ref.replace('#/components/responses/', '')];
        if (shared === undefined) throw new Error(`${$ref} is missing`);
        return [status, shared];
      });
      return { ...operation, responses: Object.fromEntries(responses) };
    };
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, each]): [string, Operation] => [`${method} ${path}`, whole(each)]),
    );
    const isBackOffice = ([, { tags }]: [string, Operation]) => tags.every((tag) => tag.startsWith('Management API'));
    operations = all.filter((each) => !isBackOffice(each));
    backOffice = all.filter(isBackOffice);
  });

  test('describes every operation of API keys and nothing else, in OpenAPI 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(operations.map(([title]) => title).sort((a, b) => a.localeCompare(b))).toEqual(
      Object.keys(OPERATIONS).sort((a, b) => a.localeCompare(b)),
    );
  });

  test('says of every operation of the Management API who may call it and what may go wrong', () => {
    expect(backOffice.length).toBeGreaterThan(0);
    for (const [title, { operationId, summary, security, responses }] of backOffice) {
      const statuses = Object.keys(responses).map(Number);
      const isPublic = PUBLIC_OPERATIONS.includes(operationId);
      expect({ title, open: security?.length === 0, summary }).toEqual({
        title,
        open: isPublic,
        summary: expect.stringMatching(/^[A-Z].{5,}[^.]$/) as string,
      });
      expect(statuses, title).toEqual(expect.arrayContaining([400, 401, 403, 413, 429, 500]));
      // A preview may also answer that the column must be chosen first.
      const successes = statuses.filter((status) => status < 400);
      expect(successes, title).toEqual(operationId === 'previewAudienceImport' ? [201, 202] : [successes[0]]);
    }
  });

  test.for(Object.entries(OPERATIONS))('%s is documented in full', ([title, [operationId, success, errors]]) => {
    const operation = operations.find(([each]) => each === title)?.[1];
    const isBasic = operationId.startsWith('emarsys/');
    const inHeader = [...(isBasic ? [{ ApiKeyV1Basic: [] }] : []), { ApiKeyV1: [] }];
    // No security scheme can describe a key in the body.
    const security = operationId === 'mparticle/sendevent' ? [] : inHeader;
    expect(operation?.security).toEqual(security);
    expect(operation).toMatchObject({ operationId });
    const hasBody = operation?.requestBody !== undefined;
    const expected = [success, ...ANY_ERROR, ...errors, ...(hasBody ? [413] : [])];
    expect(Object.keys(operation?.responses ?? {}).map(Number)).toEqual(expected.sort((a, b) => a - b));
    for (const [status, { description, content }] of Object.entries(operation?.responses ?? {})) {
      expect({ status, described: description.length > 3, json: content?.['application/json'] !== undefined }).toEqual({
        status,
        described: true,
        json: status !== '204',
      });
    }
  });

  test('says where a body may be left out', () => {
    const optional = operations
      .filter(([, { requestBody }]) => requestBody?.required === false)
      .map(([title]) => title);
    expect(optional).toEqual([
      'put /cdp/customer_profile/{customerProfileId}',
      'put /segment/v2/customer_profiles/{customerProfileId}',
      'put /segment/customer_profile/{customerProfileId}',
      'put /segment/customer_profile_v2/{customerProfileId}',
      'put /v2/customer_profiles/{integrationId}',
      'put /v2/audience_customers/{audienceId}/attributes',
    ]);
  });

  test('has an example of every body, and each fits its schema', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'document', components: document.components });
    let checked = 0;
    const check = (where: string, content: Readonly<Record<string, Media>>): void => {
      // Uploaded and downloaded files are described in words.
      const { 'application/json': json } = content;
      for (const { schema, example, examples = {} } of json === undefined ? [] : [json]) {
        const values = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map(({ value }) => value),
        ];
        expect(values.length, `examples of ${where}`).toBeGreaterThan(0);
        const absolute = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
        const validate = ajv.compile(JSON.parse(absolute) as object);
        for (const value of values) {
          validate(value);
          expect({ where, value, errors: validate.errors }).toEqual({ where, value, errors: null });
          checked += 1;
        }
      }
    };
    for (const [title, { requestBody, responses }] of [...operations, ...backOffice]) {
      if (requestBody !== undefined) check(`${title} request`, requestBody.content);
      for (const [status, { content }] of Object.entries(responses)) if (content) check(`${title} ${status}`, content);
    }
    expect(checked).toBeGreaterThan(100);
  });

  const everywhere = () => [...operations, ...backOffice];
  /** All schemas of the document, including nested ones. */
  function* parts(value: unknown): Generator<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) yield value as Record<string, unknown>;
    for (const [name, each] of Object.entries(value)) if (name !== 'example' && name !== 'examples') yield* parts(each);
  }

  test('names what recurs: each JSON body and answer, and everything in them that has a name', () => {
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining([
        'AccessLogEntry',
        'AccessLogEntryPage',
        'Application',
        'Attribute',
        'Audience',
        'AudiencePage',
        'Change',
        'CustomerProfile',
        'CustomerProfilePage',
        'ErrorResponse',
        'Import',
        'NewAttribute',
        'User',
      ]),
    );
    const inline: string[] = [];
    for (const [title, { requestBody, responses }] of everywhere()) {
      const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
      for (const schema of contents.flatMap((content) => content?.['application/json']?.schema ?? [])) {
        // A published answer, or verdicts in its place: both have names.
        const { anyOf = [schema] } = schema as { anyOf?: readonly { $ref?: string }[] };
        if (anyOf.some(({ $ref }) => $ref === undefined)) inline.push(title);
      }
    }
    // A page of names only.
    expect(inline).toEqual(['get /v1/applications/{applicationId}/event_types']);
    for (const { $ref } of parts(document)) {
      if (typeof $ref !== 'string') continue;
      const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec($ref) ?? [];
      expect(Object.keys((document.components as Record<string, object>)[kind] ?? {})).toContain(name);
    }
  });

  test('has patterns that the engines of other languages read', () => {
    const patterns = new Set(
      [...parts(document)].flatMap(({ pattern }) => (typeof pattern === 'string' ? pattern : [])),
    );
    expect(patterns.size).toBeGreaterThan(2);
    for (const pattern of patterns) {
      expect(pattern).not.toMatch(/\\u|\\p|\(\?/);
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
    }
  });

  test('has closed sets as enums, files as binary, and numbers that outgrow 32 bits as such', () => {
    for (const { anyOf = [] } of parts(document) as Generator<{ anyOf?: object[] }>) {
      expect(anyOf.filter((each) => 'const' in each)).toEqual([]);
    }
    const sorts = everywhere().flatMap(([, { parameters = [] }]) => parameters.filter(({ name }) => name === 'sort'));
    expect(sorts.length).toBeGreaterThan(15);
    for (const { schema } of sorts) expect(schema.enum?.length).toBeGreaterThan(0);
    const uploads = everywhere().flatMap(([, { requestBody }]) => requestBody?.content['multipart/form-data'] ?? []);
    expect(uploads.length).toBe(3);
    for (const { schema } of uploads) expect(schema.properties?.['upFile']).toMatchObject({ format: 'binary' });
    expect(document.components.schemas['Audience']?.properties?.['id']).toMatchObject({ format: 'int64' });
  });

  test('describes every group, operation and parameter', () => {
    const groups = document.tags.map(({ name }) => name);
    expect(document.tags.every(({ description }) => description.length > 10)).toBe(true);
    expect(new Set(everywhere().flatMap(([, { tags }]) => tags))).toEqual(new Set(groups));
    const undescribed = everywhere().flatMap(([title, { description = '', parameters = [] }]) => [
      ...(description.length > 10 ? [] : [title]),
      ...parameters
        .filter((each) => each.$ref === undefined && (each.description ?? '') === '')
        .map(({ name }) => `${title} ${name}`),
    ]);
    expect(undescribed).toEqual([]);
  });

  test('marks the fields of ours, requires none of them, and says how to have them', () => {
    const marked = Object.entries(document.components.schemas).flatMap(([name, { properties = {}, required = [] }]) =>
      Object.entries(properties)
        .filter(([, each]) => each['x-rollcall-extended'] === true)
        .map(([field]) => ({ field: `${name}.${field}`, isRequired: required.includes(field) })),
    );
    expect(marked.length).toBeGreaterThan(20);
    expect(marked.filter(({ isRequired }) => isRequired)).toEqual([]);
    expect(marked.map(({ field }) => field)).toEqual(
      expect.arrayContaining([
        'Audience.membersCount',
        'AudiencePage.nextCursor',
        'AccessLogEntry.cause',
        'Role.isAdmin',
      ]),
    );
    const offering = (title: string): boolean[] => {
      const [, operation] = everywhere().find(([each]) => each === title) ?? [];
      return [
        operation?.parameters?.some(({ $ref }) => $ref === '#/components/parameters/Prefer') ?? false,
        operation?.responses['200']?.headers?.['Preference-Applied'] !== undefined,
      ];
    };
    expect(offering('get /v1/audiences')).toEqual([true, true]);
    expect(offering('get /v1/attributes')).toEqual([false, false]);
    expect(offering('get /v1/audiences/{audienceId}')).toEqual([false, false]);
  });

  test('passes the strict rules of a linter', async () => {
    const file = join(temporaryFolder(), 'openapi.json');
    writeFileSync(file, text);
    const linter = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
    const config = join(ROOT, 'test/http/redocly.yaml');
    const { stderr } = await promisify(execFile)(process.execPath, [linter, 'lint', file, '--config', config], { env });
    expect(stderr).toContain('Your API description is valid');
    expect(stderr).not.toMatch(/warning/i);
  });
});
