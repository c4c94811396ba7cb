/**
 * Surfaces that exist only in this test, one with its own error body and its key in the request body, one with Basic
 * credentials: everything that follows from one declaration, such as authentication, logging, masking, replay and
 * documentation.
 */

import pino from 'pino';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Closers, type ServerParts, wireParts } from '../../src/cli/running.ts';
import { readConfig } from '../../src/config.ts';
import { createApiKey } from '../../src/domain/access/api-key-administration.ts';
import type { Platform } from '../../src/domain/access/api-keys.ts';
import { createUser } from '../../src/domain/access/user-administration.ts';
import { createApplication } from '../../src/domain/definitions/application-administration.ts';
import { updateProfile } from '../../src/domain/memberships/profiles.ts';
import { SURFACES } from '../../src/http/app.ts';
import { callerOf, writesOf } from '../../src/http/caller.ts';
import type { ErrorBody } from '../../src/http/error-bodies.ts';
import { type RunningServer, startServer } from '../../src/http/server.ts';
import type { Surface } from '../../src/http/surface.ts';
import { errorResponses } from '../../src/http/wire.ts';
import { MEMORY_URL } from '../../src/storage/index.ts';
import { type HttpAnswer, send, until } from './client.ts';

const TRIAL_ERROR: ErrorBody = {
  name: 'TrialErrorResponse',
  schema: Type.Object({ fault: Type.String(), status: Type.Integer() }),
  render: ({ message, status }) => ({ fault: message, status }),
};

interface TrialBody {
  sender: { code: string };
  customerProfileId: string;
  attributes?: Record<string, string>;
}

const TRIAL: Surface = {
  name: 'trial',
  roots: ['trial'],
  errorBody: TRIAL_ERROR,
  keys: {
    credential: { in: 'body', member: 'sender.code', maxBodyBytes: 2048 },
    refuses: ({ platform }) => (platform === 'mparticle' ? undefined : 'API key is not valid for the trial'),
  },
  logged: true,
  replayHeaders: ['x-trial'],
  idRoutes: [{ prefix: '/trial/people/', suffixes: [] }],
  hints: [{ pattern: /^\/+trial\/persons/, hint: 'people are at /trial/people' }],
  tags: [{ name: 'Trial', description: 'On trial.' }],
  securitySchemes: {},
  async register(app, { core }) {
    app.post<{ Body: TrialBody; Params: { id: string } }>(
      '/trial/people/:id',
      {
        schema: {
          operationId: 'trial',
          summary: 'Try it',
          tags: ['Trial'],
          body: Type.Object({
            sender: Type.Object({ code: Type.String() }),
            attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
          }),
          response: errorResponses(TRIAL_ERROR, [{ status: 401, when: 'The key is wrong', example: 'No' }]),
        },
      },
      async (request) => {
        const { id, memberships } = await updateProfile(writesOf(core, request), callerOf(request), {
          integrationId: request.params.id,
          integration: 'trial',
          attributes: request.body.attributes,
          runRuleEngine: false,
          adds: [],
          deletes: [],
        });
        return { id, memberships };
      },
    );
  },
};

/** The key in place of the user name, as partners send it. */
const BASIC: Surface = {
  name: 'basic',
  roots: ['basic'],
  errorBody: TRIAL_ERROR,
  keys: {
    credential: {
      in: 'header',
      label: 'Basic',
      form: 'Basic <base64 of key and colon>',
      read(authorization) {
        const encoded = /^Basic +([\w+/=]+)$/i.exec(authorization ?? '')?.[1] ?? '';
        return /^(\S+):$/.exec(Buffer.from(encoded, 'base64').toString())?.[1];
      },
    },
    refuses: ({ platform }) => (platform === 'mparticle' ? undefined : 'API key is not valid for Basic'),
  },
  logged: true,
  tags: [],
  securitySchemes: { BasicKey: { type: 'http', scheme: 'basic' } },
  async register(app) {
    const schema = { operationId: 'basicPing', summary: 'Ping', security: [{ BasicKey: [] }] };
    app.post('/basic/ping', { schema }, async (_request, reply) => reply.code(204).send());
  },
};

const PASSWORD = 'correct horse battery';
const closers: Closers = [];
let parts: ServerParts;
let server: RunningServer;
const keys = new Map<Platform, string>();

beforeAll(async () => {
  const config = readConfig({ port: '0' }, {});
  parts = await wireParts(config, MEMORY_URL, pino({ level: 'silent' }), closers);
  const { core } = parts;
  const application = await createApplication(core, { name: 'Shop' });
  for (const platform of ['mparticle', 'customer_data'] as const) {
    keys.set(
      platform,
      (await createApiKey(core, { application, title: platform, platform, expires: Date.now() + 3_600_000 })).secret,
    );
  }
  await createUser(core, { email: 'ada@example.com', password: PASSWORD, isAdmin: true, mustChangePassword: false });
  server = await startServer({ ...parts, surfaces: [...SURFACES, TRIAL, BASIC], describing: true });
});
afterAll(async () => {
  await server.stop();
  for (const close of closers.reverse()) await close();
});

async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  return send(server.url, { method: 'POST', path, headers, body: JSON.stringify(body) });
}
const from = (platform: Platform, rest: object = {}): object => ({ sender: { code: keys.get(platform) }, ...rest });
/** What the access log contains about a request. */
async function logged({ headers }: HttpAnswer) {
  const uuid = String(headers['x-request-id']);
  const found = await until(
    async () => parts.core.accessLog.find(uuid),
    (entry) => entry !== undefined,
  );
  return found as NonNullable<typeof found>;
}

describe('a surface with its key in the body', () => {
  test('serves who has the right key, and masks the key in the log', async () => {
    const answer = await post('/trial/people/ada/', from('mparticle', { note: 'hello' }));
    expect(answer.json()).toMatchObject({ memberships: [] });
    expect(await logged(answer)).toMatchObject({
      status: 200,
      operation: 'trial',
      applicationId: 1,
      requestPayload: '{"sender":{"code":"***"},"note":"hello"}',
    });
  });

  test('keeps the slashes of an ID', async () => {
    const { status } = await post('/trial/people/a//b', from('mparticle'));
    expect(status).toBe(200);
    expect(await parts.core.storage.findProfile('live', 'a//b')).toMatchObject({ integrationId: 'a//b' });
  });

  test.each([
    ['unknown', { sender: { code: 'no-key-of-ours' } }, 'API key missing, unknown or expired', 'key refused: unknown'],
    [
      'missing',
      { sender: {} },
      'API key missing, unknown or expired (send it in the body, at sender.code)',
      'key refused: no key at sender.code',
    ],
  ])('refuses a key that is %s, and logs nothing of its body', async (_what, body, fault, cause) => {
    const answer = await post('/trial/people/ada', body);
    expect(answer.status).toBe(401);
    expect(answer.json()).toEqual({ fault, status: 401 });
    expect(await logged(answer)).toMatchObject({ status: 401, cause, applicationId: undefined, requestPayload: '' });
  });

  test('refuses the key of another platform', async () => {
    const answer = await post('/trial/people/ada', from('customer_data'));
    expect(answer.json()).toEqual({ fault: 'API key is not valid for the trial', status: 401 });
    expect(await logged(answer)).toMatchObject({ applicationId: 1, requestPayload: '{"sender":{"code":"***"}}' });
  });

  test('does not take a key in the header', async () => {
    const headers = { Authorization: `ApiKey-v1 ${keys.get('mparticle')}` };
    expect((await post('/trial/people/ada', {}, headers)).status).toBe(401);
  });

  test('reads no more of a body than it declares, before it knows who calls', async () => {
    const answer = await post('/trial/people/ada', from('mparticle', { padding: 'x'.repeat(2048) }));
    expect(answer.json()).toEqual({ fault: 'Body exceeds 2 KiB', status: 413 });
    expect(await logged(answer)).toMatchObject({ status: 413, applicationId: undefined });
  });

  test('answers malformed and unknown requests in its own form', async () => {
    const broken = await send(server.url, { method: 'POST', path: '/trial/people/ada', body: '{' });
    expect(broken.json()).toMatchObject({ status: 400 });
    expect(broken.text).toMatch(/^\{"fault":"Body must be a JSON object/);
    const unknown = await post('/Trial/persons/ada', {});
    expect(unknown.json()).toMatchObject({ status: 404 });
    const hinted = await post('/trial/persons/ada', {});
    expect(hinted.json()).toEqual({
      fault: 'Unknown path POST /trial/persons/ada (people are at /trial/people)',
      status: 404,
    });
    expect(await logged(hinted)).toMatchObject({ status: 404, operation: 'unknown path' });
  });

  test('keeps a refused write without its key, and sends it again', async () => {
    const body = from('mparticle', { attributes: { Tier: 'gold' } });
    const answer = await post('/trial/people/grace', body, { 'X-Trial': 'yes', 'X-Other': 'no' });
    expect(answer.status).toBe(400);
    const { uuid } = await logged(answer);
    const refusal = await parts.core.accessLog.readRefusal(uuid);
    expect(refusal?.headers).toEqual({ 'x-trial': 'yes' });
    expect(refusal?.body.toString()).toBe('{"sender":{"code":"***"},"attributes":{"Tier":"gold"}}');

    const session = await post('/v1/sessions', { email: 'ada@example.com', password: PASSWORD });
    const { token } = session.json() as { token: string };
    const as = { Authorization: `Bearer ${token}` };
    const attribute = {
      entity: 'CustomerProfile',
      name: 'Tier',
      title: 'Tier',
      type: 'string',
      description: '',
      suggestions: [],
      editable: true,
    };
    expect((await post('/v1/attributes', attribute, as)).status).toBe(201);
    const sent = await post('/v1/refused_writes/replay', { uuids: [uuid] }, as);
    expect(sent.json()).toMatchObject({ data: [{ uuid, status: 200, replayed: true }] });
    expect(await parts.core.storage.findProfile('live', 'grace')).toMatchObject({ attributes: { Tier: 'gold' } });
  });

  test('is in the OpenAPI document, with its group and its errors', async () => {
    const { text } = await send(server.url, { method: 'GET', path: '/openapi.json' });
    const document = JSON.parse(text) as {
      paths: Record<string, unknown>;
      tags: { name: string }[];
      components: { schemas: Record<string, unknown> };
    };
    expect(document.tags.at(-1)).toEqual({ name: 'Trial', description: 'On trial.' });
    expect(document.components.schemas['TrialErrorResponse']).toMatchObject({ required: ['fault', 'status'] });
    expect(document.paths['/trial/people/{id}']).toMatchObject({
      post: { tags: ['Trial'], responses: { 401: { description: 'The key is wrong' } } },
    });
  });
});

describe('a surface with Basic credentials', () => {
  const basic = (key = ''): Record<string, string> => ({
    Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
  });

  test('serves who has the right key, under the name of its operation', async () => {
    const answer = await post('/basic/ping', {}, basic(keys.get('mparticle')));
    expect(answer.status).toBe(204);
    expect(await logged(answer)).toMatchObject({ status: 204, operation: 'basicPing', applicationId: 1 });
  });

  test('says in what form a missing key is sent', async () => {
    const answer = await post('/basic/ping', {}, { Authorization: 'Bearer of-something' });
    const remedy = 'the Authorization header must have the form: Basic <base64 of key and colon>';
    expect(answer.json()).toEqual({ fault: `API key missing, unknown or expired (${remedy})`, status: 401 });
    expect(await logged(answer)).toMatchObject({ cause: 'key refused: no Basic credential' });
  });

  test('logs whose calls go to unknown paths', async () => {
    const key = keys.get('mparticle');
    const answer = await post('/basic/pong', {}, basic(key));
    expect(await logged(answer)).toMatchObject({ status: 404, keyPrefix: key?.slice(0, 4) });
  });

  test('has its scheme in the OpenAPI document', async () => {
    const { text } = await send(server.url, { method: 'GET', path: '/openapi.json' });
    const { components } = JSON.parse(text) as { components: { securitySchemes: Record<string, unknown> } };
    expect(components.securitySchemes['BasicKey']).toEqual({ type: 'http', scheme: 'basic' });
  });
});
