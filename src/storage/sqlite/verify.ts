/** Checks the integrity of the data on one snapshot, in a few streaming passes: memory does not grow with the data. */

import type { VerifyProblem } from '../../domain/storage.ts';
import { findDamagedRows } from './checksums.ts';
import { type Connection, sqliteCode } from './database.ts';
import { checkAccounts } from './verify/accounts.ts';
import { checkAnswers } from './verify/answers.ts';
import { checkAttributeJobs } from './verify/attribute-jobs.ts';
import { checkCounters, checkHours } from './verify/counters.ts';
import { checkApplicationProfiles, checkDefinitions, checkSequences } from './verify/definitions.ts';
import { checkErasures } from './verify/erasures.ts';
import { loadFacts } from './verify/facts.ts';
import { checkLedger } from './verify/ledger.ts';
import { checkMemberRows, countMemberRows } from './verify/members.ts';
import { type Check, Problems } from './verify/problems.ts';
import { checkProfiles } from './verify/profiles.ts';

/**
 * Runs all checks; reports at most 100 problems of each, then how many more there are. Works while others write.
 * @param progress called with what is checked next
 */
export function verifyDatabase(
  database: Connection,
  report: (problem: VerifyProblem) => void,
  progress: (check: string) => void,
): void {
  const problems = new Problems(report);
  const inMemory = database.pragma('temp_store', { simple: true }) as number;
  // The ledger is sorted by profile, which must not happen in memory. In an in-memory store the writer shares the
  // connection, and its triggers would disappear with the old temporary store.
  if (!database.memory) database.pragma('temp_store = file');
  database.exec('begin');
  try {
    runChecks(database, problems, progress);
  } finally {
    database.exec('rollback');
    if (!database.memory) database.pragma(`temp_store = ${inMemory}`);
    problems.finish();
  }
}

function runChecks(database: Connection, problems: Problems, progress: (check: string) => void): void {
  /** A check that a damaged file cuts short is a problem too, and must not hide what the next checks find. */
  function pass<T>(checks: Check[], work: () => T): T | undefined {
    for (const check of checks) progress(check);
    try {
      return work();
    } catch (error) {
      // A value in a damaged row may be of any type, which no check can anticipate everywhere.
      if (sqliteCode(error) === undefined && !(error instanceof TypeError)) throw error;
      problems.add('file', `the check of ${checks.join(', ')} could not be finished: ${(error as Error).message}`);
      return undefined;
    }
  }

  pass(['file'], () => {
    const found = database.pragma('integrity_check(1000)') as { integrity_check: string }[];
    for (const { integrity_check: message } of found) if (message !== 'ok') problems.add('file', message);
  });
  const facts = pass(['catalog', 'audiences', 'references', 'json'], () => {
    const loaded = loadFacts(database, problems);
    checkDefinitions(loaded, problems);
    checkAccounts(loaded, problems);
    return loaded;
  });
  if (facts === undefined) return;
  pass(['sequences'], () => checkSequences(facts, problems));
  const rows = pass(['members'], () => countMemberRows(facts, problems));
  const ledger = pass(['requests', 'ledger'], () => checkLedger(facts, problems));
  const listed = pass(['environments', 'attributes', 'values', 'chains', 'history'], () =>
    checkProfiles(facts, problems),
  );
  if (rows !== undefined && listed !== undefined) {
    pass([], () => checkMemberRows(facts, rows, listed, problems));
  }
  if (rows !== undefined) pass(['counters'], () => checkCounters(facts, rows, ledger, problems));
  if (ledger !== undefined) pass(['hours'], () => checkHours(facts, ledger, problems));
  pass([], () => checkApplicationProfiles(facts, problems));
  pass(['answers'], () => checkAnswers(facts, problems));
  pass(['erasures'], () => checkErasures(facts, problems));
  pass(['attribute jobs'], () => checkAttributeJobs(facts, problems));
  pass(['checksums'], () => findDamagedRows(database, (message) => problems.add('checksums', message)));
}
