/** What an Application may contain, and what a change results in. */

import { describe, expect, test } from 'vitest';
import {
  type Application,
  type ApplicationChange,
  applicationNotFound,
  changeApplication,
  checkApplication,
  isTimezone,
} from '../../../src/domain/definitions/applications.ts';

const SHOP: Application = {
  id: 1,
  name: 'Shop',
  environment: 'live',
  timezone: 'UTC',
  currency: 'EUR',
  description: '',
  payloadLogging: 'full',
  staging: false,
  created: 1,
  modified: 2,
};

describe('an Application', () => {
  test.each<ApplicationChange>([
    {},
    { name: 'a' },
    { name: '👍'.repeat(255) },
    { timezone: 'Europe/Berlin' },
    { currency: 'USD' },
    { description: '' },
    { description: '👍'.repeat(1000) },
    { payloadLogging: 'off' },
    { payloadLogging: 'masked' },
  ])('may have %j', (change) => expect(() => checkApplication(change)).not.toThrow());

  test.each<[ApplicationChange, string]>([
    [{ name: '' }, 'name'],
    [{ name: 'a'.repeat(256) }, 'name'],
    [{ name: 'a\0' }, 'name'],
    [{ timezone: 'Europe/Nowhere' }, 'timezone'],
    [{ timezone: '' }, 'timezone'],
    [{ currency: 'eur' }, 'currency'],
    [{ currency: 'EU' }, 'currency'],
    [{ currency: 'EURO' }, 'currency'],
    [{ currency: 'xEUR' }, 'currency'],
    [{ description: 'a'.repeat(1001) }, 'description'],
    [{ description: '\ud800' }, 'description'],
    [{ payloadLogging: 'some' as 'full' }, 'payloadLogging'],
  ])('may not have %j', (change, field) => {
    expect(() => checkApplication(change)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        problems: [expect.objectContaining({ source: { pointer: `/${field}` } })],
      }),
    );
  });

  test('has a time zone of the IANA', () => {
    expect(['Asia/Tokyo', 'UTC', 'Mars/Olympus'].map(isTimezone)).toEqual([true, true, false]);
  });
});

describe('a change', () => {
  test('touches what is given, and leaves the rest', () => {
    expect(changeApplication(SHOP, { name: 'Store' })).toEqual({ ...SHOP, name: 'Store' });
    expect(changeApplication(SHOP, { staging: true })).toEqual({ ...SHOP, staging: true });
  });

  test.each<ApplicationChange>([{}, { name: 'Shop' }, { name: 'Shop', staging: false }])(
    'of nothing is none: %j',
    (change) => expect(changeApplication(SHOP, change)).toBeUndefined(),
  );

  test('cannot switch staging off again', () => {
    const staging = { ...SHOP, staging: true };
    expect(() => changeApplication(staging, { staging: false })).toThrow(
      expect.objectContaining({
        code: 'invalid',
        problems: [expect.objectContaining({ source: { pointer: '/enableCampaignStateManagement' } })],
      }),
    );
    expect(changeApplication(staging, { staging: true })).toBeUndefined();
  });
});

test('one that is not there is named', () => {
  expect(applicationNotFound(7)).toMatchObject({ code: 'not_found', message: 'Application 7 not found' });
});
