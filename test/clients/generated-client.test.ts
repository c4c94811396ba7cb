/**
 * A client generated from /openapi.json by a third-party generator: nothing is omitted, its types are right, and its
 * calls work.
 */

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from '../http/back-office.ts';
import { send } from '../http/client.ts';
import { temporaryFolder } from '../server-process.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Ample, because both programs must be compiled. */
const PATIENCE = { timeout: 300_000 };
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Runs a Node.js program until it ends. @returns its output, whatever its exit code */
async function run(args: readonly string[], cwd: string): Promise<{ code: number; printed: string }> {
  const env = { ...process.env, NO_COLOR: '1', CI: '1' };
  return promisify(execFile)(process.execPath, [...args], { cwd, env, maxBuffer: 2 ** 24 }).then(
    ({ stdout, stderr }) => ({ code: 0, printed: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      printed: error.stdout + error.stderr,
    }),
  );
}

let office: BackOffice;
let document: OpenApiDocument;
let folder: string;

beforeAll(async () => {
  office = await startBackOffice();
  const { text } = await send(office.server.url, { method: 'GET', path: '/openapi.json' });
  document = JSON.parse(text) as OpenApiDocument;
  folder = temporaryFolder();
  await mkdir(join(folder, 'client'));
  await writeFile(join(folder, 'openapi.json'), text);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await copyFile(join(HERE, 'generated', 'program.ts'), join(folder, 'program.ts'));
  const settings = {
    input: join(folder, 'openapi.json'),
    output: { path: join(folder, 'client'), module: { extension: '.ts' } },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  };
  await writeFile(join(folder, 'openapi-ts.config.mjs'), `export default ${JSON.stringify(settings)};\n`);
});
afterAll(async () => office.server.stop());

test('the generator warns about nothing and drops no operation', PATIENCE, async () => {
  const generator = join(HERE, 'node_modules', '@hey-api', 'openapi-ts', 'bin', 'run.js');
  const { code, printed } = await run([generator, '--file', 'openapi-ts.config.mjs', '--no-log-file'], folder);
  expect(printed).not.toMatch(/warn|error|duplicate|skipp|unsupported|ignor/i);
  expect({ code, printed }).toMatchObject({ code: 0, printed: expect.stringContaining('openapi.json') as unknown });

  const generated = await readFile(join(folder, 'client', 'sdk.gen.ts'), 'utf8');
  const functions = generated.split(/^export const /m).slice(1);
  const called = functions.map((each) => {
    const [, method = ''] = /\)\.(?:sse\.)?(\w+)</.exec(each) ?? [];
    const [, path = ''] = /\burl: '([^']+)'/.exec(each) ?? [];
    return `${method} ${path}`;
  });
  const declared = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => METHODS.includes(method))
      .map((method) => `${method} ${path}`),
  );
  expect(declared.length).toBeGreaterThan(100);
  expect(called.sort()).toEqual(declared.sort());
});

test(
  'a program against it passes the strictest checks of types, and every answer is as its type says',
  PATIENCE,
  async () => {
    const compilerOptions = {
      target: 'es2024',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'nodenext',
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      strict: true,
      noUncheckedIndexedAccess: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      noEmit: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(await run([compiler, '--project', folder], folder)).toEqual({ code: 0, printed: '' });

    const { url, keys } = office.server;
    const token = office.admin.slice('Bearer '.length);
    expect(await run(['program.ts', url, keys['customerData'] ?? '', keys['generic'] ?? '', token], folder)).toEqual({
      code: 0,
      printed: 'every answer is as its type says\n',
    });
  },
);
