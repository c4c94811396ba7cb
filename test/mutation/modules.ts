/** Loads test files, records who imports whom, and reloads what a mutant changes while it is being loaded. */

import { readFileSync } from 'node:fs';
import { type ResolveHookContext, registerHooks, stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';

const TEST_API = new URL('./test-api.ts', import.meta.url).href;

/** The importers of each module, by its URL. */
const importers = new Map<string, Set<string>>();
/** JavaScript by URL, cached because stripping types takes longer than evaluating. */
const stripped = new Map<string, string>();
let root = '';
let generation = 0;
let reloaded: ReadonlySet<string> = new Set();

/** From now on, `vitest` resolves to the test API of this folder, and modules below `folder` can be reloaded. */
export function watchModules(folder: string): void {
  root = `${pathToFileURL(folder).href}/`;
  registerHooks({ resolve: resolveModule, load: loadModule });
}

/** Loads a test file, reloading what depends on the module of the last `reloadFrom`. */
export function importFile(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  return import(reloaded.has(url) ? `${url}?${generation}` : url);
}

/** From now on, reloads what depends on the module at `path`. @returns the URLs of these modules, nearest first */
export function reloadFrom(path: string): string[] {
  const found = new Set([pathToFileURL(path).href]);
  for (const url of found) {
    for (const importer of importers.get(url) ?? []) found.add(importer);
  }
  generation += 1;
  reloaded = found;
  return [...found];
}

/** Returns to the modules that were loaded first. */
export function endReload(): void {
  reloaded = new Set();
}

type Resolved = ReturnType<Parameters<typeof registerHooks>[0]['resolve'] & {}>;

function resolveModule(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context?: Partial<ResolveHookContext>) => Resolved,
): Resolved {
  const parent = withoutGeneration(context.parentURL ?? '');
  if (specifier === 'vitest' && parent !== TEST_API) return { url: TEST_API, shortCircuit: true };
  const found = next(specifier, context);
  const url = withoutGeneration(found.url);
  if (!url.startsWith(root)) return found;
  if (parent.startsWith(root)) {
    const those = importers.get(url) ?? new Set();
    importers.set(url, those.add(parent));
  }
  return reloaded.has(url) ? { ...found, url: `${url}?${generation}` } : found;
}

type Loaded = ReturnType<Parameters<typeof registerHooks>[0]['load'] & {}>;

function loadModule(url: string, context: object, next: (url: string, context?: object) => Loaded): Loaded {
  const plain = withoutGeneration(url);
  if (!plain.startsWith(root) || !plain.endsWith('.ts')) return next(url, context);
  let source = stripped.get(plain);
  if (source === undefined) {
    source = stripTypeScriptTypes(readFileSync(new URL(plain), 'utf8'));
    stripped.set(plain, source);
  }
  return { format: 'module', source, shortCircuit: true };
}

function withoutGeneration(url: string): string {
  return url.startsWith('file:') ? url.replace(/\?\d+$/, '') : url;
}
