/** Who may call what: sessions by role, management keys by what was granted to them. */

import { describe, expect, it } from 'vitest';
import type { ManagementKey } from '../../../src/domain/access/management-keys.ts';
import {
  type BackOfficeCall,
  checkMayCall,
  seesApplication,
  visibleApplications,
} from '../../../src/domain/access/permissions.ts';
import type { Session } from '../../../src/domain/access/sessions.ts';
import { checkMayChange, checkOwnOrAdmin } from '../../../src/domain/access/user-administration.ts';
import { maySeeUser } from '../../../src/domain/access/user-lookups.ts';
import type { User } from '../../../src/domain/access/users.ts';

const ENDPOINT = { method: 'GET', path: '/v1/applications/{applicationId}' };

function user(change: Partial<User> = {}): User {
  return {
    id: 1,
    email: 'ada@example.com',
    name: 'Ada',
    isAdmin: true,
    state: 'active',
    mustChangePassword: false,
    created: 1,
    modified: 1,
    lastSignedIn: undefined,
    lastAccessed: undefined,
    ...change,
  };
}

const SESSION: Session = {
  id: 1,
  userId: 1,
  kind: 'api',
  created: 1,
  lastSeen: 1,
  expires: 2,
  userAgent: '',
  address: '',
};

function key(change: Partial<ManagementKey> = {}): ManagementKey {
  return {
    id: 1,
    name: 'Script',
    endpoints: [ENDPOINT],
    applicationIds: [],
    prefix: 'rcm_',
    suffix: 'abcd',
    expires: 9,
    created: 1,
    lastUsedAt: undefined,
    createdBy: 1,
    disabled: false,
    deletedAt: undefined,
    ...change,
  };
}

function answer(caller: { user?: User; key?: ManagementKey }, change: Partial<BackOfficeCall> = {}): string {
  const call: BackOfficeCall = {
    access: 'read',
    endpoint: ENDPOINT,
    duringPasswordChange: false,
    ofAllApplications: false,
    applicationIds: [],
    ...change,
  };
  const session = caller.key === undefined ? SESSION : undefined;
  try {
    checkMayCall({ user: caller.user ?? user(), session, key: caller.key }, call);
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

const NEEDS_ADMIN = 'This requires an admin; your role is read-only';

describe('a signed-in user', () => {
  it('is let in by role', () => {
    for (const access of ['session', 'read', 'admin', 'admin-session'] as const) {
      expect(answer({}, { access })).toBe('in');
      const isForAdmins = access === 'admin' || access === 'admin-session';
      expect(answer({ user: user({ isAdmin: false }) }, { access })).toBe(isForAdmins ? NEEDS_ADMIN : 'in');
    }
  });

  it('changes a password that somebody else saw before anything else', () => {
    const fresh = { user: user({ mustChangePassword: true }) };
    expect(answer(fresh)).toBe('Change the password first: it was set by somebody else');
    expect(answer(fresh, { duringPasswordChange: true })).toBe('in');
    expect(answer({ ...fresh, key: key() })).toBe('in');
  });

  it('is not limited to Applications', () => {
    expect(answer({}, { ofAllApplications: true, applicationIds: [1, 2] })).toBe('in');
    expect(seesApplication({ key: undefined }, 9)).toBe(true);
    expect(visibleApplications({ key: undefined })).toBeUndefined();
  });
});

describe('a management key', () => {
  it('opens what it was granted, with the role of its creator', () => {
    expect(answer({ key: key() })).toBe('in');
    expect(answer({ key: key() }, { access: 'admin' })).toBe('in');
    expect(answer({ key: key(), user: user({ isAdmin: false }) }, { access: 'admin' })).toBe(NEEDS_ADMIN);
    const other = { method: 'PUT', path: ENDPOINT.path };
    expect(answer({ key: key() }, { endpoint: other })).toBe(
      "The management key 'Script' was not granted PUT /v1/applications/{applicationId}",
    );
  });

  it('never opens what is for signed-in users, whatever it was granted', () => {
    for (const access of ['session', 'admin-session'] as const) {
      expect(answer({ key: key() }, { access })).toContain('is for signed-in users only, not for management keys');
    }
  });

  const limited: [BackOfficeCall['ofAllApplications'], readonly number[], boolean][] = [
    [false, [], true],
    [false, [1], true],
    [false, [3], false],
    [false, [1, 3], false],
    [false, [Number.NaN], false],
    [true, [], false],
    [true, [1], false],
    ['unless named', [], false],
    ['unless named', [1], true],
    ['unless named', [1, 2], true],
    ['unless named', [3], false],
  ];
  it.each(limited)('of Applications 1 and 2, about all: %s, named: %j, is let in: %s', (all, named, isIn) => {
    const caller = { key: key({ applicationIds: [1, 2] }) };
    const expected = isIn ? 'in' : "The management key 'Script' is limited to Applications 1, 2";
    expect(answer(caller, { ofAllApplications: all, applicationIds: named })).toBe(expected);
    expect(answer({ key: key() }, { ofAllApplications: all, applicationIds: named })).toBe('in');
  });

  it('sees its Applications only', () => {
    const caller = { key: key({ applicationIds: [1, 2] }) };
    expect([1, 2, 3, undefined].map((id) => seesApplication(caller, id))).toEqual([true, true, false, false]);
    expect(visibleApplications(caller)).toEqual([1, 2]);
    expect([3, undefined].map((id) => seesApplication({ key: key() }, id))).toEqual([true, true]);
    expect(visibleApplications({ key: key() })).toBeUndefined();
  });
});

describe('the record of a user', () => {
  const [admin, reader] = [user({ id: 1 }), user({ id: 2, isAdmin: false })];

  it('is for admins and for the user', () => {
    expect([maySeeUser(admin, 2), maySeeUser(reader, 2), maySeeUser(reader, 1)]).toEqual([true, true, false]);
    expect(() => checkOwnOrAdmin(admin, 2)).not.toThrow();
    expect(() => checkOwnOrAdmin(reader, 2)).not.toThrow();
    expect(() => checkOwnOrAdmin(reader, 1)).toThrow('this is not your own record');
  });

  it('is renamed by its user; role and state are changed by admins', () => {
    expect(() => checkMayChange(reader, 2, { name: 'Myself' })).not.toThrow();
    expect(() => checkMayChange(reader, 1, { name: 'Not me' })).toThrow('this is not your own record');
    for (const change of [{ isAdmin: true }, { isAdmin: false }, { state: 'active' } as const]) {
      expect(() => checkMayChange(reader, 2, change)).toThrow('Only admins may change state and role');
      expect(() => checkMayChange(admin, 2, change)).not.toThrow();
    }
  });
});
