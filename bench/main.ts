/** `npm run bench`: measures the real server beside its peers and prints the figures as a table and as JSON. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verdictOf } from './figure.ts';
import { writePerformancePage } from './page/performance-page.ts';
import { measureAll } from './plan.ts';
import { linesOf, resultOf, tableOf, writeResult } from './report.ts';
import { readSettings, type Settings, USAGE } from './settings.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @returns the exit code: 1 if any figure falls short */
async function run(settings: Settings): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  // Also when a signal ends the benchmark.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const measured = await measureAll(settings, folder, {
    say,
    measured: (figures) => figures.forEach((each) => say(linesOf(each))),
  });
  const result = resultOf(settings, folder, measured);
  writeResult(settings.out, result);
  say(`\n${tableOf(result.figures)}\n\n${settings.out}`);
  if (settings.writeDocs) for (const file of writePerformancePage(result)) say(file);
  return result.figures.some((each) => verdictOf(each) === 'short') ? 1 : 0;
}

/** @returns undefined if only help is wanted; ends the process if the arguments are wrong */
function settingsOrExit(): Settings | undefined {
  try {
    return readSettings(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const settings = settingsOrExit();
if (settings === undefined) process.stdout.write(USAGE);
else {
  try {
    process.exitCode = await run(settings);
  } catch (error) {
    console.error(error);
    // Servers may still be running. They end with this process, which would wait for them.
    process.exit(1);
  }
}
