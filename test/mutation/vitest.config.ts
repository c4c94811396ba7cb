// The tests that run against mutants: those of pure code, which start no server and no thread, fastest first.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { keepThread } from './kept-thread.ts';

// These use an in-memory store or hash passwords. They do not run if a faster test has noticed the mutant.
const SLOW =
  /domain.(memberships.(decide|members|queue|supersession).test|access|definitions.definitions)|sign-in-throttle|members-csv|lists/;

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => Number(SLOW.test(a.moduleId)) - Number(SLOW.test(b.moduleId)));
  }
}

export default defineConfig({
  plugins: [keepThread()],
  test: {
    environment: 'node',
    include: [
      'test/domain/**/*.test.ts',
      'test/formats/**/*.test.ts',
      'test/access-log/**/*.test.ts',
      'test/http/{client-address,exact-numbers,json-scan,paging,prefer,query-time,refusal-allowance}.test.ts',
      'test/http/{sign-in-throttle,undeclared,window-counter}.test.ts',
    ],
    // These use a store, hash passwords or take long; other tests cover the same pure rules.
    exclude: ['test/formats/long-lists.test.ts', 'test/domain/access/{sessions,users}.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    sequence: { sequencer: QuickFirst },
  },
});
