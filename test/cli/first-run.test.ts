/** The first start on an empty database: it happens once, completely, and shows secrets only where it should. */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type FirstRun, setUpFirstRun } from '../../src/cli/first-run.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { openStorage } from '../../src/storage/index.ts';
import {
  runCli,
  type ServerOptions,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from '../server-process.ts';
import { cli, ENTRY, firstKey, has, json, newDatabase, openCore, secretsOf, updateStatus } from './world.ts';

const SECRET = /rck_[0-9A-Za-z]{38}/;
// The printed command runs as is, in a shell, with the real curl.
const canCall = has('bash') && has('curl');

const servers: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.stop()));
});

async function start(options: ServerOptions = {}): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  servers.push(server);
  return server;
}

function printedCommand(server: ServerProcess, name: string): string {
  const line = server
    .output()
    .stdout.split('\n')
    .find((each) => each.startsWith(`  ${name} `));
  return line?.trim() ?? '';
}

async function bash(
  command: string,
): Promise<{ customerProfile?: { audienceMemberships: unknown[]; attributes: object } }> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command]);
  return JSON.parse(stdout) as object;
}

describe('without a terminal', () => {
  it.skipIf(!canCall)(
    'secrets go to a private file beside the database, and the printed curl works exactly as printed',
    async () => {
      const folder = join(temporaryFolder(), `with 'quotes', "more", $HOME and\u00a0blanks`);
      const server = await start({ database: `sqlite:${folder}/the data.db` });
      const file = join(folder, 'first-run.txt');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(join(folder, 'the data.db')).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(readFileSync(file, 'utf8')).toMatch(/^admin: admin@example.com\npassword: [\w-]{20}\nkey: rck_\w{38}\n$/);
      expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);

      const { stdout, stderr } = server.output();
      for (const secret of [secretsOf(`sqlite:${file}`)['password'], secretsOf(`sqlite:${file}`)['key']]) {
        expect(stdout).not.toContain(secret);
        expect(stderr).not.toContain(secret);
      }
      expect(stdout).toMatch(/^Rollcall \d+\.\d+\.\d+\n {2}data {5}/);
      expect(stdout).toContain(
        `  console  ${server.url}/console/\n  docs     ${server.url}/docs\n  admin    admin@example.com\n  secrets  ${file.replace('\u00a0', '\u00a0')}`,
      );
      expect(stdout.endsWith(`\n\nRollcall listening on ${server.url}\n`)).toBe(true);

      const { customerProfile } = await bash(printedCommand(server, 'curl'));
      expect(customerProfile).toMatchObject({
        integrationId: 'ada',
        attributes: { Tier: 'gold' },
        audienceMemberships: [{ id: 1, name: 'First audience' }],
      });
    },
  );

  it.skipIf(!canCall).each([
    ['strict mode', ['--strict']],
    [
      'strict mode for one host, on all addresses',
      ['--strict', '--hostname', 'promo.example.com', '--host', '0.0.0.0'],
    ],
  ])('it works in %s too', async (_, args) => {
    const server = await start({ args });
    const { customerProfile } = await bash(printedCommand(server, 'curl'));
    expect(customerProfile?.audienceMemberships).toHaveLength(1);
  });

  it.skipIf(!canCall || spawnSync('openssl', ['version']).status !== 0)('it works over https too', async () => {
    const folder = temporaryFolder();
    const [cert, pem] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
    await promisify(execFile)('openssl', [...made, '-days', '2', '-keyout', pem, '-out', cert]);
    const server = await start({ args: ['--tls-cert', cert, '--tls-key', pem] });
    expect(server.url).toMatch(/^https:/);
    expect((await bash(printedCommand(server, 'curl'))).customerProfile?.audienceMemberships).toHaveLength(1);
    const swapped = await runCli(['serve', '--tls-cert', pem, '--tls-key', cert, '--database', newDatabase()]);
    expect(swapped.stderr).toMatch(
      /^rollcall: --tls-cert, --tls-key: not a certificate and its private key in PEM form .*\n$/,
    );
    expect(swapped.code).toBe(2);
  });

  it('creates one Application, attribute, audience, admin and key of 30 days', async () => {
    const { database } = await start();
    const days = ([key]: { expires: string }[]) => (Date.parse(key?.expires ?? '') - Date.now()) / 86_400_000;
    const keys = await json<{ expires: string; platform: string }[]>(database, 'key', 'list');
    expect(keys).toMatchObject([{ platform: 'customer_data', applicationId: 1, readOnly: false }]);
    expect(days(keys)).toBeCloseTo(30, 1);
    expect(await json(database, 'application', 'list')).toMatchObject([
      { id: 1, name: 'Default', environment: 'live' },
    ]);
    expect(await json(database, 'attribute', 'list')).toMatchObject([{ name: 'Tier', type: 'string' }]);
    expect(await json(database, 'audience', 'list')).toMatchObject([{ id: 1, integrationId: 'first-audience' }]);
    expect(await users(database)).toEqual([['admin@example.com', true, true]]);
  });
});

describe('the second start', () => {
  it.skipIf(!has('bash'))('keeps everything, prints no secret, and tells how to create a key', async () => {
    const first = await start();
    const key = firstKey(first.database);
    expect(await updateStatus(first, key, { Tier: 'gold' })).toBe(200);
    await first.stop();
    const file = readFileSync(join(first.database.slice(7), '..', 'first-run.txt'), 'utf8');
    const second = await start({ database: first.database });
    const { stdout } = second.output();
    expect(stdout).not.toMatch(SECRET);
    expect(stdout).not.toMatch(/password|curl|first-run/);
    const hint = printedCommand(second, 'rollcall');
    expect(hint).toMatch(
      /^rollcall key create --name "My CDP" --platform customer_data --expires \d{4}-\d\d-\d\d --database sqlite:\S+$/,
    );
    expect(readFileSync(join(first.database.slice(7), '..', 'first-run.txt'), 'utf8')).toBe(file);
    expect(await updateStatus(second, key)).toBe(200);
    // Follows the hint literally.
    const program = `rollcall() { "${process.execPath}" "${ENTRY}" "$@"; }`;
    const made = await promisify(execFile)('bash', ['-c', `${program}; ${hint}`]);
    expect(await updateStatus(second, made.stdout.trim())).toBe(200);
  });

  it('names the program as it was started', async () => {
    const database = newDatabase();
    await cli(database, 'user', 'create', '--email', 'ada@example.com');
    const server = await start({ database, env: { ROLLCALL_COMMAND: 'npm run rollcall --' } });
    expect(printedCommand(server, 'npm')).toMatch(/^npm run rollcall -- key create --name /);
  });
});

describe('an admin of the operator’s', () => {
  it('is made without a key, without a file, and need not change the password', async () => {
    const password = join(temporaryFolder(), 'password');
    writeFileSync(password, 'correct horse battery\n');
    const server = await start({
      env: { ROLLCALL_ADMIN_EMAIL: 'ada@example.com', ROLLCALL_ADMIN_PASSWORD_FILE: password },
    });
    const { stdout } = server.output();
    expect(stdout).toContain('  admin    ada@example.com\n');
    expect(stdout).not.toMatch(/password|curl|first-run|correct horse/);
    expect(printedCommand(server, 'rollcall')).toMatch(/^rollcall key create/);
    expect(existsSync(join(server.database.slice(7), '..', 'first-run.txt'))).toBe(false);
    expect(await json(server.database, 'key', 'list')).toEqual([]);
    expect(await users(server.database)).toEqual([['ada@example.com', true, false]]);
  });

  it('has an e-mail that readers of the API accept; one of an older database does not stop a later start', async () => {
    const env = { ROLLCALL_ADMIN_EMAIL: 'ops@intranet', ROLLCALL_ADMIN_PASSWORD: 'correct horse battery' };
    const refused = await runCli(['serve', '--port', '0', '--database', newDatabase()], { env });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(
      "rollcall: ROLLCALL_ADMIN_EMAIL: 'ops@intranet' is not an e-mail address such as ada@example.com\n",
    );
    const database = newDatabase();
    await cli(database, 'user', 'create', '--email', 'ada@example.com');
    await start({ database, env });
  });
});

describe('a first run that was cut off', () => {
  const config: Config = readConfig({}, {});

  /** Runs it up to the moment when people would be informed. */
  async function cutOff(database: string, secretsFile: string | undefined): Promise<FirstRun> {
    const core = await openCore(database);
    let announced: FirstRun | undefined;
    const run = setUpFirstRun(core, config, secretsFile, async (firstRun) => {
      announced = firstRun;
      throw new Error('cut off');
    });
    await expect(run).rejects.toThrow('cut off');
    await core.storage.close();
    if (announced === undefined) throw new Error('nothing was announced');
    return announced;
  }

  async function expectComplete(database: string): Promise<ServerProcess> {
    const server = await start({ database });
    expect(await counts(database)).toEqual(ONE_OF_EACH);
    expect(await updateStatus(server, firstKey(database), { Tier: 'gold' })).toBe(200);
    return server;
  }

  it('is completed by the next start, with one key: the one that it shows', async () => {
    const database = newDatabase();
    const { key } = await cutOff(database, join(database.slice(7), '..', 'first-run.txt'));
    expect(firstKey(database)).toBe(key);
    const server = await expectComplete(database);
    expect(firstKey(database)).not.toBe(key);
    expect(await updateStatus(server, key ?? '')).toBe(401);
    expect(await updateStatus(server, firstKey(database))).toBe(200);
  });

  it('is completed wherever it was cut off', async () => {
    const database = newDatabase();
    await cli(database, 'application', 'create', 'Default');
    await (await expectComplete(database)).stop();

    const other = newDatabase();
    await cli(other, 'application', 'create', 'Default');
    await cli(other, 'attribute', 'create', '--name', 'Tier', '--type', 'string');
    await expectComplete(other);
  });

  it('by a kill at any moment: one start later all is there, once', async () => {
    const database = newDatabase();
    for (const wait of [150, 250, 300, 350, 400, 500]) {
      const child = spawn(process.execPath, [ENTRY, 'serve', '--port', '0', '--database', database], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      // Waits from the start of the process, or until it listens.
      const ended = once(child, 'exit');
      const up = once(child.stdout, 'data');
      await Promise.race([up, new Promise((resolve) => setTimeout(resolve, wait))]);
      child.kill('SIGKILL');
      await ended;
      if ((await fileExists(database)) && (await users(database)).length > 0) break;
    }
    const before = (await fileExists(database)) ? await users(database) : [];
    const server = await start({ database });
    expect(await counts(database)).toEqual(ONE_OF_EACH);
    expect(await updateStatus(server, firstKey(database), { Tier: 'gold' })).toBe(200);
    if (before.length === 0) expect(server.output().stdout).toContain('curl');
  });
});

describe('what the operator made before the first start', () => {
  it.skipIf(!canCall)('is used as it is', async () => {
    const database = newDatabase();
    await cli(database, 'application', 'create', 'Rehearsal', '--sandbox');
    await cli(database, 'application', 'create', 'Shop', '--timezone', 'Europe/Berlin');
    await cli(database, 'attribute', 'create', '--name', 'Tier', '--type', 'number');
    const own = await cli(
      database,
      'key',
      'create',
      '--name',
      'First key',
      '--platform',
      'customer_data',
      '--expires',
      '2099-01-01',
    );
    const server = await start({ database });
    expect(await json(database, 'application', 'list')).toMatchObject([{ name: 'Rehearsal' }, { name: 'Shop' }]);
    expect(await json(database, 'key', 'list')).toMatchObject([{ applicationId: 2 }, { applicationId: 2 }]);
    // The printed call does not send `gold`, which this `Tier` would refuse.
    const { customerProfile } = await bash(printedCommand(server, 'curl'));
    expect(customerProfile).toMatchObject({ attributes: {}, audienceMemberships: [{ id: 1 }] });
    expect(await updateStatus(server, own.stdout.trim())).toBe(200);
  });

  it('a user means that there is nothing to show; an Application is made if there is none', async () => {
    const database = newDatabase();
    await runCli(['user', 'create', '--email', 'ada@example.com', '--database', database], {
      input: 'correct horse battery',
    });
    const server = await start({ database });
    expect(server.output().stdout).not.toMatch(/curl|password/);
    expect(await users(database)).toHaveLength(1);
    expect(await json(database, 'key', 'list')).toEqual([]);
    const hint = await cli(
      database,
      'key',
      'create',
      '--name',
      'k',
      '--platform',
      'customer_data',
      '--expires',
      '2099-01-01',
    );
    expect(await updateStatus(server, hint.stdout.trim(), { Tier: 'gold' })).toBe(200);
  });

  it('a secrets file of an earlier database gives way, whatever its mode', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'first-run.txt');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, 'key: old\n', { mode: 0o644 });
    const server = await start({ database: `sqlite:${folder}/new.db` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await updateStatus(server, secretsOf(server.database)['key'] ?? '')).toBe(200);
  });
});

describe('two servers that start on one empty database', () => {
  it('make one of everything, and both serve', async () => {
    const database = newDatabase();
    const [one, two] = await Promise.all([start({ database }), start({ database })]);
    expect(await counts(database)).toEqual(ONE_OF_EACH);
    const key = firstKey(database);
    expect([await updateStatus(one, key), await updateStatus(two, key)]).toEqual([200, 200]);
  });
});

const ONE_OF_EACH = { applications: 1, attributes: 1, audiences: 1, keys: 1, users: 1 };

async function counts(database: string): Promise<typeof ONE_OF_EACH> {
  const storage = await openStorage(database, { work: 'in place' });
  try {
    const { applications, attributes, audienceCount } = await storage.catalog();
    return {
      applications: applications.size,
      attributes: attributes.size,
      audiences: audienceCount,
      keys: (await storage.listApiKeys()).length,
      users: (await storage.accounts.listUsers()).length,
    };
  } finally {
    await storage.close();
  }
}

async function fileExists(database: string): Promise<boolean> {
  return existsSync(database.slice('sqlite:'.length));
}

/** E-mail, role, and whether the password must be changed. */
async function users(database: string): Promise<[string, boolean, boolean][]> {
  const storage = await openStorage(database, { work: 'in place' });
  try {
    return (await storage.accounts.listUsers()).map(({ email, isAdmin, mustChangePassword }) => [
      email,
      isAdmin,
      mustChangePassword,
    ]);
  } finally {
    await storage.close();
  }
}
