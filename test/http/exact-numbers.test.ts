/** Integers that a double would change, and their location in a body. */

import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { inexactAttributes, inexactNumbersIn } from '../../src/http/exact-numbers.ts';

const LONG = '12345678901234567891';
const OTHER = '98765432109876543219';

/** The parts of a request that are read. */
const request = (body: string | undefined, bodyHasLongNumber = true): FastifyRequest =>
  ({ bodyHasLongNumber, receivedBody: body === undefined ? undefined : Buffer.from(body) }) as FastifyRequest;

test.each([
  ['as a value', `{"attributes":{"a":${LONG},"b":1}}`, { a: LONG }],
  ['in two attributes', `{"attributes":{"a":${LONG},"b":${OTHER}}}`, { a: LONG, b: OTHER }],
  ['the first of a list', `{"attributes":{"a":[1,${LONG},${OTHER}]}}`, { a: LONG }],
  ['in an object', `{"attributes":{"a":{"latitude":${LONG},"longitude":1}}}`, { a: LONG }],
  ['deep inside', `{"attributes":{"a":[{"b":[${LONG}]}]}}`, { a: LONG }],
  ['with a byte order mark before', `\ufeff{"attributes":{"a":${LONG}}}`, { a: LONG }],
  ['where a name starts like that mark', `{"attributes":{"\ufeffa":${LONG}}}`, { '\ufeffa': LONG }],
  ['the first of attributes that are a list', `{"attributes":[1,${LONG},${OTHER}]}`, { 1: LONG }],
  ['beside the attributes only', `{"attributes":{"a":1},"n":${LONG}}`, undefined],
  ['in an object of the same name', `{"attributes":{"a":1},"b":{"attributes":{"c":${LONG}}}}`, undefined],
  ['in a text', `{"attributes":{"a":"${LONG}"}}`, undefined],
  ['that a double holds', '{"attributes":{"a":1234567890123456}}', undefined],
  ['of no attributes', `{"n":${LONG}}`, undefined],
  ['where attributes are null', `{"attributes":null,"n":${LONG}}`, undefined],
  ['where attributes are a number', `{"attributes":${LONG}}`, undefined],
])('%s', (_title, body, found) => expect(inexactAttributes(request(body))).toEqual(found));

test('a body without a long number is not read again', () => {
  expect(inexactAttributes(request('{', false))).toBeUndefined();
  expect(inexactAttributes(request(undefined))).toBeUndefined();
});

test('objects without one are told from a body without any', () => {
  const all = (body: unknown) => body as readonly unknown[];
  expect(inexactNumbersIn(request(`[{"a":1},{"b":${LONG}},null,"c"]`), all)).toEqual([
    undefined,
    { b: LONG },
    undefined,
    undefined,
  ]);
  expect(inexactNumbersIn(request('[{"a":1234567890123456}]'), all)).toBeUndefined();
});
