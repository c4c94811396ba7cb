// Owns the installation of a folder's locked packages with npm's own JavaScript, and the stamp that says it is done.
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import { runStep, SetupError } from './progress.mjs';

const stampName = '.rollcall-install.json';

/** Reports whether the folder's node_modules was installed completely from its present lock file for the same key. */
export function installIsCurrent(directory, key) {
  try {
    return readFileSync(path.join(directory, 'node_modules', stampName), 'utf8') === stampOf(directory, key);
  } catch {
    return false;
  }
}

/** Installs exactly what the folder's lock file lists, running no install scripts, and stamps the result. */
export async function installPackages({ directory, node, npm, key, label, verify }) {
  const stamp = path.join(directory, 'node_modules', stampName);
  rmSync(stamp, { force: true });
  const cache = usableCache();
  // Explicit, because otherwise the environment of an outer npm (`npm pack --dry-run`, `--omit=dev`,
  // NODE_ENV=production) and the user's own settings would affect this run.
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--dry-run=false',
    '--global=false',
    '--package-lock=true',
    '--package-lock-only=false',
    '--workspaces=false',
    '--engine-strict=false',
    '--audit=false',
    '--fund=false',
    '--update-notifier=false',
    '--progress=false',
    '--logs-max=0',
    ...(cache.temporary ? [`--cache=${cache.directory}`] : []),
  ];
  const [command, ...front] = npm.script === undefined ? [npm.command] : [node, npm.script];
  try {
    await runStep(label, command, [...front, ...args], { cwd: directory, env: npmEnvironment(node) });
  } finally {
    if (cache.temporary) {
      rmSync(cache.directory, { recursive: true, force: true });
    }
  }
  const missing = missingPackages(directory);
  if (missing.length > 0) {
    throw new SetupError(`${label}: ${missing.join(', ')} could not be fetched. Check the network and npm's settings.`);
  }
  verify?.();
  writeFileSync(stamp, stampOf(directory, key));
}

/** The environment for everything that follows: the chosen Node.js comes first on the PATH. */
export function environmentFor(node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const entries = (process.env[name] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  const folder = path.dirname(node);
  return { ...process.env, [name]: [folder, ...entries.filter((entry) => entry !== folder)].join(path.delimiter) };
}

/**
 * npm looks for its machine-wide settings (a proxy, a certificate) next to the Node.js it runs under: it must keep
 * looking there.
 */
function npmEnvironment(node) {
  const folder = path.dirname(process.execPath);
  return { PREFIX: process.platform === 'win32' ? folder : path.dirname(folder), ...environmentFor(node) };
}

/** npm: its JavaScript if that can be found, otherwise the command on the PATH. */
export function findNpm(env = process.env) {
  const isScript = (file) => /[\\/]npm-cli\.[cm]?js$/.test(file) && existsSync(file);
  if (isScript(env.npm_execpath ?? '')) {
    return { script: env.npm_execpath };
  }
  const besideNode = path.dirname(process.execPath);
  const candidates = [
    ...(env.PATH ?? env.Path ?? '')
      .split(path.delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => path.join(folder, 'npm')),
    path.join(besideNode, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(besideNode, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  for (const candidate of candidates) {
    if (existsSync(candidate)) {
      const file = realpathSync(candidate);
      // A version manager may have replaced npm with its own program, which is run directly.
      return isScript(file) ? { script: file } : { command: candidate };
    }
  }
  return { command: 'npm' };
}

/**
 * Locked packages for this very machine that are missing. npm treats them as optional, since every machine needs
 * another one, and succeeds when their download fails; whatever needs them would fail later and say less.
 */
export function missingPackages(directory) {
  const { packages } = JSON.parse(readFileSync(path.join(directory, 'package-lock.json'), 'utf8'));
  return Object.keys(packages).filter((location) => {
    const { os, cpu, libc } = packages[location];
    return (
      os?.includes(process.platform) &&
      cpu?.includes(process.arch) &&
      (libc === undefined || libc.includes(cLibrary())) &&
      !existsSync(path.join(directory, location))
    );
  });
}

function cLibrary() {
  const { header } = process.report.getReport();
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function stampOf(directory, key) {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(directory, 'package-lock.json')))
    .digest('hex');
  return `${JSON.stringify({ lock, key })}\n`;
}

/** npm's cache if it is writable, otherwise a folder of our own that is removed afterwards. */
function usableCache() {
  let folder = process.env.npm_config_cache ?? path.join(homedir(), '.npm');
  while (!existsSync(folder) && path.dirname(folder) !== folder) {
    folder = path.dirname(folder);
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { temporary: false };
  } catch {
    return { temporary: true, directory: mkdtempSync(path.join(tmpdir(), 'rollcall-npm-')) };
  }
}
