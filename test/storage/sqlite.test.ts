/** The embedded engine under the conformance suite, in a file and in memory. */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';
import { storageConformance } from './conformance.ts';
import { temporaryFolder } from './world.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

storageConformance('SQLite in a file', async () => openStorage(`sqlite:${join(folder.path, `${randomUUID()}.db`)}`), 5);
storageConformance('SQLite in memory', async () => openStorage(MEMORY_URL), 120);
