/** `rollcall key …`, with and without a running server. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/domain/access/api-key-administration.ts';
import { chooseApplication } from '../../src/domain/definitions/lookups.ts';
import { runCli, type ServerProcess, startServerProcess } from '../server-process.ts';
import {
  call,
  cli,
  expectRefusal,
  firstKey,
  json,
  newDatabase,
  openCore,
  runCommand,
  updateStatus,
  within,
} from './world.ts';

interface Key {
  readonly id: number;
  readonly key?: string;
  readonly name: string;
  readonly expires: string;
  readonly state: string;
  readonly lastUsed: string | null;
}

const KEY_LINE = /^rck_[0-9A-Za-z]{38}\n$/;
const NEXT_YEAR = String(new Date().getUTCFullYear() + 1);

function create(...more: string[]): string[] {
  return ['key', 'create', '--name', 'My CDP', '--expires', `${NEXT_YEAR}-06-30`, ...more];
}

let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess();
});
afterAll(async () => {
  await server.stop();
});

describe('while the server runs', () => {
  it('key create prints the key alone on one line, and it works at once', async () => {
    const args = [...create('--platform', 'customer_data'), '--database', server.database];
    const { stdout, stderr } = await runCli(args);
    expect(stdout).toMatch(KEY_LINE);
    expect(stderr).toMatch(/^Key \d+ of Application 'Default', valid until \d{4}-07-01T00:00:00\.000Z\. .*\n$/);
    expect(await updateStatus(server, stdout.trim())).toBe(200);
  });

  it('key delete: the key is refused within a second', async () => {
    const { id, key = '' } = await json<Key>(server.database, ...create('--platform', 'customer_data'));
    expect(await updateStatus(server, key)).toBe(200);
    const { stdout } = await cli(server.database, 'key', 'delete', String(id));
    expect(stdout).toBe(`Key ${id} 'My CDP' was deleted; calls with it are refused from now on.\n`);
    await within(1000, async () => ((await updateStatus(server, key)) === 401 ? true : undefined));
    expectRefusal(
      await runCommand(['key', 'delete', String(id), '--database', server.database]),
      1,
      /API key \d+ not found/,
    );
  });

  it('a read-only key reads, and does nothing else', async () => {
    const { key = '' } = await json<Key>(server.database, ...create('--read-only'));
    const reading = await call(server, '/v1/customer_profiles/nobody/audiences', { key });
    expect(reading.status).toBe(200);
    expect(await updateStatus(server, key)).toBe(401);
  });

  it('a key of its own rate is held to it', async () => {
    const { key = '' } = await json<Key>(
      server.database,
      ...create('--platform', 'customer_data', '--rate-limit', '2'),
    );
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => updateStatus(server, key)));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(statuses).toContain(429);
  });

  it('--json gives the documented shapes', async () => {
    const made = await json<Key>(server.database, ...create('--platform', 'segment', '--rate-limit', '7'));
    const { key, ...rest } = made;
    expect(rest).toEqual({
      id: made.id,
      applicationId: 1,
      name: 'My CDP',
      type: 'production',
      platform: 'segment',
      readOnly: false,
      rateLimit: 7,
      lenientRows: false,
      rowReports: false,
      skipUndefinedAttributes: false,
      masked: `rck_…${key?.slice(-4)}`,
      state: 'Valid',
      expires: `${NEXT_YEAR}-07-01T00:00:00.000Z`,
      created: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      lastUsed: null,
    });
    const listed = await json<Key[]>(server.database, 'key', 'list');
    expect(listed[0]).toEqual(rest);
    expect(JSON.stringify(listed)).not.toContain(key);
    expect(await json(server.database, 'key', 'delete', String(made.id))).toEqual({ id: made.id, deleted: true });
    expect((await json<Key[]>(server.database, 'key', 'list')).map(({ id }) => id)).not.toContain(made.id);
  });

  it('key update switches what it is told to, while the server runs', async () => {
    const { id, key = '' } = await json<Key>(
      server.database,
      ...create('--platform', 'customer_data', '--row-reports'),
    );
    const update = ['key', 'update', String(id)];
    const { stdout } = await cli(server.database, ...update, '--skip-undefined-attributes', '--no-row-reports');
    expect(stdout).toBe(`Key ${id} 'My CDP': skips undefined attributes.\n`);
    const body = { attributes: { Nowhere: 1 } };
    await within(1000, async () => {
      const { status } = await call(server, '/cdp/customer_profile/ada', { key, method: 'PUT', body });
      return status === 200 ? true : undefined;
    });
    expectRefusal(await runCli(['key', 'update', '999', '--database', server.database]), 1, /API key 999 not found/);
  });

  it('a Test key needs campaign staging, and is listed as one', async () => {
    expectRefusal(
      await runCommand([...create('--test'), '--database', server.database]),
      2,
      /type: a Test key requires campaign staging and revisions/,
    );
    await cli(server.database, 'application', 'create', 'Staged', '--staging');
    const made = await json<Key>(server.database, ...create('--test', '--application', 'Staged'));
    expect(made).toMatchObject({ type: 'test', platform: 'none' });
    expect((await cli(server.database, 'key', 'list')).stdout).toMatch(/ none, Test +Staged /);
    expect(await updateStatus(server, made.key ?? '')).toBe(401);
  });

  it('key list shows states and never a key', async () => {
    const soon = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000).toISOString();
    await cli(server.database, 'key', 'create', '--name', 'Soon', '--expires', soon);
    const { stdout, stderr } = await cli(server.database, 'key', 'list');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ID +NAME +KEY +PLATFORM +APPLICATION +STATE +EXPIRES +LAST USED\n/);
    expect(stdout).toMatch(/Soon +rck_….{4} +none +Default +Expires Soon/);
    expect(stdout).not.toContain(firstKey(server.database));
  });

  it('an expired key is shown as such and refused', async () => {
    const core = await openCore(server.database);
    const application = await chooseApplication(core, undefined);
    const options = { application, title: 'Short-lived', platform: 'customer_data', expires: Date.now() + 1000 };
    const { secret, apiKey } = await createApiKey(core, options);
    await core.storage.close();
    await within(12_000, async () => ((await updateStatus(server, secret)) === 401 ? true : undefined));
    const listed = await json<Key[]>(server.database, 'key', 'list');
    expect(listed.find((each) => each.id === apiKey.id)?.state).toBe('Expired');
  });
});

describe('without a server', () => {
  it('keys are made, listed and deleted all the same', async () => {
    const database = newDatabase();
    await cli(database, 'application', 'create', 'Shop');
    const empty = await cli(database, 'key', 'list');
    expect(empty.stdout).toMatch(
      /^No keys yet\. Create one: rollcall key create --name "My CDP" --platform customer_data --expires \d{4}-\d\d-\d\d\n$/,
    );
    expect(await json(database, 'key', 'list')).toEqual([]);
    const { stdout } = await cli(database, ...create());
    expect(stdout).toMatch(KEY_LINE);
    const { id } = (await json<Key[]>(database, 'key', 'list'))[0] as Key;
    await cli(database, 'key', 'delete', String(id));
    expect(await json(database, 'key', 'list')).toEqual([]);
  });

  it('there must be a database, and a mistyped name creates none', async () => {
    const database = newDatabase();
    for (const args of [['key', 'list'], create(), ['audience', 'list'], ['verify'], ['backup', 'x']]) {
      expectRefusal(
        await runCommand([...args, '--database', database]),
        1,
        /There is no database at .*rollcall\.db; name yours with --database, or start the server once: rollcall serve/,
      );
    }
  });
});

describe('the Application of a key', () => {
  it('is the only or the first live one, or the one named; an ambiguous one is exit 2', async () => {
    const database = newDatabase();
    for (const args of [['Rehearsal', '--sandbox'], ['3'], ['Third']])
      await cli(database, 'application', 'create', ...args);
    const of = async (...more: string[]) =>
      (await json<{ applicationId: number }>(database, ...create(...more))).applicationId;
    expect(await of()).toBe(2);
    expect(await of('--application', 'rehearsal')).toBe(1);
    expect(await of('--application', '1')).toBe(1);
    const run = async (name: string) => runCommand([...create('--application', name), '--database', database]);
    expectRefusal(await run('3'), 2, /--application: '3' fits several \(2 '3', 3 'Third'\); give an ID/);
    expectRefusal(await run('nope'), 1, /Application 'nope' not found/);
  });
});

describe('--expires', () => {
  it('as a date is the end of that day in the Application’s zone, on days of 23 and 25 hours too', async () => {
    const database = newDatabase();
    await cli(database, 'application', 'create', 'Kiwi', '--timezone', 'Pacific/Auckland');
    await cli(database, 'application', 'create', 'Apple', '--timezone', 'America/New_York');
    const expires = async (application: string, date: string) =>
      (await json<Key>(database, 'key', 'create', '--name', 'n', '--application', application, '--expires', date))
        .expires;
    expect(await expires('Kiwi', '2028-04-02')).toBe('2028-04-02T12:00:00.000Z');
    expect(await expires('Kiwi', '2028-09-24')).toBe('2028-09-24T11:00:00.000Z');
    expect(await expires('Apple', '2028-03-12')).toBe('2028-03-13T04:00:00.000Z');
    expect(await expires('Apple', '2028-11-05')).toBe('2028-11-06T05:00:00.000Z');
    expect(await expires('Apple', '2028-11-05T12:00:00+02:00')).toBe('2028-11-05T10:00:00.000Z');
  });

  it('must be in the future, and a date that exists', async () => {
    const run = async (date: string) =>
      runCommand(['key', 'create', '--name', 'n', '--expires', date, '--database', server.database]);
    expectRefusal(await run('2020-01-01'), 2, /--expires: '2020-01-01' is not in the future/);
    expectRefusal(await run('2020-01-01T00:00:00Z'), 2, /not in the future/);
    expectRefusal(await run('2027-02-30'), 2, /--expires: '2027-02-30' is neither a date such as 2027-06-30 nor/);
    expectRefusal(await run('next year'), 2, /neither a date/);
  });

  it('far away is taken with a word of warning', async () => {
    const { stderr, stdout } = await cli(server.database, 'key', 'create', '--name', 'n', '--expires', '2099-01-01');
    expect(stdout).toMatch(KEY_LINE);
    expect(stderr).toMatch(/more than two years/);
  });
});

describe('refused keys', () => {
  const cases: [string[], RegExp][] = [
    [['--read-only', '--platform', 'customer_data'], /--read-only: only keys of platform none can be read-only/],
    [['--name', ' '], /--name: length must be 1 to 255/],
    [['--name', 'x'.repeat(256)], /--name: length must be 1 to 255/],
  ];

  it.each(cases)('%j', async (more, message) => {
    expectRefusal(await runCommand([...create(...more), '--database', server.database]), 2, message);
  });
});
