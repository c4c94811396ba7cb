/** The embedded engine under the conformance suite, in a file and in memory. */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';
import { storageConformance } from './conformance.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

storageConformance({
  name: 'SQLite in a file',
  open: async () => openStorage(`sqlite:${join(folder.path, `${randomUUID()}.db`)}`),
  randomRuns: 5,
  hasBackups: true,
});
storageConformance({
  name: 'SQLite in memory',
  open: async () => openStorage(MEMORY_URL),
  randomRuns: 120,
  hasBackups: true,
});
