/**
 * `npm run faults`: plants each fault of the table in a copy of the project, one at a time, and runs the tests that
 * must notice it. Arguments are numbers of faults, or words in their names. A fault counts as noticed when a test fails
 * by itself, not when it times out or cannot run. Verdicts are kept, so that an interrupted run can be continued.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlantedFault } from './fault.ts';
import { fingerprintOf, KeptVerdicts, type Result, type Verdict } from './kept-verdicts.ts';
import { placeOf, readSources } from './places.ts';
import { PLANTED_FAULTS } from './table.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = ['bin', 'console', 'dist', 'package.json', 'runtime', 'scripts', 'src', 'test', 'vitest.config.ts'];
const LINKED = ['node_modules', 'test/browser/node_modules'];

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
  for (const each of COPIED) {
    cpSync(join(ROOT, each), join(copy, each), {
      recursive: true,
      filter: (path) => !/[\\/]node_modules([\\/]|$)/.test(path.slice(ROOT.length)),
    });
  }
  for (const each of LINKED) symlinkSync(join(ROOT, each), join(copy, each), 'dir');
  return copy;
}

function run(copy: string, args: readonly string[]): ReturnType<typeof spawnSync> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_')));
  return spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** Builds the server, because threads and processes under test run the build. */
function buildServer(copy: string): string | undefined {
  const cli = join(ROOT, 'node_modules/rolldown/bin/cli.mjs');
  const { status, stderr } = run(copy, [cli, '--config', 'scripts/bundle.config.ts', '--dir', 'dist']);
  return status === 0 ? undefined : String(stderr);
}

/** Runs the tests of a planted fault. */
function judge(copy: string, { tests, only }: PlantedFault): Result {
  const output = join(copy, 'report.json');
  rmSync(output, { force: true });
  const options = [
    '--reporter=json',
    `--outputFile=${output}`,
    '--bail=1',
    ...(only === undefined ? [] : ['-t', only]),
  ];
  const { stderr } = run(copy, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...tests, ...options]);
  let report: Report;
  try {
    report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  } catch {
    return { verdict: 'broken', detail: String(stderr).slice(-500) };
  }
  const all = report.testResults.flatMap((file) => file.assertionResults);
  const failed = all.filter(({ status }) => status === 'failed');
  const isTimeOut = (messages: readonly string[] = []): boolean =>
    messages.every((message) => /timed out in \d+ms/.test(message));
  const noticing = failed.find(({ failureMessages }) => !isTimeOut(failureMessages));
  if (noticing !== undefined) return { verdict: 'noticed', detail: noticing.fullName };
  if (failed.length > 0) return { verdict: 'timed out', detail: failed.map(({ fullName }) => fullName).join('; ') };
  const passed = all.filter(({ status }) => status === 'passed').length;
  const detail = report.testResults.map(({ message }) => message).join(' ');
  return passed === 0 ? { verdict: 'broken', detail } : { verdict: 'unnoticed', detail: `${passed} tests passed` };
}

function tryFault(copy: string, fault: PlantedFault, kept: KeptVerdicts): Result {
  const place = placeOf(fault.text, readSources(copy));
  if ('stale' in place) return { verdict: 'stale', detail: place.stale };
  const fingerprint = fingerprintOf(fault, [place.path, ...fault.tests], copy);
  return kept.find(fault.what, fingerprint) ?? kept.keep(fault.what, fingerprint, plant(copy, fault, place.path));
}

function plant(copy: string, fault: PlantedFault, path: string): Result {
  const file = join(copy, path);
  const original = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    original.replace(fault.text, () => fault.fault),
  );
  try {
    const problem = path.startsWith('src/') ? buildServer(copy) : undefined;
    return problem === undefined ? judge(copy, fault) : { verdict: 'broken', detail: problem.slice(0, 500) };
  } finally {
    writeFileSync(file, original);
  }
}

function isWanted({ what }: PlantedFault, index: number, wanted: readonly string[]): boolean {
  return (
    wanted.length === 0 || wanted.some((each) => (/^\d+$/.test(each) ? Number(each) === index : what.includes(each)))
  );
}

const copy = makeCopy();
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
const wanted = process.argv.slice(2);
const kept = new KeptVerdicts(join(ROOT, 'coverage/planted-faults.json'));
const counts = new Map<Verdict, number>();
for (const [index, fault] of PLANTED_FAULTS.entries()) {
  if (!isWanted(fault, index, wanted)) continue;
  const { verdict, detail } = tryFault(copy, fault, kept);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  process.stdout.write(`${String(index).padStart(3)} ${verdict.padEnd(9)} ${fault.what}\n              ${detail}\n`);
}
const planted = [...counts.values()].reduce((sum, each) => sum + each, 0);
const noticed = counts.get('noticed') ?? 0;
const share = planted === 0 ? 0 : (100 * noticed) / planted;
process.stdout.write(`${noticed} of ${planted} faults were noticed: ${share.toFixed(1)} %\n`);
if (share < 95) process.exitCode = 1;
