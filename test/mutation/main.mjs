// Runs Stryker. Arguments are files or folders to mutate (`npm run mutate -- src/formats`), or options of Stryker;
// `--sample=N` mutates one in N of the functions instead of all.
import { statSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../scripts/bootstrap.mjs';
import { toolPath } from '../../scripts/build-steps.mjs';
import { endLike, runAttached } from '../../scripts/child.mjs';
import { sampleOf } from './sample.mjs';
import config from './stryker.config.mjs';

const args = process.argv.slice(2);
const sample = Number(args.find((each) => each.startsWith('--sample='))?.slice('--sample='.length) ?? 1);
const patterns = args.filter((each) => !each.startsWith('-')).map(patternOf);
const options = args.filter((each) => each.startsWith('-') && !each.startsWith('--sample='));
const files = sample > 1 ? sampleOf(patterns.length === 0 ? config.mutate : patterns, sample, packageRoot) : patterns;
const only = files.length === 0 ? [] : ['--mutate', files.join(',')];
const stryker = toolPath(import.meta.dirname, '@stryker-mutator/core', 'stryker');
endLike(
  await runAttached(process.execPath, [stryker, 'run', 'test/mutation/stryker.config.mjs', ...only, ...options], {
    cwd: packageRoot,
    env: process.env,
  }),
);

/** A folder stands for the files in it. */
function patternOf(file) {
  const isFolder = statSync(path.join(packageRoot, file), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? path.posix.join(file, '**/*.ts') : file;
}
