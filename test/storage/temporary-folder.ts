/** Folders for the files that a test writes. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder that `remove` deletes with everything in it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'rollcall-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
