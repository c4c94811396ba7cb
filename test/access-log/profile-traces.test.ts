/** Places where an erased profile may still be named: payloads in any spelling, including truncated ones, and paths. */

import { describe, expect, test } from 'vitest';
import { ProfileTraces } from '../../src/access-log/profile-traces.ts';

const inPayload = (id: string, text: string): boolean => new ProfileTraces(id).inPayload(text);
const inUri = (id: string, uri: string): boolean => new ProfileTraces(id).inUri(uri);

describe('a payload names a profile', () => {
  test.each([
    ['as a value', 'ada', '{"integrationId":"ada"}'],
    ['as a name', 'ada', '{"ada":1}'],
    ['quoted in a message', 'ada', `{"message":"Customer profile 'ada' not found"}`],
    ['quoted in a message with escapes', 'a"b', String.raw`{"message":"profile 'a\"b' \u00e9"}`],
    ['in needless escapes', 'ada', String.raw`{"id":"\u0061da"}`],
    ['in escapes JSON asks for', 'a"b\\', String.raw`{"id":"a\"b\\"}`],
    ['in other escapes of the same', 'a\nb', String.raw`{"id":"a\u000ab"}`],
    ['with a letter that may be escaped', 'é', String.raw`["\u00E9"]`],
    ['cut within it', 'ada-lovelace', '{"id":"ada-lov'],
    ['cut at its last letter', 'ada', '{"id":"ada'],
    ['cut behind a bracket in it', 'a}b-c', '{"id":"a}b'],
    ['cut behind a letter that was unreadable', 'a\ufffdb-c', '{"id":"a\ufffdb'],
    ['cut within a letter', 'adaé', '{"id":"ada\ufffd'],
  ])('%s', (_title, id, text) => expect(inPayload(id, text)).toBe(true));

  test.each([
    ['not where another begins with it', 'ada', '{"id":"adam"}'],
    ['not where another ends with it', 'ada', '{"id":"bada"}'],
    ['not as a number', '17', '{"id":17}'],
    ['not within a longer quotation', 'ada', `{"message":"'adam'"}`],
    ['not cut after another beginning', 'ada', '{"id":"ab'],
    ['not where nothing of it is left', 'ada', '{"id":"'],
    ['not in a whole text whose last string is like its beginning', 'ada', '{"a":"ad"}'],
    ['nor in one with blanks behind', 'ada', '["ad"]  \n'],
    ['not in a whole text that ends as it begins', ']x', '["ad"]'],
    ['nor in one with a blank behind', '] x', '["ad"] '],
    ['not in a text without strings', 'ada', 'a'],
    ['not in an empty text', 'ada', ''],
    ['not where an escape is broken', 'ada', String.raw`{"a":"\u00zz"}`],
  ])('%s', (_title, id, text) => expect(inPayload(id, text)).toBe(false));
});

describe('an address names a profile', () => {
  test.each([
    ['as a part of the path', 'ada', '/cdp/customer_profile/ada'],
    ['as a part in the middle', 'ada', '/v1/ada/audiences'],
    ['as the first part', 'ada', 'ada/x'],
    ['in escapes', 'a b/c', '/v1/a%20b%2Fc'],
    ['with slashes of its own', 'a/b', '/v1/a/b/audiences'],
    ['as a value of the query', 'ada', '/v1/customers?integrationId=ada&pageSize=1'],
    ['as a value with blanks', 'a b', '/v1/customers?x=1&integrationId=a+b'],
    ['as a value in escapes', 'a=b', '/v1/customers?integrationId=a%3Db'],
    ['as a bare value', 'ada', '/x?ada'],
    ['in an escape that is none', '%zz', '/v1/%zz'],
  ])('%s', (_title, id, uri) => expect(inUri(id, uri)).toBe(true));

  test.each([
    ['not as a part of a part', 'ada', '/v1/adam/xada'],
    ['not as a name in the query', 'ada', '/v1?ada=1'],
    ['not as a part of a value', 'ada', '/v1?x=adam'],
    ['not in a path without it', 'ada', '/v1'],
  ])('%s', (_title, id, uri) => expect(inUri(id, uri)).toBe(false));
});
