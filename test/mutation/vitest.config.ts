// The tests that mutants run against: those of pure code, which start no server and no thread.
import { defineConfig } from 'vitest/config';
import { keepThread } from './kept-thread.ts';

export default defineConfig({
  plugins: [keepThread()],
  test: {
    environment: 'node',
    include: [
      'test/domain/**/*.test.ts',
      'test/formats/**/*.test.ts',
      'test/access-log/**/*.test.ts',
      'test/http/{client-address,prefer,query-time,refusal-allowance,sign-in-throttle,window-counter}.test.ts',
    ],
    maxWorkers: 1,
    testTimeout: 60_000,
  },
});
