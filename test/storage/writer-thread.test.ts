/** The writer's thread: if it dies it is replaced, and no caller waits for it for ever. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { ThreadClient } from '../../src/storage/sqlite/thread-client.ts';
import type { WriterMethods } from '../../src/storage/sqlite/writer-methods.ts';
import { temporaryFolder } from '../server-process.ts';

afterEach(() => vi.useRealTimers());

it('refuses with 503 while it is dead, says why, and comes back', async () => {
  const folder = join(temporaryFolder(), 'not yet');
  const path = join(folder, 'rollcall.db');
  const failures: Error[] = [];
  // On a busy machine, a thread may take longer to die than the wait before the next one may start.
  vi.useFakeTimers({ toFake: ['performance'] });
  // The folder is missing, so the thread dies when it opens the file.
  const writer = new ThreadClient<WriterMethods>({
    module: 'writer-thread',
    title: 'writer',
    data: { path },
    onFailure: (error) => failures.push(error),
  });
  await expect(writer.call('purge')).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 });
  expect(failures).toHaveLength(1);
  // The thread of the build, as vitest.config.ts requires.
  expect(failures[0]?.stack).toContain('/dist/');
  await expect(writer.call('purge')).rejects.toMatchObject({ code: 'unavailable' });
  expect(writer.stopped).toMatchObject({ code: 'unavailable' });

  mkdirSync(folder);
  await (await openStorage(`sqlite:${path}`)).close();
  vi.advanceTimersByTime(1000);
  expect(await writer.call('purge')).toBe(false);
  expect(writer.stopped).toBeUndefined();
  expect(failures).toHaveLength(1);
  await writer.close();
  await expect(writer.call('purge')).rejects.toThrow('closed');
});
