/**
 * The order in which test files start: first those that run programs and browsers, which take longest and wait most, so that
 * short ones fill the time they leave, and no processor idles behind a long file at the end.
 */

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders of long files; what is in none of them comes last. */
const FIRST = [
  'test/cli/',
  'test/browser/',
  'test/scripts/',
  'test/clients/',
  'test/random/',
  'test/storage/',
  'test/simulate/',
  'test/http/',
];

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = new Map(sorted.map((file) => [file, rankOf(relative(this.ctx.config.root, file.moduleId))]));
    return sorted.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  }
}

function rankOf(path: string): number {
  const rank = FIRST.findIndex((folder) => path.replaceAll('\\', '/').startsWith(folder));
  return rank === -1 ? FIRST.length : rank;
}
