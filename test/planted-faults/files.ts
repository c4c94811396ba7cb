/**
 * Faults in what happens to complete files: migrations, backups, restores, uploads, and the remains of killed
 * processes.
 */

import type { PlantedFault } from './fault.ts';

const MIGRATIONS = ['test/storage/migrations.test.ts'];
const RESTORE = ['test/storage/restore.test.ts'];
const DURABILITY = ['test/storage/durability.test.ts'];
const INTERRUPTION = ['test/cli/interruption.test.ts'];
const UPLOADS = ['test/http/uploads.test.ts'];

export const FILE_FAULTS: readonly PlantedFault[] = [
  {
    what: 'a database is changed without a copy',
    text: 'schema === undefined || path === undefined ? undefined : copyNextTo(',
    fault: 'schema !== undefined || path === undefined ? undefined : copyNextTo(',
    tests: MIGRATIONS,
    only: 'is copied before',
  },
  {
    what: 'a migration is applied again',
    text: 'if ((schemaOf(database)?.applied ?? 0) >= migration.number) continue;',
    fault: '',
    tests: MIGRATIONS,
    only: 'is copied before|may open the same fresh file',
  },
  {
    what: 'a migration that fails leaves half of it behind',
    text: 'else for (const migration of migrations) inTransaction(database, () => applyMissing(database, [migration]));',
    fault: 'else applyMissing(database, migrations);',
    tests: MIGRATIONS,
    only: 'a migration that fails',
  },
  {
    what: 'a newer schema that admits this program is refused',
    text: 'if (schema === undefined || schema.oldestProgram <= newest) return;',
    fault: 'if (schema === undefined || schema.applied <= newest) return;',
    tests: MIGRATIONS,
    only: 'a newer schema',
  },
  {
    what: 'a schema that excludes this program is used',
    text: 'if (schema === undefined || schema.oldestProgram <= newest) return;',
    fault: 'if (schema === undefined || schema.oldestProgram <= newest + 1e6) return;',
    tests: MIGRATIONS,
    only: 'a schema that excludes',
  },
  {
    what: 'a database of another program is taken over',
    text: 'if (found.columns < 2) throw',
    fault: 'if (found.columns < 0) throw',
    tests: MIGRATIONS,
    only: 'is refused and left untouched',
  },
  {
    what: 'a schema is changed under another process',
    text: 'return openConnection(path, { ...options, exclusive: true });',
    fault: 'return openConnection(path, { ...options });',
    tests: ['test/cli/read-only.test.ts'],
    only: 'while another process has it open',
  },
  {
    what: 'others can read the database',
    text: 'chmodSync(path, 0o600);',
    fault: 'chmodSync(path, 0o644);',
    tests: MIGRATIONS,
    only: 'private to their owner',
  },
  {
    what: 'a backup of a damaged database looks like any other',
    text: "if (schemaOf(copy) === undefined || copy.pragma('quick_check', { simple: true }) !== 'ok') {",
    fault: 'if (schemaOf(copy) === undefined) {',
    tests: DURABILITY,
    only: 'is looked at',
  },
  {
    what: 'a backup is of no one moment',
    text: 'schemaOf(database);\n    await copyDatabase(database, file);',
    fault: 'await copyDatabase(database, file);',
    tests: DURABILITY,
    only: 'of the moment it began',
  },
  {
    what: 'a backup is written over',
    text: 'if (existsSync(file)) throw taken;\n    renameSync(growing, file);',
    fault: 'renameSync(growing, file);',
    tests: ['test/storage/snapshots.test.ts'],
    only: 'a file that appears',
  },
  {
    what: 'rows that were changed in a backup are restored',
    text: 'if (acceptDamage !== true) checkRows(database, file);',
    fault: '',
    tests: ['test/storage/damage.test.ts', ...RESTORE],
    only: 'damage|is refused, and nothing changes',
  },
  {
    what: 'the data that a restore replaces is not kept',
    text: 'await copySnapshot(path, safetyCopy);',
    fault: '',
    tests: RESTORE,
    only: 'the safety copy is private',
  },
  {
    what: 'servers go on with the definitions of before a restore',
    text: "database.exec('update catalog_version set epoch = lower(hex(randomblob(8)))');",
    fault: '',
    tests: RESTORE,
    only: 'a running store shows',
  },
  {
    what: 'servers do not look whether other data was restored',
    text: 'set version = max(version, ?) + 1',
    fault: 'set version = max(version, ?)',
    tests: RESTORE,
    only: 'a running store shows|so does one in another process',
  },
  {
    what: 'an interrupted restore goes on',
    text: "if (!mayContinue()) throw new Error('The restore was aborted');",
    fault: 'mayContinue();',
    tests: RESTORE,
    only: 'aborted at the last moment',
  },
  {
    what: 'numbers of rows that a backup holds are given again',
    text: 'insert into main.sqlite_sequence select * from restored.sqlite_sequence',
    fault: 'select 1',
    tests: RESTORE,
    only: 'numbers given out',
  },
  {
    what: 'a restore loses what others write while it goes on',
    text: "translateErrors(() => database.exec('begin immediate'));\n    const hadData",
    fault: 'const hadData',
    tests: RESTORE,
    only: 'a running store shows|what is acknowledged while',
  },
  {
    what: 'a file of another program is restored into',
    text: 'assertRollcallDatabase(path);\n  const work',
    fault: 'const work',
    tests: RESTORE,
    only: 'another program is not restored into',
  },
  {
    what: 'a restore into the backup itself is begun',
    text: 'if (existsSync(path) && realpathSync(path) === realpathSync(file)) throw',
    fault: "if (path === '') throw",
    tests: RESTORE,
    only: 'the backup itself',
  },
  {
    what: 'what a running command writes is swept by another',
    text: 'const lock = tryLock(path);\n  if (lock === undefined) return;\n  rmSync(path, { recursive: true, force: true });\n  lock.close();',
    fault: 'rmSync(path, { recursive: true, force: true });',
    tests: INTERRUPTION,
    only: 'is removed by the next',
  },
  {
    what: 'what a killed command wrote stays',
    text: 'removeAbandoned(dirname(wanted));',
    fault: '',
    tests: INTERRUPTION,
    only: 'is removed by the next',
  },
  {
    what: 'a server leaves what a killed command wrote',
    text: "if (options.access !== 'write') removeAbandoned(dirname(path));",
    fault: '',
    tests: INTERRUPTION,
    only: 'beside the database',
  },
  {
    what: 'an interrupted command leaves its folder behind',
    text: 'tidy();\n      throw Object',
    fault: 'throw Object',
    tests: INTERRUPTION,
    only: 'backup, by SIGINT',
  },
  {
    what: 'an interrupted command says what failed and not that it was interrupted',
    text: 'throw interrupted.signal.aborted && isAbort(error) ? new Interruption(consequence) : error;',
    fault: 'throw error;',
    tests: INTERRUPTION,
    only: 'backup, by SIGINT',
  },
  {
    what: 'an upload in use is swept once its clock is old',
    text: "each.endsWith('.upload') && !this.#own.has(each)",
    fault: "each.endsWith('.upload')",
    tests: UPLOADS,
    only: 'the files of uploads',
  },
  {
    what: 'uploads of other servers are swept while they arrive',
    text: 'if (found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_MS)',
    fault: 'if (found !== undefined)',
    tests: UPLOADS,
    only: 'the files of uploads',
  },
  {
    what: 'uploads are never swept',
    text: 'if (found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_MS)',
    fault: 'if (found === undefined)',
    tests: UPLOADS,
    only: 'the files of uploads',
  },
  {
    what: 'others can read uploads',
    text: "await writeFile(path, '', { flag: 'wx', mode: 0o600 });",
    fault: "await writeFile(path, '', { flag: 'wx', mode: 0o644 });",
    tests: UPLOADS,
    only: 'the files of uploads',
  },
  {
    what: 'uploads outlive a server that keeps nothing',
    text: 'if (this.#given === undefined && folder !== undefined) await rm(folder',
    fault: "if (this.#given === '' && folder !== undefined) await rm(folder",
    tests: UPLOADS,
    only: 'the files of uploads',
  },
  {
    what: 'one upload more than may arrive at once is taken',
    text: 'if (this.#arriving >= MAX_AT_ONCE) {',
    fault: 'if (this.#arriving > MAX_AT_ONCE) {',
    tests: UPLOADS,
    only: 'four files at once',
  },
  {
    what: 'the place of an upload that is done is not given to the next',
    text: 'this.#arriving -= 1;',
    fault: '',
    tests: UPLOADS,
    only: 'four files at once',
  },
];
