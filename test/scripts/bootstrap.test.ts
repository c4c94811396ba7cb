/** The start-up scripts in a small clone: what they install and build, and when, and what they pass to the program. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fixture, OLD_NODE, start } from './fixture.ts';

const BUILT = ['Building…', 'Writing the declarations…', 'Building the console…', 'Writing the documents…'];
const AWKWARD = ['key', 'list', 'two words', '', '*', '$HOME', 'it\'s "quoted"', '--flag=a b', '--'];

function printed(stdout: string): { args: string[]; pid: number; path: string } {
  return JSON.parse(stdout.split('\n')[0] ?? '') as { args: string[]; pid: number; path: string };
}

describe.each([
  { machine: 'a Node.js new enough', preload: '', installs: 1 },
  { machine: 'a Node.js that is too old', preload: OLD_NODE, installs: 2 },
])('with $machine', ({ preload, installs }) => {
  let clone: Fixture;
  const run = (args: readonly string[], stdin = '') => clone.run('scripts/rollcall.mjs', args, { preload, stdin });

  beforeAll(() => {
    clone = new Fixture();
  });
  afterAll(() => clone.dispose());

  it('installs and builds on the first start only, also when several start at once', async () => {
    const first = await Promise.all([run(['a']).done, run(['b']).done, run(['c']).done]);
    expect(first.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(first.map(({ stdout }) => printed(stdout).args)).toEqual([['a'], ['b'], ['c']]);
    const said = first.map(({ stderr }) => stderr).join('');
    expect(said.match(/^Installing /gm)).toHaveLength(installs);
    expect(said.match(/^Building…/gm)).toHaveLength(1);
    expect(existsSync(join(clone.root, '.setup-lock'))).toBe(false);

    const second = await run(['d']).done;
    expect(second).toMatchObject({ code: 0, stderr: '' });
  });

  it('puts the Node.js it continues with first on the PATH of the program', async () => {
    const { stdout } = await run([]).done;
    const pinned = join(clone.root, 'runtime', 'node_modules');
    expect(printed(stdout).path.startsWith(pinned)).toBe(preload !== '');
  });

  it('passes arguments, input and exit code through', async () => {
    const echoed = await run(['echo', ...AWKWARD], 'a secret\n').done;
    expect(printed(echoed.stdout).args).toEqual(['echo', ...AWKWARD]);
    expect(echoed.stdout.endsWith('}\na secret\n')).toBe(true);
    expect((await run(['exit', '7']).done).code).toBe(7);
  });

  it('passes a signal on and ends as the program ends', async () => {
    const server = run(['serve']);
    await server.seen(/ready/);
    server.kill('SIGTERM');
    const stopped = await server.done;
    expect(stopped).toMatchObject({ code: 0, signal: null });
    expect(stopped.stdout).toMatch(/stopping\n$/);

    const killed = run(['serve']);
    process.kill(printed(await killed.seen(/ready/)).pid, 'SIGKILL');
    expect(await killed.done).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it.skipIf(process.platform === 'win32')('ends with the shell of `npm start`, which tells nobody', async () => {
    const before = preload === '' ? '' : `--import ${JSON.stringify(`data:text/javascript,${preload}`)}`;
    const command = `npm_lifecycle_event=start "$0" ${before} scripts/rollcall.mjs serve; true`;
    const shell = start('sh', ['-c', command, process.execPath], clone.root);
    await shell.seen(/ready/);
    shell.kill('SIGTERM');
    // Standard output closes when the last process that holds it has ended.
    const { signal, stdout } = await shell.done;
    expect(signal).toBe('SIGTERM');
    expect(stdout).toMatch(/stopping\n$/);
  });
});

describe('a clone', () => {
  let clone: Fixture;
  const build = async () => (await clone.run('scripts/build.mjs').done).stderr.trim().split('\n');

  beforeAll(async () => {
    clone = new Fixture();
    await build();
  });
  afterAll(() => clone.dispose());

  it('is built again when a source changed, and has what the sources have', async () => {
    const source = clone.read('src/main.ts');
    clone.write('src/extra.ts', "export const extra: string = 'something more';\n");
    clone.write('src/main.ts', `import { extra } from './extra.ts';\n${source}\nconsole.error(extra);\n`);
    clone.write('src/storage/migrations/0002_more.sql', 'select 2;\n');
    expect(await build()).toEqual(BUILT);
    expect(readdirSync(join(clone.root, 'dist')).sort()).toEqual([
      '.build.json',
      'bom.cdx.json',
      'cli',
      'console',
      'documents',
      'embedded',
      'main.js',
      'storage',
      'third-party-licences.txt',
    ]);
    expect(clone.read('dist/main.js')).toContain('something more');
    expect(clone.read('dist/storage/migrations/0002_more.sql')).toBe('select 2;\n');

    clone.write('console/index.html', '<title>Another console</title>\n');
    expect(await build()).toEqual(BUILT);
    expect(clone.read('dist/console/index.html')).toBe('<title>Another console</title>\n');

    clone.remove('src/extra.ts');
    clone.write('src/main.ts', source);
    clone.remove('src/storage/migrations/0002_more.sql');
    expect(await build()).toEqual(BUILT);
    expect(clone.read('dist/main.js')).not.toContain('something more');
    expect(existsSync(join(clone.root, 'dist/storage/migrations/0002_more.sql'))).toBe(false);
    expect(await build()).toEqual(['']);
  });

  it('keeps its last good build when a new one fails, and says why it failed', async () => {
    const source = clone.read('src/main.ts');
    clone.write('src/main.ts', `${source}\nconst = 1;\n`);
    const outcome = await clone.run('scripts/rollcall.mjs', ['x']).done;
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^Building…\n[^]*main\.ts[^]*\nBuilding: failed \(exit code \d\)\.\n$/);
    expect(existsSync(join(clone.root, 'dist/main.js'))).toBe(true);
    clone.write('src/main.ts', source);
    expect(await build()).toEqual(['']);
  });

  it('is installed again when the lock file changed', async () => {
    clone.write('package-lock.json', `${clone.read('package-lock.json')}\n`);
    expect(await build()).toEqual(['Installing dependencies…', ...BUILT]);
    expect(await build()).toEqual(['']);
  });

  it('takes over the lock of a set-up that died', async () => {
    clone.write('src/main.ts', `${clone.read('src/main.ts')}\n`);
    mkdirSync(join(clone.root, '.setup-lock'));
    // No process has this number, which is larger than Linux assigns.
    writeFileSync(join(clone.root, '.setup-lock', 'owner'), `${hostname()} 99999999`);
    expect(await build()).toEqual(BUILT);
  });

  it('waits for a set-up that lives', async () => {
    clone.write('src/main.ts', `${clone.read('src/main.ts')}\n`);
    mkdirSync(join(clone.root, '.setup-lock'));
    writeFileSync(join(clone.root, '.setup-lock', 'owner'), `${hostname()} ${process.pid}`);
    const waiting = build();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    clone.remove('.setup-lock');
    expect(await waiting).toEqual(['Waiting for another set-up in this folder…', ...BUILT]);
  });

  it('reports what could not be fetched though npm ended well, and tries again next time', async () => {
    const lock = clone.read('package-lock.json');
    const part = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] };
    const changed = JSON.parse(lock) as { packages: Record<string, object> };
    changed.packages['node_modules/part'] = { ...part, integrity: 'sha512-AA==', resolved: 'http://127.0.0.1:9/p.tgz' };
    changed.packages[''] = { ...changed.packages[''], optionalDependencies: { part: '1.0.0' } };
    const manifest = clone.read('package.json');
    clone.write('package.json', JSON.stringify({ ...JSON.parse(manifest), optionalDependencies: { part: '1.0.0' } }));
    clone.write('package-lock.json', JSON.stringify(changed));
    clone.write('.npmrc', 'fetch-retries=0\n');
    for (const _ of [1, 2]) {
      const { code, stderr } = await clone.run('scripts/build.mjs').done;
      expect(code).toBe(1);
      expect(stderr).toContain('node_modules/part could not be fetched');
    }
  });
});

describe('a machine for which there is no Node.js', () => {
  it('is reported in one line, with exit code 2', async () => {
    const clone = new Fixture();
    const preload = `${OLD_NODE}Object.defineProperty(process, 'arch', { value: 'mips' });`;
    const outcome = await clone.run('scripts/rollcall.mjs', ['serve'], { preload }).done;
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^Rollcall needs Node\.js 24\.15 or newer; this is v20\.1\.0 on .*-mips, .*\n$/);
    expect(existsSync(join(clone.root, 'node_modules'))).toBe(false);
    clone.dispose();
    expect(existsSync(dirname(clone.root))).toBe(false);
  });
});
