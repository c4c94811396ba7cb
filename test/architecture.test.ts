/** Rules of the code base that no compiler checks: who may import whom, what must not be written, what is pinned. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  callsStorage,
  circlesOf,
  consoleViolationsOf,
  importsOf,
  packageOf,
  type SourceFile,
  violationsOf,
} from './import-rules.ts';

const ROOT = new URL('../', import.meta.url);

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage extends Manifest {
  readonly resolved?: string;
  readonly integrity?: string;
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

function filesUnder(folder: string): string[] {
  if (!existsSync(new URL(folder, ROOT))) return [];
  return readdirSync(fileURLToPath(new URL(folder, ROOT)), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.includes('/node_modules/'))
    .map((entry) => `${entry.parentPath.slice(fileURLToPath(ROOT).length)}/${entry.name}`.replaceAll('\\', '/'))
    .sort();
}

function sources(folder: string): SourceFile[] {
  return filesUnder(folder).map((path) => ({ path, text: read(path) }));
}

describe('imports', () => {
  const files = sources('src').filter(({ path }) => path.endsWith('.ts'));
  const paths = files.map(({ path }) => path);

  it('run one way', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => violationsOf(file, paths))).toEqual([]);
  });

  it('go in no circle, types included', () => {
    expect(circlesOf(files)).toEqual([]);
  });

  it('are found to go in a circle wherever one is planted', () => {
    const planted = [
      { path: 'src/domain/errors.ts', text: "import type { A } from './definitions/a.ts';" },
      { path: 'src/domain/definitions/a.ts', text: "import { b } from './b.ts';" },
      { path: 'src/domain/definitions/b.ts', text: "import {\n  c,\n} from '../errors.ts';" },
      { path: 'src/domain/definitions/d.ts', text: "import { b } from './b.ts';" },
    ];
    const circle = ['src/domain/definitions/a.ts', 'src/domain/definitions/b.ts', 'src/domain/errors.ts'];
    expect(circlesOf(planted)).toEqual([circle]);
    expect(circlesOf(planted.slice(0, 2))).toEqual([]);
  });

  it('name only packages the installed program has, and every one of those is used', () => {
    const { dependencies = {} } = JSON.parse(read('package.json')) as Manifest;
    const packages = new Set(
      files
        .flatMap(({ text }) => importsOf(text))
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
        .map(packageOf),
    );
    expect([...packages].sort()).toEqual(Object.keys(dependencies).sort());
  });

  const wrong: [string, string][] = [
    ['src/domain/a.ts', "import Fastify from 'fastify';"],
    ['src/domain/a.ts', "import type { FastifyInstance } from 'fastify';"],
    ['src/domain/a.ts', "import {\n  readFileSync,\n} from 'node:fs';"],
    ['src/domain/a.ts', "export * from '../storage/index.ts';"],
    ['src/domain/a.ts', "import type { A } from './definitions/a.ts';"],
    ['src/domain/a.ts', "import type { Core } from './core.ts';"],
    ['src/domain/definitions/a.ts', "import type { A } from '../memberships/a.ts';"],
    ['src/domain/definitions/a.ts', "import type { Storage } from '../storage.ts';"],
    ['src/domain/a.ts', "import type { AccessLog } from '../access-log/a.ts';"],
    ['src/access-log/a.ts', "import type { A } from '../domain/memberships/a.ts';"],
    ['src/access-log/a.ts', "import type { Core } from '../domain/core.ts';"],
    ['src/domain/memberships/a.ts', "import { a } from '../access/a.ts';"],
    ['src/domain/access/a.ts', "import type { A } from '../memberships/a.ts';"],
    ['src/domain/memberships/a.ts', "import type { A } from '../privacy/a.ts';"],
    ['src/domain/feed/a.ts', "import { a } from '../a.ts';"],
    ['src/storage/a.ts', "import { app } from '../http/app.ts';"],
    ['src/http/a.ts', "const { openStorage } = await import('../storage/index.ts');"],
    ['src/http/a.ts', "import Database from 'better-sqlite3';"],
    ['src/cli/a.ts', "import type { Database } from 'better-sqlite3';"],
    ['src/storage/index.ts', "import Database from 'better-sqlite3';"],
    ['src/storage/postgres/a.ts', "import { a } from '../sqlite/a.ts';"],
    ['src/storage/sqlite/a.ts', "import { openStorage } from '../index.ts';"],
    ['src/storage/sql/a.ts', "import { a } from '../sqlite/a.ts';"],
    ['src/storage/sql/a.ts', "import { a } from '../../access-log/a.ts';"],
    ['src/storage/other/a.ts', "import { a } from '../sql/a.ts';"],
    ['src/http/surfaces/cdp/index.ts', "import { checkPathId } from '../integration/index.ts';"],
    ['src/http/surfaces/third-party-headers.ts', "import { schema } from './cdp/schemas.ts';"],
    ['src/http/a.ts', "import { CDP } from './surfaces/cdp/index.ts';"],
    ['src/simulate/a.ts', "import type { Core } from '../domain/core.ts';"],
    ['src/cli/a.ts', 'const home = process.env.HOME;'],
    ['src/cli/a.ts', "const home = process['env'].HOME;"],
    ['src/cli/a.ts', "import { core } from '../domain/core';"],
    ['src/cli/a.ts', "import { world } from '../../test/storage/world.ts';"],
    ['src/plugins/a.ts', ''],
  ];
  const known = [
    ...[
      'app',
      'a',
      'surfaces/cdp/index',
      'surfaces/cdp/schemas',
      'surfaces/integration/index',
      'surfaces/third-party-headers',
    ].map((name) => `src/http/${name}.ts`),
    ...['a', 'core', 'storage', 'definitions/a', 'memberships/a', 'access/a', 'privacy/a'].map(
      (name) => `src/domain/${name}.ts`,
    ),
    'src/access-log/a.ts',
    'src/storage/index.ts',
    ...['sql/a', 'sqlite/a', 'postgres/a'].map((name) => `src/storage/${name}.ts`),
  ];

  it.each(wrong)('are refused when wrong: %s with %s', (path, text) => {
    expect(violationsOf({ path, text }, known)).toHaveLength(1);
  });

  const right: [string, string][] = [
    ['src/domain/a.ts', "import { createHash } from 'node:crypto';"],
    ['src/domain/definitions/a.ts', "import { a } from '../a.ts';"],
    ['src/domain/memberships/a.ts', "import type { A } from '../definitions/a.ts';"],
    ['src/domain/privacy/a.ts', "import { a } from '../memberships/a.ts';\nimport { b } from '../access/a.ts';"],
    ['src/access-log/a.ts', "import type { A } from '../domain/definitions/a.ts';\nimport { RE2JS } from 're2js';"],
    ['src/domain/storage.ts', "import type { A } from './access/a.ts';"],
    [
      'src/storage/sqlite/a.ts',
      "import Database from 'better-sqlite3';\nimport type { A } from '../../domain/a.ts';\nimport { b } from '../sql/a.ts';",
    ],
    ['src/storage/index.ts', "import { a } from './sqlite/a.ts';\nimport type { Core } from '../domain/core.ts';"],
    [
      'src/http/surfaces/cdp/index.ts',
      "import { a } from './schemas.ts';\nimport { b } from '../third-party-headers.ts';",
    ],
    [
      'src/http/app.ts',
      "import { a } from './surfaces/cdp/index.ts';\nimport { b } from './surfaces/integration/index.ts';",
    ],
    ['src/config.ts', 'const home = process.env.HOME;'],
    ['src/cli/a.ts', "import { app } from '../http/app.ts';"],
  ];

  it.each(right)('are let through when right: %s with %s', (path, text) => {
    expect(violationsOf({ path, text }, known)).toEqual([]);
  });
});

describe('the store', () => {
  // None of these contains a rule, so none needs an operation.
  const exempt = {
    'src/http/operations.ts': 'readiness is a question to the store itself',
    'src/http/metrics.ts': 'the figures are the store’s own',
    'src/http/key-use.ts': 'is given the one method that it gathers calls for',
    'src/cli/context.ts': 'closes what it opened',
    'src/cli/running.ts': 'starts and closes what it opened',
    'src/cli/data-thread.ts': 'verifies a whole store, and closes it',
  };
  const callers = ['src/http', 'src/cli'].flatMap(sources).filter(callsStorage);

  it('is called by operations of the domain, and by the files listed with a reason', () => {
    expect(callers.map(({ path }) => path).sort()).toEqual(Object.keys(exempt).sort());
  });

  it.each([
    'await core.storage.catalog();',
    'this.#storage.write([]);',
    'core.storage\n  .browse.listAudiences();',
    'const { accounts } = core.storage;',
    'const { storage } = core;\nstorage?.ping();',
    'core.storage.file?.check();',
  ])('is seen to be called: %s', (text) => {
    expect(callsStorage({ path: 'src/http/a.ts', text })).toBe(true);
  });

  it.each([
    "import type { Storage } from '../domain/storage.ts';",
    'new WriteQueue(storage, limits);',
    'return { storage };',
    'const folder = core.storage.file?.folder;',
  ])('is seen not to be called: %s', (text) => {
    expect(callsStorage({ path: 'src/http/a.ts', text })).toBe(false);
  });
});

describe('imports of the console', () => {
  // The configuration of its build does not run in the browser.
  const files = sources('console').filter(({ path }) => /^console\/src\/.*\.tsx?$/.test(path));
  const paths = [...filesUnder('src'), ...filesUnder('console')];
  const { devDependencies = {} } = JSON.parse(read('package.json')) as Manifest;

  it('stay in the browser: of the server only the types of the wire', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => consoleViolationsOf(file, paths, Object.keys(devDependencies)))).toEqual([]);
  });

  const known = ['console/src/api.ts', 'src/http/surfaces/cdp/schemas.ts', 'src/domain/core.ts'];
  const wrong: string[] = [
    "import { schema } from '../../src/http/surfaces/cdp/schemas.ts';",
    "import type { A } from '../../src/http/surfaces/cdp/schemas.ts';\nimport { b } from '../../src/http/surfaces/cdp/schemas.ts';",
    "import '../../src/http/surfaces/cdp/schemas.ts';",
    "import type { Core } from '../../src/domain/core.ts';",
    "const { core } = await import('../../src/domain/core.ts');",
    "import { request } from './api';",
    "import { readFileSync } from 'node:fs';",
    "import fastify from 'fastify';",
  ];
  it.each(wrong)('are refused when wrong: %s', (text) => {
    expect(consoleViolationsOf({ path: 'console/src/a.tsx', text }, known, ['react'])).not.toEqual([]);
  });

  it('are let through when right', () => {
    const text =
      "import type { A } from '../../src/http/surfaces/cdp/schemas.ts';\nimport { useState } from 'react';\nimport { b } from './api.ts';\nimport c from 'react/jsx-runtime';";
    expect(consoleViolationsOf({ path: 'console/src/a.tsx', text }, known, ['react'])).toEqual([]);
  });
});

describe('the table of rules', () => {
  const page = readFileSync(new URL('ARCHITECTURE.md', ROOT), 'utf8');
  const section = /## Where is the rule that …\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const rules = [...section.matchAll(/^\| (.+) \| `(.+)` \| `(\w+)` \|$/gm)].map(
    ([, rule = '', file = '', symbol = '']) => ({
      rule,
      file,
      symbol,
    }),
  );

  it('answers the questions people ask first', () => {
    expect(rules.length).toBeGreaterThanOrEqual(20);
    // The count of all rows except the two of the heading, so that a row in another form cannot escape the check.
    expect(section.match(/^\|/gm)).toHaveLength(rules.length + 2);
  });

  it.each(rules)('$rule: $symbol in $file', ({ file, symbol }) => {
    const declaration = new RegExp(`^export (?:async )?(?:function\\*?|class|const) ${symbol}\\b`, 'm');
    expect(readFileSync(new URL(file, ROOT), 'utf8')).toMatch(declaration);
  });
});

describe('files', () => {
  const code = ['src', 'test', 'bench', 'scripts', 'bin', 'console']
    .flatMap(sources)
    .filter(({ path }) => /\.(tsx?|mjs|js|css)$/.test(path));

  it('are named after what they hold, in kebab-case', () => {
    const banned = /(^|[/-])(utils?|helpers?|common|managers?|services?|misc)([./-]|$)/;
    const wrong = code
      .map(({ path }) => path)
      .filter((path) => banned.test(path) || !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(path.split('/').at(-1) ?? ''));
    expect(wrong).toEqual([]);
  });

  it('say on top what they own', () => {
    const silent = code.filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  // This file contains the patterns it looks for.
  const others = (files: SourceFile[]) => files.filter(({ path }) => path !== 'test/architecture.test.ts');

  it('switch off no check', () => {
    const switches = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-(disable|enable)|biome-ignore/;
    const wrong = others(code).filter(({ text }) => switches.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('take the address of a client from where forwarded ones are checked', () => {
    const wrong = sources('src/http').filter(({ text }) => /\b(request|req)\.ips?\b|\.remoteAddress\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual(['src/http/client-address.ts']);
  });

  it('convert file URLs to paths in a way that works with spaces', () => {
    const wrong = others(code).filter(({ text }) => /import\.meta\.url\)\s*\.pathname/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe('dependencies', () => {
  it.each([
    'package.json',
    'runtime/package.json',
    'bench/peers/home-made/package.json',
    'test/browser/package.json',
    'test/clients/package.json',
    'test/mutation/package.json',
    'test/postgres/package.json',
    'test/segment-package/package.json',
  ])('of %s are pinned to one version', (path) => {
    const manifest = JSON.parse(read(path)) as Manifest;
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.keys(all).length).toBeGreaterThan(0);
    expect(
      Object.entries(all).filter(([, version]) => !/^(npm:\w+@)?\d+\.\d+\.\d+(-beta\.\d+|-rc)?$/.test(version)),
    ).toEqual([]);
  });

  it('bring no Node.js of their own: that is what runtime/ is for', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
    expect(Object.keys(packages).filter((path) => /^node_modules\/node(-(linux|win|darwin)-\w+)?$/.test(path))).toEqual(
      [],
    );
  });

  it.each([
    'package-lock.json',
    'runtime/package-lock.json',
    'bench/peers/home-made/package-lock.json',
    'test/browser/package-lock.json',
    'test/clients/package-lock.json',
    'test/mutation/package-lock.json',
    'test/postgres/package-lock.json',
    'test/segment-package/package-lock.json',
  ])('are locked whole in %s', (path) => {
    const { packages } = JSON.parse(read(path)) as { packages: Record<string, LockedPackage> };
    const wrong = Object.entries(packages).flatMap(([location, entry]) => [
      ...(entry.resolved === undefined ? [] : [`${location} names the host it came from`]),
      ...(location === '' || entry.integrity !== undefined ? [] : [`${location} has no checksum`]),
      // `npm ci` refuses a lock file that lacks a package for another platform.
      ...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.devDependencies })
        .filter((name) => !isLocked(packages, location, name))
        .map((name) => `${location} wants ${name}, which is missing`),
    ]);
    expect(wrong).toEqual([]);
  });
});

/** Reports whether a dependency can be resolved from a package: in its own node_modules or in one further up. */
function isLocked(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}
