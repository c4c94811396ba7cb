// Owns the choice of the Node.js that runs the product: the current one if it is new enough, otherwise the pinned
// binary of runtime/package.json, installed into runtime/node_modules.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { installIsCurrent, installPackages } from './install.mjs';
import { SetupError } from './progress.mjs';

const minimumNode = [24, 15];

/** Reports whether a version such as `v24.15.0` can run the product. */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1]);
}

/**
 * The Node.js to continue under, or undefined when the pinned one must be installed first. Throws if this machine's
 * Node is too old and there is no pinned one for its platform.
 */
export function findNode(root) {
  if (isNodeNewEnough(process.version)) {
    return process.execPath;
  }
  const { directory, executable } = pinnedNode(root);
  return installIsCurrent(directory, platformName()) ? executable : undefined;
}

/** Installs the pinned Node.js and returns its path. */
export async function installNode(root, npm) {
  const { directory, executable, version } = pinnedNode(root);
  await installPackages({
    directory,
    node: process.execPath,
    npm,
    key: platformName(),
    label: `Installing Node.js ${version} for this folder (first start only)`,
    // A binary built for another C library installs without error but does not start: find out now, not halfway.
    verify() {
      try {
        execFileSync(executable, ['--version'], { stdio: 'ignore' });
      } catch {
        throw noNodeForPlatform('the pinned Node.js does not run here');
      }
    },
  });
  return executable;
}

function pinnedNode(root) {
  const directory = path.join(root, 'runtime');
  const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const name = `node-${platformName()}`;
  const version = manifest.optionalDependencies?.[name];
  if (version === undefined) {
    throw noNodeForPlatform('there is no pinned Node.js for this platform');
  }
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return { directory, executable: path.join(directory, 'node_modules', name, 'bin', file), version };
}

function platformName() {
  return `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

function noNodeForPlatform(reason) {
  const needed = minimumNode.join('.');
  return new SetupError(
    `Rollcall needs Node.js ${needed} or newer; this is ${process.version} on ${platformName()}, and ${reason}. ` +
      'Install Node.js 24 LTS and try again.',
    2,
  );
}
