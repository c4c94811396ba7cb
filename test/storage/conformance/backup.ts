/** Backups: complete, consistent under writes, and never over another file. */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';
import type { DeclareCase } from '../conformance.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { backUp, range, refusalOf } from '../world.ts';

export function backupCases(test: DeclareCase): void {
  test('a backup is one file; an existing one is never written over', async (world) => {
    await world.createAudience('a');
    await world.add('a', range(100));
    const folder = temporaryFolder();
    try {
      const file = join(folder.path, 'new folder', 'backup.db');
      await backUp(world.storage, file);
      expect(readdirSync(join(folder.path, 'new folder'))).toEqual(['backup.db']);
      expect(await refusalOf(backUp(world.storage, file))).toBe('conflict');
      const other = join(folder.path, 'other');
      writeFileSync(other, '');
      expect(await refusalOf(backUp(world.storage, other))).toBe('conflict');
      expect(readdirSync(folder.path).sort()).toEqual(['new folder', 'other']);
    } finally {
      folder.remove();
    }
  });

  test('a backup ends while writes go on', async (world) => {
    await world.createAudience('a');
    for (let round = 0; round < 20; round += 1) await world.add('a', range(1000, `profile-${round}-`));
    const folder = temporaryFolder();
    try {
      const file = join(folder.path, 'backup.db');
      let done = false;
      const backup = backUp(world.storage, file).finally(() => {
        done = true;
      });
      let rounds = 0;
      for (; !done && rounds < 2000; rounds += 1) {
        await world.add('a', range(20, `during-${rounds}-`));
        await nextTurn();
      }
      await backup;
      expect(existsSync(file)).toBe(true);
      expect(rounds).toBeLessThan(2000);
    } finally {
      folder.remove();
    }
  });
}
