/**
 * The part of a payload that each setting keeps. `payload-masking.test.ts` tests what counts as a secret or a value.
 */

import { expect, it } from 'vitest';
import { keptPayload } from '../../src/access-log/kept-payload.ts';

const KEY = `rck_${'a'.repeat(40)}`;
const kept = (text: string, ...rest: [Parameters<typeof keptPayload>[1], string?]) =>
  keptPayload(Buffer.from(text), rest[0], rest[1]).toString();

it('keeps all of it where that is wanted, but never a secret', () => {
  expect(kept('{"attributes":{"Tier":"gold"}}', 'full')).toBe('{"attributes":{"Tier":"gold"}}');
  expect(kept(`{"attributes":{"Tier":"${KEY}"}}`, 'full')).toBe('{"attributes":{"Tier":"rck_***"}}');
});

it('keeps the bytes of what is no text, without the key in it', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(KEY), Buffer.from([0x80])]);
  const expected = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('rck_***'), Buffer.from([0x80])]);
  expect(keptPayload(bytes, 'full', undefined)).toEqual(expected);
});

it('keeps the shape only of what is masked, and the cause for the message of an answer', () => {
  expect(kept(`{"integrationId":"ada","attributes":{"Tier":"gold"}}`, 'masked')).toBe(
    '{"integrationId":"ada","attributes":{"Tier":"(string)"}}',
  );
  const answer = kept('{"Error":"Tier: gold is not allowed"}', 'masked', 'a value is not allowed');
  expect(answer).toContain('a value is not allowed');
  expect(answer).not.toContain('gold');
  expect(kept(`{"integrationId":"${KEY}"}`, 'masked')).toBe('{"integrationId":"rck_***"}');
});

it('masks a body that is nothing but attributes, whatever they are called', () => {
  const body = '{"name":"Ada","id":7,"Home":{"latitude":1},"Tags":["a"],"gone":null}';
  expect(keptPayload(Buffer.from(body), 'masked', undefined, 'updateAudienceCustomersAttributes').toString()).toBe(
    '{"name":"(string)","id":"(number)","Home":"(object)","Tags":"(list)","gone":null}',
  );
  expect(kept(body, 'masked')).toContain('"name":"Ada"');
});

it('keeps nothing where logging is off', () => {
  expect(kept('{"a":1}', 'off')).toBe('');
  expect(kept('', 'masked')).toBe('');
});
