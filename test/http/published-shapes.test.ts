/** Published operations answer in their published shape, and with the fields of ours to those who prefer them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

describe('Prefer: extended', () => {
  const OPERATIONS = ['/v1/users/1', '/v1/applications/1', '/v1/audiences', '/v2/roles/1', '/v1/changes?pageSize=1'];

  test.for(OPERATIONS)('%s answers alike without it and with other preferences', async (path) => {
    const plain = await office.call('GET', path, { headers: { prefer: '' } });
    const other = await office.call('GET', path, { headers: { prefer: 'respond-async, extended=no' } });
    const full = await office.call('GET', path, { headers: { prefer: 'Respond-Async; x=", ", EXTENDED' } });
    expect(other.text).toBe(plain.text);
    expect(full.text.length).toBeGreaterThan(plain.text.length);
    expect([plain, other, full].map(({ headers }) => [headers.vary, headers['preference-applied']])).toEqual([
      ['Prefer', undefined],
      ['Prefer', undefined],
      ['Prefer', 'extended'],
    ]);
    const head = await office.call('HEAD', path);
    expect([head.headers['content-length'], head.headers['preference-applied']]).toEqual([
      full.headers['content-length'],
      'extended',
    ]);
  });

  test('is not followed in errors', async () => {
    const { status, headers } = await office.call('GET', '/v1/users/999');
    expect([status, headers['preference-applied']]).toEqual([404, undefined]);
  });

  test('is not needed for operations of ours', async () => {
    const body = { name: 'Second shop' };
    const created = await office.call('POST', '/v1/applications', { body, headers: { prefer: '' } });
    expect(created.json()).toMatchObject({ name: 'Second shop', payloadLogging: 'full' });
    expect(created.headers['preference-applied']).toBeUndefined();
  });
});
