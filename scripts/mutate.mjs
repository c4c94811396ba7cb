// `npm run mutate`: plants small faults in the pure code, one at a time, and reports those that no test notices.
// Arguments are files or folders to mutate (`npm run mutate -- src/formats`), or options of Stryker; `--sample=N` mutates
// one in N of the functions instead of all.
import { statSync } from 'node:fs';
import path from 'node:path';
import config from '../test/mutation/stryker.config.mjs';
import { packageRoot, prepare } from './bootstrap.mjs';
import { toolPath } from './build-steps.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { sampleOf } from './mutation-sample.mjs';
import { reportFailure } from './progress.mjs';

const folder = path.join(packageRoot, 'test', 'mutation');
const args = process.argv.slice(2);
const sample = Number(args.find((each) => each.startsWith('--sample='))?.slice('--sample='.length) ?? 1);
const patterns = args.filter((each) => !each.startsWith('-')).map(patternOf);

endWithNpm();
try {
  const node = await prepare({ withBuild: false, tools: ['mutation'] });
  const stryker = [toolPath(folder, '@stryker-mutator/core', 'stryker'), 'run', 'test/mutation/stryker.config.mjs'];
  const options = args.filter((each) => each.startsWith('-') && !each.startsWith('--sample='));
  const files = sample > 1 ? sampleOf(patterns.length === 0 ? config.mutate : patterns, sample, packageRoot) : patterns;
  const only = files.length === 0 ? [] : ['--mutate', files.join(',')];
  const env = environmentFor(node);
  endLike(await runAttached(node, [...stryker, ...only, ...options], { cwd: packageRoot, env }));
} catch (error) {
  process.exitCode = reportFailure(error);
}

/** A folder stands for the files in it. */
function patternOf(file) {
  const isFolder = statSync(path.join(packageRoot, file), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? path.posix.join(file, '**/*.ts') : file;
}
