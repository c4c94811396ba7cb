/**
 * Licence notices of bundled packages: a plugin for Rolldown and Vite that writes the licence of each package in the
 * output, and the packages' names for the bill of materials.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'rolldown';

const FILE = 'third-party-licences.txt';
/** Read and removed by `bill-of-materials.mjs`. */
const NAMES = 'third-party-packages.json';
const MODULES = `${sep}node_modules${sep}`;
const RULE = `\n${'-'.repeat(80)}\n\n`;

/** Writes `third-party-licences.txt` next to the output. */
export function thirdPartyLicences(): Plugin {
  return {
    name: 'third-party-licences',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
      const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
      const notices = new Set([...folders].map(noticeOf));
      const names = new Set([...folders].map(nameOf));
      this.emitFile({ type: 'asset', fileName: NAMES, source: JSON.stringify([...names].sort()) });
      this.emitFile({ type: 'asset', fileName: FILE, source: [...notices].sort().join(RULE) });
    },
  };
}

/** The folder of the package a bundled file belongs to; undefined for our own files and the bundler's. */
function packageFolder(file: string): string | undefined {
  const start = file.lastIndexOf(MODULES);
  if (start === -1) return undefined;
  const [first = '', second = ''] = file.slice(start + MODULES.length).split(sep);
  return file.slice(0, start + MODULES.length) + (first.startsWith('@') ? join(first, second) : first);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** As `name@version`. */
function nameOf(folder: string): string {
  const { name, version } = manifestOf(folder);
  return `${name}@${version}`;
}

function noticeOf(folder: string): string {
  const { name, version, license } = manifestOf(folder);
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice)/i.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  return `${[`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')}\n`;
}
