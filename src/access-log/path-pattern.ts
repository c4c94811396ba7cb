/**
 * Regular expressions for request paths, run by a linear-time engine and small enough that none can block its thread.
 */

import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { codePointLength } from '../domain/environment.ts';
import { DomainError, invalid } from '../domain/errors.ts';
import { MAX_PATH_PATTERN } from './access-log.ts';

// Matching takes time in proportion to both: about 40 ms for one path in the worst case.
const MAX_PROGRAM = 4000;
const MAX_PATH = 2000;
// The compiler expands repetitions; the sum of them limits the compile time, which the size of the result does not.
const MAX_REPETITIONS = 1000;

export type PathPattern = (path: string) => boolean;

const require = createRequire(import.meta.url);
/** The engine is large and most servers never get a pattern, so the first one loads it. */
const loadEngine = (): typeof import('re2js') => require('re2js') as typeof import('re2js');

/**
 * Compiles a pattern. It may match anywhere in the path (its first 2000 characters), without the query.
 * @throws DomainError `invalid` if it is not an RE2 expression, too long or too large
 */
export function compilePathPattern(text: string): PathPattern {
  const refuse = (reason: string): DomainError =>
    invalid(`Query parameter path: ${reason}`, { parameter: 'path' }, 'Invalid value');
  if (codePointLength(text) > MAX_PATH_PATTERN) throw refuse(`at most ${MAX_PATH_PATTERN} characters`);
  let repetitions = 0;
  for (const [, least = '0', most = ''] of text.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)) {
    repetitions += Math.max(Number(least), Number(most));
  }
  if (repetitions > MAX_REPETITIONS) throw refuse(`repeats too often; at most ${MAX_REPETITIONS} times in total`);
  const { RE2JS: engine } = loadEngine();
  let compiled: RE2JS;
  try {
    compiled = engine.compile(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 200) : '';
    throw refuse(`not a regular expression in RE2 syntax (${reason})`);
  }
  if (compiled.programSize() > MAX_PROGRAM) throw refuse('the expression is too large');
  return (path) => compiled.test(path.slice(0, MAX_PATH));
}

/** The path of a URI, without its query. */
export function pathOf(uri: string): string {
  return uri.split('?', 1)[0] ?? uri;
}
