/** `rollcall application`, `attribute` and `user`: what they print, and that a running server applies it at once. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type ServerProcess, startServerProcess } from '../server-process.ts';
import { cli, expectRefusal, firstKey, json, newDatabase, runCommand, updateStatus } from './world.ts';

/** Runs a command as it ships; the others here run in this process. */
async function inOwnProcess(...args: string[]): Promise<unknown> {
  return JSON.parse((await runCli([...args, '--json'])).stdout) as unknown;
}

let server: ServerProcess;
let key: string;
beforeAll(async () => {
  server = await startServerProcess();
  key = firstKey(server.database);
});
afterAll(async () => {
  await server.stop();
});

describe('Applications', () => {
  it('are created and listed, beside the server', async () => {
    expect(
      await json(server.database, 'application', 'create', 'Rehearsal', '--sandbox', '--timezone', 'Europe/Berlin'),
    ).toEqual({
      id: 2,
      name: 'Rehearsal',
      environment: 'sandbox',
      timezone: 'Europe/Berlin',
      staging: false,
      created: expect.stringMatching(/Z$/) as string,
    });
    const listed = await json<{ name: string }[]>(server.database, 'application', 'list');
    expect(listed.map(({ name }) => name)).toEqual(['Default', 'Rehearsal']);
    const { stdout } = await cli(server.database, 'application', 'list');
    expect(stdout).toMatch(/^ID +NAME +ENVIRONMENT +TIME ZONE +CREATED\n1 +Default +live +UTC /);
  });

  it('are created in an empty database too, before any server', async () => {
    const database = newDatabase();
    expect((await cli(database, 'application', 'create', 'Shop')).stdout).toMatch(/Shop +live +UTC/);
    expect(await inOwnProcess('attribute', 'list', '--database', database)).toEqual([]);
    expect((await cli(database, 'attribute', 'list')).stdout).toMatch(
      /No attributes yet\. Create one: rollcall attribute create/,
    );
    expect((await cli(database, 'audience', 'list')).stdout).toMatch(/No audiences yet/);
  });

  const refused: [string[], number, RegExp][] = [
    [['default'], 1, /An Application named 'default' already exists/],
    [[''], 2, /name: length must be 1 to 255/],
    [['x', '--timezone', 'Mars'], 2, /--timezone: 'Mars' is not an IANA time zone such as Europe\/Berlin/],
  ];

  it.each(refused)('are refused: %j', async (args, code, message) => {
    expectRefusal(await runCommand(['application', 'create', ...args, '--database', server.database]), code, message);
  });
});

describe('attributes', () => {
  it('are known to the running server at once', async () => {
    expect(await updateStatus(server, key, { Visits: 3 })).toBe(400);
    const define = ['attribute', 'create', '--name', 'Visits', '--type', 'number', '--description', 'how often'];
    expect(await inOwnProcess(...define, '--database', server.database)).toEqual({
      id: 2,
      name: 'Visits',
      title: 'Visits',
      type: 'number',
      description: 'how often',
      suggestions: [],
      restrictedBySuggestions: false,
      applicationIds: [],
      created: expect.stringMatching(/Z$/) as string,
    });
    expect(await updateStatus(server, key, { Visits: 3 })).toBe(200);
    expect(await updateStatus(server, key, { Visits: 'three' })).toBe(400);
  });

  it('with a closed list take what is on it only', async () => {
    const values = ['gold', 'silver, plated', 'tin'].flatMap((each) => ['--suggestion', each]);
    const base = ['attribute', 'create', '--name', 'Metal', '--type', 'string', '--title', 'Its metal'];
    const { stdout } = await cli(server.database, ...base, ...values, '--restricted');
    expect(stdout).toMatch(/Metal +Its metal +string +gold, silver, plated, tin \(only these\) +all/);
    expect(await updateStatus(server, key, { Metal: 'silver, plated' })).toBe(200);
    expect(await updateStatus(server, key, { Metal: 'lead' })).toBe(400);
  });

  it('limited to an Application are unknown to the others', async () => {
    const { id } = await json<{ id: number }>(server.database, 'application', 'create', 'Second');
    const define = ['attribute', 'create', '--name', 'Own', '--type', '(list string)', '--application', 'second'];
    const made = await json<{ applicationIds: number[] }>(server.database, ...define, '--application', String(id));
    expect(made.applicationIds).toEqual([id]);
    const create = 'key create --name k --platform customer_data --expires 2099-01-01 --application Second'.split(' ');
    const second = await cli(server.database, ...create);
    expect(await updateStatus(server, second.stdout.trim(), { Own: ['x'] })).toBe(200);
    expect(await updateStatus(server, key, { Own: ['x'] })).toBe(400);
  });

  const refused: [string[], number, RegExp][] = [
    [['--name', 'Tier'], 1, /the name 'Tier' or the title 'Tier' already exists/],
    [['--name', '1st'], 2, /--name: '1st' must be a letter followed by letters, digits or underscores/],
    [['--name', 'x', '--title', '#'], 2, /--title: must start with a letter/],
    [['--name', 'x', '--restricted'], 2, /--restricted: requires at least one suggestion/],
    [['--name', 'x', '--suggestion', ''], 2, /--suggestion: at most 50, each of 1 to 1000 characters/],
    [['--name', 'x', '--application', 'nope'], 1, /Application 'nope' not found/],
  ];

  it.each(refused)('are refused: %j', async (args, code, message) => {
    const all = ['attribute', 'create', '--type', 'string', ...args, '--database', server.database];
    expectRefusal(await runCommand(all), code, message);
  });
});

describe('users', () => {
  const base = ['user', 'create', '--email'];

  it('take their password from standard input, which is not repeated', async () => {
    const args = [...base, 'ada@example.com', '--admin', '--database', server.database];
    const result = await runCli(args, { input: 'correct horse battery\n' });
    expect(result).toEqual({ code: 0, stdout: '', stderr: 'User 2 ada@example.com, admin.\n' });
    const again = await runCli(args, { input: 'correct horse battery' });
    expectRefusal(again, 1, /A user with the e-mail ada@example\.com already exists/);
  });

  it('get one generated otherwise, alone on one line', async () => {
    const { stdout, stderr } = await runCli([...base, 'bob@example.com', '--database', server.database]);
    expect(stdout).toMatch(/^[\w-]{20}\n$/);
    expect(stderr).toMatch(/^User \d+ bob@example\.com\.\nThe password, to be changed at the first sign-in:\n$/);
  });

  it('--json shows the password only when it was generated', async () => {
    const args = (email: string) => [...base, email, '--json', '--database', server.database];
    const given = await runCli(args('eve@example.com'), { input: 'correct horse battery' });
    expect(JSON.parse(given.stdout)).toEqual({ id: 4, email: 'eve@example.com', isAdmin: false });
    const made = await runCli(args('joe@example.com'));
    expect(JSON.parse(made.stdout)).toEqual({
      id: 5,
      email: 'joe@example.com',
      isAdmin: false,
      password: expect.stringMatching(/^[\w-]{20}$/) as string,
    });
  });

  const refused: [string, string, RegExp][] = [
    ['ada', 'correct horse', /--email: 'ada' is not an e-mail address/],
    ['new@example.com', 'short', /password: length must be 10 to 1000/],
    ['new@example.com', 'x'.repeat(100_000), /the password on standard input is too long/],
  ];

  it.each(refused)('are refused: %s', async (email, input, message) => {
    expectRefusal(await runCli([...base, email, '--database', server.database], { input }), 2, message);
  });
});
