/** `docs/compatibility.md` says of each operation whether it is served; here it is compared with the routes, in both directions. */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from './http/authorization-table.ts';
import { targetOf } from './http/target.ts';

type Claim = 'served' | 'extension' | 'refused by name' | 'not served';

interface Row {
  readonly claim: Claim;
  /** `METHOD /path`, with IDs in braces. */
  readonly operations: readonly string[];
}

/** A method alone belongs to the next path, and a path alone has the methods of the one before. */
function operationsIn(cell: string): string[] {
  const operations: string[] = [];
  let pending: string[] = [];
  let methods: string[] = [];
  for (const [, text = ''] of cell.matchAll(/`([^`]+)`/g)) {
    if (/^[A-Z]+$/.test(text)) {
      pending.push(text);
      continue;
    }
    const [, method, path = ''] = /^(?:([A-Z]+) )?(\/\S*)$/.exec(text) ?? [];
    if (path === '') throw new Error(`'${text}' in '${cell}' is neither a method nor a path`);
    if (method !== undefined) methods = [...pending, method];
    pending = [];
    operations.push(...methods.map((each) => `${each} ${path}`));
  }
  return operations;
}

/** The rows of the tables of operations. */
function rowsOf(page: string): Row[] {
  const rows: Row[] = [];
  let isOfOperations = false;
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) isOfOperations = false;
    else if (line.startsWith('| operation | method and path | state |')) isOfOperations = true;
    else if (isOfOperations && !line.startsWith('|---')) {
      const [, , paths = '', state = ''] = line.split('|').map((cell) => cell.trim());
      const claim = /^(served|extension|refused by name|not served)\b/.exec(state)?.[1];
      if (claim === undefined) throw new Error(`no state that is known: ${line}`);
      rows.push({ claim: claim as Claim, operations: operationsIn(paths) });
    }
  }
  return rows;
}

function claimed(rows: readonly Row[], claim: Claim): string[] {
  return rows.filter((row) => row.claim === claim).flatMap(({ operations }) => operations);
}

interface Described {
  readonly 'x-rollcall-extension'?: boolean;
}

describe('docs/compatibility.md', () => {
  const rows = rowsOf(readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8'));
  const routes = ROUTES.map(([method, path]) => `${method} ${path.replace(/:([A-Za-z]+)/g, '{$1}')}`);
  const described = new Map<string, Described>();

  beforeAll(async () => {
    const { url } = await targetOf('default');
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Described>>;
    };
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, each] of Object.entries(methods)) described.set(`${method.toUpperCase()} ${path}`, each);
    }
  });

  const sorted = (operations: Iterable<string>): string[] => [...operations].sort();

  it('calls served what is published and described, and nothing else', () => {
    const published = [...described].filter(([, each]) => each['x-rollcall-extension'] !== true);
    expect(sorted(claimed(rows, 'served'))).toEqual(sorted(published.map(([operation]) => operation)));
  });

  it('calls an extension what is described as one, and nothing else', () => {
    const own = [...described].filter(([, each]) => each['x-rollcall-extension'] === true);
    expect(sorted(claimed(rows, 'extension'))).toEqual(sorted(own.map(([operation]) => operation)));
  });

  it('calls refused by name what has a route and no description, and nothing else', () => {
    const surfaces = /^[A-Z]+ \/(v1|v2|cdp|segment|mparticle|emarsys)\b/;
    const undescribed = routes.filter((route) => surfaces.test(route) && !described.has(route));
    expect(sorted(claimed(rows, 'refused by name'))).toEqual(sorted(undescribed));
  });

  it('calls not served only what has no route', () => {
    expect(claimed(rows, 'not served').filter((operation) => routes.includes(operation))).toEqual([]);
  });
});
