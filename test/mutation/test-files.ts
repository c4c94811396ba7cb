/** The tests that mutants run against: those of pure code, which start no server and no thread. */

import { globSync } from 'node:fs';

const INCLUDED = [
  'test/{access-log,domain,formats}/**/*.test.ts',
  'test/http/{client-address,exact-numbers,json-scan,prefer,query-strings,query-time,refusal-allowance}.test.ts',
  'test/http/{sign-in-throttle,undeclared,window-counter}.test.ts',
];

/** They hash passwords, or take long: what they hold of pure rules is held by others too. */
const EXCLUDED = ['test/formats/long-lists.test.ts', 'test/domain/access/{sessions,users}.test.ts'];

/** Paths from the root. */
export function testFiles(root: string): string[] {
  return globSync(INCLUDED, { cwd: root, exclude: EXCLUDED })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}
