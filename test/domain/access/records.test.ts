/** What is recorded of views and replays, what is said about the account and the audit log, and who has which role. */

import { describe, expect, it } from 'vitest';
import { accountCreated, findAccount } from '../../../src/domain/access/account.ts';
import { listAuditEntries } from '../../../src/domain/access/audit-lists.ts';
import { isUseDue, noteUse } from '../../../src/domain/access/last-use.ts';
import { recordMemberExport, recordPayloadView } from '../../../src/domain/access/payload-views.ts';
import { recordReplay } from '../../../src/domain/access/replay-records.ts';
import { ADMIN_ROLE, findRole, READ_ONLY_ROLE, ROLES, roleOf } from '../../../src/domain/access/roles.ts';
import { checkUserName, emailOf, emailTaken, nameFrom } from '../../../src/domain/access/users.ts';
import type { AuditRecord } from '../../../src/domain/audit-record.ts';
import type { Core } from '../../../src/domain/core.ts';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { Catalog } from '../../../src/domain/definitions/catalog.ts';
import { DomainError, unavailable } from '../../../src/domain/errors.ts';

/** A core whose store has these Applications and two users, and collects what is recorded. */
function coreOf(...applications: Pick<Application, 'id' | 'created'>[]): { core: Core; recorded: unknown[] } {
  const recorded: unknown[] = [];
  const catalog = new Catalog();
  for (const each of applications) catalog.putApplication({ environment: 'live', ...each } as Application);
  const accounts = {
    listUsers: async () => [
      { id: 1, email: 'ada@example.com' },
      { id: 2, email: 'eve@example.com' },
    ],
    listAuditEntries: async (...asked: unknown[]) => ({ entries: asked, total: 2 }),
    recordAudit: async (actor: unknown, record: AuditRecord) => {
      recorded.push([actor, record]);
    },
  };
  const core = { storage: { accounts, catalog: async () => catalog }, actor: { userId: 4 } };
  return { core: core as unknown as Core, recorded };
}

describe('the account', () => {
  it('is as old as its first Application', async () => {
    const { core } = coreOf({ id: 1, created: 30 }, { id: 2, created: 20 }, { id: 3, created: 40 });
    expect(await findAccount(core)).toEqual({ created: 20, applicationCount: 3, userCount: 2 });
    expect(await accountCreated(core)).toBe(20);
  });

  it('has no age before that', async () => {
    expect(await findAccount(coreOf().core)).toEqual({ created: 0, applicationCount: 0, userCount: 2 });
  });
});

describe('the audit log', () => {
  it('names the users', async () => {
    const page = { limit: 10, skip: 0, descending: true };
    const slice = await listAuditEntries(coreOf().core, { userId: 1 }, page);
    expect(slice).toMatchObject({ entries: [{ userId: 1 }, page], total: 2 });
    expect([...slice.emails]).toEqual([
      [1, 'ada@example.com'],
      [2, 'eve@example.com'],
    ]);
  });

  it('has an entry for payloads that were viewed, if there were any', async () => {
    const { core, recorded } = coreOf();
    await recordPayloadView(core, '/v1/requests', 7, 0);
    await recordPayloadView(core, '/v1/requests', 7, 1);
    await recordPayloadView(core, '/v1/requests', undefined, 2);
    const entity = '/v1/requests';
    expect(recorded).toEqual([
      [{ userId: 4 }, { entity, applicationId: 7, new: { payloadsViewed: 1 } }],
      [{ userId: 4 }, { entity, applicationId: undefined, new: { payloadsViewed: 2 } }],
    ]);
  });

  it('has an entry for every exported list of members, and for every replay', async () => {
    const { core, recorded } = coreOf();
    await recordMemberExport(core, 3);
    const state = { status: 204, joins: 1, leaves: 2, skipped: 3, override: true };
    await recordReplay(core, { uuid: 'u', applicationId: 7, ...state });
    expect(recorded).toEqual([
      [{ userId: 4 }, { entity: '/v1/audiences/3/memberships/export', new: {} }],
      [{ userId: 4 }, { entity: '/v1/refused_writes/u', applicationId: 7, new: state }],
    ]);
  });
});

describe('roles', () => {
  it('are two, of which every user has one', () => {
    expect(ROLES.map(({ id, name, isAdmin }) => [id, name, isAdmin])).toEqual([
      [1, 'Admin', true],
      [2, 'Read-only', false],
    ]);
    expect([true, false].map((isAdmin) => roleOf({ isAdmin }))).toEqual([ADMIN_ROLE, READ_ONLY_ROLE]);
    expect([1, 2].map(findRole)).toEqual([ADMIN_ROLE, READ_ONLY_ROLE]);
    expect(() => findRole(3)).toThrow(expect.objectContaining({ code: 'not_found', message: 'Role 3 not found' }));
  });
});

describe('a last use', () => {
  it('is noted from a minute after the one before', () => {
    expect(isUseDue(undefined, 60_001)).toBe(true);
    expect(isUseDue(undefined, 60_000)).toBe(false);
    expect(isUseDue(1, 60_001)).toBe(false);
  });

  it('may be lost while the store accepts no writes, and for no other reason', async () => {
    const failing = (error: Error) => async (): Promise<void> => {
      throw error;
    };
    await expect(noteUse(async () => undefined)).resolves.toBeUndefined();
    await expect(noteUse(failing(unavailable('read-only', 5)))).resolves.toBeUndefined();
    await expect(noteUse(failing(new DomainError('conflict', 'taken')))).rejects.toThrow('taken');
    await expect(noteUse(failing(Object.assign(new Error('broken'), { code: 'unavailable' })))).rejects.toThrow(
      'broken',
    );
  });
});

describe('e-mails and names', () => {
  it('are stored without space around them', () => {
    expect(emailOf(' ada@example.com ')).toBe('ada@example.com');
    expect(checkUserName(' Ada ')).toBe('Ada');
    expect(nameFrom(undefined, 'ada.l@example.com')).toBe('ada.l');
    expect(nameFrom(' Ada ', 'x@example.com')).toBe('Ada');
  });

  const longEmail = (length: number): string => `a@${'b'.repeat(50)}.`.padEnd(length, `${'c'.repeat(50)}.`);

  it.each<[string, () => string, string]>([
    ['no e-mail', () => emailOf('ada'), '/email'],
    ['an e-mail of 255 characters', () => emailOf(longEmail(255)), '/email'],
    ['an empty name', () => checkUserName(' '), '/name'],
    ['a name of 256 characters', () => checkUserName('n'.repeat(256)), '/name'],
    ['a name that cannot be stored', () => checkUserName('a\0'), '/name'],
    ['an empty name beside an e-mail', () => nameFrom('', 'ada@example.com'), '/name'],
  ])('%s is refused', (_, stored, pointer) => {
    expect(stored).toThrow(
      expect.objectContaining({ code: 'invalid', problems: [expect.objectContaining({ source: { pointer } })] }),
    );
  });

  it('may be long: an e-mail of 254 characters, and a name of 255, however they are encoded', () => {
    expect(emailOf(longEmail(254))).toHaveLength(254);
    expect(checkUserName('👍'.repeat(255))).toBe('👍'.repeat(255));
  });

  it('belong to one user', () => {
    expect(emailTaken('ada@example.com')).toMatchObject({
      code: 'conflict',
      message: 'A user with the e-mail ada@example.com already exists',
    });
  });
});
