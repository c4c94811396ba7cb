/**
 * Masking of payloads: no key is kept, whatever its length or spelling, and no personal value if payloads are *masked*.
 */

import { describe, expect, test } from 'vitest';
import {
  cutLength,
  holdsOwnKey,
  mayHoldSecret,
  uriWithoutSecrets,
  withoutMember,
  withoutSecrets,
  withoutValues,
} from '../../src/access-log/payload-masking.ts';
import { generateKey } from '../../src/domain/access/api-keys.ts';

const KEY = generateKey();

describe('a key of real length', () => {
  test.each([
    ['as a value', `{"note":"${KEY}"}`],
    ['inside a text', `{"note":"the key is ${KEY}, keep it"}`],
    ['as a name', `{"${KEY}":1}`],
    ['as an escaped text', `{"note":"\\u0072ck_${KEY.slice(4)}"}`],
    ['in a list', `["${KEY}"]`],
    ['in no JSON at all', `key=${KEY}`],
    ['at the end of what was cut', `{"note":"${KEY}`],
  ])('is cut to its first four characters %s', (_where, text) => {
    const masked = withoutSecrets(text);
    expect(masked).not.toContain(KEY.slice(4, 12));
    expect(masked).not.toContain(KEY.slice(-6));
    expect(masked).toContain('***');
  });

  test('is masked in a path and a query', () => {
    for (const uri of [`/cdp/customer_profile/${KEY}`, `/x?k=${KEY}&a=1`, `/x?k=rck%5f${KEY.slice(4)}`]) {
      expect(uriWithoutSecrets(uri)).not.toContain(KEY.slice(4, 12));
    }
  });

  test('keeps a refused write from being kept', () => {
    expect(holdsOwnKey(Buffer.from(`{"note":"${KEY}"}`))).toBe(true);
    expect(holdsOwnKey(Buffer.from(`{"note":"\\u0072ck_${KEY.slice(4)}"}`))).toBe(true);
    expect(holdsOwnKey(Buffer.from('{"note":"rck_short"}'))).toBe(false);
  });

  test.each([
    [
      `{"account":{"settings":{"apiKey":"${KEY}","other":1}},"events":[1]}`,
      '{"account":{"settings":{"apiKey":"***","other":1}},"events":[1]}',
    ],
    [
      `{"account":{"settings":{"api\\u004bey":"${KEY}"}},"n":12345678901234567890}`,
      '{"account":{"settings":{"apiKey":"***"}},"n":12345678901234567890}',
    ],
    [
      `{"account":{"settings":{"apiKey":"${KEY}"}},"account":{"settings":{"apiKey":"x"}}}`,
      '{"account":{"settings":{"apiKey":"***"}}}',
    ],
    ['{"account":{"settings":null}, "n": 1.0}', '{"account":{"settings":null}, "n": 1.0}'],
    [`{"account":{"settings":{"apiKey":"${KEY}"`, ''],
    ['{"account":{"settings":{"apiKey":"operators \\"own\\" key"}},"n":"an operators \\"own\\" key"}', ''],
    [
      '{"account":{"settings":{"apiKey":"short"}},"n":"shorter"}',
      '{"account":{"settings":{"apiKey":"***"}},"n":"shorter"}',
    ],
  ])('at its place in the body %s is masked, the rest stays', (body, kept) => {
    expect(withoutMember(Buffer.from(body), 'account.settings.apiKey').toString()).toBe(kept);
  });
});

describe('a secret by its name', () => {
  test.each([
    'apiKey',
    'APIKEY',
    'API_KEY',
    'Api-Key',
    'x-api-key',
    'PASSWORD',
    'newPassword',
    'Authorization',
    'client_secret',
    'ACCESS_TOKEN',
    'token',
  ])('%s is masked, whatever its value', (name) => {
    expect(withoutSecrets(`{"${name}":"s3cr3t value","a":1}`)).toBe(`{"${name}":"***","a":1}`);
    expect(withoutSecrets(`{"${name}" : 12345}`)).toBe(`{"${name}" : "***"}`);
    expect(withoutSecrets(`{"${name}":"s3cr3t \\"quoted\\" val`)).toBe(`{"${name}":"***"`);
    expect(uriWithoutSecrets(`/x?${name}=s3cr3t&a=1`)).toBe(`/x?${name}=***&a=1`);
  });
});

describe('under masked', () => {
  test.each(['name', 'id', 'integrationId', 'audienceName', 'created', 'adds', 'title'])(
    'an attribute called %s shows its type only',
    (name) => {
      expect(withoutValues(JSON.stringify({ attributes: { [name]: 'Ada Lovelace' } }), undefined)).toBe(
        `{"attributes":{"${name}":"(string)"}}`,
      );
      expect(withoutValues(JSON.stringify({ attributes: { [name]: { name: 'Ada' } } }), undefined)).not.toContain(
        'Ada',
      );
      expect(withoutValues(JSON.stringify({ attributes: { [name]: ['Ada'] } }), undefined)).not.toContain('Ada');
    },
  );

  test.each(['Name', 'NAME', 'firstName', 'email'])('a member called %s, which is none of ours, does too', (name) => {
    expect(withoutValues(`{"${name}":"Ada"}`, undefined)).toBe(`{"${name}":"(string)"}`);
  });

  test('what names profiles and audiences stays', () => {
    const text = '{"data":[{"customerProfileId":"cust-1","adds":[1,"a"],"deletes":null}]}';
    expect(withoutValues(text, undefined)).toBe(text);
  });
});

describe('the shape of a text', () => {
  const shapeOf = (text: string, message?: string): string => withoutValues(text, message);

  test.each([
    ['', ''],
    [' \n ', ''],
    ['nothing', '(no JSON)'],
    ['"a"', '"(string)"'],
    ['null', 'null'],
    ['true', '"(boolean)"'],
    ['false', '"(boolean)"'],
    ['-1.5e3', '"(number)"'],
    ['{}', '{}'],
    ['[]', '[]'],
    ['[[],{}]', '[[],{}]'],
    [' { "a" : 1 , "b" : [ true , null ] } ', '{"a":"(number)","b":["(boolean)",null]}'],
    ['{"a":"x\\"y"}', '{"a":"(string)"}'],
    ['{"id":1,"name":"vip","other":{"id":2}}', '{"id":1,"name":"vip","other":{"id":2}}'],
    ['{"adds":[1,"a"],"tags":[1,"a"]}', '{"adds":[1,"a"],"tags":["(number)","(string)"]}'],
    [
      '{"attributes":{"a":{"b":[1,{}]},"c":[1,[2],"]"],"d":null,"e":true}}',
      '{"attributes":{"a":"(object)","c":"(list)","d":null,"e":"(boolean)"}}',
    ],
    ['{"attributes":{"a":{"b":{}}},"id":1}', '{"attributes":{"a":"(object)"},"id":1}'],
    ['{"attributes":{"a":{"b":"}"}},"id":1}', '{"attributes":{"a":"(object)"},"id":1}'],
    ['{"attributes":{"a":[[],["\\"]"]]},"id":1}', '{"attributes":{"a":"(list)"},"id":1}'],
    ['{"attributes":[{"id":1}]}', '{"attributes":[{"id":"(number)"}]}'],
  ])('%s is %s', (text, shape) => expect(shapeOf(text)).toBe(shape));

  test.each([
    ['{"id":1,"name":"vi', '{"id":1'],
    ['{"id":1,"name":', '{"id":1'],
    ['{"id":1,"name"', '{"id":1'],
    ['{"id":1,"na', '{"id":1'],
    ['{"id":1,', '{"id":1'],
    ['{"id":1', '{"id":1'],
    ['{"id":', '{'],
    ['{', '{'],
    ['[', '['],
    ['[1', '["(number)"'],
    ['[1,', '["(number)"'],
    ['[1,"a', '["(number)"'],
    ['[{"id":1},{"id":"a', '[{"id":1},{'],
    ['{"attributes":{"a":{"b":1', '{"attributes":{"a":"(object)"'],
    ['{"attributes":{"a":["b', '{"attributes":{"a":"(list)"'],
    ['{"attributes":{"a":"b', '{"attributes":{'],
    ['"abc', '(no JSON)'],
    ['{"a" 1}', '{'],
    ['{1:2}', '{'],
    ['{x":1}', '{'],
    ['[1 2]', '["(number)"'],
    ['{"a":1 "b":2}', '{"a":"(number)"'],
    ['{"a":x}', '{'],
  ])('that was cut or is broken, %s, is %s', (text, shape) => expect(shapeOf(text)).toBe(shape));

  test.each(['Error', 'message', 'details'])('has the cause in the place of %s, which may quote values', (name) => {
    const text = `{"${name}":"no profile 'ada'","StatusCode":404}`;
    expect(shapeOf(text, 'no profile')).toBe(`{"${name}":"no profile","StatusCode":404}`);
    expect(shapeOf(text)).toBe(`{"${name}":"(string)","StatusCode":404}`);
    expect(shapeOf(`{"${name}":null}`, 'none')).toBe(`{"${name}":null}`);
    expect(shapeOf(`{"${name}x":"a"}`, 'none')).toBe(`{"${name}x":"(string)"}`);
    expect(shapeOf(`{"x${name}":"a"}`, 'none')).toBe(`{"x${name}":"(string)"}`);
    expect(shapeOf(`{"attributes":{"${name}":"a"}}`, 'none')).toBe(`{"attributes":{"${name}":"(string)"}}`);
  });
});

describe('a payload is cut', () => {
  const cut = (text: string | Uint8Array, limit: number): string => {
    const bytes = Buffer.from(text as string);
    return bytes.subarray(0, cutLength(bytes, limit)).toString('latin1');
  };

  test('at its limit, and not before it is longer', () => {
    expect(cut('abcd', 4)).toBe('abcd');
    expect(cut('abcde', 4)).toBe('abcd');
    expect(cut('', 0)).toBe('');
    expect(cut('a', 0)).toBe('');
  });

  test.each([
    ['two', 'abcé', 4, 3],
    ['three', 'ab€', 3, 2],
    ['three', 'ab€', 4, 2],
    ['four', 'a👍', 2, 1],
    ['four', 'a👍', 3, 1],
    ['four', 'a👍', 4, 1],
    ['four', '👍', 3, 0],
    ['two, which fits', 'abé', 4, 4],
  ])('before a character of %s bytes: %s to %d', (_bytes, text, limit, length) => {
    expect(cutLength(Buffer.from(`${text}tail`), limit)).toBe(length);
  });

  test('anywhere where it is no text', () => {
    expect(cutLength(Buffer.alloc(10, 0x80), 6)).toBe(6);
    expect(cutLength(Buffer.from([0x41, 0x80, 0x80, 0x80, 0x80, 0x80]), 5)).toBe(5);
    expect(cutLength(Buffer.from([0x80, 0x80]), 1)).toBe(0);
  });
});

describe('what may hold a secret', () => {
  test.each([
    ['{"a":1}', false],
    ['rck_', true],
    ['RCK_', true],
    ['rc1_', false],
    ['"passWord"', true],
    ['"tokens"', true],
    ['\\u0041', true],
    ['\\u0141', false],
  ])('%s: %s', (text, may) => expect(mayHoldSecret(text)).toBe(may));

  test('comes back as it was where nothing was hidden', () => {
    for (const text of ['{"a":"\\u0041"}', '"token list"', 'rc_a', '{"a":"\\u0022token"}']) {
      expect(withoutSecrets(text)).toBe(text);
    }
    for (const uri of ['/x?a=%5f', '/tokens/%41', '/x?mytoken', '/x?a=token']) expect(uriWithoutSecrets(uri)).toBe(uri);
  });

  test.each([
    ['rck_abcd', 'rck_***'],
    ['rck_abc', 'rck_abc'],
    ['xrck_abcd', 'xrck_abcd'],
    ['-rcm_ab-_cd e', '-rcm_*** e'],
    ['{"token":null}', '{"token":"***"}'],
    ['{"token":[1]}', '{"token":"***"]}'],
    ['{"my-token" :true}', '{"my-token" :"***"}'],
    ['{"my token":true}', '{"my token":true}'],
    ['{"tokens":true}', '{"tokens":true}'],
    ['{"t\\u006fken":"a"}', '{"token":"***"}'],
    ['{"\\\\u0074oken":"a"}', '{"\\\\u0074oken":"a"}'],
    ['{"token":"a\\', '{"token":"***"'],
    ['{"a":"\\u0022","token":"b"}', '{"a":"\\u0022","token":"***"}'],
    ['{"a":"\\u005c","token":"b"}', '{"a":"\\u005c","token":"***"}'],
  ])('%s is kept as %s', (text, kept) => expect(withoutSecrets(text)).toBe(kept));

  test.each([
    ['/x?token=a&b=1', '/x?token=***&b=1'],
    ['/x?b=1;my_secret=a#c', '/x?b=1;my_secret=***#c'],
    ['/x?t%6Fken=a', '/x?token=***'],
    ['/x?b=%72ck%5Fabcd', '/x?b=rck_***'],
    ['/x?token=', '/x?token=***'],
    ['/x?token=a%26b', '/x?token=***'],
    ['/xtoken=a', '/xtoken=a'],
  ])('of an address, %s is kept as %s', (uri, kept) => expect(uriWithoutSecrets(uri)).toBe(kept));

  test('a key of ours is known by its 32 characters', () => {
    const holds = (text: string): boolean => holdsOwnKey(Buffer.from(text));
    expect(holds(`rck_${'a'.repeat(32)}`)).toBe(true);
    expect(holds(`rck_${'a'.repeat(31)}`)).toBe(false);
    expect(holds(`x rcm_${'a'.repeat(40)}`)).toBe(true);
    expect(holds(`xrck_${'a'.repeat(32)}`)).toBe(false);
    expect(holds(`"r\\u0063k_${'a'.repeat(32)}"`)).toBe(true);
    expect(holds(`\\u0072ck_${'a'.repeat(32)}`)).toBe(true);
  });

  test('a member that is not there leaves the body as it was', () => {
    for (const body of ['{ "a": 1 }', '[1]', '1', 'null', '{"account":1}', '{"account":[]}']) {
      expect(withoutMember(Buffer.from(body), 'account.key').toString()).toBe(body);
    }
    expect(withoutMember(Buffer.from('\ufeff{"key":1.50}'), 'key').toString()).toBe('{"key":"***"}');
    expect(withoutMember(Buffer.from('{"a":{"key":1},"n":1.50}'), 'a.key').toString()).toBe(
      '{"a":{"key":"***"},"n":1.50}',
    );
    expect(withoutMember(Buffer.from('{"__proto__":{"key":1}}'), 'toString').toString()).toBe(
      '{"__proto__":{"key":1}}',
    );
  });

  test('a member that is also elsewhere leaves nothing, unless it is short', () => {
    const kept = (body: string): string => withoutMember(Buffer.from(body), 'key').toString();
    expect(kept('{"key":"1234567","n":"1234567"}')).toBe('{"key":"***","n":"1234567"}');
    expect(kept('{"key":"12345678","n":"12345678"}')).toBe('');
    expect(kept('{"a\ufeff":1,"key":"b"}')).toBe('{"a\ufeff":1,"key":"***"}');
  });
});
