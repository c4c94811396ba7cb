/** The tests that mutants run against: those of pure code, which start no server and no thread. */

import { globSync } from 'node:fs';

const INCLUDED = [
  'test/{access-log,domain,formats}/**/*.test.ts',
  'test/http/{client-address,exact-numbers,json-scan,paging,prefer,query-strings,query-time}.test.ts',
  'test/http/{refusal-allowance,sign-in-throttle,undeclared,window-counter}.test.ts',
];

/** It takes long: what it holds of pure rules is held by others too. */
const EXCLUDED = ['test/formats/long-lists.test.ts'];

/** Paths from the root. */
export function testFiles(root: string): string[] {
  return globSync(INCLUDED, { cwd: root, exclude: EXCLUDED })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}
