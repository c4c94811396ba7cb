/** `rollcall verify`, `backup`, `restore` and `migrate`. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import type { VerifyProblem } from '../domain/storage.ts';
import { storagePlace, storageUpgradePlan } from '../storage/index.ts';
import { askForYes, canAsk } from './ask.ts';
import { type CommonOptions, databaseOf } from './context.ts';
import { runDataJob } from './data-jobs.ts';
import { assertDatabase, databaseExists, withPath } from './database.ts';
import { printJson, printLine, say } from './output.ts';

export async function verify(options: CommonOptions): Promise<number> {
  const problems: VerifyProblem[] = [];
  const checks: string[] = [];
  await runDataJob({ kind: 'verify', url: databaseOf(options) }, 'nothing was changed', {
    onProblem: (problem) => problems.push(problem),
    onCheck: (check) => {
      checks.push(check);
      if (!options.json && process.stderr.isTTY) say(`checking ${check}`);
    },
  });
  if (options.json) await printJson({ clean: problems.length === 0, checks, problems });
  else if (problems.length === 0) await printLine(`Clean: ${checks.length} checks passed.`);
  else for (const { check, message } of problems) await printLine(`${check}: ${message}`);
  return problems.length === 0 ? 0 : 1;
}

export async function backup(file: string, options: CommonOptions): Promise<number> {
  await runDataJob({ kind: 'backup', url: databaseOf(options), file }, 'no backup was written');
  if (options.json) await printJson({ file: resolve(file) });
  else await printLine(`Written to ${resolve(file)}. It holds customer data: keep it private.`);
  return 0;
}

export interface MigrateOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

/** Upgrades the schema, or prints what an upgrade would do. */
export async function migrate(options: MigrateOptions): Promise<number> {
  const url = databaseOf(options);
  const path = storagePlace(url)?.path ?? url;
  assertDatabase(path);
  const plan = await withPath(path, async () => storageUpgradePlan(url));
  const { copy } =
    plan.pending.length === 0 || options.dryRun === true
      ? { copy: undefined }
      : await runDataJob({ kind: 'migrate', url }, 'the upgrade is incomplete; run it again');
  const { schema: from, newest: to, pending: migrations } = plan;
  const applied = migrations.length > 0 && options.dryRun !== true;
  if (options.json) {
    await printJson({ from, to, migrations, applied, copy: copy ?? null });
    return 0;
  }
  if (migrations.length === 0) await printLine(`Nothing to do: the database already has schema ${from}.`);
  else if (!applied)
    await printLine(`Schema ${from} would be upgraded to ${to}: ${migrations.join(', ')}. Nothing was changed.`);
  else
    await printLine(
      `Schema ${from} was upgraded to ${to}.${copy === undefined ? '' : ` The previous database is kept in ${copy}.`}`,
    );
  return 0;
}

export interface RestoreOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly acceptDamage?: boolean;
}

export async function restore(file: string, options: RestoreOptions): Promise<number> {
  const url = databaseOf(options);
  const path = storagePlace(url)?.path;
  if (!existsSync(file)) throw new DomainError('not_found', `There is no file ${file}`);
  if (path !== undefined && databaseExists(path) && options.yes !== true) await confirm(path, file);
  const { safetyCopy } = await runDataJob(
    { kind: 'restore', url, file, acceptDamage: options.acceptDamage === true },
    'nothing was changed',
  );
  if (options.json) await printJson({ restored: resolve(file), safetyCopy: safetyCopy ?? null });
  else {
    const kept = safetyCopy === undefined ? '' : ` The previous data is kept in ${safetyCopy}.`;
    await printLine(`Restored from ${resolve(file)}.${kept}`);
  }
  return 0;
}

async function confirm(path: string, file: string): Promise<void> {
  if (!canAsk()) throw new ConfigError(`this replaces all data in ${path}; confirm with --yes`);
  const question = `Replace all data in ${path} with ${file}? A copy of the current data is kept next to it. Type yes: `;
  if (!(await askForYes(question))) throw new DomainError('conflict', 'nothing was changed');
}
