// `npm run segment-package`: fetches the destination that Segment publishes, as it is, and drives it against a server.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

import { packageRoot, prepare } from './bootstrap.mjs';
import { endLike, endWithNpm, runAttached } from './child.mjs';
import { environmentFor, findNpm } from './install.mjs';
import { reportFailure, runStep, SetupError } from './progress.mjs';

// Unpacked instead of installed: it has fifty dependencies, and this destination needs none of them.
const destinations = {
  name: '@segment/action-destinations',
  version: '3.497.0',
  integrity: 'sha512-b9DztTrR1XrfBu/0UyUgTXNfv7s5gpjBPO/w7C8aW6IHsSMSMte7wNdVHzGsujJ4P43g7cKsWb5zuV2BdVn/UA==',
};
const folder = path.join(packageRoot, 'test', 'segment-package');
const unpacked = path.join(folder, 'node_modules', `.destinations-${destinations.version}`);

endWithNpm();
try {
  const node = await prepare({ tools: ['segmentPackage'] });
  if (!existsSync(unpacked)) await fetchDestinations(node);
  const args = [path.join(folder, 'main.ts'), path.join(unpacked, 'package'), destinations.version];
  endLike(await runAttached(node, args, { cwd: packageRoot, env: environmentFor(node) }));
} catch (error) {
  process.exitCode = reportFailure(error);
}

async function fetchDestinations(node) {
  const { name, version, integrity } = destinations;
  const arriving = `${unpacked}.arriving`;
  rmSync(arriving, { recursive: true, force: true });
  mkdirSync(arriving, { recursive: true });
  const npm = findNpm();
  const [command, ...front] = npm.script === undefined ? [npm.command] : [node, npm.script];
  const label = `Fetching ${name} ${version} (first run only)`;
  await runStep(label, command, [...front, 'pack', `${name}@${version}`, '--silent'], {
    cwd: arriving,
    env: environmentFor(node),
  });
  const archive = path.join(arriving, `segment-action-destinations-${version}.tgz`);
  const sum = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (sum !== integrity) throw new SetupError(`${name} ${version} has another checksum than expected: ${sum}`);
  await runStep('Unpacking it', 'tar', ['-xzf', archive, '-C', arriving], { cwd: arriving, env: process.env });
  renameSync(arriving, unpacked);
}
