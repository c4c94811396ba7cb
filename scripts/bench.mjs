// `npm run bench`: builds what has changed and measures the real server. Arguments go to the benchmark: `npm run bench
// -- --rounds 3`.

import path from 'node:path';
import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

endWithNpm();
try {
  const node = await prepare();
  const main = path.join(packageRoot, 'bench', 'main.ts');
  endLike(await runAttached(node, [main, ...process.argv.slice(2)], { cwd: packageRoot, env: environmentFor(node) }));
} catch (error) {
  process.exitCode = reportFailure(error);
}
