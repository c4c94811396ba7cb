/**
 * A small clone for the start-up scripts: the real scripts and bundler, packages that need no network, a tiny program.
 */

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Loaded first, makes the scripts believe that the running Node.js is older than the oldest allowed. */
export const OLD_NODE = "Object.defineProperty(process, 'version', { value: 'v20.1.0' });";

const PROGRAM = `
const [command, ...rest] = process.argv.slice(2);
console.log(JSON.stringify({ args: process.argv.slice(2), pid: process.pid, path: process.env.PATH }));
if (command === 'exit') process.exitCode = Number(rest[0]);
if (command === 'echo') process.stdin.pipe(process.stdout);
if (command === 'serve') {
  const timer = setInterval(() => {}, 1000);
  process.on('SIGTERM', () => {
    console.log('stopping');
    clearInterval(timer);
  });
  console.log('ready');
}
`;

/** The entry points of threads, which the build bundles in addition to the program. */
const THREADS = [...readFileSync(join(ROOT, 'scripts/bundle.config.ts'), 'utf8').matchAll(/'([\w/-]+thread)'/g)].map(
  ([, module = '']) => module,
);

/** Replaces the step in which the complete application describes itself. */
const DOCUMENTS = "import { mkdirSync } from 'node:fs';\nmkdirSync(process.argv[2] ?? '', { recursive: true });\n";

const BUNDLER = `
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const folder = process.argv[process.argv.indexOf('--outDir') + 1];
cpSync('console/index.html', join(folder, 'index.html'));
writeFileSync(join(folder, 'third-party-packages.json'), '[]');
`;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly done: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the standard output so far once it matches. */
  seen(pattern: RegExp): Promise<string>;
}

export class Fixture {
  readonly root = join(mkdtempSync(join(tmpdir(), 'rollcall scripts ')), 'a clone');

  constructor() {
    for (const each of ['scripts', 'bin']) cpSync(join(ROOT, each), join(this.root, each), { recursive: true });
    this.write('src/main.ts', PROGRAM);
    this.write('scripts/write-documents.ts', DOCUMENTS);
    for (const thread of [...THREADS, 'embedded/index']) this.write(`src/${thread}.ts`, 'export {};\n');
    this.write('src/storage/migrations/0001_initial.sql', 'select 1;\n');
    this.write('docs/connect/index.md', '# Connect\n');
    this.write('docs/testing.md', '# Testing\n');
    this.write('console/index.html', '<title>The console</title>\n');
    this.#linkTools();
    this.#linkRuntime();
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  /** Starts one of the scripts, optionally under an old Node.js. */
  run(script: string, args: readonly string[] = [], options: { preload?: string; stdin?: string } = {}): Run {
    const before = options.preload === undefined ? [] : ['--import', `data:text/javascript,${options.preload}`];
    return start(process.execPath, [...before, join(this.root, script), ...args], this.root, options.stdin ?? '');
  }

  dispose(): void {
    rmSync(dirname(this.root), { recursive: true, force: true });
  }

  /**
   * The real bundler of the server, as a package npm only has to link; the console's is replaced by one that copies the
   * page, and the compiler by one that does nothing.
   */
  #linkTools(): void {
    const cli = JSON.stringify(join(ROOT, 'node_modules/rolldown/bin/cli.mjs'));
    this.write('vendor/rolldown/package.json', manifest('rolldown', { bin: { rolldown: 'cli.mjs' } }));
    this.write(
      'vendor/rolldown/cli.mjs',
      `import { pathToFileURL } from 'node:url';\nawait import(pathToFileURL(${cli}).href);\n`,
    );
    this.write('vendor/vite/package.json', manifest('vite', { type: 'module', bin: { vite: 'vite.js' } }));
    this.write('vendor/vite/vite.js', BUNDLER);
    // There is nothing to declare.
    this.write('vendor/typescript/package.json', manifest('typescript', { bin: { tsc: 'tsc.js' } }));
    this.write('vendor/typescript/tsc.js', '');
    const dependencies = {
      rolldown: 'file:vendor/rolldown',
      typescript: 'file:vendor/typescript',
      vite: 'file:vendor/vite',
    };
    this.write('package.json', manifest('clone', { type: 'module', dependencies }));
    this.write(
      'package-lock.json',
      lock({ name: 'clone', version: '1.0.0', dependencies }, [
        ['node_modules/rolldown', 'vendor/rolldown'],
        ['node_modules/typescript', 'vendor/typescript'],
        ['node_modules/vite', 'vendor/vite'],
      ]),
    );
  }

  /** The running Node.js in place of the pinned one. */
  #linkRuntime(): void {
    const name = `node-${process.platform}-${process.arch}`;
    this.write('runtime/vendor/package.json', manifest(name, {}));
    mkdirSync(join(this.root, 'runtime/vendor/bin'));
    symlinkSync(process.execPath, join(this.root, 'runtime/vendor/bin/node'));
    const optionalDependencies = { [name]: 'file:vendor' };
    this.write('runtime/package.json', manifest('runtime', { optionalDependencies }));
    this.write(
      'runtime/package-lock.json',
      lock({ name: 'runtime', version: '1.0.0', optionalDependencies }, [[`node_modules/${name}`, 'vendor']]),
    );
  }
}

function manifest(name: string, more: object): string {
  return `${JSON.stringify({ name, version: '1.0.0', ...more }, null, 2)}\n`;
}

function lock(root: object, links: readonly (readonly [location: string, target: string])[]): string {
  const packages: Record<string, object> = { '': root };
  for (const [location, target] of links) {
    packages[location] = { resolved: target, link: true };
    packages[target] = { version: '1.0.0' };
  }
  return `${JSON.stringify({ name: 'clone', version: '1.0.0', lockfileVersion: 3, requires: true, packages })}\n`;
}

/** Starts a command and collects its output. */
export function start(command: string, args: readonly string[], cwd: string, stdin = ''): Run {
  const env = { ...process.env };
  // As in a plain shell: in an npm script, the scripts would also watch npm's shell.
  delete env['npm_lifecycle_event'];
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that does not read its input may end before all of it is written.
  child.stdin.on('error', () => {}).end(stdin);
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    done,
    kill: (signal) => void child.kill(signal),
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(stdout) && resolve(stdout);
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`ended without ${String(pattern)}:\n${stdout}${stderr}`)));
        look();
      }),
  };
}
