/** Prints the ten slowest test files at the end of a run: the first place to look when the suite gets slow. */

import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 10;

export class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= SHOWN) return;
    const files = modules.map((module) => ({ name: module.relativeModuleId, ms: timeOf(module) }));
    const slowest = files.sort((a, b) => b.ms - a.ms).slice(0, SHOWN);
    const total = files.reduce((sum, { ms }) => sum + ms, 0);
    const lines = slowest.map(({ name, ms }) => `${seconds(ms).padStart(8)}  ${name}`);
    process.stdout.write(
      `\nThe ${SHOWN} slowest of ${files.length} test files, which took ${seconds(total)} one by one:\n${lines.join('\n')}\n`,
    );
  }
}

/** The time of the file's imports, tests and hooks, in ms. */
function timeOf(module: TestModule): number {
  const { collectDuration, duration } = module.diagnostic();
  return collectDuration + duration;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
