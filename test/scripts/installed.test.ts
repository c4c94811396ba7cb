/** The installed program: the Node.js versions it refuses, and the content of its tarball. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Fixture, ROOT, start } from './fixture.ts';

const REFUSAL = /^Rollcall needs Node\.js 24\.15 or newer; this is v\d+\.\d+\.\d+\.\n$/;

/** Node.js versions on this machine that are too old for the product. */
function oldNodes(): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file))
    .filter((file) => {
      const [major = 0, minor = 0] = execFileSync(file, ['--version'], { encoding: 'utf8' })
        .slice(1)
        .split('.')
        .map(Number);
      return major < 24 || (major === 24 && minor < 15);
    });
}

describe('bin/rollcall.js', () => {
  const clone = new Fixture();
  clone.write('dist/main.js', "console.log('started');\n");
  afterAll(() => clone.dispose());
  const runAs = (version: string) => {
    const preload = `Object.defineProperty(process, 'version', { value: '${version}' });`;
    return clone.run('bin/rollcall.js', ['--help'], { preload }).done;
  };

  it.each(['v0.12.18', 'v8.17.0', 'v20.20.2', 'v22.22.0', 'v24.9.0', 'v24.14.1'])('refuses %s', async (version) => {
    const outcome = await runAs(version);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(REFUSAL);
  });

  it.each(['v24.15.0', 'v24.21.0', 'v25.0.0', 'v26.10.0', 'v100.0.0'])('starts under %s', async (version) => {
    expect(await runAs(version)).toMatchObject({ code: 0, stdout: 'started\n', stderr: '' });
  });

  const old = oldNodes()[0];
  it.skipIf(old === undefined)('refuses the older Node.js this machine has, before it loads anything', async () => {
    const outcome = await start(old ?? '', [join(ROOT, 'bin/rollcall.js'), 'serve'], ROOT).done;
    expect(outcome).toMatchObject({ code: 2, signal: null, stdout: '' });
    expect(outcome.stderr).toMatch(REFUSAL);
  });

  it('reports a program that cannot be loaded, with exit code 1', async () => {
    clone.write('dist/main.js', "import './missing.js';\n");
    const outcome = await clone.run('bin/rollcall.js').done;
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('missing.js');
  });
});

function readNotices(paths: readonly string[], folder: string): string {
  const file = `${folder}/third-party-licences.txt`;
  expect(paths).toContain(file);
  return readFileSync(join(ROOT, file), 'utf8');
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly expression: string }[];
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string }[];
}

/** Checks that it names each package whose notice is included, and each that is installed with the program. */
function expectBillOfMaterials(paths: readonly string[], notices: readonly string[]): void {
  expect(paths).toContain('dist/bom.cdx.json');
  const bill = JSON.parse(readFileSync(join(ROOT, 'dist/bom.cdx.json'), 'utf8')) as {
    bomFormat: string;
    specVersion: string;
    metadata: { component: { name: string; version: string } };
    components: Component[];
  };
  const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
  expect(bill.metadata.component).toMatchObject({ name: 'rollcall', version });
  const listed = new Map(bill.components.map((each) => [`${each.name} ${each.version}`, each]));
  expect(listed.size).toBe(bill.components.length);
  const noticed = notices.flatMap((text) =>
    [...text.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(/gm)].map((match) => match[1]),
  );
  expect(noticed.length).toBeGreaterThan(30);
  expect(noticed.filter((each) => listed.get(each ?? '')?.properties?.[0]?.name !== 'cdx:npm:package:bundled')).toEqual(
    [],
  );
  const installed = Object.entries(dependencies).map(([name, each]) => `${name} ${each}`);
  expect([...installed, 'react 19.3.1'].filter((each) => !listed.has(each))).toEqual([]);
  expect(bill.components.some(({ name }) => name === 'vitest')).toBe(false);
  for (const { name, purl, licenses, hashes } of bill.components) {
    expect(purl).toMatch(/^pkg:npm\/(%40[^/@]+\/)?[^/@]+@\d/);
    expect({ name, licences: licenses.length }).toEqual({ name, licences: 1 });
    expect(hashes[0]).toMatchObject({ alg: 'SHA-512', content: expect.stringMatching(/^[\da-f]{128}$/) as unknown });
  }
}

describe('the tarball', () => {
  it('holds the program, its migrations and the licence, and nothing that is only for development', async () => {
    const npm = process.env['npm_execpath'];
    const [command, before] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
    const packed = await start(command, [...before, 'pack', '--dry-run', '--json', '--ignore-scripts'], ROOT).done;
    expect(packed.code).toBe(0);
    const [listing] = Object.values(JSON.parse(packed.stdout) as Record<string, { files: { path: string }[] }>);
    const paths = (listing?.files ?? []).map(({ path }) => path);
    const outside = paths.filter((path) => !path.startsWith('dist/')).sort();
    expect(outside).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/rollcall.js',
      'package.json',
      'packaging/rollcall.service',
    ]);
    expect(paths).toContain('dist/main.js');
    expect(paths.some((path) => /^dist\/storage\/migrations\/.*\.sql$/.test(path))).toBe(true);
    expect(paths).toContain('dist/console/index.html');
    for (const file of ['index.js', 'index.d.ts', 'api.d.ts']) expect(paths).toContain(`dist/embedded/${file}`);
    // Code of others is distributed together with its licence notices.
    const notices = ['dist', 'dist/console'].map((folder) => readNotices(paths, folder));
    expect(notices[0]).toMatch(/^fastify \d+\.\d+\.\d+ \(MIT\)\n\nMIT License\n/m);
    expect(notices[1]).toMatch(/^react \d+\.\d+\.\d+ \(MIT\)\n\nMIT License\n/m);
    expect(notices.join('\n')).not.toMatch(/^rollcall /m);
    expectBillOfMaterials(paths, notices);
    expect(paths.some((path) => /^dist\/console\/assets\/.*\.css$/.test(path))).toBe(true);
    const known =
      /^dist\/(?:(?!console\/).*\.(js|sql)|embedded\/(index|api)\.d\.ts|http\/docs\/\w+\.(css|svg)|console\/.*\.(js|css|html|svg)|bom\.cdx\.json|documents\/[\w.-]+|(console\/)?third-party-licences\.txt)$/;
    expect(paths.filter((path) => path.startsWith('dist/') && !known.test(path))).toEqual([]);
  });
});
