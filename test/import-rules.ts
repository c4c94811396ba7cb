/** The import rules of src and the console: the table of the architecture, and the check of one file against it. */

import { posix } from 'node:path';

export interface SourceFile {
  /** Path from the package's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Part {
  /** Other parts of src it may import; `any` for those that wire everything together. */
  readonly parts: readonly string[] | 'any';
  /** Packages and Node modules it may import; even with `any`, only its engine may import a storage driver. */
  readonly modules: readonly (string | RegExp)[] | 'any';
}

/** Packages that only one folder may import. */
const STORAGE_DRIVERS: Readonly<Record<string, string>> = {
  'better-sqlite3': 'src/storage/sqlite/',
  pg: 'src/storage/postgres/',
};

/** A part is a folder of src, or a file directly in it. A part without a row fails: decide where it belongs first. */
const PARTS: Readonly<Record<string, Part>> = {
  domain: {
    parts: [],
    // Only computation: nothing that opens a file, a socket or a thread.
    modules: [/^node:(crypto|buffer|events|util|zlib|timers\/promises|perf_hooks)$/, '@node-rs/argon2'],
  },
  // node:module loads re2js with the first pattern.
  'access-log': { parts: ['domain'], modules: ['node:buffer', 'node:module', 're2js'] },
  formats: { parts: ['domain'], modules: 'any' },
  storage: { parts: ['domain', 'access-log'], modules: [/^node:/, ...Object.keys(STORAGE_DRIVERS)] },
  http: { parts: ['domain', 'access-log', 'formats', 'config.ts', 'test-controls'], modules: 'any' },
  'test-controls': { parts: ['domain'], modules: [/^node:/] },
  embedded: { parts: 'any', modules: 'any' },
  simulate: { parts: [], modules: [/^node:/] },
  demo: { parts: ['domain', 'simulate'], modules: [/^node:/] },
  cli: { parts: 'any', modules: 'any' },
  jobs: { parts: ['domain', 'access-log', 'config.ts'], modules: 'any' },
  'config.ts': { parts: ['domain'], modules: [/^node:/] },
  'version.ts': { parts: [], modules: [/^node:/] },
  'main.ts': { parts: 'any', modules: 'any' },
};

const SURFACES = 'src/http/surfaces/';
const SURFACE_LIST = 'src/http/app.ts';

const IMPORTS = [
  /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
  /(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]/g,
  /\b(?:import|require|getBuiltinModule)\s*\(\s*['"`]([^'"`]+)['"`]/g,
];

// Folders of the domain, with the lower ones that each may import; imports of types count, too. Neither memberships nor
// access is below the other: what both need is a word or a definition.
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  words: [],
  definitions: ['words'],
  memberships: ['words', 'definitions'],
  access: ['words', 'definitions'],
  privacy: ['words', 'definitions', 'memberships', 'access'],
  whole: ['words', 'definitions', 'memberships', 'access', 'privacy'],
};

// Files directly in src/domain are words, except for these.
const FILES_OF_ROOMS: Readonly<Record<string, string>> = { 'storage.ts': 'whole', 'core.ts': 'whole' };

const ACCESS_LOG_ROOMS: readonly string[] = ['words', 'definitions'];

// Folders of src/storage, with those that each may import: engines import what they share, and not each other. Files
// directly in src/storage open the engines.
const STORAGE = 'src/storage/';
const STORAGE_FOLDERS: Readonly<Record<string, readonly string[]>> = { sql: [], sqlite: ['sql'], postgres: ['sql'] };

const DOMAIN = 'src/domain/';

/** The folder of the domain that a file belongs to; undefined for files elsewhere. */
function roomOf(path: string): string | undefined {
  if (!path.startsWith(DOMAIN)) return undefined;
  const [first = '', ...rest] = path.slice(DOMAIN.length).split('/');
  return rest.length > 0 ? first : (FILES_OF_ROOMS[first] ?? 'words');
}

/** Every module that a file imports, including type imports and dynamic imports. */
export function importsOf(text: string): string[] {
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** The violations in a file, one line each; `paths` are all files of src, which are needed to know the surfaces. */
export function violationsOf(file: SourceFile, paths: readonly string[]): string[] {
  const found: string[] = [];
  const own = partOf(file.path);
  const part = PARTS[own];
  if (part === undefined) {
    return [`${file.path}: src/${own} has no row in the table of who may import whom`];
  }
  for (const name of importsOf(file.text)) {
    const reason = name.startsWith('.')
      ? checkRelative(file.path, posix.join(posix.dirname(file.path), name), own, part, paths)
      : checkModule(name, file.path, own, part);
    if (reason !== undefined) found.push(`${file.path}: imports ${name}: ${reason}`);
  }
  if (/\bprocess\s*(?:\.\s*env\b|\[\s*['"]env['"])/.test(file.text) && own !== 'config.ts') {
    found.push(`${file.path}: reads process.env, which only src/config.ts may`);
  }
  return found;
}

// A store that is destructured or renamed would hide its calls, so both are refused; a store at the end of a path is no
// call. Checking whether the store has a file, and where it is, is no call either.
const STORAGE_CALL =
  /(?<![/\w])#?storage\s*\??\.\s*(?!file\b(?!\??\.(?:check|checkpoint)\b))[a-z]|=\s*[\w.#]+\.storage\s*;/;

/** Reports whether a file calls a store, or could do so unseen: callers must go through an operation of the domain. */
export function callsStorage({ text }: SourceFile): boolean {
  return STORAGE_CALL.test(text);
}

const TYPE_IMPORT = /(?:^|[\n;])\s*(?:import|export)\s+type\s[^'"`;]*?\bfrom\s*['"][^'"]+['"]/g;

/**
 * The same for a file of the console. It runs in a browser and is a client, so it may import only types of the wire
 * from the server. `paths` are all files of src and the console, `packages` those in the package's manifest.
 */
export function consoleViolationsOf(file: SourceFile, paths: readonly string[], packages: readonly string[]): string[] {
  const running = importsOf(file.text.replaceAll(TYPE_IMPORT, ''));
  return importsOf(file.text).flatMap((name) => {
    const reason = name.startsWith('.')
      ? checkConsoleRelative(posix.join(posix.dirname(file.path), name), paths, running.includes(name))
      : packages.includes(packageOf(name))
        ? undefined
        : 'it is no package of ours';
    return reason === undefined ? [] : [`${file.path}: imports ${name}: ${reason}`];
  });
}

function checkConsoleRelative(target: string, paths: readonly string[], runs: boolean): string | undefined {
  if (!paths.includes(target)) return 'there is no such file (imports carry their extension)';
  if (target.startsWith('console/')) return undefined;
  if (!target.startsWith(SURFACES)) return 'of the server the console knows only the surfaces';
  return runs ? 'of the server the console may import types only' : undefined;
}

/** The package of a module: `@scope/name/part` belongs to `@scope/name`. */
export function packageOf(module: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;
}

function checkRelative(
  from: string,
  target: string,
  own: string,
  part: Part,
  paths: readonly string[],
): string | undefined {
  if (!target.startsWith('src/')) return 'it is outside src';
  if (!paths.includes(target)) return 'there is no such file (imports carry the .ts extension)';
  const other = partOf(target);
  if (other !== own && part.parts !== 'any' && !part.parts.includes(other)) {
    return `src/${own} may not import src/${other}`;
  }
  const [room, otherRoom] = [roomOf(from), roomOf(target)];
  if (own === 'access-log' && otherRoom !== undefined && !ACCESS_LOG_ROOMS.includes(otherRoom)) {
    return `of the domain the access log may import ${ACCESS_LOG_ROOMS.join(' and ')} only`;
  }
  if (room !== undefined && otherRoom !== undefined && room !== otherRoom) {
    const below = ROOMS[room];
    if (below === undefined) return `src/domain/${room} has no row in the table of rooms`;
    if (!below.includes(otherRoom)) return `in the domain, ${room} may not import ${otherRoom}`;
  }
  const [engine, otherEngine] = [folderIn(STORAGE, from), folderIn(STORAGE, target)];
  if (engine !== undefined && otherEngine !== engine && target.startsWith(STORAGE)) {
    const allowed = STORAGE_FOLDERS[engine];
    if (allowed === undefined) return `src/storage/${engine} has no row in the table of its folders`;
    if (!allowed.includes(otherEngine ?? '')) return `src/storage/${engine} may not import it`;
  }
  if (engine === 'sql' && other !== 'storage' && other !== 'domain')
    return 'src/storage/sql may import src/domain only';
  const surface = surfaceOf(target);
  if (surface !== undefined && from.startsWith(SURFACES) && surfaceOf(from) !== surface) {
    return 'surfaces do not import each other';
  }
  if (surface !== undefined && own === 'http' && !from.startsWith(SURFACES) && from !== SURFACE_LIST) {
    return `only ${SURFACE_LIST} lists the surfaces`;
  }
  return undefined;
}

function checkModule(name: string, from: string, own: string, part: Part): string | undefined {
  const home = STORAGE_DRIVERS[name];
  if (home !== undefined && !from.startsWith(home)) return `only ${home.slice(0, -1)} knows this storage driver`;
  const allowed =
    part.modules === 'any' || part.modules.some((each) => (typeof each === 'string' ? each === name : each.test(name)));
  return allowed ? undefined : `src/${own} may not`;
}

function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The surface a file belongs to, by its folder. A file directly in `surfaces` is shared by several. */
function surfaceOf(path: string): string | undefined {
  return folderIn(SURFACES, path);
}

/** The folder directly in `parent` that contains a file. */
function folderIn(parent: string, path: string): string | undefined {
  return path.startsWith(parent) ? /^([^/]+)\//.exec(path.slice(parent.length))?.[1] : undefined;
}

/** The cycles of imports between files, including type imports: the files of each, sorted. */
export function circlesOf(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path }) => path));
  const imports = new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => posix.join(posix.dirname(path), name))
        .filter((target) => known.has(target)),
    ]),
  );
  const reached = new Map([...known].map((path) => [path, reachableFrom(path, imports)]));
  const circles = [...known]
    .filter((path) => reached.get(path)?.has(path) === true)
    .map((path) => [...known].filter((other) => reached.get(path)?.has(other) && reached.get(other)?.has(path)).sort());
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
}

/** All files that a file imports, directly or indirectly; the file itself only if it is in a cycle. */
function reachableFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const waiting = [...(imports.get(path) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(imports.get(next) ?? []));
  }
  return found;
}
