/** Rules for keys: how many there may be, when one expires, how one may change, and what the audit log records. */

import { describe, expect, it } from 'vitest';
import { checkRoomForKey, decideKeyDeletion, decideKeySwitches } from '../../../src/domain/access/api-key-changes.ts';
import { type ApiKey, keyRefusal } from '../../../src/domain/access/api-keys.ts';
import { checkRoomForManagementKey, decideManagementKey } from '../../../src/domain/access/management-key-changes.ts';
import { type ManagementKey, managementKeyState } from '../../../src/domain/access/management-keys.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 24 * 60 * 60 * 1000;

const KEY: ApiKey = {
  id: 3,
  applicationId: 1,
  title: 'Key',
  platform: 'none',
  type: '',
  readOnly: false,
  rateLimit: undefined,
  timeOffset: undefined,
  lenientRows: false,
  rowReports: false,
  skipUndefinedAttributes: false,
  prefix: 'rck_',
  suffix: 'abcd',
  expires: NOW + 30 * DAY,
  created: NOW,
  createdBy: 1,
  lastUsedAt: undefined,
  deletedAt: undefined,
};

const MANAGEMENT_KEY: ManagementKey = {
  id: 5,
  name: 'Script',
  endpoints: [{ method: 'GET', path: '/v1/users' }],
  applicationIds: [1],
  prefix: 'rcm_',
  suffix: 'wxyz',
  expires: NOW + 30 * DAY,
  created: NOW,
  lastUsedAt: undefined,
  createdBy: 1,
  disabled: false,
  deletedAt: undefined,
};

describe('API keys', () => {
  const keys = (count: number, change: Partial<ApiKey> = {}): ApiKey[] =>
    Array.from({ length: count }, () => ({ ...KEY, ...change }));

  it('are a hundred per Application at most; expired ones do not count', () => {
    const check = (others: readonly ApiKey[]) => (): void => checkRoomForKey(others, { type: '' }, NOW);
    expect(check(keys(99))).not.toThrow();
    expect(check(keys(100))).toThrow('This Application has 100 unexpired keys; delete some first');
    expect(check([...keys(99), ...keys(5, { expires: NOW })])).not.toThrow();
    expect(check([...keys(99), ...keys(1, { expires: NOW + 1 })])).toThrow('100 unexpired');
  });

  it('hold one Test key, until it expires', () => {
    const test = { ...KEY, type: 'staging', title: 'Rehearsal' } as const;
    const check = (others: readonly ApiKey[], type: ApiKey['type']) => (): void =>
      checkRoomForKey(others, { type }, NOW);
    expect(check([test], 'staging')).toThrow("already has a Test key ('Rehearsal')");
    expect(check([test], '')).not.toThrow();
    expect(check([{ ...test, expires: NOW }], 'staging')).not.toThrow();
    expect(check([KEY], 'staging')).not.toThrow();
  });

  it('open nothing once they are deleted or expired, which are distinguished', () => {
    expect(keyRefusal(KEY, NOW)).toBeUndefined();
    expect(keyRefusal({ ...KEY, expires: NOW + 1 }, NOW)).toBeUndefined();
    expect(keyRefusal({ ...KEY, expires: NOW }, NOW)).toBe('expired');
    expect(keyRefusal({ ...KEY, deletedAt: NOW }, NOW)).toBe('deleted');
    expect(keyRefusal({ ...KEY, expires: NOW, deletedAt: NOW - 1 }, NOW)).toBe('deleted');
  });

  it('are deleted once, in their own Application', () => {
    const { saved, audit } = decideKeyDeletion(3, KEY, 1, NOW);
    expect(saved).toEqual({ ...KEY, deletedAt: NOW });
    expect(audit).toEqual({
      entity: '/v1/applications/1/apikeys/3',
      applicationId: 1,
      old: {
        id: 3,
        applicationId: 1,
        title: 'Key',
        platform: 'none',
        type: '',
        readOnly: false,
        rateLimit: null,
        timeOffset: 0,
        lenientRows: false,
        rowReports: false,
        skipUndefinedAttributes: false,
        maskedKey: 'rck_…abcd',
        expires: '2026-12-23T12:00:00.000Z',
      },
      new: undefined,
    });
    expect(decideKeyDeletion(3, KEY, undefined, NOW)).toEqual({ saved, audit });
    for (const [key, applicationId] of [
      [undefined, undefined],
      [saved, undefined],
      [KEY, 2],
    ] as const) {
      expect(() => decideKeyDeletion(3, key, applicationId, NOW)).toThrow('API key 3 not found');
    }
  });

  it.each(['lenientRows', 'rowReports', 'skipUndefinedAttributes'] as const)('have %s switched on and off', (name) => {
    const on = decideKeySwitches(3, KEY, 1, { [name]: true });
    expect(on.saved).toEqual({ ...KEY, [name]: true });
    expect(on.audit).toMatchObject({
      entity: '/v1/applications/1/apikeys/3',
      applicationId: 1,
      old: { [name]: false, maskedKey: 'rck_…abcd' },
      new: { [name]: true, maskedKey: 'rck_…abcd' },
    });
    for (const none of [{ [name]: true }, {}, { [name]: undefined }]) {
      expect(decideKeySwitches(3, on.saved, undefined, none)).toEqual({ saved: on.saved, audit: undefined });
    }
    expect(decideKeySwitches(3, on.saved, 1, { [name]: false }).saved).toEqual(KEY);
  });

  it('are changed only while they exist, in their own Application', () => {
    for (const [key, applicationId] of [
      [undefined, undefined],
      [{ ...KEY, deletedAt: NOW }, 1],
      [KEY, 2],
    ] as const) {
      expect(() => decideKeySwitches(3, key, applicationId, { rowReports: true })).toThrow('API key 3 not found');
    }
  });
});

describe('management keys', () => {
  it('are two hundred at most; expired ones do not count', () => {
    const check = (live: number, expired: number) => (): void => {
      const others = Array.from({ length: live + expired }, (_, at) => ({ expires: at < live ? NOW + 1 : NOW }));
      checkRoomForManagementKey(others, NOW);
    };
    expect(check(199, 50)).not.toThrow();
    expect(check(200, 0)).toThrow('There are 200 unexpired management keys; delete some first');
  });

  it('are switched off and on again; what is so already leaves no trace', () => {
    const off = decideManagementKey({ kind: 'switch', id: 5, disabled: true }, MANAGEMENT_KEY, NOW);
    expect(off.key).toEqual({ ...MANAGEMENT_KEY, disabled: true });
    expect(off.audit).toMatchObject({
      entity: '/v1/management_keys/5',
      applicationId: undefined,
      old: { disabled: false, maskedKey: 'rcm_…wxyz', endpoints: ['GET /v1/users'] },
      new: { disabled: true },
    });
    const again = decideManagementKey({ kind: 'switch', id: 5, disabled: true }, off.key, NOW);
    expect(again).toEqual({ key: off.key, audit: undefined });
    expect(decideManagementKey({ kind: 'switch', id: 5, disabled: false }, off.key, NOW).key).toEqual(MANAGEMENT_KEY);
  });

  it('are deleted for good', () => {
    const { key, audit } = decideManagementKey({ kind: 'delete', id: 5 }, MANAGEMENT_KEY, NOW);
    expect(key).toEqual({ ...MANAGEMENT_KEY, deletedAt: NOW });
    expect(audit).toMatchObject({ entity: '/v1/management_keys/5', old: { id: 5 }, new: undefined });
    for (const gone of [key, undefined]) {
      for (const command of [
        { kind: 'delete', id: 5 },
        { kind: 'switch', id: 5, disabled: true },
      ] as const) {
        expect(() => decideManagementKey(command, gone, NOW)).toThrow('Management key 5 not found');
      }
    }
  });

  const states: [string, Partial<ManagementKey>, 'active' | 'invited' | 'deactivated' | undefined, string][] = [
    ['is valid', {}, 'active', 'Valid'],
    ['is valid while its creator is invited', {}, 'invited', 'Valid'],
    ['warns in its last week', { expires: NOW + 7 * DAY }, 'active', 'Expires Soon'],
    ['is invalid when switched off', { disabled: true }, 'active', 'Invalid'],
    ['is invalid when its creator is deactivated', {}, 'deactivated', 'Invalid'],
    ['is invalid when its creator is gone', {}, undefined, 'Invalid'],
    ['is expired before it is anything else', { expires: NOW, disabled: true }, undefined, 'Expired'],
  ];
  it.each(states)('one %s', (_, change, creatorState, state) => {
    const creator = creatorState === undefined ? undefined : { state: creatorState };
    expect(managementKeyState({ key: { ...MANAGEMENT_KEY, ...change }, creator }, NOW)).toBe(state);
  });
});
