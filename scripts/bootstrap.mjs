// Owns the way from a bare clone to a program that can run: a Node.js, the packages, the build, each only when needed.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, buildIsCurrent } from './build-steps.mjs';
import { findNpm, installIsCurrent, installPackages } from './install.mjs';
import { findNode, installNode } from './node-runtime.mjs';
import { withSetupLock } from './setup-lock.mjs';

/** The folder of the package these scripts belong to. */
export const packageRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Prepares the folder and returns the Node.js to continue under. Does nothing, and takes no lock, when everything is
 * current. `withBuild: false` leaves dist alone; `tools` names those in TOOLS to install.
 */
export async function prepare({ root = packageRoot, withBuild = true, tools = [] } = {}) {
  const ready = readyNode(root, withBuild, tools);
  if (ready !== undefined) {
    return ready;
  }
  return withSetupLock(root, async () => {
    const npm = findNpm();
    const node = findNode(root) ?? (await installNode(root, npm));
    const label = existsSync(path.join(root, 'node_modules'))
      ? 'Installing dependencies'
      : 'Installing dependencies (first start only)';
    const wanted = [
      { directory: root, key: installKey(node), label },
      ...tools.map((tool) => ({ ...TOOLS[tool], directory: path.join(root, TOOLS[tool].folder), key: platformKey })),
    ].filter(({ directory, key }) => !installIsCurrent(directory, key));
    // Side by side, since each waits for the network much of the time. A failure is reported when none is running.
    const ends = await Promise.allSettled(wanted.map(async (each) => installPackages({ ...each, node, npm })));
    const failed = ends.find(({ status }) => status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
    if (withBuild && !buildIsCurrent(root)) {
      await build(root, node);
    }
    return node;
  });
}

function readyNode(root, withBuild, tools) {
  const node = findNode(root);
  const current =
    node !== undefined &&
    installIsCurrent(root, installKey(node)) &&
    tools.every((tool) => installIsCurrent(path.join(root, TOOLS[tool].folder), platformKey)) &&
    (!withBuild || buildIsCurrent(root));
  return current ? node : undefined;
}

// Tools with their own manifests, so that starting the server does not fetch them.
const TOOLS = {
  browser: { folder: 'test/browser', label: 'Installing the browser for the tests (first run only)' },
  clients: { folder: 'test/clients', label: 'Installing the clients for the tests (first run only)' },
  postgres: { folder: 'test/postgres', label: 'Installing the PostgreSQL for the tests (first run only)' },
  homeMade: { folder: 'bench/peers/home-made', label: 'Installing Express for the benchmark (first run only)' },
  mutation: { folder: 'test/mutation', label: 'Installing StrykerJS (first run only)' },
  segmentPackage: { folder: 'test/segment-package', label: 'Installing the runtime of Segment (first run only)' },
};

const platformKey = `${process.platform}-${process.arch}`;

/** Packages are chosen by platform, and native ones by Node's major version. */
function installKey(node) {
  // The pinned Node.js always has major version 24, so there is no need to ask it.
  const major = node === process.execPath ? process.versions.node.split('.')[0] : '24';
  return `${process.platform}-${process.arch}-node${major}`;
}
