// `npm run screenshots` and `npm run scale`: prepares the folder, including the browser, then runs a tool of the tests.
// The first argument names its file; the others go to it.
import path from 'node:path';

import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

const [tool, ...args] = process.argv.slice(2);

endWithNpm();
try {
  const node = await prepare({ tools: ['browser'] });
  endLike(
    await runAttached(node, [path.join(packageRoot, tool), ...args], { cwd: packageRoot, env: environmentFor(node) }),
  );
} catch (error) {
  process.exitCode = reportFailure(error);
}
