/** The yardstick for imports: the same file read by SQLite's command line into a bare table with an index. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface TableImport {
  /** What it is, for people. */
  readonly name: string;
  /** Imports a file into a new database. @returns ms @throws Error unless the table then has that many rows */
  run(file: string, rows: number): Promise<number>;
}

const TABLE = 'create table members (profile text primary key) without rowid;';
const DURABLE = 'pragma journal_mode = wal; pragma synchronous = full;';

/** The command line if it is installed, otherwise the library, which is said in its name. @param folder for databases */
export function tableImport(folder: string): TableImport {
  const database = join(folder, 'table.db');
  const version = spawnSync('sqlite3', ['--version'], { encoding: 'utf8' }).stdout?.split(' ')[0];
  const load = version === undefined ? loadWithLibrary : loadWithCommand;
  return {
    name: version === undefined ? 'better-sqlite3, because sqlite3 is not installed' : `sqlite3 ${version}`,
    async run(file, rows) {
      const started = performance.now();
      await load(database, file);
      const ms = performance.now() - started;
      const check = new Database(database);
      const found = check.prepare<[], number>('select count(*) from members').pluck().get();
      check.close();
      for (const ending of ['', '-wal', '-shm']) rmSync(database + ending, { force: true });
      if (found !== rows) throw new Error(`the bare table has ${found} rows instead of ${rows}`);
      return ms;
    },
  };
}

async function loadWithCommand(database: string, file: string): Promise<void> {
  const child = spawn('sqlite3', [database], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(`${DURABLE}\n${TABLE}\n.import --csv --skip 1 ${file} members\n`);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`sqlite3 ended with ${code}`);
}

async function loadWithLibrary(path: string, file: string): Promise<void> {
  const database = new Database(path);
  database.exec(DURABLE + TABLE);
  const insert = database.prepare<[string]>('insert into members values (?)');
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  database.transaction(() => {
    for (const line of lines) insert.run(line);
  })();
  database.close();
}
