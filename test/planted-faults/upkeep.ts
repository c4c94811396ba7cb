/** Faults in replacements, claims, purges, retention, and the jobs that repeat them. */

import type { PlantedFault } from './fault.ts';

const CONFORMANCE = ['test/storage/sqlite.test.ts'];
const ENGINE = ['test/storage/sqlite-engine.test.ts'];
const JOBS = ['test/jobs/jobs.test.ts'];

export const UPKEEP_FAULTS: readonly PlantedFault[] = [
  {
    what: 'a replacement that stands still blocks its audience for ever',
    text: 'return Math.abs(now - movedAt) < STALLED_AFTER_MS && isClaimed();',
    fault: 'return isClaimed();',
    tests: ENGINE,
    only: 'stopped for a minute',
  },
  {
    what: 'a replacement that goes on is taken over',
    text: 'return lock === undefined;',
    fault: 'return false;',
    tests: ENGINE,
    only: 'in progress is not taken over',
  },
  {
    what: 'whose list was taken over goes on filling it',
    text: 'if (staged === set) return;',
    fault: 'if (staged !== undefined) return;',
    tests: ENGINE,
    only: 'stopped for a minute',
  },
  {
    what: 'the members before a replacement are never removed',
    text: 'changes.deadSets.push(oldSet);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > replacement > the swap',
  },
  {
    what: 'a replacement that is given up leaves its list behind',
    text: 'this.#stage(audienceId, null);\n      this.#bury(set);',
    fault: 'this.#stage(audienceId, null);',
    tests: CONFORMANCE,
    only: 'in memory > replacement > an abandoned',
  },
  {
    what: 'a list of values that was replaced is never removed',
    text: 'const dead = abandonedList(before, after);\n        if (dead !== undefined) await discardAllowedList(tx, dead);\n        const warnings',
    fault: 'const warnings',
    tests: CONFORMANCE,
    only: 'in memory > allowed values',
  },
  {
    what: 'a purge forgets a set while it has members',
    text: 'if (this.#removeMembers.run(set, set, SLICE_ROWS).changes < SLICE_ROWS) this.#forgetSet.run(set);',
    fault: 'this.#removeMembers.run(set, set, SLICE_ROWS);\n    this.#forgetSet.run(set);',
    tests: CONFORMANCE,
    only: 'in memory > upkeep',
  },
  {
    what: 'a purge takes all its time at once',
    text: 'for (let slices = 0; slices < STEP_SLICES && performance.now() < until; slices += 1) if (!slice()) return false;',
    fault: 'while (until > 0) if (!slice()) return false;',
    tests: CONFORMANCE,
    only: 'in memory > upkeep',
  },
  {
    what: 'the ledger is pruned whatever its age',
    text: 'if (first === undefined || first.time >= before) return undefined;',
    fault: 'if (first === undefined) return undefined;',
    tests: ['test/domain/memberships/retention.test.ts'],
  },
  {
    what: 'what was pruned of the ledger is not noted',
    text: 'this.#raiseBaseline.run(planned.firstKeptChange, before);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > upkeep',
  },
  {
    what: 'a list is said to be under way though its process was killed',
    text: '.filter((id) => !isClaimed(path, kind, id));',
    fault: '.filter((id) => id < 0);',
    tests: ['test/storage/sqlite-engine.test.ts'],
    only: 'whose process is gone',
  },
  {
    what: 'the retention of the ledger counts in other days',
    text: 'core.now() - ledgerRetentionDays * DAY_MS',
    fault: 'core.now() - ledgerRetentionDays * (DAY_MS / 24)',
    tests: JOBS,
  },
  {
    what: 'a ledger that is kept for ever is pruned',
    text: 'if (ledgerRetentionDays === 0) return false;',
    fault: '',
    tests: JOBS,
  },
  {
    what: 'the retention of replays counts in other days',
    text: 'core.now() - accessLogRetentionDays * DAY_MS',
    fault: 'core.now() - accessLogRetentionDays * (DAY_MS / 24)',
    tests: JOBS,
  },
  {
    what: 'the retention of the access log counts in other days',
    text: 'now() - retentionDays * DAY_HOURS * HOUR_MS',
    fault: 'now() - retentionDays * HOUR_MS',
    tests: JOBS,
  },
  {
    what: 'the access log stays off after the disk was full',
    text: 'core.accessLog.hold(false);',
    fault: '',
    tests: JOBS,
  },
  {
    what: 'writes stay refused after the disk was full',
    text: 'core.queue.resume(CAUSE);',
    fault: '',
    tests: JOBS,
  },
  {
    what: 'a store that works is probed',
    text: 'if (!core.queue.isPausedBy(STORE_FAILED)) return false;',
    fault: '',
    tests: JOBS,
  },
  {
    what: 'writes stay refused though a probe succeeded',
    text: 'core.queue.resume(STORE_FAILED);',
    fault: '',
    tests: JOBS,
  },
  {
    what: 'long work leaves writes that wait no time',
    text: 'const wait = more ? Math.max(PAUSE_MS, pause) : everyMs;',
    fault: 'const wait = more ? PAUSE_MS + 0 * pause : everyMs;',
    tests: JOBS,
  },
  {
    what: 'a job that fails once is never tried again',
    text: "logger.error({ err: error, job: name }, 'job failed; it will be tried again');",
    fault: "logger.error({ err: error, job: name }, 'job failed; it will be tried again');\n      return;",
    tests: JOBS,
  },
  {
    what: 'more writes wait than may',
    text: 'if (waiting >= this.#limits.maxRequests ||',
    fault: 'if (waiting > this.#limits.maxRequests ||',
    tests: ['test/domain/memberships/queue.test.ts'],
  },
  {
    what: 'a store is said to be idle while a batch is committed',
    text: 'this.#unanswered -= batch.length;',
    fault: 'this.#unanswered = 0;',
    tests: ['test/domain/memberships/queue.test.ts'],
  },
];
