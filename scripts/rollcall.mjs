// `npm start` and `npm run rollcall`: prepares the folder, then runs the program with the given arguments.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor } from './install.mjs';
import { reportFailure } from './progress.mjs';

const program = path.join(packageRoot, 'bin', 'rollcall.js');
const args = process.argv.slice(2);

// How the program refers to itself in the commands it prints.
process.env.ROLLCALL_COMMAND ??= 'npm run rollcall --';
endWithNpm();
try {
  const node = await prepare();
  if (node === process.execPath) {
    // No second process where this one will do: it saves half the memory, and signals arrive where they should.
    process.argv.splice(1, process.argv.length, program, ...args);
    await import(pathToFileURL(program).href);
  } else {
    endLike(await runAttached(node, [program, ...args], { cwd: process.cwd(), env: environmentFor(node) }));
  }
} catch (error) {
  process.exitCode = reportFailure(error);
}
