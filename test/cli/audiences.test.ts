/** `rollcall audience list` and `export`, and members that are exported and imported again. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { call, cli, expectRefusal, firstKey, json, newDatabase } from './world.ts';

interface ListedAudience {
  readonly id: number;
  readonly members: number;
}

const HOSTILE = [
  'a,b',
  'say "hi"',
  '"',
  'two\nlines',
  'carriage\rreturn',
  '\r\n',
  ' leading blank',
  'trailing blank ',
  '   ',
  '\t',
  'profileintegrationid',
  '=HYPERLINK("x")',
  '\u001b[31mred\u001b[0m',
  '\u009b31m',
  '\ufeffmark',
  '👩‍👩‍👧',
  'žluťoučký/kůň?#%00',
  '__proto__',
  "'; drop table members; --",
  '👍'.repeat(1000),
  '"'.repeat(1000),
];

let server: ServerProcess;
let key: string;
beforeAll(async () => {
  server = await startServerProcess();
  key = firstKey(server.database);
  for (const audienceId of ['hostile', 'copy']) {
    const body = { audienceId, audienceName: `Name of ${audienceId}` };
    expect((await call(server, '/cdp/audiences', { key, method: 'POST', body })).status).toBeLessThan(300);
  }
  const items = HOSTILE.map((profileId) => ({ customerProfileId: profileId, adds: ['hostile'] }));
  const answer = await call(server, '/cdp/v2/customer_profiles/audiences', {
    key,
    method: 'PUT',
    body: { data: items },
  });
  expect(await answer.text()).toBe('');
});
afterAll(async () => {
  await server.stop();
});

describe('audience list', () => {
  it('shows sizes as they are now', async () => {
    const { stdout } = await runCli(['audience', 'list', '--database', server.database]);
    expect(stdout).toMatch(/^ID +NAME +MEMBERS +PLATFORM +PLATFORM ID +ENVIRONMENT +LAST UPDATE\n/);
    expect(stdout).toMatch(/^2 +Name of hostile +21 +Customer Data Platform +hostile +live +\d{4}-/m);
    expect((await json<unknown[]>(server.database, 'audience', 'list'))[1]).toEqual({
      id: 2,
      name: 'Name of hostile',
      environment: 'live',
      integration: 'Customer Data Platform',
      integrationId: 'hostile',
      members: HOSTILE.length,
      created: expect.stringMatching(/Z$/) as string,
      lastUpdate: expect.stringMatching(/Z$/) as string,
    });
  });
});

describe('audience export', () => {
  it('gives back every ID, however hostile', async () => {
    expect(await json(server.database, 'audience', 'export', '2')).toEqual(HOSTILE);
    const { stdout, stderr } = await cli(server.database, 'audience', 'export', '2');
    expect(stderr).toBe('');
    expect(stdout.startsWith('profileintegrationid\n"a,b"\n"say ""hi"""\n""""\n"two\nlines"\n')).toBe(true);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('and import make the same members again: from a file, and from standard input', async () => {
    const { stdout: csv } = await cli(server.database, 'audience', 'export', '2');
    const file = join(temporaryFolder(), 'members.csv');
    writeFileSync(file, csv);
    const size = HOSTILE.length;
    // Blanks around an ID and repeated IDs cause a warning; here they are intended.
    expect(await json(server.database, 'audience', 'import', '3', file, '--yes')).toEqual({
      audienceId: 3,
      members: size,
      joins: size,
      leaves: 0,
      warnings: { outerBlank: 6 },
    });
    expect((await cli(server.database, 'audience', 'export', '3')).stdout).toBe(csv);
    const args = ['audience', 'import', '3', '-', '--yes', '--database', server.database];
    expect(await runCli(args, { input: csv })).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^standard input: 6 of 21 begin or end with a blank/) as string,
      stdout: `Audience 3 'Name of copy' now has ${size} members: 0 joined, 0 left.\n`,
    });
  });

  it('of an empty audience is the header, or an empty list', async () => {
    expect((await cli(server.database, 'audience', 'export', '1')).stdout).toBe('profileintegrationid\n');
    expect(await json(server.database, 'audience', 'export', '1')).toEqual([]);
  });
});

describe('an audience nobody knows', () => {
  it.each([['export'], ['import']])('is exit 1 for %s', async (command) => {
    const file = command === 'import' ? ['-'] : [];
    const result = await runCli(['audience', command, '99', ...file, '--database', server.database], { input: 'x' });
    expectRefusal(result, 1, /Audience 99 not found/);
  });
});

describe('without a server', () => {
  it('a list of members is exported and imported all the same', async () => {
    const backup = newDatabase();
    await cli(server.database, 'backup', backup.slice('sqlite:'.length));
    expect(await json(backup, 'audience', 'export', '2')).toEqual(HOSTILE);
    const args = ['audience', 'import', '2', '-', '--yes', '--json', '--database', backup];
    const { stdout } = await runCli(args, { input: 'profileintegrationid\nnew\n' });
    expect(JSON.parse(stdout)).toEqual({ audienceId: 2, members: 1, joins: 1, leaves: HOSTILE.length, warnings: {} });
    expect((await cli(backup, 'verify')).stdout).toMatch(/^Clean: \d+ checks passed\.\n$/);
    // The original is unchanged.
    const [, hostile] = await json<ListedAudience[]>(server.database, 'audience', 'list');
    expect(hostile?.members).toBe(HOSTILE.length);
  });
});
