// `npm run mutate`: plants small faults in the pure code, one at a time, and reports those that no test notices.
// test/mutation/main.mjs explains the arguments.
import path from 'node:path';
import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

endWithNpm();
try {
  const node = await prepare({ withBuild: false, tools: ['mutation'] });
  const main = [path.join(packageRoot, 'test', 'mutation', 'main.mjs'), ...process.argv.slice(2)];
  endLike(await runAttached(node, main, { cwd: packageRoot, env: environmentFor(node) }));
} catch (error) {
  process.exitCode = reportFailure(error);
}
