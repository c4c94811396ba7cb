// `npm run bench`: builds what has changed and measures the real server. Arguments go to the benchmark: `npm run bench
// -- --rounds 3`.

import path from 'node:path';
import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

const args = process.argv.slice(2);

endWithNpm();
try {
  const node = await prepare();
  await preparePeer();
  const main = path.join(packageRoot, 'bench', 'main.ts');
  endLike(await runAttached(node, [main, ...args], { cwd: packageRoot, env: environmentFor(node) }));
} catch (error) {
  process.exitCode = reportFailure(error);
}

/** Installs what the home-made version needs, if it takes part. Without it, the benchmark says that it is absent. */
async function preparePeer() {
  const only = args.flatMap((each, index) => (each.startsWith('--only') ? [each, args[index + 1] ?? ''] : []));
  if (args.includes('--help') || (only.length > 0 && !only.some((each) => each.includes('B4')))) {
    return;
  }
  try {
    await prepare({ withBuild: false, tools: ['postgres', 'homeMade'] });
  } catch (error) {
    process.stderr.write(`The home-made version does not take part: ${error.message}\n`);
  }
}
