// How the test suite runs: which files, in which kind of process, and how long a test may take.
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/file-order.ts';
import { SlowestFiles } from './test/slowest-files.ts';

const [major = 0, minor = 0] = process.version.slice(1).split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `The tests need Node.js 24.15 or newer; this is ${process.version}. npm test brings one: npm test -- test/http\n`,
  );
  process.exit(2);
}

// The soak run draws the random tests out for hours; each sets its own length and must not be cut short by the runner.
const soak = process.env['ROLLCALL_SOAK'] === '1';

/** The modules that start threads. */
const STARTERS = ['storage/sqlite/thread-client', 'cli/data-jobs'];

/**
 * Stores under test run the threads of the build: threads that load TypeScript strip its types in WebAssembly, whose code V8
 * frees wrongly once in some thousand threads that come and go, and the process is gone. Twice as fast they are as well.
 */
const builtThreads: Plugin = {
  name: 'built-threads',
  enforce: 'pre',
  transform(code, id) {
    const starter = STARTERS.find((each) => id.endsWith(`/src/${each}.ts`));
    if (starter === undefined) return undefined;
    const built = new URL(`dist/${starter}.js`, import.meta.url);
    return code.replaceAll('import.meta.url', JSON.stringify(built.href));
  },
};

export default defineConfig({
  plugins: [builtThreads],
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts', 'examples/testing/with-vitest.test.ts'],
    globalSetup: ['test/run-folder.ts'],
    reporters: ['default', new SlowestFiles()],
    sequence: { sequencer: FileOrder },
    // Processes, which a native module or a worker thread that crashes does not take down together. The files of one run one after
    // the other and share their modules: loading these again for each file cost half a second of processor time.
    pool: 'forks',
    isolate: false,
    // Two more than most machines of CI have processors: tests wait for processes of their own half of the time.
    maxWorkers: 4,
    testTimeout: soak ? 12 * 60 * 60 * 1000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
