/**
 * What test files import instead of vitest while mutants run: it collects their tests, so that they can run repeatedly.
 */

import { format } from 'node:util';
import { expect } from 'vitest';

export { expect };

type Work = () => unknown;
type RowWork = (...row: never[]) => unknown;

export interface Test {
  /** Includes the names of the enclosing suites. */
  readonly name: string;
  readonly run: Work;
}

/** A file, or a `describe` in it. */
export class Suite {
  readonly children: (Suite | Test)[] = [];
  readonly beforeAll: Work[] = [];
  readonly beforeEach: Work[] = [];
  readonly afterEach: Work[] = [];
  readonly afterAll: Work[] = [];
  readonly path: readonly string[];

  constructor(path: readonly string[]) {
    this.path = path;
  }

  /** All tests in it, at any depth. */
  tests(): Test[] {
    return this.children.flatMap((child) => (child instanceof Suite ? child.tests() : [child]));
  }
}

let current = new Suite([]);

/** Collects what the module evaluated by `load` declares. Files are loaded one at a time. */
export async function collectTests(load: () => Promise<unknown>): Promise<Suite> {
  const suite = new Suite([]);
  current = suite;
  await load();
  return suite;
}

function declareSuite(name: string, declare: Work): void {
  const outer = current;
  const suite = new Suite([...outer.path, name]);
  outer.children.push(suite);
  current = suite;
  try {
    declare();
  } finally {
    current = outer;
  }
}

function declareTest(name: string, run: Work): void {
  current.children.push({ name: [...current.path, name].join(' > '), run });
}

type Declare = (name: string, run: Work) => void;

function eachRow(rows: readonly unknown[], toArguments: (row: unknown) => unknown[], declare: Declare) {
  return (name: string, run: RowWork): void => {
    for (const [index, row] of rows.entries()) {
      const args = toArguments(row) as never[];
      declare(`${format(name, ...args).slice(0, 200)} (${index})`, () => run(...args));
    }
  };
}

function withRows(declare: Declare) {
  return Object.assign(declare, {
    each: (rows: readonly unknown[]) => eachRow(rows, (row) => (Array.isArray(row) ? row : [row]), declare),
    for: (rows: readonly unknown[]) => eachRow(rows, (row) => [row], declare),
  });
}

export const describe = withRows(declareSuite);
export const it = withRows(declareTest);
export const test = it;

export const beforeAll = (work: Work): void => void current.beforeAll.push(work);
export const beforeEach = (work: Work): void => void current.beforeEach.push(work);
export const afterEach = (work: Work): void => void current.afterEach.push(work);
export const afterAll = (work: Work): void => void current.afterAll.push(work);
