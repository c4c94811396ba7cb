/** Faults in threads, in the waits between them, and in how the write-ahead log is kept short. */

import type { PlantedFault } from './fault.ts';

const WRITER_THREAD = ['test/storage/writer-thread.test.ts'];
const CHECKPOINTS = ['test/storage/checkpoints.test.ts'];
const ENGINE = ['test/storage/sqlite-engine.test.ts'];

export const THREAD_FAULTS: readonly PlantedFault[] = [
  {
    what: 'calls under way in a thread that dies look done',
    text: 'for (const pending of this.#pending.values()) pending.reject(reason);',
    fault: 'for (const pending of this.#pending.values()) pending.resolve(reason);',
    tests: WRITER_THREAD,
  },
  {
    what: 'a thread that dies at its start is started again at once',
    text: 'performance.now() - this.#startedAt >= RESTART_AFTER_MS)',
    fault: 'performance.now() - this.#startedAt >= 0)',
    tests: WRITER_THREAD,
  },
  {
    what: 'a thread that died is never replaced',
    text: 'performance.now() - this.#startedAt >= RESTART_AFTER_MS)',
    fault: 'performance.now() - this.#startedAt >= Number.POSITIVE_INFINITY)',
    tests: WRITER_THREAD,
  },
  {
    what: 'nobody is told why a thread died',
    text: "worker.on('error', (error) => onFailure?.(error instanceof Error ? error : new Error(String(error))));",
    fault: "worker.on('error', () => undefined);",
    tests: WRITER_THREAD,
  },
  {
    what: 'a closed store goes on taking calls',
    text: "if (this.#closed) throw new Error('The store is closed');",
    fault: '',
    tests: [...ENGINE, ...WRITER_THREAD],
    only: 'closing finishes|refuses with 503',
  },
  {
    what: 'what a thread refuses becomes a failure of the server',
    text: 'if (error instanceof DomainError) return { id, error: error.toRecord() };',
    fault: '',
    tests: ['test/storage/sqlite.test.ts'],
    only: 'in a file > back office > a key is|in a file > back office > an attribute',
  },
  {
    what: 'a writer goes on answering for a file that was taken away',
    text: 'if (findReplacedFile(files) !== undefined) throw fileReplaced();',
    fault: '',
    tests: ['test/http/readiness.test.ts'],
  },
  {
    what: 'the store does not refuse once its files were taken away',
    text: 'writer.refuse(fileReplaced());',
    fault: '',
    tests: ['test/http/readiness.test.ts'],
  },
  {
    what: 'another file in the place of an open one is not told from it',
    text: 'return found === undefined ? undefined : `${found.dev}:${found.ino}`;',
    fault: 'return found === undefined ? undefined : `${found.dev}`;',
    tests: ['test/http/readiness.test.ts'],
  },
  {
    what: 'housekeeping that began before a write was sent counts as nothing',
    text: 'if (spell.end > sent) {',
    fault: 'if (spell.start > sent) {',
    tests: CHECKPOINTS,
    only: 'longest waits',
  },
  {
    what: 'what ran before a write was sent counts as a part of its wait',
    text: 'spell.end - Math.max(spell.start, sent));',
    fault: 'spell.end - spell.start);',
    tests: CHECKPOINTS,
    only: 'longest waits',
  },
  {
    what: 'the latest wait is shown in the place of the longest',
    text: 'if (milliseconds > (this.#shared.longest[index] ?? 0)) this.#shared.longest[index] = milliseconds;',
    fault: 'this.#shared.longest[index] = milliseconds;',
    tests: CHECKPOINTS,
    only: 'longest waits',
  },
  {
    what: 'a checkpoint that is still running is overlooked by commits',
    text: 'const isRunning = ended < began;',
    fault: 'const isRunning = false;',
    tests: CHECKPOINTS,
    only: 'longest waits',
  },
  {
    what: 'waits for the lock of another process are not noted',
    text: "database.exec('begin immediate');\n  timer?.locked(timer.clock() - asked);",
    fault: "database.exec('begin immediate');",
    tests: CHECKPOINTS,
    only: 'longest waits',
  },
  {
    what: 'the write-ahead log never begins anew under steady writes',
    text: 'if (!isQuiet && isFinishable(state)) state = await this.#places.finish();',
    fault: '',
    tests: CHECKPOINTS,
    only: 'under steady writes',
  },
  {
    what: 'a checkpoint that a reader holds back is asked for again at once, for ever',
    text: 'more: isLong(state) && left(state) > 0 && state.moved !== found.moved,',
    fault: 'more: isLong(state) && left(state) > 0,',
    tests: CHECKPOINTS,
    only: 'under steady writes',
  },
  {
    what: 'what waits in the log is told as nothing',
    text: 'waitingBytes: left(state) * PAGE_BYTES,',
    fault: 'waitingBytes: 0 * left(state),',
    tests: CHECKPOINTS,
    only: 'under steady writes',
  },
  {
    what: 'a quiet store leaves what it wrote in the log',
    text: 'if (left(state) >= (isQuiet ? 1 : PASS_PAGES)) state = await this.#places.move();',
    fault: 'if (left(state) >= PASS_PAGES) state = await this.#places.move();',
    tests: CHECKPOINTS,
  },
  {
    what: 'writes that the store shed for want of room are not reported to the queue',
    text: "if (error.code === 'unavailable') this.#options.onUnavailable?.(error.message);",
    fault: '',
    tests: ['test/storage/disk-full.test.ts'],
    only: 'every kind of write',
  },
];
