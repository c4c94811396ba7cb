/** Faults in how a server starts and stops, in its limits, and in the scripts around it. */

import type { PlantedFault } from './fault.ts';

const LIFECYCLE = ['test/http/lifecycle.test.ts'];
const FIRST_RUN = ['test/cli/first-run.test.ts'];
const BOOTSTRAP = ['test/scripts/bootstrap.test.ts'];

export const PROCESS_FAULTS: readonly PlantedFault[] = [
  {
    what: 'a server that stops goes on taking requests',
    text: 'lifecycle.refusing = true;',
    fault: '',
    tests: LIFECYCLE,
    only: 'under load',
  },
  {
    what: 'readiness does not fail when a server stops',
    text: 'lifecycle.stopping = true;',
    fault: '',
    tests: LIFECYCLE,
    only: 'under load',
  },
  {
    what: 'what was accepted is cut when a server stops',
    text: 'await connections.finish(config.shutdownGraceSeconds * 1000);',
    fault: '',
    tests: LIFECYCLE,
    only: 'under load',
  },
  {
    what: 'a key that nobody saw stays after a first run that was cut off',
    text: 'await deleteUnseenKey(core, application);',
    fault: '',
    tests: FIRST_RUN,
    only: 'completed by the next start',
  },
  {
    what: 'the generated password need not be changed',
    text: 'password: adminPassword, isAdmin: true, mustChangePassword: true });',
    fault: 'password: adminPassword, isAdmin: true, mustChangePassword: false });',
    tests: FIRST_RUN,
    only: 'creates one Application',
  },
  {
    what: 'the first key is valid for a day',
    text: 'const FIRST_KEY_MS = 30 * DAY_MS;',
    fault: 'const FIRST_KEY_MS = DAY_MS;',
    tests: FIRST_RUN,
    only: 'creates one Application',
  },
  {
    what: 'a file of secrets of an earlier database keeps what it held',
    text: 'renameSync(partial, file);',
    fault: '',
    tests: FIRST_RUN,
    only: 'creates one Application|gives way',
  },
  {
    what: 'a server on a port that is taken creates its database',
    text: 'await assertCanListen(config);\n  const { core, server } = await startParts(config, config.database',
    fault: 'const { core, server } = await startParts(config, config.database',
    tests: ['test/cli/interruption.test.ts'],
    only: 'is one line, and nothing was created',
  },
  {
    what: 'a body that asks later is served before those that wait',
    text: 'if (this.#claims.length > 0 || !this.#fits(amount)) return false;',
    fault: 'if (!this.#fits(amount)) return false;',
    tests: ['test/http/body-budget.test.ts'],
  },
  {
    what: 'a place given back wakes one of those that wait alone',
    text: 'for (let first = this.#claims[0]; first !== undefined && this.#fits(first.amount); first = this.#claims[0]) {',
    fault: 'const first = this.#claims[0];\n    if (first !== undefined && this.#fits(first.amount)) {',
    tests: ['test/http/body-budget.test.ts'],
  },
  {
    what: 'who gives up waiting keeps those behind from being served',
    text: '// The next one may need less.\n      this.#serve();',
    fault: '',
    tests: ['test/http/body-budget.test.ts'],
  },
  {
    what: 'a script does not end as its program was ended',
    text: 'process.kill(process.pid, signal);\n    return;',
    fault: 'process.exitCode = 1;\n    return;',
    tests: BOOTSTRAP,
    only: 'ends as the program ends',
  },
  {
    what: 'a script hides the exit code of its program',
    text: 'process.exitCode = code;',
    fault: 'process.exitCode = 0;',
    tests: BOOTSTRAP,
    only: 'passes arguments, input and exit code',
  },
  {
    what: 'the lock of a set-up that lives is taken over',
    text: 'return host === hostname() ? !isAlive(Number(pid)) || age > staleHereMs : age > staleElsewhereMs;',
    fault: 'return age > -staleHereMs && age < Infinity && host === hostname() && Number(pid) > 0;',
    tests: BOOTSTRAP,
    only: 'a clone',
  },
  {
    what: 'a build that failed takes the place of the last good one',
    text: "replace(path.join(root, 'dist'), output);\n  } finally {",
    fault: "} finally {\n    replace(path.join(root, 'dist'), output);",
    tests: BOOTSTRAP,
    only: 'a clone',
  },
];
