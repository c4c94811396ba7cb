/** What a run of the tests does to the machine: it reports a Node.js that is too old, and leaves no server behind. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { within } from '../cli/world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

it('vitest on a Node.js that is too old is one line that says so', () => {
  const older = "data:text/javascript,Object.defineProperty(process,'version',{value:'v22.12.0'})";
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', older, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', 'test/none.test.ts'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stderr).toMatch(/The tests need Node\.js 24\.15 or newer; this is v22\.12\.0\. npm test brings one/);
  expect(status).toBe(2);
});

it('a run that is killed leaves no server behind', { timeout: 60_000 }, async () => {
  const harness = join(ROOT, 'test/server-process.ts');
  const script = `
    const { startServerProcess } = await import(${JSON.stringify(harness)});
    const { child } = await startServerProcess({ ephemeral: true });
    process.stdout.write(child.pid + '\\n');`;
  const tests = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(tests.stdout, 'data')) as [Buffer];
  const server = Number(line.toString());
  expect(isAlive(server)).toBe(true);
  tests.kill('SIGKILL');
  await once(tests, 'exit');
  await within(20_000, async () => (isAlive(server) ? undefined : true));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
