/** Faults in what is kept under idempotency keys. */

import type { PlantedFault } from './fault.ts';

const CONFORMANCE = ['test/storage/sqlite.test.ts'];
const ENGINE = ['test/storage/idempotent-answers.test.ts'];
const HTTP = ['test/http/idempotency.test.ts'];
const QUEUE = ['test/domain/memberships/queue.test.ts'];

export const ANSWER_FAULTS: readonly PlantedFault[] = [
  {
    what: 'two writes with one idempotency key run at once',
    text: 'if (this.#running.has(scope)) throw stillRunning();',
    fault: '',
    tests: QUEUE,
    only: 'an idempotency key',
  },
  {
    what: 'an idempotency key is taken for ever',
    text: 'this.#running.delete(scope);',
    fault: '',
    tests: QUEUE,
    only: 'an idempotency key',
  },
  {
    what: 'kept answers still show a person who was erased',
    text: 'for (const profileId of forgottenInAnswers) this.#statements.forgetContent.run(profileId);',
    fault: '',
    tests: CONFORMANCE,
    only: 'in memory > idempotency',
  },
  {
    what: 'kept answers grow without a limit',
    text: 'while (size > this.#maxBytes) {',
    fault: 'while (size < 0) {',
    tests: ENGINE,
    only: 'make way',
  },
  {
    what: 'an answer in the place of another counts twice',
    text: 'return bytes - freed;',
    fault: 'return bytes;',
    tests: ENGINE,
    only: 'make way',
  },
  {
    what: 'answers are removed before their time',
    text: 'this.#statements.oldest.all(rows).filter(({ time }) => time < before);',
    fault: 'this.#statements.oldest.all(rows);',
    tests: CONFORMANCE,
    only: 'in memory > idempotency',
  },
  {
    what: 'answers outlive their time in the store',
    text: 'return core.storage.forgetAnswers(core.now() - ANSWERS_KEPT_MS);',
    fault: 'return core.storage.forgetAnswers(core.now() - 2 * ANSWERS_KEPT_MS);',
    tests: ['test/jobs/jobs.test.ts'],
    only: 'retention',
  },
  {
    what: 'an idempotency key counts for every API key',
    text: 'const scope = [principal?.key.id, method,',
    fault: 'const scope = [principal?.key.type, method,',
    tests: HTTP,
  },
  {
    what: 'a dry run takes the idempotency key',
    text: 'idempotency: dry ? undefined : idempotencyOf(request),',
    fault: 'idempotency: idempotencyOf(request),',
    tests: HTTP,
  },
];
