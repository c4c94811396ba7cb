/** Rules for users: states that follow from one another, the last active admin, roles, passwords, and the audit log. */

import { describe, expect, it } from 'vitest';
import { ADMIN_ROLE, READ_ONLY_ROLE } from '../../../src/domain/access/roles.ts';
import { decideUsers, type UserCommand, type UserOutcome } from '../../../src/domain/access/user-changes.ts';
import type { StoredUser, User, UserChange } from '../../../src/domain/access/users.ts';
import { DomainError } from '../../../src/domain/errors.ts';

const NOW = 5000;

function stored(id: number, change: Partial<User> = {}, passwordHash = 'hash'): StoredUser {
  const user: User = {
    id,
    email: `user${id}@example.com`,
    name: `User ${id}`,
    isAdmin: false,
    state: 'active',
    mustChangePassword: false,
    created: 1000,
    modified: 1000,
    lastSignedIn: undefined,
    lastAccessed: undefined,
    ...change,
  };
  return { user, passwordHash, unlockedUntil: undefined };
}

const ada = stored(1, { isAdmin: true });
const grace = stored(2, { isAdmin: true });
const alan = stored(3);
const invited = stored(4, { isAdmin: true, state: 'invited' }, '');
const locked = stored(5, { isAdmin: true, state: 'deactivated' });
const lockedInvited = stored(6, { state: 'deactivated' }, '');
const ALL = [ada, grace, alan, invited, locked, lockedInvited];

const decide = (command: UserCommand, users: readonly StoredUser[] = ALL): UserOutcome =>
  decideUsers(command, users, NOW);
const changing = (userId: number, change: UserChange, users?: readonly StoredUser[]): UserOutcome =>
  decide({ kind: 'change', userId, change }, users);
const paths = ({ audit }: UserOutcome): string[] => audit.map(({ entity }) => entity);

function refusal(command: UserCommand, users?: readonly StoredUser[]): string {
  try {
    decide(command, users);
  } catch (error) {
    if (error instanceof DomainError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('the state of a user', () => {
  const steps: [string, StoredUser, UserChange['state'], User['state']][] = [
    ['an active user is deactivated', alan, 'deactivated', 'deactivated'],
    ['an active user stays active', alan, 'active', 'active'],
    ['an invited user stays invited until the first sign-in', invited, 'active', 'invited'],
    ['an invited user is deactivated', invited, 'deactivated', 'deactivated'],
    ['a deactivated user with a password is active again', locked, 'active', 'active'],
    ['a deactivated user without a password is invited again', lockedInvited, 'active', 'invited'],
    ['a deactivated user stays deactivated', locked, 'deactivated', 'deactivated'],
    ['a change of something else leaves the state', locked, undefined, 'deactivated'],
  ];

  it.each(steps)('%s', (_, before, asked, after) => {
    const change = asked === undefined ? { name: 'Other' } : { state: asked };
    const { users, saved, audit } = changing(before.user.id, change);
    expect(users.map(({ state }) => state)).toEqual([after]);
    const isChanged = after !== before.user.state || asked === undefined;
    expect(saved).toEqual(isChanged ? [{ ...before, user: { ...before.user, ...users[0], modified: NOW } }] : []);
    expect(audit).toHaveLength(isChanged ? 1 : 0);
  });

  it('ends all sessions of a user who is deactivated, and of nobody else', () => {
    expect(changing(3, { state: 'deactivated' }).signedOut).toEqual([{ userId: 3 }]);
    expect(changing(2, { isAdmin: false }).signedOut).toEqual([]);
    expect(changing(5, { state: 'active' }).signedOut).toEqual([]);
  });
});

describe('a change', () => {
  it('that changes nothing saves and records nothing', () => {
    const { name, isAdmin } = ada.user;
    for (const change of [{}, { name }, { isAdmin, state: 'active' as const }]) {
      expect(changing(1, change)).toEqual({ users: [ada.user], saved: [], deleted: [], signedOut: [], audit: [] });
    }
  });

  it('is recorded with the state before and after, and no secret', () => {
    const { audit } = changing(3, { name: 'Alan', isAdmin: true });
    expect(audit).toEqual([
      {
        entity: '/v1/users/3',
        applicationId: undefined,
        old: { id: 3, email: 'user3@example.com', name: 'User 3', isAdmin: false, state: 'active' },
        new: { id: 3, email: 'user3@example.com', name: 'Alan', isAdmin: true, state: 'active' },
      },
    ]);
  });

  it('of somebody who does not exist is refused', () => {
    const commands: UserCommand[] = [
      { kind: 'change', userId: 9, change: {} },
      { kind: 'delete', userId: 9 },
      { kind: 'password', userId: 9, change: { passwordHash: 'new', mustChangePassword: true } },
      { kind: 'unlock', device: { hash: Buffer.from('x'), userId: 9, expires: 1 } },
    ];
    for (const command of commands) expect(refusal(command)).toBe('not_found: User 9 not found');
  });
});

describe('the last active admin', () => {
  // An invited or deactivated user cannot act as an admin.
  const users = [ada, alan, invited, locked];
  const last = 'conflict: This is the last active admin; make another user an admin first';
  const attempts: [string, UserCommand][] = [
    ['is not made read-only', { kind: 'change', userId: 1, change: { isAdmin: false } }],
    ['is not deactivated', { kind: 'change', userId: 1, change: { state: 'deactivated' } }],
    ['is not deleted', { kind: 'delete', userId: 1 }],
    ['does not leave the role Admin', { kind: 'role', role: ADMIN_ROLE, members: [4, 5] }],
    ['does not join the role Read-only', { kind: 'role', role: READ_ONLY_ROLE, members: [1, 3] }],
  ];

  it.each(attempts)('%s', (_, command) => {
    expect(refusal(command, users)).toBe(last);
    const isLeftOut = command.kind === 'role' && command.role === ADMIN_ROLE;
    expect(refusal(command, [...users, grace])).toBe(isLeftOut ? last : 'accepted');
  });

  it('may hand over in one step', () => {
    expect(refusal({ kind: 'role', role: ADMIN_ROLE, members: [3] }, users)).toBe('accepted');
  });

  it('may be renamed, and so may anybody where there is none', () => {
    expect(changing(1, { name: 'Ada' }, users).saved).toHaveLength(1);
    expect(changing(3, { name: 'Alan' }, [alan, locked]).saved).toHaveLength(1);
    expect(decide({ kind: 'delete', userId: 5 }, [alan, locked]).deleted).toEqual([5]);
  });
});

describe('a role', () => {
  const members = (role: typeof ADMIN_ROLE, ids: readonly number[]): UserCommand => ({
    kind: 'role',
    role,
    members: ids,
  });
  const admins = ({ saved }: UserOutcome): [number, boolean][] => saved.map(({ user }) => [user.id, user.isAdmin]);

  it('has exactly the given members, and the log records new admins first', () => {
    const outcome = decide(members(ADMIN_ROLE, [3, 6, 1, 1]));
    expect(admins(outcome)).toEqual([
      [3, true],
      [6, true],
      [2, false],
      [4, false],
      [5, false],
    ]);
    expect(paths(outcome)).toEqual([3, 6, 2, 4, 5].map((id) => `/v1/users/${id}`));
    expect(outcome.signedOut).toEqual([]);
  });

  it('takes admins in as read-only, and leaves the others admins', () => {
    expect(admins(decide(members(READ_ONLY_ROLE, [2, 3, 6])))).toEqual([[2, false]]);
    expect(decide(members(READ_ONLY_ROLE, [6, 3])).saved).toEqual([]);
  });

  it('cannot be left for nothing where it is Read-only', () => {
    expect(refusal(members(READ_ONLY_ROLE, [2, 3]))).toBe(
      'invalid: members: user 6 is missing; to remove a user from Read-only, add them to Admin (role 1)',
    );
  });

  it('has no members who do not exist', () => {
    for (const role of [ADMIN_ROLE, READ_ONLY_ROLE]) {
      expect(refusal(members(role, [1, 3, 6, 9]))).toBe('not_found: User 9 not found');
    }
  });
});

describe('a password', () => {
  const replace = (change: Extract<UserCommand, { kind: 'password' }>['change']): UserCommand => ({
    kind: 'password',
    userId: 4,
    change,
  });

  it('replaces the one that was checked, and ends all sessions except one', () => {
    const outcome = decide(replace({ passwordHash: 'new', mustChangePassword: true, expected: '', keepSession: 7 }));
    // A password does not make an invited user active; the first sign-in does.
    const user = { ...invited.user, mustChangePassword: true, modified: NOW };
    expect(outcome.saved).toEqual([{ ...invited, user, passwordHash: 'new' }]);
    expect(outcome.signedOut).toEqual([{ userId: 4, keepSession: 7 }]);
    expect(outcome.audit).toMatchObject([
      { entity: '/v1/users/4/password', new: { id: 4, email: 'user4@example.com', mustChangePassword: true } },
    ]);
    expect(JSON.stringify(outcome.audit)).not.toMatch(/hash|"new":"new"/i);
  });

  it('that was replaced meanwhile is not replaced again', () => {
    expect(refusal(replace({ passwordHash: 'new', mustChangePassword: false, expected: 'hash' }))).toBe(
      'conflict: The password has been changed meanwhile; nothing was done',
    );
  });
});

it('unlocking lifts the throttle for as long as the device is known, and changes nothing else', () => {
  const device = { hash: Buffer.from('x'), userId: 5, expires: NOW + 900 };
  const outcome = decide({ kind: 'unlock', device });
  expect(outcome).toMatchObject({ users: [locked.user], saved: [{ ...locked, unlockedUntil: NOW + 900 }], device });
  expect(paths(outcome)).toEqual(['/v1/users/5/unlock']);
  expect(outcome.signedOut).toEqual([]);
});

it('deleting a user is recorded with what the user was', () => {
  const outcome = decide({ kind: 'delete', userId: 3 });
  expect(outcome).toMatchObject({ users: [alan.user], saved: [], deleted: [3] });
  expect(outcome.audit).toMatchObject([{ entity: '/v1/users/3', old: { id: 3, state: 'active' }, new: undefined }]);
});
