/** What operators and strangers do to the program: control its terminal, flood it, and give it foreign files. */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../server-process.ts';
import { cli, ENTRY, expectRefusal, filledDatabase, has, newDatabase, type Result, runCommand } from './world.ts';

// A window title, colours, a clear-screen sequence, an 8-bit control character, reversed text, a hidden line.
const STEERING = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egpj.exe\u2028\rroot# \u0085';
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/;

let database: string;
let path: string;
let folder: string;
beforeAll(async () => {
  ({ database } = await filledDatabase());
  path = database.slice('sqlite:'.length);
  folder = join(path, '..');
});

describe('names that would steer a terminal', () => {
  it('are stored as they are, and shown harmless in tables, messages and JSON', async () => {
    const steered = newDatabase();
    await cli(steered, 'application', 'create', `Shop ${STEERING}`);
    const outputs: Result[] = [
      await cli(steered, 'application', 'list'),
      await cli(steered, 'application', 'list', '--json'),
      await cli(steered, 'key', 'create', '--name', STEERING, '--expires', '2099-01-01', '--json'),
      await cli(steered, 'key', 'create', '--name', STEERING, '--expires', '2099-01-01'),
      await cli(steered, 'key', 'list'),
      await cli(steered, 'key', 'delete', '1'),
      await runCommand(['application', 'create', `Shop ${STEERING}`, '--database', steered]),
      await runCommand(['key', 'create', '--name', 'n', '--expires', STEERING, '--database', steered]),
      await runCli([STEERING]),
      await runCli(['key', `--${STEERING}`]),
      await runCli(['key', 'list', '--database', `sqlite:${STEERING}`]),
    ];
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toMatch(CONTROL);
    const [, listed] = outputs;
    expect((JSON.parse(listed?.stdout ?? '') as { name: string }[])[0]?.name).toBe(`Shop ${STEERING}`.trim());
  });
});

describe('arguments without measure', () => {
  const huge = 'x'.repeat(100_000);

  it('are refused in a line that can be read', async () => {
    const cases: [string[], number][] = [
      [['application', 'create', huge], 2],
      [['key', 'create', '--name', huge, '--expires', '2099-01-01'], 2],
      [['key', 'create', '--name', 'n', '--expires', huge], 2],
      [['key', 'create', '--name', 'n', '--expires', '2099-01-01', '--application', huge], 1],
      [['attribute', 'create', '--name', huge, '--type', 'string'], 2],
      [['key', 'delete', '9'.repeat(1000)], 2],
      [['audience', 'export', '9007199254740991'], 1],
      [['audience', 'import', '1', huge], 1],
      [['backup', `/${huge}`], 1],
      [[huge], 2],
    ];
    for (const [args, code] of cases) {
      const result = await runCommand(args.length === 1 ? args : [...args, '--database', database]);
      expectRefusal(result, code, /rollcall: /);
      expect(result.stderr.length).toBeLessThan(1100);
    }
  });
});

describe('files that are not ours to use', () => {
  const COMMANDS = [
    ['key', 'list'],
    ['application', 'create', 'Shop'],
    ['verify'],
    ['serve', '--port', '0', '--log-level', 'error'],
  ];

  async function expectAll(file: string, code: number, message: RegExp): Promise<void> {
    for (const args of COMMANDS) {
      const run = args[0] === 'serve' ? runCli : runCommand;
      expectRefusal(await run([...args, '--database', `sqlite:${file}`]), code, message);
    }
  }

  it('a text file', async () => {
    const file = join(folder, 'text');
    writeFileSync(file, 'a shopping list\n'.repeat(1000));
    await expectAll(file, 1, /text is not a database/);
  });

  it('a database of another program', async () => {
    const file = join(folder, 'other.db');
    const other = new Database(file);
    other.exec('create table schema_migrations (version text); create table customers (name text)');
    other.close();
    await expectAll(file, 1, /other\.db: The file is an SQLite database of another program/);
  });

  it('a database that is newer than this program', async () => {
    const file = join(folder, 'newer.db');
    copyFileSync(path, file);
    const newer = new Database(file);
    newer.exec("insert into schema_migrations values (999, 'future', 999, 0)");
    newer.close();
    await expectAll(
      file,
      1,
      /newer\.db: The database has schema 999; this program knows up to \d+: use the newer program/,
    );
  });

  it('a damaged database: cut short, or overwritten', async () => {
    const cut = join(folder, 'cut.db');
    copyFileSync(path, cut);
    truncateSync(cut, 6000);
    const overwritten = join(folder, 'overwritten.db');
    copyFileSync(path, overwritten);
    const handle = openSync(overwritten, 'r+');
    writeSync(handle, Buffer.alloc(20_000, 'A'), 0, 20_000, 4096);
    closeSync(handle);
    const message = /the database file is damaged \(.*\); move it away and restore a backup/;
    await expectAll(cut, 1, message);
    for (const args of COMMANDS.filter(([name]) => name !== 'verify' && name !== 'serve')) {
      expectRefusal(await runCommand([...args, '--database', `sqlite:${overwritten}`]), 1, message);
    }
    // Everything readable is checked: the damage is a result, not a failure of the command.
    const { code, stdout, stderr } = await runCli(['verify', '--database', `sqlite:${overwritten}`]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/malformed/);
  });

  it('a folder, a pipe, a path through a file', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    await expectAll(folder, 2, /is a folder; name a file in it, such as sqlite:\S+\/rollcall\.db/);
    if (existsSync(pipe)) await expectAll(pipe, 2, /pipe is not a regular file/);
    const through = async (...args: string[]) => runCli([...args, '--database', `sqlite:${path}/x/y.db`]);
    expectRefusal(await through('application', 'create', 'Shop'), 2, /rollcall\.db is a file, not a folder/);
    expectRefusal(await through('key', 'list'), 1, /There is no database at/);
  });

  it.skipIf(!existsSync('/proc/self'))('a place where no file can be', async () => {
    const run = async (...args: string[]) => runCli([...args, '--database', 'sqlite:/proc/rollcall/x.db']);
    expectRefusal(await run('application', 'create', 'Shop'), 1, /\/proc\/rollcall: /);
    expectRefusal(await run('serve', '--log-level', 'error'), 1, /\/proc\/rollcall: /);
  });

  it('an empty file is a new database', async () => {
    const file = join(folder, 'empty.db');
    writeFileSync(file, '');
    await cli(`sqlite:${file}`, 'application', 'create', 'Shop');
  });
});

describe('a database that somebody else holds', () => {
  it('is read while it is locked; a write that waits too long says so', async () => {
    const locked = newDatabase();
    await cli(locked, 'application', 'create', 'Shop');
    const other = new Database(locked.slice('sqlite:'.length));
    other.exec('begin immediate');
    expect((await cli(locked, 'application', 'list')).stdout).toContain('Shop');
    const result = await runCli(['application', 'create', 'Second', '--database', locked]);
    expectRefusal(result, 1, /The database is busy; nothing was stored/);
    other.exec('rollback');
    other.close();
    await cli(locked, 'application', 'create', 'Second');
  });
});

describe('what the user may not touch', () => {
  // Root may write everywhere, so the program runs as nobody.
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const possible = spawnSync(process.execPath, [ENTRY, '--version'], as).status === 0;

  async function run(args: string[]): Promise<Result> {
    const child = spawn(process.execPath, [ENTRY, ...args], { ...as, stdio: ['ignore', 'pipe', 'pipe'] });
    const result = { code: null as number | null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      result.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      result.stderr += chunk.toString();
    });
    [result.code] = (await once(child, 'close')) as [number | null];
    return result;
  }

  it.skipIf(!possible)(
    'is one clear line: an unreadable database, a read-only folder, an unwritable backup',
    async () => {
      const place = temporaryFolder();
      chmodSync(place, 0o755);
      const unreadable = join(place, 'unreadable.db');
      copyFileSync(path, unreadable);
      chmodSync(unreadable, 0o000);
      const locked = join(place, 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o555);
      const own = join(place, 'own.db');
      copyFileSync(path, own);
      if (isRoot) chownSync(own, 65_534, 65_534);
      expectRefusal(
        await run(['key', 'list', '--database', `sqlite:${unreadable}`]),
        1,
        /unreadable\.db: permission denied/,
      );
      const newOne = ['application', 'create', 'x', '--database'];
      expectRefusal(await run([...newOne, `sqlite:${locked}/new.db`]), 1, /locked\/new\.db: permission denied/);
      expectRefusal(await run([...newOne, `sqlite:${locked}/sub/new.db`]), 1, /locked\/sub: permission denied/);
      expectRefusal(
        await run(['serve', '--port', '0', '--log-level', 'error', '--database', `sqlite:${locked}/new.db`]),
        1,
        /permission denied/,
      );
      if (!isRoot)
        expectRefusal(await run(['backup', join(locked, 'x'), '--database', `sqlite:${own}`]), 1, /permission denied/);
    },
  );
});

describe.skipIf(!has('bash'))('an output that ends', () => {
  it.skipIf(!existsSync('/dev/full'))('on a full disk is one line and exit 1', async () => {
    const failed = promisify(execFile)('bash', [
      '-c',
      '"$0" "$1" application list --database "$2" > /dev/full',
      process.execPath,
      ENTRY,
      database,
    ]);
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: 'rollcall: standard output: the disk is full\n' });
  });

  it('because its reader has seen enough is no story to tell', async () => {
    const csv = `profileintegrationid\n${Array.from({ length: 30_000 }, (_, n) => `customer-${n}`).join('\n')}\n`;
    await runCli(['audience', 'import', '1', '-', '--database', database], { input: csv });
    const line = '"$0" "$1" audience export 1 --database "$2" | head -1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line, process.execPath, ENTRY, database]);
    expect({ stdout, stderr }).toEqual({ stdout: 'profileintegrationid\n1\n', stderr: '' });
  });
});

describe.skipIf(!has('bash'))('a disk that takes no more', () => {
  it('is one line, and what existed before stays complete', async () => {
    // A limit on the size of files stands in for a full disk; the signal that comes with it is ignored.
    const line = 'ulimit -f 400; trap "" XFSZ; exec "$0" "$1" audience import 1 - --yes --database "$2"';
    const copy = join(folder, 'small-disk.db');
    await cli(database, 'backup', copy);
    const args = ['-c', line, process.execPath, ENTRY, `sqlite:${copy}`];
    const child = spawn('bash', args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(
      `profileintegrationid\n${Array.from({ length: 20_000 }, (_, n) => `new-customer-${n}`).join('\n')}\n`,
    );
    const [code] = (await once(child, 'close')) as [number];
    expect(stderr).toMatch(/^rollcall: [^\n]+\n$/);
    expect(code).toBe(1);
    expect((await cli(`sqlite:${copy}`, 'verify')).stdout).toMatch(/^Clean/);
  });
});
