// `npm test` and `npm run soak`: everything that must hold before a change is good, quickest first, stopping at the first
// failure. Arguments go to vitest: `npm test -- test/http`.

import { packageRoot, prepare } from './bootstrap.mjs';
import { buildIsCurrent, toolPath } from './build-steps.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

const args = process.argv.slice(2);
const soak = args[0] === '--soak';
const vitestArgs = soak ? args.slice(1) : args;

endWithNpm();
try {
  const node = await timed('Set-up', () =>
    prepare({ withBuild: false, tools: soak ? ['postgres'] : ['postgres', 'browser', 'clients'] }),
  );
  const env = testEnvironment(node);
  const checks = [
    {
      title: 'Format',
      hint: 'npm run format',
      tool: ['@biomejs/biome', 'biome'],
      toolArgs: ['check', '--error-on-warnings', '.'],
    },
    { title: 'Lint', tool: ['oxlint', 'oxlint'], toolArgs: ['--type-aware', '--deny-warnings', '.'] },
    { title: 'Types', tool: ['typescript', 'tsc'], toolArgs: ['--project', 'tsconfig.json'] },
    { title: 'Types of the console', tool: ['typescript', 'tsc'], toolArgs: ['--project', 'console/tsconfig.json'] },
  ];
  for (const { title, tool, toolArgs, hint } of soak ? [] : checks) {
    await step(title, node, [toolPath(packageRoot, tool[0], tool[1]), ...toolArgs], env, hint);
  }
  await timed(buildIsCurrent(packageRoot) ? 'Build (current)' : 'Build', () => prepare());
  await step('Tests', node, [toolPath(packageRoot, 'vitest'), 'run', ...vitestArgs], env);
} catch (error) {
  process.exitCode = reportFailure(error);
}

async function step(title, node, nodeArgs, env, hint) {
  const end = await timed(title, () => runAttached(node, nodeArgs, { cwd: packageRoot, env }));
  if (end.code !== 0) {
    process.stdout.write(`${title} failed.${hint === undefined ? '' : ` \`${hint}\` puts it right.`}\n`);
    endLike(end);
    process.exit(process.exitCode ?? 1);
  }
}

async function timed(title, work) {
  process.stdout.write(`== ${title}\n`);
  const start = performance.now();
  const result = await work();
  process.stdout.write(`== ${title}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}

/** The settings of somebody's own server must not reach the servers under test; switches of the tests themselves do. */
function testEnvironment(node) {
  const env = environmentFor(node);
  for (const name of Object.keys(env)) {
    if (name.startsWith('ROLLCALL_') && !/^ROLLCALL_(TEST|SOAK|SEED)/.test(name)) {
      delete env[name];
    }
  }
  return soak ? { ...env, ROLLCALL_SOAK: '1' } : env;
}
