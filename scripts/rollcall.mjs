// `npm start` and `npm run rollcall`: makes the folder ready, then runs the program with the given arguments unchanged.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

const program = path.join(packageRoot, 'bin', 'rollcall.js');
const args = process.argv.slice(2);

// What the program calls itself in the commands it tells people to type.
process.env.ROLLCALL_COMMAND ??= 'npm run rollcall --';
endWithNpm();
try {
  const node = await prepare();
  if (node === process.execPath) {
    // No second process where this one will do: half the memory, and signals arrive where they are meant to.
    process.argv.splice(1, process.argv.length, program, ...args);
    await import(pathToFileURL(program).href);
  } else {
    endLike(await runAttached(node, [program, ...args], { cwd: process.cwd(), env: environmentFor(node) }));
  }
} catch (error) {
  process.exitCode = reportFailure(error);
}
