/** Faults in the SQL of users, sessions and keys, and in the limits on callers. */

import type { PlantedFault } from './fault.ts';

const ACCOUNTS = ['test/storage/sqlite.test.ts'];
const SESSIONS = ['test/domain/access/sessions.test.ts'];

export const ACCOUNT_FAULTS: readonly PlantedFault[] = [
  {
    what: 'the newest session is pushed out by the next',
    text: 'sort((a, b) => b.id - a.id);',
    fault: 'sort((a, b) => a.id - b.id);',
    tests: ['test/domain/access/session-changes.test.ts'],
  },
  {
    what: 'the sessions of all users are bounded together',
    text: "'select * from sessions where user_id = ? order by id desc'",
    fault: "'select * from sessions where user_id >= 0 * ? order by id desc'",
    tests: ACCOUNTS,
    only: 'in memory > accounts',
  },
  {
    what: 'sessions are listed oldest first',
    text: "'select * from sessions where user_id = ? order by id desc'",
    fault: "'select * from sessions where user_id = ? order by id'",
    tests: ACCOUNTS,
    only: 'in memory > accounts > sessions are listed',
  },
  {
    what: "a new password ends other users' sessions",
    text: "'delete from sessions where user_id = ? and id <> ?'",
    fault: "'delete from sessions where user_id > 0 * ? and id <> ?'",
    tests: ['test/domain/access/user-administration.test.ts'],
    only: 'is replaced by its owner',
  },
  {
    what: 'a new password ends no session',
    text: "'delete from sessions where user_id = ? and id <> ?'",
    fault: "'delete from sessions where user_id = ? and id = ?'",
    tests: ACCOUNTS,
    only: 'in memory > accounts',
  },
  {
    what: 'a session is ended for another user',
    text: 'if (session === undefined || (userId !== undefined && session.userId !== userId)) throw',
    fault: 'if (session === undefined) throw',
    tests: ['test/domain/access/session-changes.test.ts'],
  },
  {
    what: 'a deleted management key opens',
    text: "'select * from management_keys where hash = ? and deleted_at is null'",
    fault: "'select * from management_keys where hash = ?'",
    tests: ACCOUNTS,
    only: 'in memory > accounts > a management key',
  },
  {
    what: 'deleted management keys are listed',
    text: "'select * from management_keys where deleted_at is null order by id desc'",
    fault: "'select * from management_keys order by id desc'",
    tests: ACCOUNTS,
    only: 'in memory > accounts > a management key',
  },
  {
    what: 'the last use of a key moves back',
    text: "'update api_keys set last_used_at = ? where id = ? and coalesce(last_used_at, 0) < ?'",
    fault: "'update api_keys set last_used_at = ? where id = ? and 0 < ?'",
    tests: ACCOUNTS,
    only: 'in memory > back office > the last use',
  },
  {
    what: 'the use of one key counts for all',
    text: "'update api_keys set last_used_at = ? where id = ? and coalesce(last_used_at, 0) < ?'",
    fault: "'update api_keys set last_used_at = ? where id >= 0 * ? and coalesce(last_used_at, 0) < ?'",
    tests: ACCOUNTS,
    only: 'in memory > back office > the last use',
  },
  {
    what: "a key of another Application is deleted through one's own",
    text: 'const isElsewhere = applicationId !== undefined && key?.applicationId !== applicationId;',
    fault: 'const isElsewhere = applicationId === 0;',
    tests: ['test/domain/access/key-changes.test.ts'],
  },
  {
    what: 'users are found in the case they were written alone',
    text: "'select * from users where lower(email) = lower(?)'",
    fault: "'select * from users where email = ?'",
    tests: ['test/domain/access/user-administration.test.ts'],
    only: 'are found by number',
  },
  {
    what: 'known browsers of all users are bounded together',
    text: "'select * from devices where user_id = ?'",
    fault: "'select * from devices where user_id >= 0 * ?'",
    tests: ACCOUNTS,
    only: 'in memory > accounts > known browsers',
  },
  {
    what: 'the browser that is used longest is the first to be forgotten',
    text: 'b.expires - a.expires ||',
    fault: 'a.expires - b.expires ||',
    tests: [...ACCOUNTS, ...SESSIONS],
    only: 'in memory > accounts > known browsers|one of twenty',
  },
  {
    what: 'deleted keys are listed',
    text: "'select * from api_keys where deleted_at is null order by created desc, id desc'",
    fault: "'select * from api_keys order by created desc, id desc'",
    tests: ACCOUNTS,
    only: 'in memory > back office > keys are listed',
  },
];
