/** What of a payload may be kept: no key of any length or spelling, and under *masked* no value of a person. */

import { describe, expect, test } from 'vitest';
import {
  holdsOwnKey,
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
