/** Fields and parameters that a route does not declare: refused by extension operations, marked by published ones. */

import Fastify, { type FastifyRequest, type FastifySchema } from 'fastify';
import { describe, expect, test } from 'vitest';
import type { Mark } from '../../src/access-log/marks.ts';
import type { DomainError } from '../../src/domain/errors.ts';
import { addMark, installUndeclaredChecks } from '../../src/http/undeclared.ts';

const text = { type: 'string' };
const closed = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const BODY = closed({
  name: text,
  dry: { type: 'boolean' },
  place: closed({ city: text }),
  tags: { type: 'array', items: closed({ title: text, color: text }) },
  free: closed({ any: text }, { additionalProperties: true }),
  open: { type: 'object' },
  maybe: { anyOf: [{ type: 'null' }, closed({ inner: text })] },
  words: { type: 'array', items: text },
  anything: { type: 'array' },
  perhaps: { anyOf: [{ type: 'null' }, { type: 'array', items: closed({ size: text }) }] },
  deep: closed({ list: { type: 'array', items: closed({ size: text }) }, inner: closed({ size: text }) }),
});

interface Seen {
  readonly error: DomainError | undefined;
  readonly marks: readonly Mark[];
}

interface SentRequest {
  readonly url?: string;
  readonly body?: unknown;
  /** The text of the body, if it is not one of `body`. */
  readonly received?: string | undefined;
  readonly method?: 'POST' | 'DELETE';
}

/** Sends one request to a route with this schema, and returns what was made of it. */
async function send(
  schema: FastifySchema,
  { url = '/', body, received = JSON.stringify(body), method = 'POST' }: SentRequest,
  config: object = { extension: true },
): Promise<Seen> {
  const app = Fastify();
  app.setValidatorCompiler(() => () => true);
  let error: DomainError | undefined;
  let marks: readonly Mark[] = [];
  app.decorateRequest('receivedBody', undefined);
  app.addHook('preValidation', (request, _reply, done) => {
    if (received !== undefined) Object.assign(request, { receivedBody: Buffer.from(received) });
    done();
  });
  installUndeclaredChecks(app);
  app.setErrorHandler((found: DomainError, _request, reply) => {
    error = found;
    return reply.code(400).send();
  });
  const handler = (request: FastifyRequest): string => {
    marks = request.marks ?? [];
    return '';
  };
  app.route({ method, url: '/', schema: { operationId: 'any', ...schema }, config, handler });
  await app.inject({ method, url, ...(body === undefined ? {} : { payload: body as object }) });
  await app.close();
  return { error, marks };
}

const ofBody = async (body: unknown) => send({ body: BODY }, { body });
const messages = ({ error }: Seen): string[] => error?.problems.map(({ message }) => message) ?? [];

describe('an operation of ours', () => {
  test.each([
    [{}],
    [{ name: 'a', dry: true, place: { city: 'b' }, tags: [{ title: 'c' }, {}], words: ['x'] }],
    [{ free: { any: 'a', other: 1 }, open: { other: 1 }, maybe: { inner: 'a' } }],
    [{ place: null, tags: null, maybe: null, perhaps: null, deep: null }],
    [{ anything: [{ x: 1 }], perhaps: [{ size: 'a' }], deep: { list: null, inner: null } }],
    [{ place: 1, tags: {}, words: [{ x: 1 }] }],
    [{ place: [{ x: 1 }] }],
    [[{ x: 1 }]],
  ])('takes %j', async (body) => expect((await ofBody(body)).error).toBeUndefined());

  test.each([
    [{ nmae: 1 }, 'Unknown field `nmae`; did you mean `name`?', '/nmae'],
    [{ other: 1 }, 'Unknown field `other`', '/other'],
    [{ place: { ctiy: 1 } }, 'Unknown field `place.ctiy`; did you mean `place.city`?', '/place/ctiy'],
    [{ tags: [{}, { titel: 1 }] }, 'Unknown field `tags[].titel`; did you mean `tags[].title`?', '/tags/1/titel'],
    [{ maybe: { innre: 1 } }, 'Unknown field `maybe.innre`; did you mean `maybe.inner`?', '/maybe/innre'],
    [{ perhaps: [{ x: 1 }] }, 'Unknown field `perhaps[].x`', '/perhaps/0/x'],
    [{ deep: { list: [{ x: 1 }] } }, 'Unknown field `deep.list[].x`', '/deep/list/0/x'],
    // It is declared elsewhere.
    [{ city: 1 }, 'Unknown field `city`; did you mean `place.city`?', '/city'],
    [{ place: { dry: 1 } }, 'Unknown field `place.dry`; did you mean `dry`?', '/place/dry'],
    [{ color: 1 }, 'Unknown field `color`; did you mean `tags[].color`?', '/color'],
    [{ 'a/b~c': 1 }, 'Unknown field `a/b~c`', '/a~1b~0c'],
  ])('refuses %j', async (body, message, pointer) => {
    const { error } = await ofBody(body);
    expect(error?.code).toBe('invalid');
    expect(error?.problems).toMatchObject([{ title: 'Unknown', message, source: { pointer } }]);
  });

  test('groups refusals by what can be a name, and not by what may be a value', async () => {
    const { error } = await ofBody({ nmae: 1, 'ada@example.com': 1 });
    expect(error?.problems.map(({ cause }) => cause)).toEqual(['unknown field `nmae`', 'unknown field']);
  });

  test('shows a hundred characters of a name', async () => {
    const seen = await ofBody({ ['x'.repeat(100)]: 1, ['y'.repeat(101)]: 1 });
    expect(messages(seen)).toEqual([`Unknown field \`${'x'.repeat(100)}\``, `Unknown field \`${'y'.repeat(100)}…\``]);
  });

  test('names ten fields, and each of a list once', async () => {
    const names = Array.from({ length: 11 }, (_, index) => [`unknown-${index}`, 1]);
    expect(messages(await ofBody(Object.fromEntries(names)))).toHaveLength(10);
    expect(messages(await ofBody({ tags: [{ x: 1 }, { x: 2 }, { y: 1 }] }))).toEqual([
      'Unknown field `tags[].x`',
      'Unknown field `tags[].y`',
    ]);
    // A name in two places is reported for both.
    expect(messages(await ofBody({ x: 1, place: { x: 1 } }))).toEqual(['Unknown field `x`', 'Unknown field `place.x`']);
  });

  test('looks at the first thousand entries of a list', async () => {
    const list = (place: number) => ({
      tags: Array.from({ length: 1001 }, (_, index) => (index === place ? { x: 1 } : {})),
    });
    expect(messages(await ofBody(list(999)))).toHaveLength(1);
    expect((await ofBody(list(1000))).error).toBeUndefined();
    expect(messages(await ofBody({ ...list(1000), z: 1 }))).toEqual(['Unknown field `z`']);
  });

  test('refuses parameters that it does not declare, fields first', async () => {
    const querystring = closed({ sort: text });
    const seen = await send({ body: BODY, querystring }, { url: '/?sort=a&srot=b&x=1', body: { zzz: 1 } });
    expect(messages(seen)).toEqual([
      'Unknown field `zzz`',
      'Unknown query parameter `srot`; did you mean `sort`?',
      'Unknown query parameter `x`',
    ]);
    expect(seen.error?.problems[1]).toMatchObject({
      source: { parameter: 'srot' },
      cause: 'unknown query parameter `srot`',
    });
    const many = Array.from({ length: 11 }, (_, index) => `x${index}=1`).join('&');
    expect(messages(await send({ querystring }, { url: `/?${many}` }))).toHaveLength(10);
    const long = await send({ querystring }, { url: `/?${'p'.repeat(101)}=1` });
    expect(long.error?.problems[0]?.source).toEqual({ parameter: 'p'.repeat(100) });
  });

  test('takes any body of several kinds, which only their route tells apart', async () => {
    expect((await send({ body: { ...BODY, 'x-tag': 'kind' } }, { body: { any: 1 } })).error).toBeUndefined();
  });

  test('without declared parameters takes none, and without a declared body any', async () => {
    expect(messages(await send({}, { url: '/?x=1', body: { any: 1 } }))).toEqual(['Unknown query parameter `x`']);
    expect(messages(await send({ body: BODY }, { body: { any: 1 } }, { extension: true, upload: true }))).toEqual([]);
  });

  test('marks nothing', async () => {
    const seen = await send({ body: BODY }, { body: {} });
    expect(seen.marks).toEqual([]);
    expect((await send({ body: BODY }, {})).marks).toEqual([]);
  });
});

describe('a published operation', () => {
  const published = async (request: Parameters<typeof send>[1], body: object = BODY) =>
    send({ body, querystring: closed({ sort: text }) }, request, {});

  test('ignores what it does not declare, and marks the request', async () => {
    const { error, marks } = await published({ url: '/?sotr=1', body: { nmae: 1, place: { x: 1 } } });
    expect(error).toBeUndefined();
    expect(marks).toEqual([
      { kind: 'ignored field', name: 'nmae', suggestion: 'name' },
      { kind: 'ignored field', name: 'place.x' },
      { kind: 'ignored parameter', name: 'sotr', suggestion: 'sort' },
    ]);
  });

  test('marks a body that is empty, where it may be', async () => {
    expect((await published({})).marks).toEqual([{ kind: 'empty body' }]);
    expect((await published({ body: {} })).marks).toEqual([]);
    expect((await published({}, closed({ name: text }, { required: ['name'] }))).marks).toEqual([]);
    expect((await published({}, closed({ name: text }, { required: [] }))).marks).toEqual([{ kind: 'empty body' }]);
    expect((await published({ method: 'DELETE' })).marks).toEqual([]);
    expect((await published({ received: '' })).marks).toEqual([{ kind: 'empty body' }]);
    expect((await published({ received: ' '.repeat(99) })).marks).toEqual([{ kind: 'empty body' }]);
    expect((await published({ received: ' '.repeat(100) })).marks).toEqual([]);
    expect((await published({ received: ' 1 ' })).marks).toEqual([]);
    expect((await send({}, {}, {})).marks).toEqual([]);
  });

  test('is what every route is that says nothing of itself but is an operation', async () => {
    expect((await send({ body: BODY, operationId: undefined } as object, { body: { x: 1 } })).error).toBeUndefined();
  });
});

describe('marks of a request', () => {
  const request = () => ({ marks: undefined }) as unknown as FastifyRequest;

  test('are each there once', () => {
    const marked = request();
    addMark(marked, { kind: 'ignored field', name: 'a' });
    addMark(marked, { kind: 'ignored field', name: 'a', suggestion: 'b' });
    addMark(marked, { kind: 'ignored field', name: 'b' });
    addMark(marked, { kind: 'ignored parameter', name: 'a' });
    addMark(marked, { kind: 'empty body' });
    addMark(marked, { kind: 'empty body' });
    expect(marked.marks).toHaveLength(4);
  });

  test('are ten, and what is known only at the end', () => {
    const marked = request();
    for (let index = 0; index < 11; index += 1) addMark(marked, { kind: 'ignored field', name: `a${index}` });
    expect(marked.marks).toHaveLength(10);
    addMark(marked, { kind: 'client gone' });
    expect(marked.marks).toHaveLength(11);
    expect(marked.marks?.at(-1)).toEqual({ kind: 'client gone' });
    addMark(marked, { kind: 'empty body' });
    expect(marked.marks).toHaveLength(11);
    addMark(marked, { kind: 'repeat' });
    expect(marked.marks).toHaveLength(12);
  });
});
