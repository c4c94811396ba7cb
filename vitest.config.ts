// How the test suite runs: which files, in which kind of process, and how long a test may take.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The soak run draws the random tests out for hours; each sets its own length and must not be cut short by the runner.
const soak = process.env['ROLLCALL_SOAK'] === '1';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // One process per file: a native module or a worker thread that crashes takes only its own file down.
    pool: 'forks',
    // One more than most machines of CI have processors: tests wait for processes of their own.
    maxWorkers: 3,
    testTimeout: soak ? 12 * 60 * 60 * 1000 : 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    // The threads of a store under test load TypeScript; compiling it once halves what such tests cost.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)) },
  },
});
