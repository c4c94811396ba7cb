/**
 * The order in which test files start. Those that run programs and browsers come first: they take longest and wait
 * most, so short ones fill the gaps, and no processor is idle behind a long file at the end.
 */

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders of long files; files in other folders come last. */
const FIRST = [
  'test/cli/',
  'test/browser/',
  'test/scripts/',
  'test/clients/',
  'test/examples/',
  'test/embedded/',
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
