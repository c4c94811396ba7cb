/** An in-memory store restores its saved data in every table. */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createApplication } from '../../src/domain/definitions/application-administration.ts';
import { createAudience, deleteAudience } from '../../src/domain/memberships/audience-administration.ts';
import { updateProfile } from '../../src/domain/memberships/profiles.ts';
import { eraseProfile } from '../../src/domain/privacy/erasure.ts';
import { openCore } from '../domain/open-core.ts';
import { temporaryFolder } from '../server-process.ts';

test('everything is as it was, and what comes next is numbered as it would have been', async () => {
  const core = await openCore();
  const { memory, backup } = core.storage;
  const folder = temporaryFolder();
  const dump = async (name: string): Promise<Record<string, unknown[]>> => {
    const file = join(folder, name);
    await backup?.(file);
    const copy = new Database(file, { readonly: true });
    const tables = copy.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all();
    const all = tables.map((table) => [table, copy.prepare(`select * from "${table}"`).all()] as const);
    copy.close();
    // Its version and epoch are new, which makes caches read the definitions again.
    return Object.fromEntries(all.filter(([table]) => table !== 'catalog_version'));
  };
  const { id, environment } = await createApplication(core, { name: 'Shop' });
  const caller = { requestUuid: randomUUID(), keyId: undefined, applicationId: id, environment, bytes: 0 };
  const change = async (integrationId: string, adds: number[]) =>
    updateProfile(core, caller, { integrationId, integration: 'Tealium', runRuleEngine: true, adds, deletes: [] });
  const vip = await createAudience(core, caller, { integration: 'Tealium', integrationId: 'vip', name: 'VIP' });
  await change('ada', [vip.id]);

  await memory?.remember();
  const before = await dump('before.db');
  const next = async () => {
    const audience = await createAudience(core, caller, { integration: 'Tealium', integrationId: 'new', name: 'New' });
    const { id: profileId } = await change('grace', [audience.id, vip.id]);
    return { audienceId: audience.id, set: audience.memberSet, profileId };
  };
  const numbers = await next();
  await createApplication(core, { name: 'Lab' });
  await eraseProfile(core, caller, 'ada');
  await deleteAudience(core, caller, { audienceId: vip.id });
  await core.storage.purge();

  await memory?.rewind();
  expect(await dump('after.db')).toEqual(before);
  expect((await core.storage.findProfile('live', 'ada'))?.memberships).toEqual([{ id: vip.id, name: 'VIP' }]);
  expect(await next()).toEqual(numbers);
  await memory?.rewind();
  expect(await dump('again.db')).toEqual(before);
  const problems: unknown[] = [];
  await core.storage.verify(
    (problem) => problems.push(problem),
    () => undefined,
  );
  expect(problems).toEqual([]);
  await core.storage.close();
});
