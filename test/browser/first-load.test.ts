/** What a browser has to load before the console shows anything, which must stay small. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const BUILT = fileURLToPath(new URL('../../dist/console/', import.meta.url));
const MAX_BYTES = 300_000;

/** A file of the build and everything it imports statically. */
function needed(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  if (!name.endsWith('.js')) return found;
  const text = readFileSync(BUILT + name, 'utf8');
  for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) needed(`assets/${imported}`, found);
  return found;
}

/** The files that the page itself names, then the pages behind the first click. */
function firstLoad(page: string): Set<string> {
  const files = new Set<string>();
  const named = [
    ...readFileSync(`${BUILT}index.html`, 'utf8').matchAll(/(?:src|href)="\/console\/([^"]+\.(?:js|css))"/g),
  ];
  for (const [, name] of named) needed(name ?? '', files);
  const entry = [...files].map((name) => readFileSync(BUILT + name, 'utf8')).join('\n');
  const chunk = new RegExp(`assets/(${page}-[\\w-]+\\.js)`).exec(entry)?.[1];
  expect(chunk, `the chunk of ${page}`).toBeDefined();
  return needed(`assets/${chunk}`, files);
}

test.each(['home-page', 'sign-in-page', 'api-keys-page', 'audiences-page'])(
  'the first load, with %s, is under 300 kB as it travels',
  (page) => {
    const files = [...firstLoad(page)];
    expect(files.some((name) => name.endsWith('.css'))).toBe(true);
    const size = files.reduce((sum, name) => sum + gzipSync(readFileSync(BUILT + name)).length, 0);
    expect(size).toBeLessThan(MAX_BYTES);
    // Makes sure that a complete console was measured, and not an empty list.
    expect(size).toBeGreaterThan(100_000);
  },
);
