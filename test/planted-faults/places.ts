/** Finds the text of a planted fault in the sources. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Source {
  /** Path from the root. */
  readonly path: string;
  readonly text: string;
}

/** The files that faults may be planted in: the program, and the scripts around it. */
export function readSources(root: string): Source[] {
  return ['src', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|sql)$/.test(name))
      .map((name) => join(folder, name).replaceAll('\\', '/'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

/** The only file that contains the text, once; a message if there is none, or more than one. */
export function placeOf(
  text: string,
  sources: readonly Source[],
): { readonly path: string } | { readonly stale: string } {
  const found = sources.flatMap((source) => Array<string>(source.text.split(text).length - 1).fill(source.path));
  const [path] = found;
  if (path === undefined) return { stale: 'its text is nowhere' };
  return found.length === 1 ? { path } : { stale: `its text is in ${found.join(', ')}` };
}
