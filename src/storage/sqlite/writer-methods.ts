/** All writes, as one table of methods: run in the writer's thread, or in place for a store in memory. */

import { freesSpace, type WriteCommand } from '../../domain/memberships/commands.ts';
import { allowedListMethods } from '../sql/allowed-lists.ts';
import { apiKeyMethods } from '../sql/api-keys.ts';
import { applicationMethods } from '../sql/applications.ts';
import { attributeMethods } from '../sql/attributes.ts';
import { auditMethods } from '../sql/audit.ts';
import type { Writing } from '../sql/db.ts';
import { deviceMethods } from '../sql/devices.ts';
import { managementKeyMethods } from '../sql/management-keys.ts';
import { sessionMethods } from '../sql/sessions.ts';
import { userMethods } from '../sql/users.ts';
import { SqliteAttributeJobs } from './attribute-jobs.ts';
import { finish } from './checkpoints.ts';
import type { Connection } from './database.ts';
import { SqliteDb } from './db.ts';
import { PageLimit } from './page-limit.ts';
import { SqliteReplacement } from './replacement.ts';
import { StagingClaims } from './staging-claims.ts';
import { SqliteUpkeep } from './upkeep.ts';
import type { WaitedFor } from './waits.ts';
import { probeWriting } from './write-probe.ts';
import { SqliteWriter, type WriterOptions } from './writer.ts';

export interface WritingOptions extends WriterOptions {
  /** Largest size of the file in bytes. */
  readonly maxBytes?: number | undefined;
}

/**
 * The methods of `Storage` that write. One that returns a promise has the connection to itself until that settles; hot
 * ones return none.
 */
export function createWriterMethods(database: Connection, { maxBytes, ...options }: WritingOptions = {}) {
  const writer = new SqliteWriter(database, options);
  const pages = new PageLimit(database, maxBytes);
  const db = new SqliteDb(database, { timer: options.timer, onRollback: () => writer.catalog.invalidate() });
  const writing: Writing = { db, now: writer.now };
  const replacement = new SqliteReplacement(writer);
  const upkeep = new SqliteUpkeep(writer);
  const attributeJobs = new SqliteAttributeJobs(writer);
  return {
    /** As JSON text: between threads it costs half of what structured cloning does. */
    write(text: string): string {
      const commands = JSON.parse(text) as WriteCommand[];
      const outcomes = commands.every(freesSpace) ? pages.lifted(() => writer.write(commands)) : writer.write(commands);
      return JSON.stringify(outcomes);
    },
    probe: (): void => probeWriting(writer),
    preview: (commands: string): string => JSON.stringify(writer.preview(JSON.parse(commands) as WriteCommand[])),
    ...applicationMethods(writing),
    ...attributeMethods(writing),
    ...allowedListMethods(writing, new StagingClaims(database)),
    ...apiKeyMethods(writing),
    ...userMethods(writing),
    ...sessionMethods(writing),
    ...deviceMethods(writing),
    ...managementKeyMethods(writing),
    ...auditMethods(writing),
    beginReplacement: replacement.begin.bind(replacement),
    stageMembers: replacement.add.bind(replacement),
    finishReplacement: replacement.finish.bind(replacement),
    abandonReplacement: replacement.abandon.bind(replacement),
    listUnfinishedErasures: writer.erased.list.bind(writer.erased),
    finishErasure: (profileId: number) => pages.lifted(() => writer.transaction(() => writer.erased.finish(profileId))),
    applyAttributeJobs: attributeJobs.step.bind(attributeJobs),
    purge: () => pages.lifted(() => upkeep.purge()),
    forgetReplays: upkeep.forgetReplays.bind(upkeep),
    forgetAnswers: (before: number) => pages.lifted(() => upkeep.forgetAnswers(before)),
    pruneLedger: (before: number) => pages.lifted(() => upkeep.pruneLedger(before)),
    finishCheckpoint: () => finish(database),
  };
}

export type WriterMethods = ReturnType<typeof createWriterMethods>;

/** Methods that are not writes by callers, with the name under which a wait for each is recorded. */
export const HOUSEKEEPING: Partial<Record<keyof WriterMethods, WaitedFor>> = {
  applyAttributeJobs: 'attribute job',
  purge: 'purge',
  pruneLedger: 'ledger retention',
  forgetReplays: 'ledger retention',
  forgetAnswers: 'answer retention',
  finishCheckpoint: 'checkpoint',
  probe: 'probe',
  recordKeyUse: 'key use',
  touchSession: 'key use',
  touchManagementKey: 'key use',
  stageMembers: 'import',
  finishReplacement: 'import',
  addAllowedValues: 'import',
  finishAllowedList: 'import',
};
