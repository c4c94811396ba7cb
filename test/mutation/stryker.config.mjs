// The files that `npm run mutate` mutates, and the score it requires.
import os from 'node:os';
import path from 'node:path';

const accessLog = ['causes', 'marks', 'path-pattern', 'payload-masking', 'profile-traces', 'refused-values', 'traffic'];
const http = ['client-address', 'exact-numbers', 'json-scan', 'paging', 'prefer', 'query-time', 'undeclared'];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/domain/**/*.ts',
    'src/formats/**/*.ts',
    ...[...accessLog, 'traffic-meter'].map((name) => `src/access-log/${name}.ts`),
    ...[...http, 'window-counter'].map((name) => `src/http/${name}.ts`),
  ],
  testRunner: 'in-process',
  plugins: ['./test/mutation/in-process-runner.ts', './test/mutation/texts-for-people.ts'],
  ignorers: ['texts-for-people'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // Most endless loops and waits are detected by counting; a busy machine needs more for the rest: --timeoutMS=600000.
  timeoutMS: 10_000,
  // It takes five seconds, or many times that on a busy machine.
  dryRunTimeoutMinutes: 60,
  thresholds: { high: 95, low: 90, break: 90 },
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { reportTests: false, allowColor: false },
  jsonReporter: { fileName: 'coverage/mutation/report.json' },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  tempDirName: path.join(os.tmpdir(), 'rollcall-mutation'),
  // The files needed in the copy where mutants are planted; node_modules are linked.
  ignorePatterns: [
    '**',
    '!package.json',
    '!src/**/*.{ts,sql}',
    '!test/*.ts',
    '!test/{access-log,domain,formats,http,mutation,storage}/**/*.ts',
    '**/node_modules/**',
  ],
  // The copy needs no changes to it, and Stryker would need another TypeScript for that.
  tsconfigFile: 'none',
  disableTypeChecks: false,
};
