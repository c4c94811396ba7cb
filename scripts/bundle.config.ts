/**
 * How `scripts/build-steps.mjs` bundles the server: loading a thousand small files took longer than the rest of a
 * start.
 */

import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, RolldownOptions } from 'rolldown';
import { thirdPartyLicences } from './third-party-licences.ts';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
/** The entry points: the command line, the package's main export, and the modules of the threads. */
const ENTRIES = [
  'main',
  'cli/data-thread',
  'embedded/index',
  'embedded/server-thread',
  'storage/sqlite/writer-thread',
  'storage/sqlite/reader-thread',
  'storage/sqlite/checkpoint-thread',
  'storage/sqlite/access-log/thread',
] as const;
/** These have native parts. */
const UNBUNDLED = ['better-sqlite3', '@node-rs/argon2'];

const options: RolldownOptions = {
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(SOURCE, `${entry}.ts`)])),
  platform: 'node',
  external: UNBUNDLED,
  plugins: [keepModuleUrls(), thirdPartyLicences()],
  logLevel: 'warn',
  output: { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
};
export default options;

/** Lets each module find the files next to its source, whichever output file it is bundled into. */
function keepModuleUrls(): Plugin {
  const root = '__ROOT_OF_THE_BUILD__';
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!id.startsWith(SOURCE) || !code.includes('import.meta.url')) return undefined;
      const place = relative(SOURCE, id).replaceAll(sep, '/').replace(/\.ts$/, '.js');
      return code.replaceAll('import.meta.url', `new URL('${root}${place}', import.meta.url).href`);
    },
    renderChunk(code, { fileName }) {
      if (!code.includes(root)) return undefined;
      const up = posix.relative(posix.dirname(fileName), '.');
      return code.replaceAll(root, up === '' ? './' : `${up}/`);
    },
  };
}
