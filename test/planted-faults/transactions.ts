/** Faults in transactions, in the promises of a commit, and in how errors of the engine are distinguished. */

import type { PlantedFault } from './fault.ts';

const DURABILITY = ['test/storage/durability.test.ts'];
const CONFORMANCE = ['test/storage/sqlite.test.ts'];
const ENGINE = ['test/storage/sqlite-engine.test.ts'];
const DISK_FULL = ['test/storage/disk-full.test.ts'];
const SNAPSHOTS = ['test/storage/snapshots.test.ts'];

export const TRANSACTION_FAULTS: readonly PlantedFault[] = [
  {
    what: 'a failed transaction is left open',
    text: "if (database.inTransaction) database.exec('rollback');\n    throw error;",
    fault: 'throw error;',
    tests: CONFORMANCE,
    only: 'in memory > batches > a command that breaks',
  },
  {
    what: 'a failed transaction is committed',
    text: "if (database.inTransaction) database.exec('rollback');\n    throw error;",
    fault: "if (database.inTransaction) database.exec('commit');\n    throw error;",
    tests: CONFORMANCE,
    only: 'in memory > batches > a command that breaks',
  },
  {
    what: 'a transaction takes the write lock only when it first writes',
    text: "const asked = timer?.clock() ?? 0;\n  database.exec('begin immediate');",
    fault: "const asked = timer?.clock() ?? 0;\n  database.exec('begin');",
    tests: [...ENGINE, 'test/storage/checkpoints.test.ts'],
    only: 'two processes write at once|another process held',
  },
  {
    what: 'a commit returns before it is durable',
    text: "database.pragma('synchronous = full');",
    fault: "database.pragma('synchronous = normal');",
    tests: DURABILITY,
    only: 'every connection',
  },
  {
    what: 'the access log may be torn by a power cut',
    text: "database.pragma('synchronous = normal');",
    fault: "database.pragma('synchronous = off');",
    tests: DURABILITY,
    only: 'every connection',
  },
  {
    what: 'reads that belong together see different moments',
    text: "database.exec('begin');\n    try {\n      return work();\n    } finally {\n      database.exec('rollback');\n    }",
    fault: 'return work();',
    tests: SNAPSHOTS,
  },
  {
    what: 'a profile is shown with names of an older catalog',
    text: 'this.#catalog = this.#catalogs.current();\n    this.#keys.clear();',
    fault: 'this.#keys.clear();',
    tests: CONFORMANCE,
    only: 'in memory > audiences',
  },
  {
    what: 'a catalog that a rolled back transaction changed is used on',
    text: 'if (!(error instanceof Decided) || error.isCatalogChanged) this.catalog.invalidate();',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > (batches|back office)',
  },
  {
    what: 'a catalog of other data, as after a restore, is taken for a newer one',
    text: 'if (state.epoch !== this.#epoch) {',
    fault: "if (this.#epoch === '') {",
    tests: ['test/storage/restore.test.ts'],
    only: 'a running store shows',
  },
  {
    what: 'a full disk is a failure of the server',
    text: "if (code.startsWith('SQLITE_FULL')) return",
    fault: "if (code.startsWith('SQLITE_FILL')) return",
    tests: DISK_FULL,
    only: 'refuses writes, keeps',
  },
  {
    what: 'a busy database is a failure of the server',
    text: "if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {",
    fault: "if (code.startsWith('SQLITE_LOCKED')) {",
    tests: ENGINE,
    only: 'while another holds the file too long',
  },
  {
    what: 'one command that breaks refuses its whole batch',
    text: 'return commands.map((each) => this.#writeAlone(each));',
    fault: 'throw error;',
    tests: CONFORMANCE,
    only: 'in memory > batches > a command that breaks unexpectedly',
  },
  {
    what: 'a command that does not fit is answered as a failure, when it is retried alone',
    text: 'if (error instanceof DomainError) return { error: error.toRecord() };\n  return { failure:',
    fault: 'return { failure:',
    tests: DISK_FULL,
    only: 'met while a batch is retried',
  },
  {
    what: 'nothing is kept for the deletions that make room',
    text: 'return pages - Math.min(RESERVED_PAGES, Math.floor(pages / RESERVED_SHARE));',
    fault: 'return pages;',
    tests: DISK_FULL,
  },
  {
    what: 'numbers that were given are given again',
    text: 'if (sequences[name] !== before[name]) {',
    fault: 'if (sequences[name] === before[name]) {',
    tests: CONFORMANCE,
    only: 'in memory > profiles',
  },
  {
    what: 'a rehearsal takes effect',
    text: 'throw new Decided(outcomes, this.catalog.version !== version);',
    fault: '',
    tests: ['test/domain/memberships/supersession.test.ts', 'test/http/replay.test.ts'],
  },
  {
    what: 'members are counted by the last change alone',
    text: 'on conflict do update set members = members + excluded.members,',
    fault: 'on conflict do update set members = excluded.members,',
    tests: CONFORMANCE,
    only: 'in memory > (memberships|audiences)',
  },
  {
    what: 'joins of an hour replace those before them',
    text: 'on conflict do update set joins = joins + excluded.joins, leaves = leaves + excluded.leaves`),',
    fault: 'on conflict do update set joins = excluded.joins, leaves = leaves + excluded.leaves`),',
    tests: CONFORMANCE,
    only: 'in memory > (memberships|batches)',
  },
  {
    what: 'a profile that leaves an audience stays among its members',
    text: 'for (const set of removed) removeMember.run(set, id);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > memberships',
  },
  {
    what: 'a value that a profile gave up still finds it',
    text: 'if (before !== undefined) removeValue.run(environment, attributeId, before, id);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > what people look up',
  },
  {
    what: 'a profile that changes keeps the checksum it had',
    text: 'const checksum = profileChecksum([...key, ...state]);',
    fault: 'const checksum = profileChecksum([...key]);',
    tests: CONFORMANCE,
    only: 'in memory > profiles',
  },
  {
    what: 'the members of a deleted audience are never removed',
    text: 'changes.audiences.set(audience.id, { audience, deleted: true });\n  changes.deadSets.push(audience.memberSet);',
    fault: 'changes.audiences.set(audience.id, { audience, deleted: true });',
    tests: CONFORMANCE,
    only: 'in memory > (audiences|upkeep)',
  },
  {
    what: 'the set that was being filled for a deleted audience is never removed',
    text: 'if (audience.stagedSet !== undefined) changes.deadSets.push(audience.stagedSet);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > replacement',
  },
];
