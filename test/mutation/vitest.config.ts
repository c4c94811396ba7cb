// The tests that mutants run against: those of pure code, which start no server and no thread, the quickest first.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { keepThread } from './kept-thread.ts';

// They work on a store in memory, or hash passwords. What the others notice spares these.
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
    // They work on a store and hash passwords, or take long: what they hold of pure rules is held by others too.
    exclude: ['test/formats/long-lists.test.ts', 'test/domain/access/{sessions,users}.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    sequence: { sequencer: QuickFirst },
  },
});
